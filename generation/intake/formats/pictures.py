"""Picture files that a few first bytes tell, and TIFF, which cameras also use for what their sensors saw."""

from __future__ import annotations

import struct
from typing import BinaryIO

from generation.intake.formats.media_format import (
    BMP,
    GIF,
    JPEG,
    JPEG2000,
    PNG,
    TIFF,
    WEBP,
    MediaFormat,
)

_BEGINNINGS = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"\xff\x4f\xff\x51", JPEG2000),
)
_BMP_HEADER_BYTES = frozenset({12, 40, 52, 56, 64, 108, 124})


_TIFF_ORDERS = {b"II*\0": "<", b"MM\0*": ">"}
_BIG_TIFF = (b"II+\0\x08\0\0\0", b"MM\0+\0\x08\0\0")
_SUBFILE, _SUB_DIRECTORIES, _DNG_VERSION = 254, 330, 50_706
_CANON_RAW = b"CR\x02"
MOST_TAGS = 200


def tiff_format(file: BinaryIO, size: int) -> MediaFormat | None:
    """TIFF, or None: also for raw files of cameras, whose first picture is a preview of a few pixels."""
    file.seek(0)
    head = file.read(16)
    if head[:8] in _BIG_TIFF:
        return TIFF
    order = _TIFF_ORDERS.get(head[:4])
    if order is None or len(head) < 16:
        return None
    place = struct.unpack(f"{order}I", head[4:8])[0]
    file.seek(min(place, size))
    count_bytes = file.read(2)
    count = struct.unpack(f"{order}H", count_bytes)[0] if len(count_bytes) == 2 else 0
    entries = file.read(12 * min(count, MOST_TAGS))
    tags = {
        tag: value
        for tag, _, _, value in struct.iter_unpack(f"{order}HHII", entries[: len(entries) // 12 * 12])
    }
    is_preview = tags.get(_SUBFILE, 0) & 1 and _SUB_DIRECTORIES in tags
    if head[8:11] == _CANON_RAW or _DNG_VERSION in tags or is_preview:
        return None
    return TIFF


def picture_format(head: bytes) -> MediaFormat | None:
    """The picture format that begins with `head`, or None. HEIC, AVIF, boxed JPEG 2000: see `iso_bmff`."""
    for beginning, found in _BEGINNINGS:
        if head.startswith(beginning):
            return found
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head[:2] == b"BM" and len(head) >= 18 and int.from_bytes(head[14:18], "little") in _BMP_HEADER_BYTES:
        return BMP
    return None
