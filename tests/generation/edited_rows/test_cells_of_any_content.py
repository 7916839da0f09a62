"""Whatever a cell holds is a finding of fsck, never a traceback."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection

from accounts.models import ApiKey, ConsentGrant, Membership, Partner
from generation.models import Job, Rendition
from provenance.models import LogCheckpoint, LogEntry, LogNode, LogReference, Record
from tests.generation.edited_rows.editing import fsck_of_state

pytestmark = pytest.mark.django_db

TABLES = (
    LogEntry,
    LogReference,
    LogNode,
    LogCheckpoint,
    Job,
    Rendition,
    Record,
    ConsentGrant,
    Partner,
    ApiKey,
    Membership,
)


@contextmanager
def copy_without_constraints() -> Iterator[None]:
    """The test's database as a copy in which any cell takes anything."""
    original = connection.connection
    params = {**connection.get_connection_params(), "database": ":memory:", "uri": False}
    copy = connection.get_new_connection(params)
    # Not backup(), which waits for the end of the transaction that the test itself runs in.
    copy.deserialize(original.serialize())
    copy.execute("PRAGMA foreign_keys = OFF")
    for model in TABLES:
        name = model._meta.db_table
        copy.execute(f"CREATE TABLE plain AS SELECT * FROM {name}")  # noqa: S608 - names of our own
        copy.execute(f"DROP TABLE {name}")
        copy.execute(f"ALTER TABLE plain RENAME TO {name}")
    connection.connection = copy
    try:
        yield
    finally:
        connection.connection = original


def anything(chance: random.Random) -> object:
    """A cell of any type and length."""
    text = "".join(chance.choice('aZ9{}[]",:\x00é\u202e ') for _ in range(chance.choice((0, 1, 12, 300))))
    return chance.choice(
        (
            *(None, text, chance.randbytes(chance.choice((0, 1, 32, 500)))),
            *(chance.randint(-(2**63), 2**63 - 1), chance.randint(0, 9), chance.random() * 1e300),
            *("2026-13-45", "[" * 5000, "null", b"\xff\xfe"),
        )
    )


def mutate(count: int, seed: int) -> tuple[int, int]:
    """Mutations of one cell each; how many were made, and how many fsck named."""
    chance = random.Random(seed)
    found = 0
    with copy_without_constraints():
        cursor = connection.connection.cursor()
        for _ in range(count):
            model = chance.choice(TABLES)
            column = chance.choice(model._meta.concrete_fields).column
            cursor.execute("SAVEPOINT mutation")
            cursor.execute(
                f'UPDATE {model._meta.db_table} SET "{column}" = ? WHERE rowid = '  # noqa: S608
                f"(SELECT rowid FROM {model._meta.db_table} ORDER BY random() LIMIT 1)",
                [anything(chance)],
            )
            found += not fsck_of_state()["ok"]
            cursor.execute("ROLLBACK TO mutation")
    return count, found


@pytest.mark.skipif(connection.vendor == "postgresql", reason="PostgreSQL keeps the types of cells")
@pytest.mark.slow
def test_no_content_of_a_cell_ends_fsck(released, api_a):
    made, found = mutate(400, 19)
    assert made == 400
    assert found > 400 / 3  # harmless columns are not compared
