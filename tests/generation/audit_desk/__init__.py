"""Tests of the audit desk."""
