"""Cosignatures of witnesses under checkpoints (c2sp.org/tlog-cosignature, Ed25519), and whose are asked for.

A witness signs a checkpoint only if it continues the one that it signed before. So a log that shows two
histories gets the cosignatures of an honest witness for one of them alone.
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from provenance.log.checkpoint import open_note
from provenance.log.errors import LogCheckFailed, NoteRejected
from provenance.log.keys import NoteKey, read_private_key

_TIMESTAMP = struct.Struct(">Q")
LATEST = 2**63 - 1
SIGNATURE_SIZE = 64


class TooFewWitnesses(LogCheckFailed):
    """Fewer of the chosen witnesses than asked for have signed a checkpoint."""


@dataclass(frozen=True)
class WitnessKey(NoteKey):
    """The public key of a witness: what its cosignatures are verified with."""

    SIGNATURE_TYPE = b"\x04"  # an Ed25519 cosignature with its time
    WHOSE = "a witness"

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether `signature`, a timestamp and 64 bytes, is this witness's over a checkpoint's text."""
        if len(signature) != _TIMESTAMP.size + SIGNATURE_SIZE:
            return False
        (seconds,) = _TIMESTAMP.unpack_from(signature)
        if seconds > LATEST:
            return False
        return self._signed(_signed_message(message, seconds), signature[_TIMESTAMP.size :])


class WitnessSigningKey:
    """A witness's private key under its name."""

    def __init__(self, name: str, private_key: Ed25519PrivateKey) -> None:
        self._private_key = private_key
        self.verify_key = WitnessKey(name, private_key.public_key().public_bytes_raw())

    @classmethod
    def load(cls, path: Path, name: str) -> WitnessSigningKey:
        """Read an unencrypted PKCS #8 PEM file. Raises OSError, or NoteRejected for other content."""
        return cls(name, read_private_key(path))

    def cosign(self, text: str, *, seconds: int) -> str:
        """The signature line, with its newline, for the text of a checkpoint at a POSIX time."""
        signature = self._private_key.sign(_signed_message(text.encode(), seconds))
        blob = self.verify_key.key_id + _TIMESTAMP.pack(seconds) + signature
        return f"\u2014 {self.verify_key.name} {base64.b64encode(blob).decode()}\n"


def _signed_message(text: bytes, seconds: int) -> bytes:
    return b"cosignature/v1\ntime %d\n" % seconds + text


@dataclass(frozen=True)
class WitnessPolicy:
    """Which witnesses count, and how many of them have to have signed."""

    keys: tuple[WitnessKey, ...]
    at_least: int

    def __post_init__(self) -> None:
        if not 1 <= self.at_least <= len({key.public_key for key in self.keys}):
            raise NoteRejected("A policy asks for at least one witness, and for no more than it names.")

    @classmethod
    def from_text(cls, text: str) -> WitnessPolicy:
        """A policy as a file has it: the line `at_least K`, then one vkey a line; # begins a remark.

        Raises NoteRejected.
        """
        lines = [line.split("#", 1)[0].strip() for line in text.splitlines()]
        lines = [line for line in lines if line]
        words = lines[0].split() if lines else []
        if len(words) != 2 or words[0] != "at_least" or not words[1].isdecimal():
            raise NoteRejected("A file of witnesses begins with a line: at_least, and a number.")
        return cls(tuple(WitnessKey.from_vkey(line) for line in lines[1:]), int(words[1]))

    def require(self, note: str) -> list[str]:
        """The names of the witnesses that signed a checkpoint. Raises TooFewWitnesses for too few."""
        names = [key.name for key in signers_of(note, self.keys)]
        if len(names) < self.at_least:
            raise TooFewWitnesses(
                f"{len(names)} of the {len(self.keys)} witnesses signed the checkpoint, and {self.at_least} "
                "are asked for."
            )
        return names


def signers_of(note: str, keys: Sequence[WitnessKey]) -> list[WitnessKey]:
    """Those of the keys whose cosignatures are under a note and valid. One key counts once."""
    found: dict[bytes, WitnessKey] = {}
    for key in keys:
        try:
            open_note(note, key)
        except NoteRejected:
            continue
        found.setdefault(key.public_key, key)
    return list(found.values())
