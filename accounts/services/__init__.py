"""Writes of the accounts app: keyword-only functions, one transaction each, with their log entry."""
