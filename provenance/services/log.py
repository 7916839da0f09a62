"""Appends to the transparency log, inside the transaction of the change that an entry records.

`append` is the only function that writes to it.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.db import IntegrityError, connections, router
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.transaction import TransactionManagementError, on_commit
from django.utils import timezone

from provenance.common.advisory_lock import hold_until_commit
from provenance.keys.service_keys import log_signing_key
from provenance.log.checkpoint import Checkpoint
from provenance.log.draft import draft_checkpoint
from provenance.log.entries import DataValue, Entry, LogEvent
from provenance.log.hashing import leaf_hash
from provenance.log.merkle import Frontier, cover
from provenance.models.log import LogCheckpoint, LogEntry, LogNode, LogReference
from provenance.selectors.log import (
    LogDamaged,
    consistency_proof,
    inclusion_proof,
    latest_checkpoint,
    stored_hashes,
)
from provenance.selectors.signed_head import (
    LogStandsStill,
    advance_mark,
    open_row,
    require_log_goes_on,
    require_mark_behind,
    signed_head,
)

__all__ = [
    "LogDamaged",
    "LogEvent",
    "LogStandsStill",
    "acquire_append_lock",
    "append",
    "consistency_proof",
    "inclusion_proof",
    "latest_checkpoint",
    "require_log_goes_on",
    "signed_head",
]

APPEND_LOCK = "likeness transparency log"


def append(event: LogEvent, *, actor: str, data: Mapping[str, DataValue]) -> LogEntry:
    """Write one entry, the subtrees it completes and the draft of the checkpoint that covers it.

    The checkpoint is signed when it is shown, after the commit has moved the high-water mark.

    Must be called inside `transaction.atomic`, together with the change that it records: if the transaction
    rolls back, the entry never was, and its index goes to the next one. The append lock is held from here
    until the transaction ends, so call it last and do nothing slow afterwards. `data` holds ids, hashes and
    codes only.

    Raises EntryRejected for data that may not stand in the log, LogDamaged when the stored log does not
    match its newest checkpoint (a new checkpoint would sign somebody's forgery), LogStandsStill when it does
    not continue the high-water mark, TransactionManagementError outside a transaction.
    """
    connection = connections[router.db_for_write(LogEntry)]
    if not connection.in_atomic_block:
        raise TransactionManagementError("log.append must be called inside transaction.atomic.")
    acquire_append_lock(connection)
    frontier = _frontier()
    entry = Entry(index=frontier.size, time=timezone.now(), event=event, actor=actor, data=data)
    row = _insert_entry(entry)
    completed = frontier.append(leaf_hash(entry.body))
    LogNode.objects.bulk_create(
        LogNode(position=subtree.position, hash=value) for subtree, value in completed
    )
    checkpoint = Checkpoint(settings.LIKENESS_LOG_ORIGIN, frontier.size, frontier.root())
    LogCheckpoint.objects.create(
        size=checkpoint.size, root=checkpoint.root, note=draft_checkpoint(checkpoint, log_signing_key())
    )
    # Should it fail, the mark stays behind and nothing is signed; the next commit or reader moves it.
    on_commit(advance_mark, using=connection.alias, robust=True)
    return row


def acquire_append_lock(connection: BaseDatabaseWrapper) -> None:
    """Block other writers until this transaction ends.

    If a writer got past it, the primary keys would refuse its rows.
    """
    hold_until_commit(connection, APPEND_LOCK)


def _frontier() -> Frontier:
    """The right edge of the stored tree, once it is shown to lead to the newest checkpoint's root, and that
    to continue the high-water mark.
    """
    newest = LogCheckpoint.objects.order_by("-size").first()
    head = None if newest is None else open_row(newest)
    require_mark_behind(head)
    if head is None:
        return Frontier()
    subtrees = cover(0, head.size)
    stored = stored_hashes(subtrees)
    frontier = Frontier(head.size, [stored[subtree] for subtree in subtrees])
    if frontier.root() != head.root:
        raise LogDamaged
    return frontier


def _insert_entry(entry: Entry) -> LogEntry:
    row = LogEntry(
        index=entry.index,
        time=entry.time,
        event=entry.event.value,
        actor=entry.actor,
        body=entry.body.decode(),
    )
    try:
        row.save(force_insert=True)
    except IntegrityError as error:  # a row that no checkpoint covers: it did not come from here
        raise LogDamaged from error
    LogReference.objects.bulk_create(
        LogReference(entry=row, value=value) for value in sorted(entry.references)
    )
    return row
