"""Cosignatures of witnesses under checkpoints (c2sp.org/tlog-cosignature, Ed25519), and whose are asked for.

A witness signs a checkpoint only if it continues the one that it signed before. So a log that shows two
histories gets the cosignatures of an honest witness for one of them alone.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from provenance.log.checkpoint import open_note
from provenance.log.errors import LogCheckFailed, NoteRejected
from provenance.log.keys import KEY_ID_SIZE, PUBLIC_KEY_SIZE, is_key_name, read_private_key

COSIGNATURE_V1 = b"\x04"  # the signature type of C2SP tlog-cosignature
_TIMESTAMP = struct.Struct(">Q")
LATEST = 2**63 - 1
SIGNATURE_SIZE = 64


class TooFewWitnesses(LogCheckFailed):
    """Fewer of the chosen witnesses than asked for have signed a checkpoint."""


@dataclass(frozen=True)
class WitnessKey:
    """The public key of a witness: what its cosignatures are verified with."""

    name: str
    public_key: bytes

    def __post_init__(self) -> None:
        if not is_key_name(self.name):
            raise NoteRejected("A key name must not be empty or hold white space or a plus.")
        if len(self.public_key) != PUBLIC_KEY_SIZE:
            raise NoteRejected("An Ed25519 public key has 32 bytes.")

    @property
    def key_id(self) -> bytes:
        """The 4 bytes that precede its cosignatures."""
        return hashlib.sha256(self.name.encode() + b"\n" + COSIGNATURE_V1 + self.public_key).digest()[
            :KEY_ID_SIZE
        ]

    @property
    def vkey(self) -> str:
        """The public form in one line: name+hex id+base64 key."""
        encoded = base64.b64encode(COSIGNATURE_V1 + self.public_key).decode()
        return f"{self.name}+{self.key_id.hex()}+{encoded}"

    @classmethod
    def from_vkey(cls, vkey: str) -> WitnessKey:
        """Read the one-line public form. Raises NoteRejected."""
        parts = vkey.strip().split("+", 2)
        if len(parts) != 3:
            raise NoteRejected("The public key line of a witness looks like name+id+key.")
        name, id_hex, encoded = parts
        try:
            key = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError) as error:
            raise NoteRejected("The key in the public key line is not base64.") from error
        if key[:1] != COSIGNATURE_V1:
            raise NoteRejected("The public key line is not for Ed25519 cosignatures (type 4).")
        result = cls(name, key[1:])
        if result.key_id.hex() != id_hex:
            raise NoteRejected("The id in the public key line does not belong to its key.")
        return result

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether `signature`, a timestamp and 64 bytes, is this witness's over a checkpoint's text."""
        if len(signature) != _TIMESTAMP.size + SIGNATURE_SIZE:
            return False
        (seconds,) = _TIMESTAMP.unpack_from(signature)
        if seconds > LATEST:
            return False
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(
                signature[_TIMESTAMP.size :], _signed_message(message, seconds)
            )
        except (InvalidSignature, ValueError):
            return False
        return True


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
