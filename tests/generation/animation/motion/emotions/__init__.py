"""Requested emotions: table, course and layer."""
