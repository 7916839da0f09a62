"""System checks of the transparency log's database.

provenance.E001  an append-only trigger is missing
provenance.E002  SQLite is opened without immediate transactions
provenance.E007  the high-water mark is a file though the service may run on several machines
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.db import connections

from provenance.models.log_triggers import missing_triggers


def check_triggers(*, databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """The triggers exist on each database that is checked: `check --database default`, and each migrate."""
    return [
        Error(
            f"The trigger {name} on the database {alias!r} is missing: the log could be rewritten.",
            hint="Run auditlog_fsck to see whether it was; migrate --skip-checks puts the trigger back.",
            id="provenance.E001",
        )
        for alias in databases or ()
        for name in missing_triggers(alias)
    ]


def check_sqlite_transactions(**kwargs: Any) -> list[CheckMessage]:
    """Two writers that both read before they write would lock each other out under deferred transactions."""
    return [
        Error(
            f"The SQLite database {connection.alias!r} must be opened with transaction_mode IMMEDIATE.",
            hint='Set DATABASES["default"]["OPTIONS"]["transaction_mode"] = "IMMEDIATE".',
            id="provenance.E002",
        )
        for connection in connections.all()
        if connection.vendor == "sqlite"
        and connection.settings_dict.get("OPTIONS", {}).get("transaction_mode") != "IMMEDIATE"
    ]


def check_log_mark(**kwargs: Any) -> list[CheckMessage]:
    """With PostgreSQL or a bucket there may be several machines, and a file is seen by one of them only."""
    is_shared = any(connection.vendor == "postgresql" for connection in connections.all()) or (
        "bucket_name" in cast("dict[str, Any]", settings.STORAGES["media"]).get("OPTIONS", {})
    )
    if settings.LIKENESS_LOG_MARK_CALLBACK or not is_shared:
        return []
    return [
        Error(
            "The log's high-water mark is a file on this machine, which other machines do not see.",
            hint="Set LIKENESS_LOG_MARK_CALLBACK to a store that all of them share, such as "
            "provenance.services.object_store_mark.mark_in_media_bucket.",
            id="provenance.E007",
        )
    ]
