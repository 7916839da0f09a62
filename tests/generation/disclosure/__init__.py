"""Tests of the visible label and the sound cue."""
