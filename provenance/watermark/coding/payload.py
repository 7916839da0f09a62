"""The watermark payload: a random 48-bit watermark id, and a keyed check that tells a reading from chance.

Version 1 carries the id as it is. The id stands in public metadata too, so that whoever collects videos knew
160 of their 256 coded bits, learnt the chips from those and detected the mark without the key. Version 2
carries the number that a keyed permutation takes the id to. Its check is another one, which tells the
versions apart. Drafts, of which there are no records, carry a version of their own: whoever has the key sees
in the picture alone that it is a draft.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from provenance.watermark.coding.permutation import permuted, restored

# The names of the versions; the number rises when older readers cannot read it.
ALGORITHMS = {1: "org.likeness.watermark.lines.1", 2: "org.likeness.watermark.lines.2"}
VERSION = 2  # of new marks
DRAFT = 3  # the version of drafts' marks: as version 2, under another check
VERSIONS = (*ALGORITHMS, DRAFT)
ALGORITHM = ALGORITHMS[VERSION]

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
class WatermarkSecrets:
    """The secrets that the years' keys are derived from, oldest first; each one took the place of a stolen
    one. A year's number tells them apart: 2026 is that year under the first, 12026 under the second.

    Raises ValueError for none, for more than `MOST`, and for one that is too short.
    """

    secrets: tuple[bytes, ...] = field(repr=False)
    MOST: ClassVar[int] = 3  # larger numbers have no room where years are stored

    def __post_init__(self) -> None:
        if not 1 <= len(self.secrets) <= self.MOST:
            raise ValueError(f"There are one to {self.MOST} secrets.")
        for secret in self.secrets:
            WatermarkKey(secret)

    @classmethod
    def from_text(cls, text: str) -> WatermarkSecrets:
        """From lines of hexadecimal digits. Raises ValueError."""
        return cls(tuple(bytes.fromhex(line) for line in text.split("\n") if line.strip()))

    def number_of(self, year: int) -> int:
        """The number under which videos made in a year are marked now."""
        return _REPLACED * (len(self.secrets) - 1) + year

    def has(self, number: int) -> bool:
        """Whether the secret of a year's number is here."""
        return 0 <= number < _REPLACED * len(self.secrets)

    def key_of(self, number: int) -> WatermarkKey:
        """The key that marked the videos with a year's number. Raises ValueError without its secret."""
        if not self.has(number):
            raise ValueError(f"there is no secret for videos of the number {number}.")
        return WatermarkKey(self.secrets[number // _REPLACED]).for_year(number)


@dataclass(frozen=True)
class WatermarkPayload:
    """The watermark id of one rendition: random, unique, unrelated to any primary key, 0 <= id < 2^48, and
    the version of the payload that carries it.
    """

    watermark_id: int
    version: int = VERSION

    def __post_init__(self) -> None:
        if not 0 <= self.watermark_id < 1 << WATERMARK_ID_BITS:
            raise ValueError(f"watermark_id must fit in {WATERMARK_ID_BITS} bits.")
        if self.version not in VERSIONS:
            raise ValueError(f"There is no version {self.version} of the payload.")

    @property
    def is_draft(self) -> bool:
        """Whether it says that the picture is a draft's."""
        return self.version == DRAFT

    def to_bytes(self, key: WatermarkKey) -> bytes:
        """The 8 bytes that go into the code: what stands for the watermark id, then its check under `key`."""
        return payloads_of(np.array([self.watermark_id], np.uint64), self.version, key).tobytes()

    def to_bits(self, key: WatermarkKey) -> NDArray[np.uint8]:
        """The same as (64,) bits, 0 or 1."""
        return np.unpackbits(np.frombuffer(self.to_bytes(key), np.uint8))

    @classmethod
    def from_bits(cls, bits: NDArray[np.uint8], key: WatermarkKey) -> WatermarkPayload | None:
        """The payload that (64,) `bits` hold, or None when the checks under `key` say they are chance."""
        payload = np.packbits(bits).tobytes()
        carried, check = payload[:_ID_BYTES], payload[_ID_BYTES:]
        number = np.array([int.from_bytes(carried, "big")], np.uint64)
        for version, purpose in _CHECKS.items():
            if hmac.compare_digest(check, _check(carried, key.derive(purpose))):
                found = number if version == 1 else restored(number, key.derive(_PERMUTATION))
                return cls(int(found[0]), version)
        return None


def payloads_of(watermark_ids: NDArray[np.uint64], version: int, key: WatermarkKey) -> NDArray[np.uint8]:
    """(n, 8): what goes into the code for each of (n,) watermark ids."""
    numbers = watermark_ids if version == 1 else permuted(watermark_ids, key.derive(_PERMUTATION))
    carried = numbers.astype(">u8").view(np.uint8).reshape(-1, 8)[:, 8 - _ID_BYTES :].tobytes()
    check_key = key.derive(_CHECKS[version])
    starts = range(0, len(carried), _ID_BYTES)
    checks = b"".join([_check(carried[start : start + _ID_BYTES], check_key) for start in starts])
    parts = [np.frombuffer(part, np.uint8).reshape(len(starts), -1) for part in (carried, checks)]
    return np.concatenate(parts, axis=1)


def _check(carried: bytes, check_key: bytes) -> bytes:
    return hashlib.blake2s(carried, key=check_key, digest_size=CHECK_BITS // 8).digest()


_REPLACED = 10_000  # what a year's number rises by each time that the secret is replaced
_ID_BYTES = WATERMARK_ID_BITS // 8
_CHECKS = {1: b"check", 2: b"check 2", DRAFT: b"check draft"}  # of each version, under a key of its own
_PERMUTATION = b"permutation"
