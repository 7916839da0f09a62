"""Paths and contents of c2sp.org/tlog-tiles: 256 hashes a tile, 256 entries a bundle, as static files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from provenance.log.errors import TileRejected
from provenance.log.merkle import Subtree

TILE_WIDTH = 256
TILE_HEIGHT = 8
MAX_LEVEL = 7  # 256**8 entries is more than a 64-bit index can count
MAX_ENTRY_BYTES = 0xFFFF
_PATH = re.compile(
    r"(?P<level>entries|0|[1-9][0-9]?)/(?P<index>(?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?",
    re.ASCII,
)


@dataclass(frozen=True)
class Tile:
    """One tile of hashes or, with `level` None, one bundle of entries; partial when `width` is below 256."""

    level: int | None
    index: int
    width: int = TILE_WIDTH

    @property
    def path(self) -> str:
        """The path below `tile/`, such as `0/x001/x234/067` or `entries/000.p/12`."""
        digits = f"{self.index:03d}"
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[start : start + 3] for start in range(0, len(digits), 3)]
        number = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
        level = "entries" if self.level is None else str(self.level)
        return f"{level}/{number}" + (f".p/{self.width}" if self.width < TILE_WIDTH else "")

    @property
    def first(self) -> int:
        """The index, within its level, of the first hash or entry."""
        return self.index * TILE_WIDTH

    @property
    def subtrees(self) -> list[Subtree]:
        """The complete subtrees whose hashes the tile holds, left to right."""
        level = TILE_HEIGHT * (self.level or 0)
        return [Subtree(level, self.first + offset) for offset in range(self.width)]

    def is_within(self, size: int) -> bool:
        """Whether a tree of `size` leaves has everything this tile holds."""
        return (self.first + self.width) << (TILE_HEIGHT * (self.level or 0)) <= size


def parse_tile_path(path: str) -> Tile:
    """Read a path below `tile/`. Raises TileRejected for anything but the one way to write it."""
    match = _PATH.fullmatch(path)
    if match is None:
        raise TileRejected("A tile path looks like 0/x001/234 or entries/000.p/12.")
    level = None if match["level"] == "entries" else int(match["level"])
    tile = Tile(
        level, int(match["index"].replace("x", "").replace("/", "")), int(match["width"] or TILE_WIDTH)
    )
    if (level or 0) > MAX_LEVEL or tile.path != path:
        raise TileRejected("There is no such tile path.")
    return tile


def tiles_of(size: int) -> Iterator[Tile]:
    """All tiles and entry bundles of a tree of `size` leaves, the partial ones at the right edge included."""
    for level in (None, *range(MAX_LEVEL + 1)):
        count = size >> (TILE_HEIGHT * (level or 0))
        for index in range(count // TILE_WIDTH):
            yield Tile(level, index)
        if count % TILE_WIDTH:
            yield Tile(level, count // TILE_WIDTH, count % TILE_WIDTH)


def encode_bundle(entries: Iterable[bytes]) -> bytes:
    """An entry bundle: each entry behind its length as a big-endian 16-bit number."""
    bundle = bytearray()
    for entry in entries:
        if len(entry) > MAX_ENTRY_BYTES:
            raise TileRejected("An entry is too long for a bundle.")
        bundle += len(entry).to_bytes(2, "big") + entry
    return bytes(bundle)


def decode_bundle(bundle: bytes) -> list[bytes]:
    """The entries of a bundle. Raises TileRejected when it is cut short."""
    entries = []
    offset = 0
    while offset < len(bundle):
        length = int.from_bytes(bundle[offset : offset + 2], "big")
        begin, offset = offset + 2, offset + 2 + length
        if offset > len(bundle):
            raise TileRejected("The entry bundle is cut short.")
        entries.append(bundle[begin:offset])
    return entries
