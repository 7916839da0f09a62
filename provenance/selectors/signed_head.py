"""The log's head as outsiders see it: signed once the high-water mark covers it, and never otherwise.

The mark is moved first and the signature is made afterwards, so that for each size at most one root is ever
signed: not after a crash in between, not by two writers on copies of one database, and not after a restore.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connections, router
from django.db.transaction import TransactionManagementError
from django.utils.translation import gettext_noop

from provenance.keys.log_mark import log_mark_store
from provenance.keys.service_keys import log_signing_key
from provenance.log.checkpoint import Checkpoint, sign_checkpoint
from provenance.log.draft import open_stored_checkpoint
from provenance.log.errors import NoteRejected, ProofRejected
from provenance.log.mark import mark_bytes, open_mark
from provenance.log.merkle import ConsistencyProof, plan_consistency
from provenance.models.log import LogCheckpoint
from provenance.selectors.log import LogDamaged, latest_checkpoint, stored_hashes

TRIES = 10
HINT = "The operator follows `The log stands still` in docs/runbook.md. Videos can be verified meanwhile."


class LogStandsStill(LogDamaged):
    """The log does not continue what was signed before: a backup was restored, or its mark is lost."""

    hint = HINT

    def __init__(self, message: str) -> None:
        super().__init__(message)


@dataclass(frozen=True)
class SignedHead:
    """A checkpoint with its signed note."""

    size: int
    root: bytes
    note: str


def signed_head(covering: int | None = None) -> SignedHead:
    """The newest checkpoint, signed. With `covering`, raises NotFound unless it covers that entry.

    Raises LogStandsStill when the log does not continue what was signed before.
    """
    return sign_stored(latest_checkpoint(covering))


def sign_stored(row: LogCheckpoint) -> SignedHead:
    """A stored checkpoint, signed, once the high-water mark covers it. Raises LogStandsStill, LogDamaged."""
    checkpoint = open_row(row)
    _cover(checkpoint)
    return SignedHead(checkpoint.size, checkpoint.root, sign_checkpoint(checkpoint, log_signing_key()))


def advance_mark() -> None:
    """Move the high-water mark to the newest committed checkpoint. Raises LogStandsStill, LogDamaged."""
    row = LogCheckpoint.objects.order_by("-size").first()
    if row is not None:
        _cover(open_row(row))


def open_row(row: LogCheckpoint) -> Checkpoint:
    """The checkpoint that a row holds, by its draft or signature. Raises LogDamaged."""
    try:
        checkpoint = open_stored_checkpoint(str(row.note), log_signing_key())
    except NoteRejected as error:
        raise LogDamaged(gettext_noop("The newest checkpoint is not the log's own.")) from error
    if (checkpoint.size, checkpoint.root) != (row.size, bytes(row.root)):
        raise LogDamaged
    return checkpoint


def read_mark() -> Checkpoint:
    """The high-water mark. Raises LogStandsStill when it is missing, unreadable or not the log's own."""
    return _open(_read())


def require_mark_behind(head: Checkpoint | None) -> None:
    """Require that the log, whose newest checkpoint is `head`, continues what was signed before.

    Raises LogStandsStill.
    """
    _require_continuation(read_mark(), head)


def require_log_goes_on() -> None:
    """Require that entries can be appended, before new work is accepted. One query and one small read.

    Raises LogStandsStill, LogDamaged.
    """
    row = LogCheckpoint.objects.order_by("-size").first()
    require_mark_behind(None if row is None else open_row(row))


def _cover(checkpoint: Checkpoint) -> None:
    """Make sure that the mark is at the checkpoint or beyond, and that one continues the other."""
    for _ in range(TRIES):
        data = _read()
        mark = _open(data)
        if mark.size >= checkpoint.size:
            _require_prefix(checkpoint, mark)
            return
        _require_committed()
        _require_continuation(mark, checkpoint)
        try:
            if log_mark_store().replace(data, mark_bytes(checkpoint, log_signing_key())):
                return
        except OSError as error:
            raise LogStandsStill(gettext_noop("The log's high-water mark cannot be written.")) from error
    raise LogStandsStill(gettext_noop("The log's high-water mark changes faster than it can be moved."))


def _read() -> bytes | None:
    try:
        return log_mark_store().read()
    except OSError as error:
        raise LogStandsStill(gettext_noop("The log's high-water mark cannot be read.")) from error


def _open(data: bytes | None) -> Checkpoint:
    try:
        return open_mark(data, log_signing_key())
    except NoteRejected as error:
        raise LogStandsStill(
            gettext_noop("The log's high-water mark is missing or is not the log's own.")
        ) from error


def _require_continuation(mark: Checkpoint, head: Checkpoint | None) -> None:
    size = 0 if head is None else head.size
    if size < mark.size:
        raise LogStandsStill(f"The log has {size} entries, but {mark.size} were signed before.")
    if head is not None and not _is_prefix(mark, head):
        raise LogStandsStill(f"The log does not continue the {mark.size} entries that were signed before.")


def _require_prefix(checkpoint: Checkpoint, mark: Checkpoint) -> None:
    try:
        is_prefix = _is_prefix(checkpoint, mark)
    except LogDamaged as error:  # entries up to the mark are missing here
        raise LogStandsStill(f"The log is shorter than the {mark.size} entries signed before.") from error
    if not is_prefix:
        raise LogStandsStill(f"The log is not the one whose {mark.size} entries were signed before.")


def _is_prefix(first: Checkpoint, second: Checkpoint) -> bool:
    """Whether the stored hashes show that the log of `second` begins with that of `first`."""
    if first.size in {0, second.size}:
        return first.size == 0 or first.root == second.root
    plan = plan_consistency(first.size, second.size)
    hashes = tuple(plan.hashes(stored_hashes(plan.subtrees)))
    try:
        ConsistencyProof(first.size, second.size, first.root, second.root, hashes).verify()
    except ProofRejected:
        return False
    return True


def _require_committed() -> None:
    """Nothing that may still be rolled back is ever covered by the mark. Tests' own transactions pass."""
    connection = connections[router.db_for_read(LogCheckpoint)]
    # As `durable=True` does: Django marks the transactions that its tests run in.
    if any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks):
        raise TransactionManagementError("A checkpoint is signed outside of transactions only.")
