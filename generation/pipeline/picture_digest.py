"""A digest of encoded pictures that does not depend on how a file wraps them: what was encoded can be
compared with what a finished file holds, without decoding it."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import av

from generation.pipeline.decode import DecodingFailed, decoder_errors, video_stream_of

_START_CODE: Final = b"\x00\x00\x01"
_SIZE_BYTES: Final = 4  # before each NAL unit in our MP4 files


class PictureDigest:
    """SHA-256 over the NAL units of pictures, which of them are key frames, and when they are shown."""

    def __init__(self) -> None:
        self._sha256 = hashlib.sha256()

    def add(self, units: Iterable[bytes], *, pts: int, is_key: bool) -> None:
        """The next picture in the order of decoding, shown at frame number `pts` of the video."""
        for unit in units:
            self._sha256.update(struct.pack(">I", len(unit)))
            self._sha256.update(unit)
        self._sha256.update(struct.pack(">Iq?", 0, pts, is_key))  # no NAL unit is empty

    def hexdigest(self) -> str:
        """Lower-case hexadecimal, of the pictures so far."""
        return self._sha256.hexdigest()


def digest_of_file(path: Path) -> str:
    """The digest of the pictures in an MP4 file with a constant frame rate. Decodes nothing.

    Raises DecodingFailed when the file cannot be read.
    """
    digest = PictureDigest()
    with decoder_errors(), av.open(str(path)) as container:
        stream = video_stream_of(container)
        for packet in container.demux(stream):
            if packet.size:
                digest.add(
                    length_prefixed_units(bytes(packet)),
                    pts=_frame_number(packet, stream),
                    is_key=packet.is_keyframe,
                )
    return digest.hexdigest()


def annex_b_units(data: bytes) -> list[bytes]:
    """The NAL units of a picture as encoders give it, between start codes (ITU-T H.264, annex B)."""
    # A unit never ends with a zero: one before a start code belongs to that.
    return [unit for part in data.split(_START_CODE) if (unit := part.rstrip(b"\x00"))]


def length_prefixed_units(data: bytes) -> list[bytes]:
    """The NAL units of a picture as MP4 files hold it, each behind its size (ISO/IEC 14496-15).

    Raises DecodingFailed where sizes and data disagree.
    """
    units, at = [], 0
    while at + _SIZE_BYTES <= len(data):
        end = at + _SIZE_BYTES + int.from_bytes(data[at : at + _SIZE_BYTES], "big")
        units.append(data[at + _SIZE_BYTES : end])
        at = end
    if at != len(data):
        raise DecodingFailed("The pictures of the video are not whole.")
    return units


def _frame_number(packet: Any, stream: Any) -> int:
    if packet.pts is None or not stream.average_rate:
        raise DecodingFailed("The pictures of the video have no times.")
    number: int = round((packet.pts - (stream.start_time or 0)) * stream.time_base * stream.average_rate)
    return number
