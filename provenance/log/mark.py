"""The high-water mark: the newest size and root for which the log's signature may exist.

It is kept outside the database. A log whose head is behind the mark, or does not continue it, was restored
from a backup or rewritten; signing it would tell two stories about one size.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Protocol

from provenance.log.checkpoint import Checkpoint
from provenance.log.draft import draft_checkpoint, open_stored_checkpoint
from provenance.log.errors import NoteRejected
from provenance.log.hashing import EMPTY_ROOT
from provenance.log.keys import LogSigningKey

MAX_MARK_BYTES = 64 * 1024


class MarkStore(Protocol):
    """Where a mark is kept: one value that is exchanged only for what was read before."""

    def read(self) -> bytes | None:
        """The mark's bytes, or None when there is none. Raises OSError."""

    def replace(self, before: bytes | None, after: bytes) -> bool:
        """Put `after` in place of `before`, durably, if `before` is still there (None: nothing is).

        False when something else is. Raises OSError.
        """


class FileMarkStore:
    """A mark in a file of this machine, exchanged under a file lock and written whole or not at all."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> bytes | None:
        """The file's bytes, or None without a file."""
        try:
            with self.path.open("rb") as file:
                return file.read(MAX_MARK_BYTES)
        except FileNotFoundError:
            return None

    def replace(self, before: bytes | None, after: bytes) -> bool:
        """As `MarkStore.replace`: a crash leaves the old mark or the new one."""
        lock = self.path.with_name(f"{self.path.name}.lock")
        with os.fdopen(os.open(lock, os.O_RDWR | os.O_CREAT, 0o600), "wb") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            if self.read() != before:
                return False
            partial = self.path.with_name(f"{self.path.name}.partial")
            with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(after)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(self.path)
            folder = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        return True


def empty_mark(key: LogSigningKey) -> bytes:
    """The mark of a log that has signed nothing yet."""
    return mark_bytes(Checkpoint(key.name, 0, EMPTY_ROOT), key)


def mark_bytes(checkpoint: Checkpoint, key: LogSigningKey) -> bytes:
    """The mark for a checkpoint, as it is kept."""
    return draft_checkpoint(checkpoint, key).encode()


def open_mark(data: bytes | None, key: LogSigningKey) -> Checkpoint:
    """The size and root that a mark holds. Raises NoteRejected when it is missing or not the log's own."""
    if data is None:
        raise NoteRejected("There is no high-water mark.")
    try:
        note = data.decode()
    except UnicodeDecodeError as error:
        raise NoteRejected("The high-water mark is not text.") from error
    return open_stored_checkpoint(note, key)
