"""The service's keys: create, read and rotate them, and sign with them.

Knows no records and no log entries. May import the pure packages and `common`.
"""
