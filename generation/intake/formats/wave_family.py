"""The WAV family (RIFF, RF64, AVI, Wave64, CAF, AU, AIFF): how many bytes of sound they state and hold."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import BinaryIO

from generation.intake.formats.media_format import AIFF, W64, WAV, MediaFormat

# Programs that write to a pipe cannot know the length: none, the largest number, or near it (speech
# synthesisers and converters write 0x7ffff000 and 0x80000000, each with or without the header's bytes).
_UNSTATED_FROM = 0x7FFFF000 - 256
MOST_CHUNKS = 1_000
_PLAIN_CODECS = frozenset({1, 3, 0xFFFE})
_AU_SAMPLE_BYTES = {1: 1, 2: 1, 3: 2, 4: 3, 5: 4, 6: 4, 7: 8, 27: 1}  # mu-law, linear, floating, A-law
_W64_REST = b"\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a"


@dataclass(frozen=True)
class SoundBytes:
    """Bytes of sound that a file states and that it holds; `stated` is None where it does not say."""

    stated: int | None
    held: int
    bytes_per_second: float


def is_avi_cut_off(file: BinaryIO, size: int) -> bool:
    """Whether an AVI of `size` bytes ends before it says so; one that was being recorded says nothing."""
    file.seek(4)
    head = file.read(4)
    length = int(struct.unpack("<I", head)[0]) if len(head) == 4 else 0
    return length < _UNSTATED_FROM and length + 8 > size + 1  # the byte that makes the length even


def wave_format(head: bytes) -> MediaFormat | None:
    """The format of a file of the family by its first bytes, or None."""
    if head[:4] in {b"RIFF", b"RF64", b"BW64"} and head[8:12] == b"WAVE":
        return WAV
    if head[:16] == b"riff.\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00":
        return W64
    if head[:4] == b"FORM" and head[8:12] in {b"AIFF", b"AIFC"}:
        return AIFF
    return None


def sound_bytes(file: BinaryIO, size: int, container: str) -> SoundBytes | None:
    """What a file of `size` bytes states and holds; None when it has no sound.

    `container` is "wav", "w64", "caf" or "au". `bytes_per_second` is 0 where packets are of different sizes.
    """
    return {"wav": _riff, "w64": _wave64, "caf": _caf, "au": _au}[container](file, size)


def _wave64(file: BinaryIO, size: int) -> SoundBytes | None:
    place, rate = 40, 0
    for _ in range(MOST_CHUNKS):
        if place >= size:
            return None
        file.seek(place)
        head = file.read(40)
        if len(head) < 24:
            return None
        length = struct.unpack("<Q", head[16:24])[0]
        if head[:16] == b"fmt " + _W64_REST and len(head) >= 36:
            rate = struct.unpack("<I", head[32:36])[0]
        elif head[:16] == b"data" + _W64_REST:
            held = size - place - 24
            stated = length - 24 if 24 < length < 1 << 62 else None
            return SoundBytes(stated, held if stated is None else min(held, stated), rate)
        place += (max(length, 24) + 7) // 8 * 8
    return None


def _caf(file: BinaryIO, size: int) -> SoundBytes | None:
    place, rate = 8, 0.0
    for _ in range(MOST_CHUNKS):
        if place >= size:
            return None
        file.seek(place)
        head = file.read(12)
        if len(head) < 12:
            return None
        name, length = struct.unpack(">4sq", head)
        if name == b"desc" and len(data := file.read(24)) == 24:
            hertz, packet_bytes, packet_frames = (
                *struct.unpack(">d", data[:8]),
                *struct.unpack(">II", data[16:]),
            )
            rate = hertz * packet_bytes / packet_frames if packet_frames else 0.0
        elif name == b"data":
            held = size - place - 16
            stated = length - 4 if length >= 4 else None
            return SoundBytes(stated, held if stated is None else min(held, stated), rate)
        place += 12 + max(length, 0)
    return None


def _au(file: BinaryIO, size: int) -> SoundBytes | None:
    file.seek(4)
    head = file.read(20)
    if len(head) < 20:
        return None
    start, length, coding, hertz, channels = struct.unpack(">5I", head)
    if start > size:
        return None
    stated = length if 0 < length < _UNSTATED_FROM else None
    held = size - start
    rate = hertz * channels * _AU_SAMPLE_BYTES.get(coding, 0)
    return SoundBytes(stated, held if stated is None else min(held, stated), rate)


def _riff(file: BinaryIO, size: int) -> SoundBytes | None:
    place, rate, stated_64 = 12, 0, None
    for _ in range(MOST_CHUNKS):
        if place >= size:
            return None
        file.seek(place)
        head = file.read(8)
        if len(head) < 8:
            return None
        name, length = struct.unpack("<4sI", head)
        if name == b"ds64":
            data = file.read(24)
            if len(data) >= 16:
                stated_64 = struct.unpack("<Q", data[8:16])[0]
        elif name == b"fmt ":
            data = file.read(16)
            if len(data) >= 14:
                # Of samples that are not coded, the frame tells; programs forget the rate of bytes.
                codec, _, hertz, rate, frame_bytes = struct.unpack("<HHIIH", data[:14])
                rate = hertz * frame_bytes if codec in _PLAIN_CODECS else rate
        elif name == b"data":
            stated: int | None = length
            if length == 0xFFFFFFFF and stated_64 is not None:
                stated = stated_64
            elif length == 0 or length >= _UNSTATED_FROM:
                stated = None
            held = size - place - 8
            return SoundBytes(stated, held if stated is None else min(held, stated), rate)
        place += 8 + length + length % 2
    return None
