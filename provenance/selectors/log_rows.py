"""Reads the stored log in batches for fsck."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db import connections, router, transaction

from provenance.log.checkpoint import Checkpoint
from provenance.log.fsck import fsck, signed_size
from provenance.log.keys import LogVerifyKey
from provenance.log.stored import CheckpointRow, EntryRow, Finding, NodeRow
from provenance.models.log import LogCheckpoint, LogEntry, LogNode

STEP = 2000


def check_stored_log(key: LogVerifyKey, published: Iterable[Checkpoint] = ()) -> tuple[int, list[Finding]]:
    """How many entries are covered by a good signature, and everything that is wrong with the stored log.

    Reads within one transaction, so that entries that are being appended do not look like damage.
    """
    connection = connections[router.db_for_read(LogEntry)]
    is_outermost = not connection.in_atomic_block
    with transaction.atomic(using=connection.alias):
        if connection.vendor == "postgresql" and is_outermost:  # SQLite's transactions are snapshots anyway
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        size = signed_size(_checkpoints("-size"), key)
        findings = fsck(
            entries=_entries(),
            nodes=_nodes(),
            checkpoints=_checkpoints("size"),
            size=size,
            key=key,
            published=published,
        )
    return size, findings


def _entries() -> Iterator[EntryRow]:
    rows = LogEntry.objects.order_by("index").prefetch_related("references")
    for row in rows.iterator(chunk_size=STEP):
        yield EntryRow(
            index=row.index,
            body=row.body.encode(),
            time=row.time,
            event=row.event,
            actor=row.actor,
            references=frozenset(reference.value for reference in row.references.all()),
        )


def _nodes() -> Iterator[NodeRow]:
    for position, value in (
        LogNode.objects.order_by("position").values_list("position", "hash").iterator(chunk_size=STEP)
    ):
        yield NodeRow(position, bytes(value))


def _checkpoints(order: str) -> Iterator[CheckpointRow]:
    rows = LogCheckpoint.objects.order_by(order).values_list("size", "root", "note")
    for size, root, note in rows.iterator(chunk_size=STEP):
        yield CheckpointRow(size, bytes(root), note)
