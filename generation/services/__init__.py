"""Writes of the generation app: keyword-only functions, one transaction each, with their log entry."""
