"""The checkpoint of the last check, kept in a file: what a log may never fall behind or contradict."""

from __future__ import annotations

from pathlib import Path

from likeness.errors import CheckpointUnusable, FileUnreadable
from likeness.json_files import read_bytes
from provenance.log.checkpoint import Checkpoint, open_checkpoint
from provenance.log.errors import NoteRejected
from provenance.log.keys import LogVerifyKey


def remembered_checkpoint(file: Path, key: LogVerifyKey) -> Checkpoint | None:
    """The signed checkpoint in `file`, or None if there is no such file yet.

    Raises `CheckpointUnusable` for what the log's key did not sign, and `FileUnreadable`.
    """
    if not file.exists():
        return None
    try:
        return open_checkpoint(read_bytes(file).decode(), key)
    except (NoteRejected, UnicodeDecodeError) as error:
        raise CheckpointUnusable(f"{file} holds no checkpoint of this log: {error}") from error


def remember_checkpoint(file: Path, note: str) -> None:
    """Keep the signed checkpoint `note` in `file`, whole or not at all. Raises `FileUnreadable`."""
    partial = file.with_name(f"{file.name}.partial")
    try:
        partial.write_text(note, encoding="utf-8")
        partial.replace(file)
    except OSError as error:
        raise FileUnreadable(f"{file} cannot be written: {error.strerror}.") from error
