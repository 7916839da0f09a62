"""The watermark payload: a random 48-bit watermark id, and a keyed check that tells a reading from chance."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

ALGORITHM = "org.likeness.watermark.lines.1"  # the number rises when older readers cannot read it

WATERMARK_ID_BITS = 48
CHECK_BITS = 16  # not enough by itself: decision.py also asks that the id was issued
PAYLOAD_BITS = WATERMARK_ID_BITS + CHECK_BITS
MINIMUM_SECRET_BYTES = 16


def format_watermark_id(watermark_id: int) -> str:
    """The 48-bit id that the frames carry, as 12 hexadecimal digits. Raises ValueError for anything else."""
    if not 0 <= watermark_id < 1 << WATERMARK_ID_BITS:
        raise ValueError(f"A watermark id has {WATERMARK_ID_BITS} bits and no sign, not {watermark_id}.")
    return f"{watermark_id:0{WATERMARK_ID_BITS // 4}x}"


@dataclass(frozen=True)
class WatermarkKey:
    """The secret that shapes and checks the mark; 32 random bytes, never shown in a repr.

    Raises ValueError for a secret under 16 bytes.
    """

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) < MINIMUM_SECRET_BYTES:
            raise ValueError(f"A watermark key needs at least {MINIMUM_SECRET_BYTES} bytes.")

    def derive(self, purpose: bytes) -> bytes:
        """32 bytes for one purpose (HMAC-SHA256), so that no two uses share key material."""
        return hmac.digest(self.secret, b"likeness watermark 2 " + purpose, "sha256")

    def for_year(self, year: int) -> WatermarkKey:
        """The generation of this key that marks the videos made in `year`.

        Derived, so that every process agrees at New Year without coordination. A generation that leaks says
        nothing about the others.
        """
        return WatermarkKey(self.derive(b"generation %d" % year))


@dataclass(frozen=True)
class WatermarkPayload:
    """The watermark id of one rendition: random, unique, unrelated to any primary key, 0 <= id < 2^48."""

    watermark_id: int

    def __post_init__(self) -> None:
        if not 0 <= self.watermark_id < 1 << WATERMARK_ID_BITS:
            raise ValueError(f"watermark_id must fit in {WATERMARK_ID_BITS} bits.")

    def to_bytes(self, key: WatermarkKey) -> bytes:
        """The 8 bytes that go into the code: watermark id, then its check under `key`."""
        id_bytes = self.watermark_id.to_bytes(WATERMARK_ID_BITS // 8, "big")
        return id_bytes + _check(id_bytes, key.derive(b"check"))

    def to_bits(self, key: WatermarkKey) -> NDArray[np.uint8]:
        """The same as (64,) bits, 0 or 1."""
        return np.unpackbits(np.frombuffer(self.to_bytes(key), np.uint8))

    @classmethod
    def from_bits(cls, bits: NDArray[np.uint8], key: WatermarkKey) -> WatermarkPayload | None:
        """The payload that (64,) `bits` hold, or None when the check under `key` says they are chance."""
        payload = np.packbits(bits).tobytes()
        id_bytes, check = payload[: WATERMARK_ID_BITS // 8], payload[WATERMARK_ID_BITS // 8 :]
        if not hmac.compare_digest(check, _check(id_bytes, key.derive(b"check"))):
            return None
        return cls(int.from_bytes(id_bytes, "big"))


def _check(id_bytes: bytes, check_key: bytes) -> bytes:
    return hashlib.blake2s(id_bytes, key=check_key, digest_size=CHECK_BITS // 8).digest()
