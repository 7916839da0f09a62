"""The acoustic fingerprint as a value: its bits and bytes, without what makes or compares it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

BITS: Final = 24  # a row: one for each pair of neighbouring bands
FRAME_RATE: Final = 31.25  # rows a second: one each 32 ms
_BIT_BYTES = BITS // 8
_HEADER = b"\x01"  # the version


@dataclass(frozen=True, eq=False)
class SoundFingerprint:
    """`bits` (T, 24) bool and `sounding` (T,) bool, one row each 32 ms; ValueError for other shapes."""

    bits: NDArray[np.bool_]
    sounding: NDArray[np.bool_]

    def __post_init__(self) -> None:
        if self.bits.shape != (len(self.sounding), BITS):
            raise ValueError(f"bits must be ({len(self.sounding)}, {BITS}), not {self.bits.shape}.")

    def __len__(self) -> int:
        return len(self.sounding)

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return len(self) / FRAME_RATE

    def to_bytes(self) -> bytes:
        """A version byte, the number of rows (4 bytes, big endian), the bits, and which rows sound."""
        packed = np.packbits(self.bits, axis=1).tobytes() + np.packbits(self.sounding).tobytes()
        return _HEADER + len(self).to_bytes(4, "big") + packed

    @classmethod
    def from_bytes(cls, data: bytes) -> SoundFingerprint:
        """What `to_bytes` wrote. Raises ValueError for anything else."""
        rows = int.from_bytes(data[1:5], "big")
        if data[:1] != _HEADER or len(data) != 5 + rows * _BIT_BYTES + (rows + 7) // 8:
            raise ValueError("This is no sound fingerprint of a version that is known here.")
        cut = 5 + rows * _BIT_BYTES
        bits = np.unpackbits(np.frombuffer(data[5:cut], np.uint8).reshape(rows, _BIT_BYTES), axis=1)
        return cls(
            bits.astype(np.bool_), np.unpackbits(np.frombuffer(data[cut:], np.uint8))[:rows].astype(np.bool_)
        )
