"""What only PostgreSQL has: TRUNCATE and triggers that are switched off. Run by tests/on_postgresql.py."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from provenance.models import LogEntry
from provenance.models.log_triggers import APPEND_ONLY, missing_triggers

tables = pytest.mark.parametrize("model", APPEND_ONLY)


@tables
def test_truncate_is_refused(fill, model):
    fill(2)
    before = model.objects.count()
    connection.check_constraints()  # a pending one would refuse before the trigger does
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"TRUNCATE {model._meta.db_table} CASCADE")
    assert model.objects.count() == before


@pytest.mark.django_db
def test_a_disabled_trigger_counts_as_missing():
    table = LogEntry._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {table}_no_change")
    assert missing_triggers() == [f"{table}_no_change"]
