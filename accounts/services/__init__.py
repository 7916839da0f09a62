"""Writes: keyword-only functions, one transaction each, with the log entry in the same transaction."""
