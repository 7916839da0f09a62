"""Reads the transparency log: entries, checkpoints, proofs and tiles."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from django.db import connections, router
from django.db.models import Count, QuerySet
from django.db.models.functions import TruncQuarter

from provenance.common.errors import CodedError, InvalidInput, NotFound
from provenance.log.entries import LogEvent
from provenance.log.errors import EntryRejected, ProofRejected
from provenance.log.hashing import EMPTY_ROOT, leaf_hash
from provenance.log.merkle import (
    ConsistencyProof,
    InclusionProof,
    Subtree,
    plan_consistency,
    plan_inclusion,
)
from provenance.log.quarterly import EVENTS, Quarter, counted_as, quarterly
from provenance.log.tiles import Tile, encode_bundle
from provenance.models.log import LogCheckpoint, LogEntry, LogNode

_COUNTING = "Entries count from 0 to the log's size minus 1."
Proof = TypeVar("Proof", InclusionProof, ConsistencyProof)


class LogDamaged(CodedError):
    """The stored log contradicts itself; it neither grows nor proves anything until somebody looked."""

    code = "log_damaged"
    status = 503
    message = "The transparency log does not match its own hashes."
    hint = "The operator has to run auditlog_fsck. Nothing can be logged or proven until then."


def tree_size() -> int:
    """How many entries the newest checkpoint covers."""
    size = LogCheckpoint.objects.order_by("-size").values_list("size", flat=True).first()
    return size or 0


def latest_checkpoint(covering: int | None = None) -> LogCheckpoint:
    """The newest checkpoint. With `covering`, raises NotFound unless it covers the entry of that index."""
    checkpoint = LogCheckpoint.objects.order_by("-size").first()
    if checkpoint is None or (covering is not None and not 0 <= covering < checkpoint.size):
        raise NotFound("No checkpoint covers such an entry.", hint=_COUNTING)
    return checkpoint


def entry_at(index: int) -> LogEntry:
    """The entry at `index`. Raises NotFound."""
    entry = LogEntry.objects.filter(index=index).first()
    if entry is None:
        raise NotFound("The log has no such entry.", hint=_COUNTING)
    return entry


def find_entries(
    *, event: str = "", actor: str = "", mentioning: str = "", day: date | None = None
) -> QuerySet[LogEntry]:
    """Entries by event, actor, public id in the data, and day (UTC). Empty filters match everything."""
    entries = LogEntry.objects.all()
    if event:
        entries = entries.filter(event=event)
    if actor:
        entries = entries.filter(actor=actor)
    if mentioning:
        entries = entries.filter(references__value=mentioning)
    if day:
        start = datetime(day.year, day.month, day.day, tzinfo=UTC)
        entries = entries.filter(time__gte=start, time__lt=start + timedelta(days=1))
    return entries


def stored_hashes(subtrees: Iterable[Subtree]) -> dict[Subtree, bytes]:
    """The stored hashes of complete subtrees, in one query. Raises LogDamaged when one is missing."""
    wanted = {subtree.position: subtree for subtree in subtrees}
    if not wanted:
        return {}
    marks = ", ".join(["%s"] * len(wanted))
    # Every gate and every append asks this. Built by the ORM each time it takes seven times as long.
    query = f"SELECT position, hash FROM {LogNode._meta.db_table} WHERE position IN ({marks})"  # noqa: S608
    with connections[router.db_for_read(LogNode)].cursor() as cursor:
        cursor.execute(query, list(wanted))
        found = {wanted[position]: bytes(value) for position, value in cursor.fetchall()}
    if len(found) != len(wanted):
        raise LogDamaged
    return found


def inclusion_proof(index: int, tree_size: int) -> InclusionProof:
    """That the entry at `index` is in the log of `tree_size` entries.

    Three queries whatever the size. The proof is verified against that size's checkpoint before it is
    returned. Raises NotFound, InvalidInput, LogDamaged.
    """
    if not 0 <= index < tree_size:
        raise InvalidInput("The index must be at least 0 and below tree_size.")
    root = _root(tree_size)
    plan = plan_inclusion(index, tree_size)
    leaf = Subtree(0, index)
    stored = stored_hashes([*plan.subtrees, leaf])
    proof = InclusionProof(index, tree_size, stored[leaf], root, tuple(plan.hashes(stored)))
    body = entry_at(index).body.encode()
    if leaf_hash(body) != proof.leaf_hash:
        raise LogDamaged
    return _verified(proof)


def consistency_proof(first: int, second: int) -> ConsistencyProof:
    """That the log of `second` entries only added to the log of `first` entries.

    Three queries whatever the sizes. The proof is verified against both checkpoints before it is returned.
    Raises NotFound, InvalidInput, LogDamaged.
    """
    if not 0 <= first <= second:
        raise InvalidInput("The sizes must be in order: 0 <= first <= second.")
    first_root, second_root = _root(first), _root(second)
    plan = plan_consistency(first, second)
    hashes = tuple(plan.hashes(stored_hashes(plan.subtrees)))
    return _verified(ConsistencyProof(first, second, first_root, second_root, hashes))


def tile_content(tile: Tile) -> bytes:
    """The bytes of a tile or entry bundle. Raises NotFound when the log has not grown that far."""
    if not tile.is_within(tree_size()):
        raise NotFound("The log has no such tile.", hint="The checkpoint's size says which tiles exist.")
    if tile.level is None:
        bodies = (
            LogEntry.objects.filter(index__gte=tile.first, index__lt=tile.first + tile.width)
            .order_by("index")
            .values_list("body", flat=True)
        )
        return encode_bundle(body.encode() for body in bodies)
    stored = stored_hashes(tile.subtrees)
    return b"".join(stored[subtree] for subtree in tile.subtrees)


def _root(size: int) -> bytes:
    if size == 0:
        return EMPTY_ROOT
    root = LogCheckpoint.objects.filter(size=size).values_list("root", flat=True).first()
    if root is None:
        raise NotFound("The log has no checkpoint of that size.", hint="The newest one says the size.")
    return bytes(root)


def _verified(proof: Proof) -> Proof:
    try:
        proof.verify()
    except ProofRejected as error:
        raise LogDamaged from error
    return proof


def quarterly_counts() -> list[Quarter]:
    """What the log says of each quarter, oldest first."""
    grouped = (
        LogEntry.objects.filter(event__in=EVENTS)
        .exclude(event=LogEvent.RENDITION_REJECTED)
        .annotate(quarter=TruncQuarter("time", tzinfo=UTC))
        .values("quarter", "event")
        .annotate(often=Count("index"))
        .order_by()
    )
    counted = [(row["quarter"], counted_as(LogEvent(row["event"])), row["often"]) for row in grouped]
    # Why a video was not released stands in the entry alone; there are few of them.
    rejected = LogEntry.objects.filter(event=LogEvent.RENDITION_REJECTED).only("time", "body")
    counted += [
        (row.time, counted_as(LogEvent.RENDITION_REJECTED, _reason_code(row)), 1)
        for row in rejected.iterator()
    ]
    return quarterly(counted)


def _reason_code(row: LogEntry) -> object:
    try:
        return row.entry.data.get("reason_code")
    except EntryRejected:  # `fsck` says that it was edited
        return None
