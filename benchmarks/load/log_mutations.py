"""Garbage in the database: `python -m benchmarks.load.log_mutations [--count 1000] [--seed 0]`.

Fills an SQLite database of its own with a partner in the middle of its work. Then, so many times, one cell of
the log's tables or of a table that decides what is handed out gets another value of any type, and
`auditlog_fsck --state` has to say so, without a traceback. Prints how many were named, by table, and the
tracebacks. Cells that decide nothing may be edited unnamed; they are counted apart.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any, cast

from django.db.models import Field, Q

GARBAGE: tuple[Any, ...] = (
    None, 0, -1, 2**62, 1.5, float("inf"), "", "x", "\x00", "2026-01-01 00:00:00", "9999999-01-01", "{}",
    "[]", "null", '{"v":1}', "released", "granted", "é" * 100, "x" * 70_000, b"", b"\x00", b"\xff" * 40,
    bytes(32),
)  # fmt: skip


# Rows of some tables that decide anything: of a consent that nobody gave yet the log has no receipt.
DECIDING = {"ConsentGrant": ~Q(receipt_digest=""), "LiveRecording": Q(erasure_began_at=None)}


def main() -> None:
    """Fill, edit, check, print. Exits 1 after a traceback or where a deciding cell was not named."""
    arguments = argparse.ArgumentParser(description="Garbage in cells, and what the check says of it.")
    arguments.add_argument("--count", type=int, default=1000)
    arguments.add_argument("--seed", type=int, default=0)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="likeness-cells-") as folder:
        os.environ |= {"DJANGO_SETTINGS_MODULE": "config.settings.test", "LIKENESS_DATA_DIR": folder}
        os.environ |= {"LIKENESS_LOG_LEVEL": "CRITICAL"}
        found = measure(given.count, random.Random(given.seed), Path(folder))
    print(json.dumps(found, indent=1))
    sys.exit(bool(found["tracebacks"] or found["unnamed"]))


def measure(count: int, chance: random.Random, folder: Path) -> dict[str, Any]:
    """What became of the edits."""
    import django  # noqa: PLC0415

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection, transaction  # noqa: PLC0415
    from django.test.utils import setup_test_environment  # noqa: PLC0415

    from benchmarks.load.generated_requests import a_partner_at_work  # noqa: PLC0415
    from provenance.models.log_triggers import APPEND_ONLY, remove_triggers  # noqa: PLC0415
    from tests.contracts.stored.stored_columns import COLUMNS, GATE  # noqa: PLC0415

    setup_test_environment()
    for command in ("create_keys", "migrate"):
        call_command(command, verbosity=0, stdout=io.StringIO())
    a_partner_at_work(folder)
    assert not is_something_named()
    for model in APPEND_ONLY:
        remove_triggers(model)
    log_cells = [
        (model, field, field.name != "id")  # which only numbers the references
        for model in APPEND_ONLY
        for field in model._meta.concrete_fields
    ]
    row_cells = [
        (model, cast("Field[Any, Any]", model._meta.get_field(name)), kind == GATE)
        for model, columns in COLUMNS.items()
        if model._default_manager.filter(DECIDING.get(model.__name__, Q())).exists()
        for name, kind in columns.items()
    ]
    outcomes: Counter[str] = Counter()
    tracebacks: Counter[str] = Counter()
    unnamed: Counter[str] = Counter()
    for _ in range(count):
        model, field, decides = chance.choice(chance.choice((log_cells, row_cells)))
        table, column, value = model._meta.db_table, field.column, chance.choice(GARBAGE)
        with transaction.atomic(), connection.cursor() as cursor:
            point = transaction.savepoint()
            cursor.execute("PRAGMA defer_foreign_keys = ON")
            rows = model._default_manager.filter(DECIDING.get(model.__name__, Q()))
            pk = chance.choice(list(rows.values_list("pk", flat=True)))
            key = model._meta.pk.column
            found = f'SELECT rowid, typeof("{column}"), "{column}" FROM "{table}" WHERE "{key}" = %s'  # noqa: S608
            cursor.execute(found, [pk])
            rowid, kind, before = cursor.fetchone()
            seen = value_of(model, field.name, rowid)
            one = f'SELECT typeof("{column}"), "{column}" FROM "{table}" WHERE rowid = %s'  # noqa: S608
            try:
                cursor.execute(f'UPDATE "{table}" SET "{column}" = %s WHERE rowid = %s', [value, rowid])  # noqa: S608
                after = cursor.execute(one, [rowid]).fetchone()
            except Exception as error:  # noqa: BLE001 - the database itself refuses some values
                outcomes[f"refused by the database ({type(error).__name__})"] += 1
                transaction.savepoint_rollback(point)
                continue
            where = f"{table}.{column}"
            try:
                is_named = is_something_named()
            except Exception as error:  # noqa: BLE001 - that is what is counted
                tracebacks[f"{where} = {value!r:.40}: {type(error).__name__}: {str(error)[:80]}"] += 1
            else:
                if after == (kind, before):
                    outcomes["the same as before"] += 1
                elif is_named:
                    outcomes["named"] += 1
                elif decides and value_of(model, field.name, rowid) == seen:
                    outcomes["read as before"] += 1
                elif decides:
                    unnamed[f"{where} = {value!r:.40}, before {before!r:.40}"] += 1
                else:
                    outcomes["not named, decides nothing"] += 1
            transaction.savepoint_rollback(point)
    return {"edits": count, **outcomes, "unnamed": dict(unnamed), "tracebacks": dict(tracebacks)}


def value_of(model: Any, name: str, rowid: int) -> Any:
    """What the service reads from a cell: for a date that is none, nothing; for no truth value, false."""
    rows = model.objects.extra(where=["rowid = %s"], params=[rowid])
    try:
        return rows.values_list(name, flat=True).get()
    except Exception:  # noqa: BLE001 - unreadable is something too
        return "unreadable"


def is_something_named() -> bool:
    """Whether the whole check has a finding. That triggers are missing, as they have to be here, is none."""
    from django.core.management import call_command  # noqa: PLC0415

    output = io.StringIO()
    with contextlib.suppress(SystemExit):
        call_command("auditlog_fsck", "--state", "--json", stdout=output, stderr=io.StringIO())
    found = json.loads(output.getvalue())
    return bool(found["findings"] or found["rows"])


if __name__ == "__main__":
    main()
