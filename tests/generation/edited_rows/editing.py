"""Edits a cell as SQL does, past every service, and asks fsck what it names."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from io import StringIO
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.db.models import CheckConstraint, Model, QuerySet
from django.utils import timezone

LATER = timezone.now() + timedelta(days=3000)


def fsck_of_state() -> dict[str, Any]:
    output = StringIO()
    with suppress(SystemExit):
        call_command("auditlog_fsck", "--state", "--json", stdout=output)
    said: dict[str, Any] = json.loads(output.getvalue())
    return said


def named() -> set[tuple[str, str]]:
    return {(row["kind"], column) for row in fsck_of_state()["rows"] for column in row["columns"]}


@contextmanager
def whatever_constraints(model: type[Model]) -> Iterator[None]:
    """As somebody who rebuilt the table without its constraints."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = ON")
            yield
            cursor.execute("PRAGMA ignore_check_constraints = OFF")
        else:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a pending one would forbid to alter the table
            for constraint in model._meta.constraints:
                if isinstance(constraint, CheckConstraint):
                    cursor.execute(
                        f'ALTER TABLE "{model._meta.db_table}" DROP CONSTRAINT "{constraint.name}"'
                    )
            yield


def edit(row: Model, column: str, value: object) -> None:
    """Change one cell as SQL does, past whatever a model or its manager checks."""
    with whatever_constraints(type(row)):
        rows = type(row)._default_manager.filter(pk=row.pk)
        QuerySet.update(rows, **{column: value})
