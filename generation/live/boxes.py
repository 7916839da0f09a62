"""Fragments of MP4 (ISO/IEC 14496-12, 8.8), one sample each, and H.264 as MP4 holds it (14496-15, 5.3)."""

from __future__ import annotations

import re
import struct
from typing import Final

# Of a sample that others need, and of one that needs others (sample_depends_on, is_non_sync).
_SYNC: Final = 0x02000000
_DEPENDENT: Final = 0x01010000
_BASE_IS_MOOF: Final = 0x020000
_TRUN_FIELDS: Final = 0x000701  # data offset; duration, size and flags of each sample
_START_CODE: Final = re.compile(rb"\x00\x00\x00?\x01")


def fragment(*, number: int, track_id: int, time: int, duration: int, data: bytes, is_sync: bool) -> bytes:
    """A fragment `number` of a track: one sample at `time` for `duration`, in units of the track."""
    header = _full(b"mfhd", 0, 0, struct.pack(">I", number))
    flags = _SYNC if is_sync else _DEPENDENT
    track = _full(b"tfhd", 0, _BASE_IS_MOOF, struct.pack(">I", track_id))
    track += _full(b"tfdt", 1, 0, struct.pack(">Q", time))

    def moof(data_offset: int) -> bytes:
        sample = struct.pack(">IiIII", 1, data_offset, duration, len(data), flags)
        return _box(b"moof", header + _box(b"traf", track + _full(b"trun", 0, _TRUN_FIELDS, sample)))

    return moof(len(moof(0)) + 8) + _box(b"mdat", data)


def length_prefixed(annex_b: bytes) -> bytes:
    """The units of an access unit with start codes (14496-10, annex B), each behind its length instead."""
    units = [unit.rstrip(b"\x00") for unit in _START_CODE.split(annex_b)]
    return b"".join(struct.pack(">I", len(unit)) + unit for unit in units if unit)


def _box(name: bytes, payload: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(payload), name) + payload


def _full(name: bytes, version: int, flags: int, payload: bytes) -> bytes:
    return _box(name, struct.pack(">I", version << 24 | flags) + payload)
