"""Signs each second of a live session with a key of its own, whose public half the log has from the start.

Whoever kept a second and the log can check it without the service. The private half never leaves the process,
and is gone with it.
"""

from __future__ import annotations

from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_WHAT: Final = "likeness live segment"


class SegmentSigner:
    """The key of one session (Ed25519, RFC 8032)."""

    def __init__(self, session_id: str) -> None:
        self._session_id = session_id
        self._key = Ed25519PrivateKey.generate()

    @property
    def public_key(self) -> str:
        """The public half, hexadecimal."""
        return self._key.public_key().public_bytes_raw().hex()

    def sign(self, number: int, digest: bytes) -> str:
        """The signature, hexadecimal, of the second `number` with this SHA-256."""
        return self._key.sign(signed_words(self._session_id, number, digest)).hex()


def signed_words(session_id: str, number: int, digest: bytes) -> bytes:
    """What is signed: what it is, of which session, which second of it, and its hash, a line each."""
    return f"{_WHAT}\n{session_id}\n{number}\n{digest.hex()}\n".encode()


def is_signed(public_key: str, session_id: str, number: int, digest: bytes, signature: str) -> bool:
    """Whether a signature is that of the session's key over this second."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
        key.verify(bytes.fromhex(signature), signed_words(session_id, number, digest))
    except (InvalidSignature, ValueError):
        return False
    return True
