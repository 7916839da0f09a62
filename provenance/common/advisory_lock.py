"""Locks that have a name and no row: who holds one keeps others out until its transaction ends."""

from __future__ import annotations

import hashlib

from django.db.backends.base.base import BaseDatabaseWrapper


def hold_until_commit(connection: BaseDatabaseWrapper, name: str) -> None:
    """Wait for the lock `name` and keep it until the present transaction ends.

    SQLite needs nothing: with immediate transactions (a system check insists on them) the transaction has
    held the database's only write lock since it began.
    """
    if connection.vendor == "postgresql":
        # PostgreSQL's advisory locks are named by a 64-bit number.
        number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
