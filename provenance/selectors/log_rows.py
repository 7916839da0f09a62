"""Reads the stored log in batches for fsck, whatever its cells hold.

Whoever owns the database can put anything into a cell: SQLite takes text, bytes, numbers and NULL in any
column. So the rows are read without Django's converters, and what is no such value becomes a finding.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connections, router, transaction
from django.db.models import Model
from django.utils.dateparse import parse_datetime

from provenance.log.checkpoint import Checkpoint
from provenance.log.fsck import fsck, signed_size
from provenance.log.keys import LogSigningKey
from provenance.log.merkle import Frontier, complete_subtrees, cover
from provenance.log.stored import CheckpointRow, Damage, EntryRow, LogDamage, NodeRow
from provenance.models.log import LogCheckpoint, LogEntry, LogNode, LogReference

STEP = 2000
_NO_TIME = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class StoredLogCheck:
    """What a check found: how many entries are covered by a good signature, the first one that was read, and
    everything that is wrong from there on.
    """

    size: int
    begin: int
    findings: list[LogDamage]


def check_stored_log(
    key: LogSigningKey, published: Iterable[Checkpoint] = (), *, checked: Checkpoint | None = None
) -> StoredLogCheck:
    """How many entries are covered by a good signature, and everything that is wrong with the stored log.

    With `checked`, the head of a check that found nothing, only what came after it is read; where the stored
    hashes do not lead to it any more, everything. Reads within one transaction, so that entries that are
    being appended do not look like damage.
    """
    connection = connections[router.db_for_read(LogEntry)]
    is_outermost = not connection.in_atomic_block
    with transaction.atomic(using=connection.alias):
        if connection.vendor == "postgresql" and is_outermost:  # SQLite's transactions are snapshots anyway
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        unreadable: list[LogDamage] = []
        size = signed_size(_checkpoints([], newest_first=True), key)
        kept = list(published)
        tree = _tree_to_go_on_from(checked, size, kept)
        begin = tree.size if tree else 0
        findings = fsck(
            entries=_entries(unreadable, begin),
            nodes=_nodes(unreadable, complete_subtrees(begin)),
            checkpoints=_checkpoints(unreadable, begin + 1 if begin else None),
            size=size,
            key=key,
            published=[checkpoint for checkpoint in kept if checkpoint.size >= begin],
            checked=tree,
        )
    return StoredLogCheck(size, begin, [*unreadable, *findings])


def _tree_to_go_on_from(
    checked: Checkpoint | None, size: int, published: Iterable[Checkpoint]
) -> Frontier | None:
    """The tree of the checked size, if the stored hashes still lead to its root and to every published one
    of a smaller size; None where everything has to be read.
    """
    if checked is None or not 0 < checked.size <= size:
        return None
    earlier = [each for each in published if each.size < checked.size]
    if any(_stored_edge(each).root() != each.root for each in earlier):
        return None
    tree = _stored_edge(checked)
    return tree if tree.root() == checked.root else None


def _stored_edge(checkpoint: Checkpoint) -> Frontier:
    """The edge of the stored tree at a checkpoint's size; a hash that is not there stands as an empty one."""
    hashes = []
    for subtree in cover(0, checkpoint.size):
        place = (subtree.position, subtree.position)
        found = list(_select(LogNode, ("position", "hash"), "position", place))
        hashes.append(_as_bytes(found[0][1]) if found else b"")
    return Frontier(checkpoint.size, hashes)


def _entries(unreadable: list[LogDamage], begin: int) -> Iterator[EntryRow]:
    batch: list[tuple[Any, ...]] = []
    columns = ("index", "time", "event", "actor", "body")
    for row in _rows(LogEntry, columns, unreadable, begin=begin or None):
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


def _nodes(unreadable: list[LogDamage], begin: int) -> Iterator[NodeRow]:
    for position, value in _rows(LogNode, ("position", "hash"), unreadable, begin=begin or None):
        yield NodeRow(position, _as_bytes(value))


def _checkpoints(
    unreadable: list[LogDamage], begin: int | None = None, *, newest_first: bool = False
) -> Iterator[CheckpointRow]:
    columns = ("size", "root", "note")
    for size, root, note in _rows(LogCheckpoint, columns, unreadable, begin=begin, newest_first=newest_first):
        yield CheckpointRow(size, _as_bytes(root), note if isinstance(note, str) else "")


def _rows(
    model: type[Model],
    columns: tuple[str, ...],
    unreadable: list[LogDamage],
    *,
    begin: int | None = None,
    newest_first: bool = False,
) -> Iterator[tuple[Any, ...]]:
    """Rows in the order of their first column, from `begin` on; what no number finds becomes a finding."""
    between = None if begin is None else (begin, None)
    for row in _select(model, columns, columns[0], between, newest_first=newest_first):
        if type(row[0]) is int:
            yield row
        else:
            message = f"a row of {model._meta.db_table} has no number in the column {columns[0]}"
            unreadable.append(LogDamage(Damage.CELL_UNREADABLE, 0, message))


def _select(
    model: type[Model],
    columns: tuple[str, ...],
    order: str,
    between: tuple[int, int | None] | None,
    *,
    newest_first: bool = False,
) -> Iterator[tuple[Any, ...]]:
    connection = connections[router.db_for_read(model)]
    quote = connection.ops.quote_name
    names = ", ".join(quote(column) for column in columns)
    where, limits = "", [limit for limit in between or () if limit is not None]
    if limits:
        where = f" WHERE {quote(order)} {'>= %s' if len(limits) == 1 else 'BETWEEN %s AND %s'}"
    direction = "DESC" if newest_first else "ASC"
    sql = f"SELECT {names} FROM {quote(model._meta.db_table)}{where} ORDER BY {quote(order)} {direction}"  # noqa: S608 - names of our own
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, limits)
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
