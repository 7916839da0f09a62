"""Containers that a few bytes tell: Matroska and WebM, Ogg, FLAC, CAF, AMR, ASF, GSM, AVI, MPEG streams."""

from __future__ import annotations

from typing import BinaryIO

from generation.intake.formats.media_format import (
    AMR,
    ASF,
    AU,
    AVI,
    CAF,
    FLAC,
    GSM,
    MATROSKA,
    MPEG_PS,
    MPEG_TS,
    OGG,
    MediaFormat,
)
from generation.intake.formats.mpeg_audio import behind_tags

_BEGINNINGS = (
    (b"OggS", OGG),
    (b"fLaC", FLAC),
    (b"caff\0\x01", CAF),
    (b"#!AMR\n", AMR),
    (b"#!AMR-WB\n", AMR),
    (b".snd\0\0", AU),
    (b"\0\0\x01\xba", MPEG_PS),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c", ASF),
)


# Packets of a transport stream begin with this, every so many bytes and behind so many (camcorders put a time
# before each). A telephone's GSM frames begin with the same four bits.
_TS_SYNC, _TS_PACKETS = 0x47, ((188, 0), (192, 4))
_GSM_FRAME_BYTES, _GSM_MARK = 33, 0xD0
PACKETS_IN_A_ROW = 8


def container_format(head: bytes) -> MediaFormat | None:
    """The container that begins with `head`, or None."""
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return AVI
    for beginning, found in _BEGINNINGS:
        if head.startswith(beginning):
            return found
    if head[:4] == b"\x1a\x45\xdf\xa3" and (b"webm" in head[:64] or b"matroska" in head[:64]):
        return MATROSKA
    return None


def tagged_format(file: BinaryIO, size: int) -> MediaFormat | None:
    """FLAC where a tag stands before it that was made for MP3, or None."""
    place = behind_tags(file, size)
    file.seek(place)
    return FLAC if place and file.read(4) == b"fLaC" else None


def packet_format(file: BinaryIO, size: int) -> MediaFormat | None:
    """A stream of packets that each begin with the same mark, or None: MPEG transport stream, or GSM."""
    file.seek(0)
    data = file.read(min(size, PACKETS_IN_A_ROW * 192 + 4))
    for length, first in _TS_PACKETS:
        marks = data[first::length][:PACKETS_IN_A_ROW]
        if marks == bytes([_TS_SYNC]) * PACKETS_IN_A_ROW:
            return MPEG_TS
    marks = data[::_GSM_FRAME_BYTES]
    is_gsm = len(marks) >= PACKETS_IN_A_ROW and all(mark & 0xF0 == _GSM_MARK for mark in marks)
    return GSM if is_gsm else None
