"""The acoustic fingerprint as a value: its bits and bytes, without what makes or compares it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

ALGORITHM: Final = "org.likeness.fingerprint.sound.1"  # as soft bindings name it
BITS: Final = 24  # a row: one for each pair of neighbouring bands
FRAME_RATE: Final = 31.25  # rows a second: one each 32 ms
_BIT_BYTES = BITS // 8
_HEADER = b"\x01"  # the version
_COMMON = 64  # rows of one word, from which it says little


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

    @property
    def words(self) -> NDArray[np.uint32]:
        """(T,) the bits of each row as one number."""
        weights = (1 << np.arange(BITS, dtype=np.uint32)).astype(np.uint32)
        return np.asarray(self.bits @ weights, np.uint32) if len(self) else np.zeros(0, np.uint32)

    def agreement_with(self, piece: SoundFingerprint) -> tuple[float, float]:
        """The share of bits that agree with those of a piece of it, .5 by chance, and over how many seconds
        in which both sound; at the offset at which most rows are the same. (0, 0) where none is.
        """
        order = np.argsort(self.words, kind="stable")
        words, heard = self.words[order], np.flatnonzero(piece.sounding)
        first, last = (np.searchsorted(words, piece.words[heard], side) for side in ("left", "right"))
        is_rare = last - first <= _COMMON
        offsets = [
            order[begin:end] - row
            for row, begin, end in zip(heard[is_rare], first[is_rare], last[is_rare], strict=True)
        ]
        found, counts = np.unique(np.concatenate([np.zeros(0, int), *offsets]), return_counts=True)
        if not len(found):
            return 0.0, 0.0
        offset = int(found[counts.argmax()])
        begin, end = max(0, offset), min(len(self), offset + len(piece))
        both = self.sounding[begin:end] & piece.sounding[begin - offset : end - offset]
        if not both.any():
            return 0.0, 0.0
        equal = self.bits[begin:end][both] == piece.bits[begin - offset : end - offset][both]
        return float(equal.mean()), float(both.sum()) / FRAME_RATE

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
