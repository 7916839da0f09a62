"""The head of the last check of the log that found nothing, from which the next one may go on.

It is kept in a file beside the log's key, outside of the database, and authenticated by that key: whoever
edits the database cannot move it past what they edited.
"""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from provenance.keys.service_keys import log_signing_key
from provenance.log.checkpoint import Checkpoint
from provenance.log.errors import NoteRejected
from provenance.log.mark import FileMarkStore, mark_bytes, open_mark
from provenance.models.log import LogCheckpoint
from provenance.selectors.signed_head import open_row


def checked_file() -> Path:
    """The file beside the log key."""
    key = Path(settings.LIKENESS_LOG_KEY_FILE)
    return key.with_name(f"{key.stem}.checked")


def read_checked() -> Checkpoint | None:
    """The head of the last clean check; None without one, or where it is not this log's: then all is read."""
    try:
        data = FileMarkStore(checked_file()).read()
        return None if data is None else open_mark(data, log_signing_key())
    except (OSError, NoteRejected):
        return None


def keep_checked(size: int) -> None:
    """Remember that the log was found sound up to `size`. Raises OSError when it cannot be written."""
    row = LogCheckpoint.objects.filter(size=size).first()
    if row is None:
        return
    store = FileMarkStore(checked_file())
    # Whoever checks at the same time may keep theirs: each is a check that found nothing.
    store.replace(store.read(), mark_bytes(open_row(row), log_signing_key()))
