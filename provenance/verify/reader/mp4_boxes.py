"""Look at the top-level boxes of an MP4: data that no C2PA signature covers, and whether it is all there."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

# The hard binding leaves these out, because writers pad with them. Nothing but zeros belongs inside.
_UNCOVERED = {b"free", b"skip"}
_HEADER, _LARGE_HEADER = 8, 16
_PIECE = 1 << 20
_MOST_BOXES = 10_000
_SEGMENT_BOXES = {b"sidx", b"uuid", b"emsg", b"prft", b"moof"}  # that may stand before a segment's media
MOST_SEGMENTS = 400
_MANIFEST = b"manifest\0"  # the purpose of the box with the manifests
_LARGEST_INDEX = 1 << 20  # that of a segmented video holds no samples, and is small


def has_hidden_data(path: Path) -> bool:
    """Whether a top-level `free` or `skip` box of an MP4 holds anything but zeros.

    Reads headers and those boxes only; a file that is no MP4 or breaks off gives what was seen until then.
    """
    with path.open("rb") as file:
        return any(
            _holds_more_than_zeros(file, size) for kind, size in top_level_boxes(file) if kind in _UNCOVERED
        )


def is_part(path: Path) -> bool:
    """Whether an MP4 is one part of a video in several: the beginning without segments, or segments alone."""
    with path.open("rb") as file:
        kinds, announces_segments = set(), False
        for kind, size in top_level_boxes(file):
            kinds.add(kind)
            if kind == b"moov":
                announces_segments = b"mvex" in file.read(min(size, _LARGEST_INDEX))
    if b"moov" in kinds:
        return announces_segments and not kinds & {b"mdat", b"moof"}
    return b"moof" in kinds


def segments(path: Path) -> list[tuple[int, int]]:
    """Offset and bytes of the segments behind the beginning of a segmented MP4, where both are in one file.

    Empty for everything else. A segment begins with `styp`, or with the first box after other media.
    """
    starts: list[int] = []
    offset, former, announces_segments = 0, b"", False
    with path.open("rb") as file:
        for kind, size in top_level_boxes(file):
            start, offset = offset, file.tell() + size
            if kind == b"moov":
                announces_segments = b"mvex" in file.read(min(size, _LARGEST_INDEX))
            elif kind == b"uuid" and _MANIFEST in file.read(min(size, 64)):
                continue  # it belongs to the beginning
            elif former and (kind == b"styp" or (former in {b"mdat", b"moov"} and kind in _SEGMENT_BOXES)):
                starts.append(start)
            former = kind if kind == b"moov" or former else b""
    if not announces_segments or len(starts) > MOST_SEGMENTS:
        return []
    return [(start, end - start) for start, end in pairwise([*starts, offset])]


def top_level_boxes(file: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Type and payload size of each top-level box, the file standing at the payload."""
    end = file.seek(0, 2)
    offset = 0
    for _ in range(_MOST_BOXES):
        if offset >= end:  # a size may be larger than any file, and than what can be sought
            return
        file.seek(offset)
        header = file.read(_HEADER)
        if len(header) < _HEADER:
            return
        size, kind = struct.unpack(">I4s", header)
        header_size = _HEADER
        if size == 1:
            large = file.read(_LARGE_HEADER - _HEADER)
            if len(large) < _LARGE_HEADER - _HEADER:
                return
            (size,) = struct.unpack(">Q", large)
            header_size = _LARGE_HEADER
        elif size == 0:
            size = end - offset
        if size < header_size:
            return
        yield kind, min(size, end - offset) - header_size
        offset += size


def _holds_more_than_zeros(file: BinaryIO, size: int) -> bool:
    while size > 0:
        piece = file.read(min(size, _PIECE))
        if not piece:
            return False
        if any(piece):
            return True
        size -= len(piece)
    return False
