"""Sound containers that a few first bytes tell: Matroska and WebM, Ogg, FLAC, CAF, AMR, ASF."""

from __future__ import annotations

from generation.intake.formats.media_format import AMR, ASF, CAF, FLAC, MATROSKA, OGG, MediaFormat

_BEGINNINGS = (
    (b"OggS", OGG),
    (b"fLaC", FLAC),
    (b"caff\0\x01", CAF),
    (b"#!AMR\n", AMR),
    (b"#!AMR-WB\n", AMR),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c", ASF),
)


def container_format(head: bytes) -> MediaFormat | None:
    """The sound container that begins with `head`, or None."""
    for beginning, found in _BEGINNINGS:
        if head.startswith(beginning):
            return found
    if head[:4] == b"\x1a\x45\xdf\xa3" and (b"webm" in head[:64] or b"matroska" in head[:64]):
        return MATROSKA
    return None
