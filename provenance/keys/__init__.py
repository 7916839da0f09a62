"""The service's keys: making, reading and exchanging them, and signing with them.

Knows no records and no log entries. May import the pure packages and `common`.
"""
