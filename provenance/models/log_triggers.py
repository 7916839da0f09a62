"""Database triggers that make the log's tables append-only, for SQLite and PostgreSQL.

They turn every UPDATE, DELETE and TRUNCATE into an IntegrityError, from Django and from a database shell
alike. Django rebuilds a SQLite table when a migration alters a column and silently drops its triggers; that
is why they are put in place after every `migrate` and not by a migration of their own. Whoever owns the
database can drop them, so they stop accidents and SQL injection; what stops the owner is fsck against a
checkpoint kept elsewhere.
"""

from __future__ import annotations

from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model

from provenance.models.log import LogCheckpoint, LogEntry, LogNode, LogReference

APPEND_ONLY: tuple[type[Model], ...] = (LogEntry, LogReference, LogNode, LogCheckpoint)
_MESSAGE = "the transparency log is append-only"
_FUNCTION = "provenance_log_refuse"


def install_triggers(using: str = DEFAULT_DB_ALIAS) -> None:
    """Create the triggers that are missing on the tables that exist. May be called any number of times."""
    connection = connections[using]
    missing = missing_triggers(using)
    if not missing:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_POSTGRESQL_FUNCTION)
        for model in APPEND_ONLY:
            for name, statement in _triggers(connection, model).items():
                if name in missing:
                    cursor.execute(statement)


def remove_triggers(model: type[Model], using: str = DEFAULT_DB_ALIAS) -> None:
    """Remove the triggers of one table, for a new log that is declared and for nothing else."""
    connection = connections[using]
    table = connection.ops.quote_name(model._meta.db_table)
    on_table = f" ON {table}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        for name in _triggers(connection, model):
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on_table}")


def missing_triggers(using: str = DEFAULT_DB_ALIAS) -> list[str]:
    """Names of the triggers that should be there and are not, or are off. Tables yet to come have none."""
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')")
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        present = {row[0] for row in cursor.fetchall()}
    wanted = [
        name
        for model in APPEND_ONLY
        if model._meta.db_table in tables
        for name in _triggers(connection, model)
    ]
    return [name for name in wanted if name not in present]


def install_after_migrate(*, using: str, **kwargs: Any) -> None:
    """Receiver of post_migrate."""
    install_triggers(using)


def _triggers(connection: BaseDatabaseWrapper, model: type[Model]) -> dict[str, str]:
    """Trigger names and the statements that create them."""
    if connection.vendor == "postgresql":
        return _postgresql_triggers(connection, model)
    if connection.vendor == "sqlite":
        return _sqlite_triggers(connection, model)
    return {}


def _sqlite_triggers(connection: BaseDatabaseWrapper, model: type[Model]) -> dict[str, str]:
    table = connection.ops.quote_name(model._meta.db_table)
    key = connection.ops.quote_name(str(model._meta.pk.column))
    refuse = f"BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END"
    # INSERT OR REPLACE removes the old row without firing its delete trigger, so a taken key refuses by
    # itself.
    is_taken = f"EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key})"  # noqa: S608 - quoted names of our own
    prefix = model._meta.db_table
    return {
        f"{prefix}_no_update": f"CREATE TRIGGER {prefix}_no_update BEFORE UPDATE ON {table} {refuse}",
        f"{prefix}_no_delete": f"CREATE TRIGGER {prefix}_no_delete BEFORE DELETE ON {table} {refuse}",
        f"{prefix}_no_replace": (
            f"CREATE TRIGGER {prefix}_no_replace BEFORE INSERT ON {table} WHEN {is_taken} {refuse}"
        ),
    }


# restrict_violation is of class 23, which Django raises as IntegrityError, as it does for SQLite's
# RAISE(ABORT).
_POSTGRESQL_FUNCTION = f"""
CREATE OR REPLACE FUNCTION {_FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '{_MESSAGE}' USING ERRCODE = 'restrict_violation';
END
$$
"""


def _postgresql_triggers(connection: BaseDatabaseWrapper, model: type[Model]) -> dict[str, str]:
    table = connection.ops.quote_name(model._meta.db_table)
    prefix = model._meta.db_table
    return {
        f"{prefix}_no_change": (
            f"CREATE OR REPLACE TRIGGER {prefix}_no_change BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {_FUNCTION}()"
        ),
        f"{prefix}_no_truncate": (
            f"CREATE OR REPLACE TRIGGER {prefix}_no_truncate BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {_FUNCTION}()"
        ),
    }
