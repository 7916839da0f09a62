"""Ed25519 keys in C2SP signed-note form: name, key id, one-line public key (vkey); and the log's own."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from provenance.log.errors import NoteRejected

KEY_ID_SIZE = 4
PUBLIC_KEY_SIZE = 32


def is_key_name(name: str) -> bool:
    """Whether `name` may name a note key: not empty, no white space, no plus."""
    return bool(name) and "+" not in name and name.isprintable() and not any(c.isspace() for c in name)


@dataclass(frozen=True)
class NoteKey(ABC):
    """The public half of a signed-note key (c2sp.org/signed-note): its name and 32 raw Ed25519 bytes."""

    SIGNATURE_TYPE: ClassVar[bytes]  # one byte: what the key signs, and how
    WHOSE: ClassVar[str]  # of whom a sentence about a refused line speaks

    name: str
    public_key: bytes

    def __post_init__(self) -> None:
        if not is_key_name(self.name):
            raise NoteRejected("A key name must not be empty or hold white space or a plus.")
        if len(self.public_key) != PUBLIC_KEY_SIZE:
            raise NoteRejected("An Ed25519 public key has 32 bytes.")

    @property
    def key_id(self) -> bytes:
        """The 4 bytes that precede its signatures: SHA-256(name || newline || type || key)[:4]."""
        named = self.name.encode() + b"\n" + self.SIGNATURE_TYPE + self.public_key
        return hashlib.sha256(named).digest()[:KEY_ID_SIZE]

    @property
    def vkey(self) -> str:
        """The public form in one line, as Go's note package and witnesses take it: name+hex id+base64 key."""
        encoded = base64.b64encode(self.SIGNATURE_TYPE + self.public_key).decode()
        return f"{self.name}+{self.key_id.hex()}+{encoded}"

    @classmethod
    def from_vkey(cls, vkey: str) -> Self:
        """Read the one-line public form. Raises NoteRejected."""
        parts = vkey.strip().split("+", 2)
        if len(parts) != 3:
            raise NoteRejected(f"The public key line of {cls.WHOSE} looks like name+id+key.")
        name, id_hex, encoded = parts
        try:
            key = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError) as error:
            raise NoteRejected("The key in the public key line is not base64.") from error
        if key[:1] != cls.SIGNATURE_TYPE:
            raise NoteRejected(
                f"The public key line is not that of {cls.WHOSE} (type {cls.SIGNATURE_TYPE[0]})."
            )
        result = cls(name, key[1:])
        if result.key_id.hex() != id_hex:
            raise NoteRejected("The id in the public key line does not belong to its key.")
        return result

    @abstractmethod
    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether `signature`, as a note carries it after the key id, is this key's over `message`."""

    def _signed(self, message: bytes, signature: bytes) -> bool:
        """Whether 64 bytes are this key's Ed25519 signature over exactly `message`."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True)
class LogVerifyKey(NoteKey):
    """What a verifier of the log needs: its key under its name, which is the log's origin."""

    SIGNATURE_TYPE = b"\x01"  # Ed25519 over the note's text
    WHOSE = "a log"

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether `signature`, 64 bytes, is this key's over `message`."""
        return self._signed(message, signature)


def read_private_key(path: Path) -> Ed25519PrivateKey:
    """The key of an unencrypted PKCS #8 PEM file. Raises OSError, or NoteRejected for other content."""
    try:
        private_key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise NoteRejected(f"{path.name} holds no unencrypted private key in PEM form.") from error
    if not isinstance(private_key, Ed25519PrivateKey):
        raise NoteRejected(f"{path.name} holds a key that is not Ed25519.")
    return private_key


class LogSigningKey:
    """The log's private key under the log's name."""

    def __init__(self, name: str, private_key: Ed25519PrivateKey) -> None:
        self._private_key = private_key
        self.verify_key = LogVerifyKey(name, private_key.public_key().public_bytes_raw())

    @classmethod
    def load(cls, path: Path, name: str) -> LogSigningKey:
        """Read an unencrypted PKCS #8 PEM file. Raises OSError, or NoteRejected for other content."""
        return cls(name, read_private_key(path))

    @property
    def name(self) -> str:
        """The key name, which is the log's origin."""
        return self.verify_key.name

    @property
    def key_id(self) -> bytes:
        """The 4 bytes that precede this key's signatures."""
        return self.verify_key.key_id

    def derived_secret(self, purpose: bytes) -> bytes:
        """32 secret bytes for another use of the log's key, different for each purpose."""
        return hmac.digest(self._private_key.private_bytes_raw(), purpose, "sha256")

    def sign(self, message: bytes) -> bytes:
        """The 64-byte signature over `message`."""
        return self._private_key.sign(message)


def create_log_key(path: Path) -> None:
    """Write a new Ed25519 private key to `path`, readable by its owner only. Raises FileExistsError.

    The key is the log's identity together with its origin: a log keeps it for life.
    """
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
