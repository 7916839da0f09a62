"""Witnesses of the log: what they sign, and how they are asked."""
