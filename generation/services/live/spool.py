"""What has left a live session's process, on its disk until the session's record is sealed.

Every byte is written here before it leaves, so that a process that is killed leaves nothing that could not be
sealed. Beside the stream lie the ends of its segments with their hashes.
"""

from __future__ import annotations

import hashlib
import shutil
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from django.conf import settings

_ENTRY: Final = struct.Struct(">Q32s")  # where a segment ends in the stream, and its SHA-256
_BOX: Final = struct.Struct(">I4s")


class SpoolWriter:
    """Writes one session's spool, in a folder of its own that only this user can read."""

    def __init__(self, session_id: str) -> None:
        folder = folder_of(session_id)
        folder.mkdir(parents=True, mode=0o700)
        self._stream = (folder / "stream.mp4").open("wb", buffering=0)
        self._segments = (folder / "segments").open("wb", buffering=0)
        self.bytes_written = 0

    def write(self, data: bytes) -> None:
        """Append to the stream. Raises OSError."""
        self._stream.write(data)
        self.bytes_written += len(data)

    def end_segment(self, digest: bytes) -> None:
        """What was written since the last time is a segment with this SHA-256."""
        self._segments.write(_ENTRY.pack(self.bytes_written, digest))

    def close(self) -> None:
        """Close both files."""
        self._stream.close()
        self._segments.close()


def folder_of(session_id: str) -> Path:
    """The folder of a session's spool."""
    return root() / session_id


def root() -> Path:
    """The folder of all spools."""
    return Path(settings.LIKENESS_DATA_DIR) / "live"


def stream_of(session_id: str) -> Path | None:
    """The stream as it left, without a last fragment that was cut off; None where nothing left."""
    path = folder_of(session_id) / "stream.mp4"
    if not path.exists():
        return None
    whole = _whole_bytes(path)
    if whole < path.stat().st_size:
        with path.open("rb+") as file:
            file.truncate(whole)
    return path if whole else None


def segment_hashes(session_id: str) -> list[bytes]:
    """The SHA-256 of each segment, in order; of a session that was cut off the last one is made here."""
    folder = folder_of(session_id)
    data = (folder / "segments").read_bytes()
    entries = [_ENTRY.unpack_from(data, at) for at in range(0, len(data) - _ENTRY.size + 1, _ENTRY.size)]
    digests = [digest for _, digest in entries]
    with (folder / "stream.mp4").open("rb") as file:
        file.seek(entries[-1][0] if entries else 0)
        rest = file.read()
    return [*digests, hashlib.sha256(rest).digest()] if rest else digests


def remove(session_id: str) -> None:
    """Remove a session's spool."""
    shutil.rmtree(folder_of(session_id), ignore_errors=True)


def spooled_sessions() -> Iterator[str]:
    """The ids of the sessions that have a spool on this machine."""
    if root().is_dir():
        yield from sorted(path.name for path in root().iterdir() if path.is_dir())


def _whole_bytes(path: Path) -> int:
    """How many bytes of a file are whole boxes, fragments with their data together."""
    end = at = 0
    size = path.stat().st_size
    with path.open("rb") as file:
        while at + _BOX.size <= size:
            file.seek(at)
            length, name = _BOX.unpack(file.read(_BOX.size))
            if length < _BOX.size or at + length > size:
                break
            at += length
            if name in {b"moov", b"mdat"}:
                end = at
    return end
