"""Database reads of log, records and evidence.

Changes nothing. May import `models`, `keys` and the pure packages, never `services`.
"""
