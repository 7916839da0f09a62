"""The erasure journal: withdrawals and erasures in a store that no backup of the database brings back.

One entry is one line of JSON: ids, codes and times, nothing that tells who somebody is. Entries are only ever
added. Whatever database is put back is compared with the journal before it is served from.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

VERSION = 1


class JournalDamaged(OSError):
    """A line of the journal cannot be read, so what it withdrew or erased is not known."""


@dataclass(frozen=True)
class JournalLine:
    """One entry. `about` is the public id of what was withdrawn or erased; `time` is aware."""

    entry_id: str
    time: datetime
    kind: str
    about: str
    data: dict[str, str]

    def to_bytes(self) -> bytes:
        """The line as it is kept, without its end."""
        document = {
            "v": VERSION,
            "id": self.entry_id,
            "time": self.time.astimezone(UTC).isoformat(),
            "kind": self.kind,
            "about": self.about,
            "data": self.data,
        }
        return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def parse_line(line: bytes) -> JournalLine:
    """The entry that a line holds. Raises JournalDamaged."""
    try:
        document = json.loads(line)
        if document["v"] != VERSION:
            raise ValueError(document["v"])
        return JournalLine(
            entry_id=str(document["id"]),
            time=datetime.fromisoformat(document["time"]),
            kind=str(document["kind"]),
            about=str(document["about"]),
            data={str(key): str(value) for key, value in document["data"].items()},
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise JournalDamaged("A line of the erasure journal cannot be read.") from error


class JournalStore(Protocol):
    """Where the journal is kept: entries are added and read, never changed."""

    def append(self, line: JournalLine) -> None:
        """Add an entry durably; adding it twice is harmless. Raises OSError."""

    def read(self) -> Iterator[JournalLine]:
        """Every entry, oldest first. Raises OSError, JournalDamaged."""


class FileJournalStore:
    """The journal in a file of this machine, written line by line under a file lock."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, line: JournalLine) -> None:
        """As `JournalStore.append`. A line that a power cut tore was never acknowledged; it stays alone."""
        with os.fdopen(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            end = file.seek(0, os.SEEK_END)
            if end:
                file.seek(end - 1)
                if file.read(1) != b"\n":
                    _cut_torn_line(file.fileno(), self.path, end)
            file.seek(0, os.SEEK_END)
            file.write(line.to_bytes() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        if not end:
            _sync_folder(self.path.parent)

    def read(self) -> Iterator[JournalLine]:
        """As `JournalStore.read`."""
        try:
            with self.path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_SH)
                for line in file:
                    if line.endswith(b"\n"):
                        yield parse_line(line)
        except FileNotFoundError:
            return


def _cut_torn_line(descriptor: int, path: Path, end: int) -> None:
    """Drop what stands behind the last line end: nobody was told that it was written."""
    with path.open("rb") as file:
        kept = file.read(end).rfind(b"\n") + 1
    os.ftruncate(descriptor, kept)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
