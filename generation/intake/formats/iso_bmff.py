"""ISO base media files: MP4, QuickTime, 3GP and the pictures HEIC and AVIF, told apart by their boxes.

Brands alone do not tell: Android writes `mp42` and Samsung `3gp4` for a voice memo, browsers `iso5`, and old
QuickTime files have no brands at all. What counts is which boxes a file holds and which tracks.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from generation.intake.formats.media_format import AVIF, HEIF, JPEG2000, MP4, MediaFormat

BEGINNINGS = frozenset({b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot", b"styp", b"moof"})
_CONTAINERS = frozenset({b"moov", b"trak", b"mdia", b"meta", b"iprp", b"ipco"})
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"})
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
MOST_BOXES, MOST_DEPTH = 2_000, 8


@dataclass(frozen=True)
class Box:
    """A box: its four letters, and where its content lies in the file."""

    kind: bytes
    start: int
    end: int


@dataclass(frozen=True)
class CodedColour:
    """Code points of ITU-T H.273 for how samples are to be understood."""

    primaries: int
    transfer: int


def iso_format(file: BinaryIO, size: int) -> MediaFormat | None:
    """The format of an ISO base media file of `size` bytes, or None when it is none that intake reads."""
    head = _read(file, 0, 16)
    if head[:12] == b"\0\0\0\x0cjP  \r\n\x87\n":
        return JPEG2000
    if len(head) < 12 or head[4:8] not in BEGINNINGS:
        return None
    brands: set[bytes] = set()
    kinds = set()
    has_sound = has_picture_item = False
    for box in boxes(file, 0, size):
        kinds.add(box.kind)
        if box.kind == b"ftyp":
            data = _read(file, box.start, min(box.end - box.start, 512))
            brands |= {data[:4], *(data[place : place + 4] for place in range(8, len(data) - 3, 4))}
        elif box.kind == b"hdlr":
            has_sound |= _read(file, box.start + 8, 4) == b"soun"
            has_picture_item |= _read(file, box.start + 8, 4) == b"pict"
    if has_sound or kinds & {b"moof"}:
        return MP4
    if brands & _AVIF_BRANDS:
        return AVIF
    if brands & _HEIF_BRANDS or (has_picture_item and b"meta" in kinds):
        return HEIF
    # Without an index or with pictures alone the reader says what is missing.
    return MP4 if kinds & {b"moov", b"mdat"} else None


def coded_colour(file: BinaryIO, size: int) -> CodedColour | None:
    """What the first `colr` box of a HEIC or AVIF picture says as code points; None when it has a profile."""
    for box in boxes(file, 0, size):
        if box.kind == b"colr":
            data = _read(file, box.start, 8)
            if data[:4] == b"nclx" and len(data) == 8:
                return CodedColour(*struct.unpack(">HH", data[4:8]))
            return None
    return None


def is_stream_cut_off(file: BinaryIO, size: int) -> bool:
    """Whether a file of fragments does not end where its outermost boxes do, or has a part gone.

    Fragments state no length of the whole. Files with an index do, and may have anything behind it.
    """
    place, has_fragments = 0, False
    length: int
    kind: bytes
    while place + 8 <= size:
        head = _read(file, place, 16)
        length, kind = struct.unpack(">I4s", head[:8])
        has_fragments = has_fragments or kind == b"moof"
        if length == 1 and len(head) == 16:
            length = struct.unpack(">Q", head[8:])[0]
        is_box = length >= 8 and all(0x20 <= letter < 0x7F for letter in kind)
        if not is_box or place + length > size:
            return has_fragments
        place += length
    return has_fragments and place != size


def boxes(file: BinaryIO, start: int, end: int) -> Iterator[Box]:
    """The boxes of a file from outside to inside, those of tracks and picture properties included."""
    left = [MOST_BOXES]
    yield from _boxes(file, start, end, left, 0)


def _boxes(file: BinaryIO, start: int, end: int, left: list[int], depth: int) -> Iterator[Box]:
    while start + 8 <= end and left[0] > 0:
        left[0] -= 1
        head = _read(file, start, 16)
        if len(head) < 8:
            return
        length, kind = struct.unpack(">I4s", head[:8])
        header = 8
        if length == 1 and len(head) == 16:
            length, header = struct.unpack(">Q", head[8:])[0], 16
        elif length == 0:
            length = end - start
        if length < header:
            return
        box = Box(kind, start + header, min(start + length, end))
        yield box
        if kind in _CONTAINERS and depth < MOST_DEPTH:
            # `meta` is a full box in ISO files: four bytes of version and flags come first.
            skip = 4 if kind == b"meta" and _read(file, box.start + 4, 4) != b"hdlr" else 0
            yield from _boxes(file, box.start + skip, box.end, left, depth + 1)
        start += length


def _read(file: BinaryIO, place: int, length: int) -> bytes:
    file.seek(place)
    return file.read(length)
