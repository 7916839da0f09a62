"""The fingerprints that a record keeps of its video, in one versioned form with room for more kinds.

The log entry of the sealing holds a salted digest of them, so that nobody can change them afterwards, and
nobody who reads the log can test a recording against it. Record and evidence bundle hold both.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from provenance.fingerprints.motion.fingerprint import MotionFingerprint, holds_square_alone
from provenance.fingerprints.sound.fingerprint import SoundFingerprint

SALT_BYTES: Final = 16
_VERSION: Final = b"\x01"
_SOUND: Final = b"S"
_MOTION: Final = b"M"
_LENGTH_BYTES: Final = 4


@dataclass(frozen=True)
class RecordFingerprints:
    """`sound`: of the whole sound; `motion`: of the whole picture; None without one.

    Kinds that a later version adds are passed over by this one.
    """

    sound: SoundFingerprint | None = None
    motion: MotionFingerprint | None = None

    def to_bytes(self) -> bytes:
        """A version byte, then for each kind a letter, the length (4 bytes, big endian) and its bytes."""
        sections = [] if self.sound is None else [(_SOUND, self.sound.to_bytes())]
        if self.motion is not None:
            sections.append((_MOTION, self.motion.to_bytes()))
        return _VERSION + b"".join(
            kind + len(data).to_bytes(_LENGTH_BYTES, "big") + data for kind, data in sections
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> RecordFingerprints:
        """What `to_bytes` wrote; nothing of empty bytes, as records have that were sealed earlier.

        Raises ValueError for anything else.
        """
        sections = list(_sections(data))
        found = dict(sections)
        if len(found) < len(sections):
            raise ValueError("The fingerprints of a record are cut short or doubled.")
        motion = found.get(_MOTION)
        return cls(
            SoundFingerprint.from_bytes(found[_SOUND]) if _SOUND in found else None,
            MotionFingerprint.from_bytes(motion) if motion and not holds_square_alone(motion) else None,
        )


def _sections(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The kinds and their bytes. Raises ValueError where they are cut short or of an unknown version."""
    if data and data[:1] != _VERSION:
        raise ValueError("These fingerprints are of a version that is not known here.")
    place = 1
    while place < len(data):
        kind, start = data[place : place + 1], place + 1 + _LENGTH_BYTES
        place = start + int.from_bytes(data[place + 1 : start], "big")
        if place > len(data):
            raise ValueError("The fingerprints of a record are cut short or doubled.")
        yield kind, data[start:place]


def recorded_sound(fingerprints: bytes) -> SoundFingerprint | None:
    """The fingerprint of the sound among those of a record; None without one that can be read."""
    try:
        found = dict(_sections(fingerprints)).get(_SOUND)
        return SoundFingerprint.from_bytes(found) if found else None
    except ValueError:
        return None


def shows_square_alone(fingerprints: bytes) -> bool:
    """Whether these are of a wide or tall video whose record knows the square at its top left alone.

    A part of such a video may show nothing of that. False of bytes that cannot be read.
    """
    try:
        return any(kind == _MOTION and holds_square_alone(data) for kind, data in _sections(fingerprints))
    except ValueError:
        return False


def salted_digest(fingerprints: bytes, salt: bytes) -> str:
    """SHA-256 over salt and fingerprints, 64 hexadecimal digits."""
    return hashlib.sha256(salt + fingerprints).hexdigest()
