"""Declares a new log that goes on from a restored one, where the lost entries cannot be brought back.

The new log has another origin and another key. It keeps the entries that are left, and its next entry names
the old log with the last size and root for which a signature may exist: whoever kept a checkpoint of the old
log sees how much was lost, and that it was said.
"""

from __future__ import annotations

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import connections, router, transaction

from provenance.common.errors import CodedError
from provenance.keys.log_mark import log_mark_store
from provenance.keys.service_keys import log_signing_key
from provenance.log.checkpoint import Checkpoint
from provenance.log.draft import draft_checkpoint
from provenance.log.entries import LogEvent
from provenance.log.errors import NoteRejected
from provenance.log.hashing import leaf_hash
from provenance.log.keys import LogSigningKey
from provenance.log.mark import empty_mark, open_mark
from provenance.log.merkle import Frontier
from provenance.models.log import LogCheckpoint, LogEntry
from provenance.models.log_triggers import install_triggers, remove_triggers
from provenance.selectors.log_rows import check_stored_log
from provenance.services.log import acquire_append_lock, append
from provenance.services.published_checkpoint import MAX_BYTES, NAME

STEP = 2000


class NewLogRefused(CodedError):
    """A new log cannot be declared like this."""

    code = "new_log_refused"
    status = 409
    message = "A new log cannot be declared like this."
    hint = "Follow `The log stands still` in docs/runbook.md."


def declare_new_log(old_key: LogSigningKey, old_mark: bytes) -> LogEntry:
    """Give the stored entries the key and origin of the settings, and append `log.succeeded`.

    The web server and the workers must be stopped. Raises NewLogRefused, and then nothing has changed.
    """
    new_key = log_signing_key()
    if new_key.name == old_key.name or new_key.verify_key.public_key == old_key.verify_key.public_key:
        raise NewLogRefused("The new log needs an origin and a key of its own.")
    try:
        last = open_mark(old_mark, old_key)
    except NoteRejected as error:
        raise NewLogRefused(f"The old log's high-water mark cannot be used: {error}") from error
    alias = router.db_for_write(LogEntry)
    with transaction.atomic(using=alias):
        acquire_append_lock(connections[alias])
        found = check_stored_log(old_key)
        size, findings = found.size, found.findings
        if findings:
            raise NewLogRefused(f"The restored log is damaged: {findings[0].message}.")
        _begin_mark(new_key, old_mark)
        _draft_checkpoints_again(new_key, alias)
        entry = append(
            LogEvent.LOG_SUCCEEDED,
            actor="system",
            data={
                "old_origin": old_key.name,
                "old_size": last.size,
                "old_root": last.root.hex(),
                "kept_size": size,
            },
        )
        install_triggers(alias)
    _put_published_aside(old_key)
    return entry


def _begin_mark(key: LogSigningKey, old_mark: bytes) -> None:
    store = log_mark_store()
    present = store.read()
    if present not in {None, old_mark, empty_mark(key)}:
        raise NewLogRefused("There is a high-water mark already, which is neither new nor the old log's.")
    if not store.replace(present, empty_mark(key)):
        raise NewLogRefused("Somebody else moved the high-water mark.")


def _draft_checkpoints_again(key: LogSigningKey, alias: str) -> None:
    remove_triggers(LogCheckpoint, alias)
    LogCheckpoint.objects.all().delete()
    frontier = Frontier()
    batch: list[LogCheckpoint] = []
    for body in LogEntry.objects.order_by("index").values_list("body", flat=True).iterator(chunk_size=STEP):
        frontier.append(leaf_hash(body.encode()))
        checkpoint = Checkpoint(key.name, frontier.size, frontier.root())
        batch.append(
            LogCheckpoint(size=checkpoint.size, root=checkpoint.root, note=draft_checkpoint(checkpoint, key))
        )
        if len(batch) == STEP:
            LogCheckpoint.objects.bulk_create(batch)
            batch = []
    LogCheckpoint.objects.bulk_create(batch)


def _put_published_aside(old_key: LogSigningKey) -> None:
    """The old log's published checkpoint stays beside the new one's, as evidence."""
    storage = storages["media"]
    if not storage.exists(NAME):
        return
    with storage.open(NAME) as file:
        note = file.read(MAX_BYTES)
    storage.save(f"{NAME}-{old_key.key_id.hex()}", ContentFile(note))
    storage.delete(NAME)
