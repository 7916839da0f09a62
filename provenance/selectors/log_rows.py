"""Reads the stored log in batches for fsck, whatever its cells hold.

Whoever owns the database can put anything into a cell: SQLite takes text, bytes, numbers and NULL in any
column. So the rows are read without Django's converters, and what is no such value becomes a finding.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from django.db import connections, router, transaction
from django.db.models import Model
from django.utils.dateparse import parse_datetime

from provenance.log.checkpoint import Checkpoint
from provenance.log.fsck import fsck, signed_size
from provenance.log.keys import LogSigningKey
from provenance.log.stored import CheckpointRow, Damage, EntryRow, Finding, NodeRow
from provenance.models.log import LogCheckpoint, LogEntry, LogNode, LogReference

STEP = 2000
_NO_TIME = datetime.min.replace(tzinfo=UTC)


def check_stored_log(key: LogSigningKey, published: Iterable[Checkpoint] = ()) -> tuple[int, list[Finding]]:
    """How many entries are covered by a good signature, and everything that is wrong with the stored log.

    Reads within one transaction, so that entries that are being appended do not look like damage.
    """
    connection = connections[router.db_for_read(LogEntry)]
    is_outermost = not connection.in_atomic_block
    with transaction.atomic(using=connection.alias):
        if connection.vendor == "postgresql" and is_outermost:  # SQLite's transactions are snapshots anyway
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        unreadable: list[Finding] = []
        size = signed_size(_checkpoints([], newest_first=True), key)
        findings = fsck(
            entries=_entries(unreadable),
            nodes=_nodes(unreadable),
            checkpoints=_checkpoints(unreadable),
            size=size,
            key=key,
            published=published,
        )
    return size, [*unreadable, *findings]


def _entries(unreadable: list[Finding]) -> Iterator[EntryRow]:
    batch: list[tuple[Any, ...]] = []
    for row in _rows(LogEntry, ("index", "time", "event", "actor", "body"), unreadable):
        batch.append(row)
        if len(batch) == STEP:
            yield from _with_references(batch)
            batch = []
    yield from _with_references(batch)


def _with_references(batch: list[tuple[Any, ...]]) -> Iterator[EntryRow]:
    if not batch:
        return
    found: dict[int, set[str]] = {}
    between = (batch[0][0], batch[-1][0])
    for entry, value in _select(LogReference, ("entry_id", "value"), "entry_id", between):
        found.setdefault(entry, set()).add(str(value))
    for index, time, event, actor, body in batch:
        yield EntryRow(
            index=index,
            body=_as_bytes(body),
            time=_as_time(time),
            event=str(event),
            actor=str(actor),
            references=frozenset(found.get(index, ())),
        )


def _nodes(unreadable: list[Finding]) -> Iterator[NodeRow]:
    for position, value in _rows(LogNode, ("position", "hash"), unreadable):
        yield NodeRow(position, _as_bytes(value))


def _checkpoints(unreadable: list[Finding], *, newest_first: bool = False) -> Iterator[CheckpointRow]:
    columns = ("size", "root", "note")
    for size, root, note in _rows(LogCheckpoint, columns, unreadable, newest_first=newest_first):
        yield CheckpointRow(size, _as_bytes(root), note if isinstance(note, str) else "")


def _rows(
    model: type[Model],
    columns: tuple[str, ...],
    unreadable: list[Finding],
    *,
    newest_first: bool = False,
) -> Iterator[tuple[Any, ...]]:
    """Rows in the order of their first column; those that no number finds become findings."""
    for row in _select(model, columns, columns[0], None, newest_first=newest_first):
        if type(row[0]) is int:
            yield row
        else:
            message = f"a row of {model._meta.db_table} has no number in the column {columns[0]}"
            unreadable.append(Finding(Damage.CELL_UNREADABLE, 0, message))


def _select(
    model: type[Model],
    columns: tuple[str, ...],
    order: str,
    between: tuple[int, int] | None,
    *,
    newest_first: bool = False,
) -> Iterator[tuple[Any, ...]]:
    connection = connections[router.db_for_read(model)]
    quote = connection.ops.quote_name
    names = ", ".join(quote(column) for column in columns)
    where = f" WHERE {quote(order)} BETWEEN %s AND %s" if between else ""
    direction = "DESC" if newest_first else "ASC"
    sql = f"SELECT {names} FROM {quote(model._meta.db_table)}{where} ORDER BY {quote(order)} {direction}"  # noqa: S608 - names of our own
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, between or ())
        while rows := cursor.fetchmany(STEP):
            yield from rows


def _as_bytes(cell: object) -> bytes:
    """The bytes of text or a blob; none for anything else, which then differs from what was appended."""
    if isinstance(cell, str):
        return cell.encode("utf-8", errors="surrogatepass")
    return bytes(cell) if isinstance(cell, bytes | memoryview) else b""


def _as_time(cell: object) -> datetime:
    try:
        time = parse_datetime(cell) if isinstance(cell, str) else cell
    except ValueError:
        return _NO_TIME
    if not isinstance(time, datetime):
        return _NO_TIME
    return time if time.tzinfo else time.replace(tzinfo=UTC)
