"""Takes a session's stream apart again: H.264 access units and AAC frames out of its fragments."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from generation.live.fragments import FRAME_UNITS, PICTURE_TRACK, SOUND_FRAME, SOUND_RATE, SOUND_TRACK

_START_CODE: Final = b"\x00\x00\x00\x01"
_NON_SYNC: Final = 0x010000


class StreamUnreadable(Exception):
    """What came is no piece of a session's stream."""


@dataclass(frozen=True)
class Piece:
    """One encoded frame: H.264 with start codes (annex B) or AAC without a header."""

    is_picture: bool
    time: int
    time_base: Fraction
    data: bytes


class StreamReader:
    """Reads the messages of one stream in order; the first is its head."""

    def __init__(self, fps: int) -> None:
        self._fps = fps
        self._parameter_sets: bytes | None = None

    def read(self, message: bytes) -> Piece | None:
        """The frame of a message; None for the head. Raises StreamUnreadable."""
        try:
            if self._parameter_sets is None:
                self._parameter_sets = _parameter_sets(message)
                return None
            return self._fragment(message)
        except (struct.error, ValueError, IndexError) as error:
            raise StreamUnreadable from error

    def _fragment(self, message: bytes) -> Piece:
        (track,) = struct.unpack_from(">I", message, message.index(b"tfhd") + 8)
        (time,) = struct.unpack_from(">Q", message, message.index(b"tfdt") + 8)
        (flags,) = struct.unpack_from(">I", message, message.index(b"trun") + 24)
        data = message[message.index(b"mdat") + 4 :]
        if track == SOUND_TRACK:
            return Piece(is_picture=False, time=time, time_base=Fraction(1, SOUND_RATE), data=data)
        if track != PICTURE_TRACK:
            raise ValueError
        # Decoders join at any key frame: the parameter sets stand before each.
        sets = b"" if flags & _NON_SYNC else self._parameter_sets or b""
        base = Fraction(1, self._fps * FRAME_UNITS)
        return Piece(is_picture=True, time=time, time_base=base, data=sets + with_start_codes(data))


def with_start_codes(data: bytes) -> bytes:
    """Units behind their lengths (14496-15), each behind a start code instead."""
    units, at = [], 0
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        if not 0 < length <= len(data) - at - 4:
            raise ValueError
        units.append(_START_CODE + data[at + 4 : at + 4 + length])
        at += 4 + length
    return b"".join(units)


def _parameter_sets(head: bytes) -> bytes:
    """Sequence and picture parameter sets of the head's `avcC`, with start codes."""
    at = head.index(b"avcC") + 4 + 5
    found: list[bytes] = []
    for mask in (0x1F, 0xFF):
        count, at = head[at] & mask, at + 1
        for _ in range(count):
            (length,) = struct.unpack_from(">H", head, at)
            found.append(_START_CODE + head[at + 2 : at + 2 + length])
            at += 2 + length
    return b"".join(found)


SOUND_FRAME_S: Final = Fraction(SOUND_FRAME, SOUND_RATE)
# AudioSpecificConfig (14496-3, 1.6.2.1) of what `FragmentWriter` encodes: AAC-LC, 48 000 Hz, one channel.
SOUND_CONFIG: Final = b"\x11\x88"
