"""The sanctioned reset of the append-only tables, for tests only.

Tests that really commit are followed by a flush, and the log's triggers refuse to be flushed, as they
should. Here the triggers step aside for that flush; Django sends post_migrate after it, which puts them
back.
"""

from __future__ import annotations

from typing import Any

from django.db import connections
from django.test import TransactionTestCase

from provenance.models.log_triggers import APPEND_ONLY, install_triggers


def drop_triggers(using: str = "default") -> None:
    """Remove every trigger of the append-only tables, as somebody who owns the database could."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for model in APPEND_ONLY:
            table = model._meta.db_table
            if connection.vendor == "postgresql":
                cursor.execute(
                    "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgrelid = %s::regclass", [table]
                )
            else:
                cursor.execute(
                    "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [table]
                )
            for (name,) in cursor.fetchall():
                on_table = f" ON {table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER {name}{on_table}")


def use_sanctioned_reset() -> None:
    """Let every TransactionTestCase (and so pytest-django's transactional_db) flush. May be called twice."""
    case: Any = TransactionTestCase
    original = case._fixture_teardown
    if original.__name__ == "teardown_with_reset":
        return

    def teardown_with_reset(self: Any) -> None:
        for alias in self._databases_names(include_mirrors=False):
            drop_triggers(alias)
        try:
            original(self)
        finally:
            for alias in self._databases_names(include_mirrors=False):
                install_triggers(alias)

    case._fixture_teardown = teardown_with_reset
