"""Missing time: where a recording has lost sound, found from what its container says about itself."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from generation.intake.formats.mpeg_audio import (
    adts_frame_bytes,
    behind_tags,
    mp3_frame_bytes,
    stated_mp3_frames,
)

_SEGMENT, _INFO, _CLUSTER = 0x18538067, 0x1549A966, 0x1F43B675
_DURATION, _SCALE, _BLOCK_GROUP = 0x4489, 0x2AD7B1, 0xA0
# ISO/IEC 14496-3, table 1.18; what is behind them is reserved.
_ADTS_RATES = (
    96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350,
)  # fmt: skip


@dataclass(frozen=True)
class Gap:
    """Sound that is missing: `at_s` seconds into what is there, `length_s` long."""

    at_s: float
    length_s: float


@dataclass(frozen=True)
class Statement:
    """What a container says about its sound: seconds (None: nothing), and whether its end is cut off.

    `held_s` is how much of the stated sound is there, where bytes tell.
    """

    stated_s: float | None
    is_cut_off: bool
    held_s: float | None = None


def gaps_between_frames(file: BinaryIO, size: int, container: str) -> tuple[list[Gap], float]:
    """Holes in an MP3 or ADTS file, and the seconds of the frames that are there.

    The end that an MP3's header states and the file lacks is one of the holes.

    Frames follow each other without a gap; bytes between two that are of neither are frames that were lost.
    """
    frame_bytes = mp3_frame_bytes if container == "mp3" else adts_frame_bytes
    place = behind_tags(file, size)
    file.seek(0)
    data = file.read(size)
    frames, frames_bytes, hole, frame_s = 0, 0, 0, 0.0
    holes: list[tuple[float, int]] = []
    while place < len(data) - 7:
        length = frame_bytes(data[place : place + 8])
        is_frame = length and (not hole or _is_start(data, place, length, frame_bytes))
        if is_frame:
            if hole and frames:
                holes.append((frames * frame_s, hole))
            hole, frame_s = 0, _frame_s(data[place : place + 8], container)
            if place + length > len(data):
                break
            frames, frames_bytes = frames + 1, frames_bytes + length
            place += length
        else:
            hole, place = hole + 1, place + 1
    if not frames:
        return [], 0.0
    is_last_cut_off = place < len(data) - 7
    mean = frames_bytes / frames
    found = [Gap(at_s, max(1, round(missing / mean)) * frame_s) for at_s, missing in holes]
    stated = stated_mp3_frames(file, size) if container == "mp3" else None
    if stated is not None:
        # The frame that holds the header is among those counted here and not among those it states.
        lost_s = (stated - (frames - 1)) * frame_s - sum(gap.length_s for gap in found)
        if lost_s >= frame_s and found and not is_last_cut_off:
            # Frames before a hole and behind it are of different sizes: it held more than its bytes say.
            found[0] = Gap(found[0].at_s, found[0].length_s + lost_s)
        elif lost_s >= frame_s:
            found.append(Gap(frames * frame_s, lost_s))
    elif is_last_cut_off:
        found.append(Gap(frames * frame_s, frame_s))
    return found, frames * frame_s


def ogg_statement(file: BinaryIO, size: int) -> Statement:
    """Whether an Ogg file ends in the middle of a page; its length is where its last page says."""
    file.seek(0)
    data = file.read(size)
    place = end = data.rfind(b"OggS")
    if 0 <= place <= len(data) - 27:
        count = data[place + 26]
        end = place + 27 + count + sum(data[place + 27 : place + 27 + count])
    return Statement(None, is_cut_off=place < 0 or end > len(data) or place + 27 > len(data))


def matroska_statement(file: BinaryIO, size: int) -> Statement:
    """The duration that a WebM or Matroska file states, if any, and whether its last element is cut off."""
    place, end, scale, duration = 0, size, 1_000_000, None
    while place < end:
        element = _element(file, place)
        if element is None:
            return Statement(None, is_cut_off=place + 12 <= end)
        name, start, length = element
        if name == _SEGMENT and length is not None:
            if start + length > size:
                return Statement(None, is_cut_off=True)
            end = start + length
        if name in {_SEGMENT, _INFO} or (name in {_CLUSTER, _BLOCK_GROUP} and length is None):
            place = start
            continue
        if length is None or start + length > size:
            return Statement(duration, is_cut_off=True)
        if name in {_SCALE, _DURATION}:
            file.seek(start)
            data = file.read(min(length, 8))
            if name == _SCALE:
                scale = int.from_bytes(data, "big") or scale
            elif len(data) in {4, 8}:
                ticks = struct.unpack(">f" if len(data) == 4 else ">d", data)[0]
                duration = ticks * scale / 1e9 if ticks > 0 else None
        place = start + length
    return Statement(duration, is_cut_off=False)


def _element(file: BinaryIO, place: int) -> tuple[int, int, int | None] | None:
    """An EBML element's name, where its content begins, and its length; None for a length not known."""
    file.seek(place)
    head = file.read(12)
    if not head or not head[0]:
        return None
    name_bytes = 9 - head[0].bit_length()
    if name_bytes > 4 or len(head) <= name_bytes or not head[name_bytes]:
        return None
    length_bytes = 9 - head[name_bytes].bit_length()
    if len(head) < name_bytes + length_bytes:
        return None
    name = int.from_bytes(head[:name_bytes], "big")
    value = int.from_bytes(head[name_bytes : name_bytes + length_bytes], "big")
    mask = (1 << 7 * length_bytes) - 1
    length = value & mask
    return name, place + name_bytes + length_bytes, None if length == mask else length


def _is_start(data: bytes, place: int, length: int, frame_bytes: Callable[[bytes], int]) -> bool:
    """Whether a frame that follows a hole is one: another follows it, or the end of the file."""
    following = place + length
    return following + 8 > len(data) or frame_bytes(data[following : following + 8]) > 0


def _frame_s(head: bytes, container: str) -> float:
    if container != "mp3":
        return 1024 / _ADTS_RATES[head[2] >> 2 & 15]
    version, layer = head[1] >> 3 & 3, 4 - (head[1] >> 1 & 3)
    rate = (44_100, 48_000, 32_000)[head[2] >> 2 & 3] >> (0 if version == 3 else 1 if version == 2 else 2)
    samples = 384 if layer == 1 else 576 if layer == 3 and version != 3 else 1152
    return samples / rate
