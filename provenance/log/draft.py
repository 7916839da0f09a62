"""Draft checkpoints: what an append stores before the log's signature may exist.

A draft is a note in the form of c2sp.org/signed-note whose one signature is an HMAC-SHA-256 by the log's own
secret. It keeps others from adding entries, and nobody outside can take it for a signed checkpoint. The
Ed25519 signature is made when a checkpoint is shown, after the high-water mark covers it: a transaction that
fails, or a database that is restored, leaves no signature behind.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from provenance.log.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint, sign_note
from provenance.log.errors import NoteRejected
from provenance.log.keys import KEY_ID_SIZE, LogSigningKey, LogVerifyKey

# 0xff and a long name: the form of signature types that are not assigned by the specification.
_TYPE = b"\xfflikeness draft checkpoint, HMAC-SHA-256"


@dataclass(frozen=True)
class DraftKey:
    """The secret half of the log's key, used for HMAC."""

    name: str
    secret: bytes

    @classmethod
    def of(cls, key: LogSigningKey) -> DraftKey:
        """The draft key that belongs to a log's signing key."""
        return cls(key.name, key.derived_secret(_TYPE))

    @property
    def key_id(self) -> bytes:
        """The 4 bytes that precede its authentication codes."""
        return hashlib.sha256(self.name.encode() + b"\n" + _TYPE).digest()[:KEY_ID_SIZE]

    def sign(self, message: bytes) -> bytes:
        """The 32-byte HMAC-SHA-256 of `message`."""
        return hmac.digest(self.secret, message, "sha256")

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether `signature` is this key's HMAC of `message`."""
        return hmac.compare_digest(self.sign(message), signature)


def draft_checkpoint(checkpoint: Checkpoint, key: LogSigningKey) -> str:
    """The draft of a checkpoint of the log whose key it is. Raises NoteRejected for another log's."""
    if checkpoint.origin != key.name:
        raise NoteRejected("A checkpoint is drafted by the key that bears its origin's name.")
    return sign_note(checkpoint.text, DraftKey.of(key))


def open_stored_checkpoint(note: str, key: LogSigningKey | LogVerifyKey) -> Checkpoint:
    """The checkpoint in a stored note: a draft, or one that an earlier version signed.

    With the public key alone, drafts cannot be opened. Raises NoteRejected.
    """
    if isinstance(key, LogVerifyKey):
        return open_checkpoint(note, key)
    try:
        return open_checkpoint(note, DraftKey.of(key))
    except NoteRejected:
        return open_checkpoint(note, key.verify_key)


def signed_checkpoint(note: str, key: LogSigningKey) -> str:
    """The signed note of a stored one. Ed25519 is deterministic: the same bytes each time.

    Call it only for what the high-water mark covers. Raises NoteRejected.
    """
    return sign_checkpoint(open_stored_checkpoint(note, key), key)
