"""Where a log's files are: a folder that was exported, or an address at which they are served."""

from __future__ import annotations

from collections.abc import Iterator
from os import PathLike
from pathlib import Path
from typing import Protocol

from likeness.errors import LogUnreadable, ServiceRefusal
from likeness.json_files import read_bytes
from likeness.transport import Transport
from provenance.log.checkpoint import MAX_NOTE_BYTES
from provenance.log.errors import TileRejected
from provenance.log.hashing import HASH_SIZE
from provenance.log.tiles import MAX_ENTRY_BYTES, TILE_WIDTH, Tile, decode_bundle, tiles_of

LONGEST_BUNDLE_BYTES = TILE_WIDTH * (2 + MAX_ENTRY_BYTES)
_NOT_FOUND = 404


class LogFiles(Protocol):
    """The files of one log, by the paths of c2sp.org/tlog-tiles."""

    def read(self, path: str, *, limit_bytes: int) -> bytes | None:
        """The file's content, or None if it is not there."""
        ...


class LogFolder:
    """A folder that `manage.py auditlog_export` wrote."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, path: str, *, limit_bytes: int) -> bytes | None:
        """The file's content, or None. Raises `FileUnreadable`."""
        file = self._folder / path
        return read_bytes(file)[:limit_bytes] if file.is_file() else None


class LogAddress:
    """An address below which the files are: a service's `/v1/log`, or any server of an exported folder."""

    def __init__(self, address: str) -> None:
        self._transport = Transport(address)

    def read(self, path: str, *, limit_bytes: int) -> bytes | None:
        """The file's content, or None. Raises `ServiceUnreachable`, `ServiceRefusal`."""
        try:
            return self._transport.read(f"/{path}", limit_bytes=limit_bytes)
        except ServiceRefusal as refusal:
            if refusal.status == _NOT_FOUND:
                return None
            raise


def log_files(place: str | PathLike[str]) -> LogFiles:
    """The files at an http(s) address or, with anything else, in a folder."""
    if isinstance(place, str) and place.startswith(("http://", "https://")):
        return LogAddress(place)
    return LogFolder(Path(place))


def read_text(files: LogFiles, path: str) -> str:
    """A note or key in one of the text files. Raises `LogUnreadable` if it is not there or no text."""
    content = files.read(path, limit_bytes=MAX_NOTE_BYTES + 1)
    if content is None:
        raise LogUnreadable(f"There is no log here: the file {path} is missing.")
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise LogUnreadable(f"There is no log here: the file {path} is no text.") from error


def bundles_of(size: int) -> Iterator[Tile]:
    """The entry bundles of a log of `size` entries, in order."""
    for tile in tiles_of(size):
        if tile.level is not None:
            return
        yield tile


def hash_tiles_of(size: int) -> Iterator[Tile]:
    """The tiles of hashes of a log of `size` entries, from the leaves upwards."""
    return (tile for tile in tiles_of(size) if tile.level is not None)


def read_hashes(files: LogFiles, tile: Tile) -> list[bytes]:
    """The 32-byte hashes of a tile. Raises `TileRejected` if it is missing or has another length."""
    content = _read_tile(files, tile, limit_bytes=TILE_WIDTH * HASH_SIZE)
    wanted = tile.width * HASH_SIZE
    if len(content) < wanted or len(content) % HASH_SIZE:
        raise TileRejected(f"The file tile/{tile.path} is cut short.")
    return [content[start : start + HASH_SIZE] for start in range(0, wanted, HASH_SIZE)]


def read_entries(files: LogFiles, tile: Tile) -> list[bytes]:
    """The entries of a bundle. Raises `TileRejected` if it is missing or has another number of them."""
    entries = decode_bundle(_read_tile(files, tile, limit_bytes=LONGEST_BUNDLE_BYTES))
    if len(entries) < tile.width:
        raise TileRejected(f"The file tile/{tile.path} holds too few entries.")
    return entries[: tile.width]


def _read_tile(files: LogFiles, tile: Tile, *, limit_bytes: int) -> bytes:
    """A partial tile may be gone once the full one is there, which begins with it."""
    for path in dict.fromkeys((tile.path, Tile(tile.level, tile.index).path)):
        content = files.read(f"tile/{path}", limit_bytes=limit_bytes)
        if content is not None:
            return content
    raise TileRejected(f"The file tile/{tile.path} is missing.")
