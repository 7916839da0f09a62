"""What the watermark says: a random record id and a keyed check that tells a hit from chance."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

ALGORITHM = "org.likeness.watermark.dwtdctsvd.1"  # the number rises when older readers cannot read it

RECORD_ID_BITS = 64
CHECK_BITS = 40  # a wrong word passes with probability 2^-40; decision.py does the sums
PAYLOAD_BITS = RECORD_ID_BITS + CHECK_BITS
MINIMUM_SECRET_BYTES = 16


@dataclass(frozen=True)
class WatermarkKey:
    """The secret that places and checks the mark; 32 random bytes, never shown in a repr.

    Raises ValueError for a secret under 16 bytes.
    """

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) < MINIMUM_SECRET_BYTES:
            raise ValueError(f"A watermark key needs at least {MINIMUM_SECRET_BYTES} bytes.")

    def derive(self, purpose: bytes) -> bytes:
        """32 bytes for one purpose (HMAC-SHA256), so that no two uses share key material."""
        return hmac.digest(self.secret, b"likeness watermark 1 " + purpose, "sha256")


@dataclass(frozen=True)
class WatermarkPayload:
    """The record id of one rendition: random, unique, unrelated to any primary key, 0 <= id < 2^64."""

    record_id: int

    def __post_init__(self) -> None:
        if not 0 <= self.record_id < 1 << RECORD_ID_BITS:
            raise ValueError(f"record_id must fit in {RECORD_ID_BITS} bits.")

    def to_bits(self, key: WatermarkKey) -> NDArray[np.uint8]:
        """The (104,) bits, 0 or 1, that go into the code: record id, then its check under `key`."""
        record_id = self.record_id.to_bytes(RECORD_ID_BITS // 8, "big")
        return np.unpackbits(np.frombuffer(record_id + _check(record_id, key), np.uint8))

    @classmethod
    def from_bits(cls, bits: NDArray[np.uint8], key: WatermarkKey) -> WatermarkPayload | None:
        """The payload that (104,) `bits` hold, or None when the check under `key` says they are chance."""
        word = np.packbits(bits).tobytes()
        record_id, check = word[: RECORD_ID_BITS // 8], word[RECORD_ID_BITS // 8 :]
        if not hmac.compare_digest(check, _check(record_id, key)):
            return None
        return cls(int.from_bytes(record_id, "big"))


def _check(record_id: bytes, key: WatermarkKey) -> bytes:
    return hashlib.blake2s(record_id, key=key.derive(b"check"), digest_size=CHECK_BITS // 8).digest()
