"""Picture files that a few first bytes tell."""

from __future__ import annotations

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
    (b"II*\0", TIFF),
    (b"MM\0*", TIFF),
    (b"\xff\x4f\xff\x51", JPEG2000),
)
_BMP_HEADER_BYTES = frozenset({12, 40, 52, 56, 64, 108, 124})


def picture_format(head: bytes) -> MediaFormat | None:
    """The picture format that begins with `head`, or None. HEIC, AVIF and boxed JPEG 2000: see `iso_bmff`."""
    for beginning, found in _BEGINNINGS:
        if head.startswith(beginning):
            return found
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head[:2] == b"BM" and len(head) >= 18 and int.from_bytes(head[14:18], "little") in _BMP_HEADER_BYTES:
        return BMP
    return None
