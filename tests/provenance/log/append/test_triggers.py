"""The database itself refuses to change the log, on SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import IntegrityError, connection, models, transaction

from provenance.checks.log_checks import check_sqlite_transactions
from provenance.models import LogCheckpoint, LogEntry, LogNode, LogReference
from provenance.models.cosignature import LogCosignature
from provenance.models.log_triggers import APPEND_ONLY, install_triggers, missing_triggers
from tests.append_only import drop_triggers

tables = pytest.mark.parametrize("model", APPEND_ONLY)
only_sqlite = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="SQLite's own syntax")


@pytest.mark.django_db
def test_all_triggers_are_there_after_all_migrations():
    assert missing_triggers() == []
    assert set(APPEND_ONLY) == {
        model for model in apps.get_app_config("provenance").get_models() if is_log(model)
    }


def is_log(model: type[models.Model]) -> bool:
    # Cosignatures of others are no part of the log: they can be fetched again, and old ones may go.
    return model.__name__.startswith("Log") and model is not LogCosignature


@tables
def test_the_database_refuses_to_update_a_row(fill, model):
    fill(2)
    column = model._meta.get_fields()[-1].attname
    before = list(model.objects.values())
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        model.objects.update(**{column: getattr(model.objects.first(), column)})
    assert list(model.objects.values()) == before


@tables
def test_the_database_refuses_to_delete_a_row(fill, model):
    fill(2)
    before = model.objects.count()
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"DELETE FROM {model._meta.db_table}")  # noqa: S608
    assert model.objects.count() == before


@pytest.mark.parametrize("model", [LogEntry, LogNode, LogCheckpoint, LogReference])
def test_saving_a_loaded_row_is_refused(fill, model):
    fill(1)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        model.objects.first().save()


@only_sqlite
@tables
def test_insert_or_replace_is_no_way_around(fill, model):
    fill(2)
    table = model._meta.db_table
    before = list(model.objects.values())
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")  # noqa: S608
    assert list(model.objects.values()) == before


@pytest.mark.django_db(transaction=True)
def test_flush_is_refused_and_changes_nothing(fill):
    fill(2)
    with pytest.raises(Exception, match=r"append-only|be flushed"):
        call_command("flush", interactive=False, verbosity=0)
    assert LogEntry.objects.count() == 2


@only_sqlite
@pytest.mark.django_db(transaction=True)
def test_migrate_puts_back_what_a_rebuilt_table_lost():
    """Altering a column rebuilds the table on SQLite, and silently drops its triggers."""
    wider = models.CharField(max_length=90)
    wider.set_attributes_from_name("actor")
    with connection.schema_editor() as editor:
        editor.alter_field(LogEntry, LogEntry._meta.get_field("actor"), wider)
    assert missing_triggers()
    call_command("migrate", verbosity=0, skip_checks=True)
    assert missing_triggers() == []


@pytest.mark.django_db
def test_the_check_names_each_missing_trigger_and_installing_brings_them_back():
    assert run_checks(tags=["database"], databases=["default"]) == []
    drop_triggers()
    errors = run_checks(tags=["database"], databases=["default"])
    assert {error.id for error in errors} == {"provenance.E001"}
    assert len(errors) == len(missing_triggers()) > 0
    install_triggers()
    install_triggers()
    assert run_checks(tags=["database"], databases=["default"]) == []


@only_sqlite
@pytest.mark.django_db
def test_the_check_refuses_sqlite_without_immediate_transactions(monkeypatch):
    assert check_sqlite_transactions() == []
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", {"transaction_mode": "DEFERRED"})
    assert [error.id for error in check_sqlite_transactions()] == ["provenance.E002"]
