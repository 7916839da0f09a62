"""Publishes the newest checkpoint outside the database, as a witness against rewriting the log.

It lies in the media storage as a static file. Whoever cuts the log short or rewrites it in the database,
even with the log's key, contradicts this copy; it is replaced only by a checkpoint that is proven to
continue it.
"""

from __future__ import annotations

from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages

from provenance.common.errors import CodedError
from provenance.log.checkpoint import Checkpoint, open_checkpoint
from provenance.log.errors import NoteRejected
from provenance.log.keys import LogVerifyKey
from provenance.models.log import LogCheckpoint
from provenance.selectors.log import LogDamaged, consistency_proof
from provenance.selectors.signed_head import sign_stored

NAME = "log/checkpoint"
MAX_BYTES = 64 * 1024


class CheckpointContradicted(LogDamaged):
    """The log does not continue the checkpoint that was published before."""

    code = "log_contradicts_published"
    message = "The log does not continue the checkpoint that was published last."


def read_published(key: LogVerifyKey) -> Checkpoint | None:
    """The checkpoint published last, or None before the first. Raises CheckpointContradicted if forged."""
    storage = storages["media"]
    if not storage.exists(NAME):
        return None
    with storage.open(NAME) as file:
        note = file.read(MAX_BYTES).decode("utf-8", errors="replace")
    try:
        return open_checkpoint(note, key)
    except NoteRejected as error:
        raise CheckpointContradicted("The published checkpoint is not signed by the log's key.") from error


def publish(key: LogVerifyKey) -> bool:
    """Replace the published checkpoint by the newest one. Returns whether there was a newer one.

    Safe to call at any time and twice. Raises CheckpointContradicted, and leaves the old one, when the log
    does not continue it.
    """
    newest = LogCheckpoint.objects.order_by("-size").first()
    last = read_published(key)
    if newest is None and last is None:
        return False
    if newest is None or (last is not None and newest.size < last.size):
        raise CheckpointContradicted
    if last is not None:
        _require_continuation(last, newest)
        if newest.size == last.size:
            return False
    _write(storages["media"], sign_stored(newest).note)
    return True


def _require_continuation(last: Checkpoint, newest: LogCheckpoint) -> None:
    try:
        proof = consistency_proof(last.size, newest.size)
    except CodedError as error:
        raise CheckpointContradicted from error
    if proof.first_root != last.root:
        raise CheckpointContradicted


def _write(storage: Storage, note: str) -> None:
    """Storages do not replace a file under its own name. A crash in between loses only this copy."""
    if storage.exists(NAME):
        storage.delete(NAME)
    storage.save(NAME, ContentFile(note.encode()))
