"""MPEG audio without a container: MP3 and AAC (ADTS), behind whatever tags stand before them."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import BinaryIO

from generation.intake.formats.media_format import ADTS, MP3, MediaFormat

LOOKED_AT_BYTES = 64 * 1024  # behind the tags, for the first frames
FRAMES_IN_A_ROW = 3
MOST_TAGS = 8
_RATES = (44_100, 48_000, 32_000)
_BITRATES = {  # kbit/s by (is MPEG-1, layer)
    (True, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}


def mpeg_audio_format(file: BinaryIO, size: int) -> MediaFormat | None:
    """MP3 or ADTS when several frames follow each other near the beginning; None otherwise."""
    data = _beginning(file, size)
    for place in range(len(data) - 7):
        if data[place] != 0xFF or data[place + 1] & 0xE0 != 0xE0:
            continue
        for length_of, found in ((adts_frame_bytes, ADTS), (mp3_frame_bytes, MP3)):
            if _follow_each_other(data, place, length_of):
                return found
    return None


def stated_mp3_frames(file: BinaryIO, size: int) -> int | None:
    """How many frames the Xing, Info or VBRI header of an MP3 states, the header's own not counted."""
    data = _beginning(file, size)[:4096]
    for name, offset in ((b"Xing", 8), (b"Info", 8), (b"VBRI", 14)):
        place = data.find(name)
        if place < 0 or place + offset + 4 > len(data):
            continue
        if name != b"VBRI" and not data[place + 7] & 1:
            return None
        return int(struct.unpack(">I", data[place + offset : place + offset + 4])[0])
    return None


def mp3_frame_bytes(head: bytes) -> int:
    """The length of the MPEG audio frame that begins with `head`, 0 when none begins there."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return 0
    version, layer = head[1] >> 3 & 3, 4 - (head[1] >> 1 & 3)
    bitrate, rate = head[2] >> 4, head[2] >> 2 & 3
    if version == 1 or layer == 4 or bitrate in {0, 15} or rate == 3:
        return 0
    kbits = _BITRATES[version == 3, layer][bitrate - 1]
    hertz = _RATES[rate] >> (0 if version == 3 else 1 if version == 2 else 2)
    padding = head[2] >> 1 & 1
    if layer == 1:
        return (12_000 * kbits // hertz + padding) * 4
    return (72_000 if layer == 3 and version != 3 else 144_000) * kbits // hertz + padding


def adts_frame_bytes(head: bytes) -> int:
    """The length of the ADTS frame that begins with `head`, 0 when none begins there."""
    if len(head) < 6 or head[0] != 0xFF or head[1] & 0xF6 != 0xF0 or head[2] >> 2 & 15 > 12:
        return 0
    length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    return length if length > 7 else 0


def _follow_each_other(data: bytes, place: int, length_of: Callable[[bytes], int]) -> bool:
    for _ in range(FRAMES_IN_A_ROW):
        length = length_of(data[place : place + 8])
        if not length:
            return False
        place += length
    return True


def behind_tags(file: BinaryIO, size: int) -> int:
    """Where the sound begins: behind all ID3v2 and APEv2 tags, at most `size`."""
    place = 0
    for _ in range(MOST_TAGS):
        file.seek(place)
        head = file.read(32)
        if head[:3] == b"ID3" and len(head) >= 10:
            length = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
            place += 10 + length + (10 if head[5] & 0x10 else 0)
        elif head[:8] == b"APETAGEX" and len(head) >= 16:
            place += 32 + int(struct.unpack("<I", head[12:16])[0])
        else:
            break
    return min(place, size)


def _beginning(file: BinaryIO, size: int) -> bytes:
    file.seek(behind_tags(file, size))
    return file.read(LOOKED_AT_BYTES)
