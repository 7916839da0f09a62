"""Writes of the provenance app: the log, records, reports of misuse, and verification with our own records.

May import `selectors`, `models`, `keys` and the pure packages.
"""
