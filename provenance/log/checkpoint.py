"""Checkpoints: the log's size and root in a signed note (c2sp.org/signed-note, c2sp.org/tlog-checkpoint)."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Protocol

from provenance.log.errors import NoteRejected
from provenance.log.hashing import HASH_SIZE
from provenance.log.keys import KEY_ID_SIZE, LogSigningKey, is_key_name

MAX_NOTE_BYTES = 64 * 1024
MAX_SIGNATURES = 100  # the specification asks for at least 16, Go's note package stops at 100
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


class NoteVerifier(Protocol):
    """A key that a note is opened with: `LogVerifyKey`, or `DraftKey` for what never left the service."""

    @property
    def name(self) -> str:
        """The key's name, which is the log's origin."""

    @property
    def key_id(self) -> bytes:
        """The 4 bytes that precede its signatures."""

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether `signature` is this key's over `message`."""


class NoteSigner(Protocol):
    """A key that notes are signed with."""

    @property
    def name(self) -> str:
        """The key's name, which is the log's origin."""

    @property
    def key_id(self) -> bytes:
        """The 4 bytes that precede its signatures."""

    def sign(self, message: bytes) -> bytes:
        """The signature over `message`."""


@dataclass(frozen=True)
class Checkpoint:
    """The first `size` entries of the log called `origin` have the 32-byte Merkle root `root`."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def sign_note(text: str, key: NoteSigner) -> str:
    """The signed note of `text`, which must end in a newline and hold no other control characters."""
    if not text.endswith("\n") or _CONTROL.search(text):
        raise NoteRejected("The text of a note ends in a newline and holds no control characters.")
    blob = key.key_id + key.sign(text.encode())
    return f"{text}\n\u2014 {key.name} {base64.b64encode(blob).decode()}\n"


def open_note(note: str, key: NoteVerifier) -> str:
    """The text of a signed note, once `key`'s signature on it is verified. Raises NoteRejected.

    Signatures by other keys, such as witnesses, are passed over. One bad signature by `key` rejects the note
    even if another one is good.
    """
    if len(note) > MAX_NOTE_BYTES or _CONTROL.search(note):
        raise NoteRejected("The note is too long or holds control characters.")
    text, separator, signatures = note.rpartition("\n\n")
    if not separator or not signatures.endswith("\n"):
        raise NoteRejected("The note has no signature part.")
    text += "\n"
    lines = signatures[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise NoteRejected("The note has too many signatures.")
    try:
        message = text.encode()
    except UnicodeEncodeError as error:
        raise NoteRejected("The note is not valid UTF-8.") from error
    is_signed = False
    for line in lines:
        name, blob = _signature_line(line)
        if name != key.name or blob[:KEY_ID_SIZE] != key.key_id:
            continue
        if not key.verify(message, blob[KEY_ID_SIZE:]):
            raise NoteRejected(f"The signature by {key.name} is not valid.")
        is_signed = True
    if not is_signed:
        raise NoteRejected(f"The note carries no signature by the key {key.name}+{key.key_id.hex()}.")
    return text


def _signature_line(line: str) -> tuple[str, bytes]:
    """Key name, and key id followed by signature."""
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != "\u2014" or not is_key_name(parts[1]):
        raise NoteRejected("A signature line of the note is malformed.")
    try:
        blob = base64.b64decode(parts[2], validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteRejected("A signature of the note is not base64.") from error
    if len(blob) <= KEY_ID_SIZE:
        raise NoteRejected("A signature of the note is too short.")
    return parts[1], blob


def sign_checkpoint(checkpoint: Checkpoint, key: LogSigningKey) -> str:
    """The checkpoint as a signed note. The key's name must be the log's origin."""
    if checkpoint.origin != key.name:
        raise NoteRejected("A checkpoint is signed by the key that bears its origin's name.")
    return sign_note(checkpoint.text, key)


def open_checkpoint(note: str, public_key: NoteVerifier) -> Checkpoint:
    """The checkpoint in `note`, once its signature by `public_key` and its origin are verified.

    Raises NoteRejected. Nothing but the public key is needed: this is how an offline verifier starts.
    """
    lines = open_note(note, public_key).split("\n")[:-1]
    if len(lines) < 3 or not all(lines):
        raise NoteRejected("A checkpoint has an origin, a size and a root, and no empty lines.")
    origin, size, encoded = lines[:3]
    if origin != public_key.name:
        raise NoteRejected(f"The checkpoint is of the log {origin}, not of {public_key.name}.")
    if not _SIZE.fullmatch(size):
        raise NoteRejected("The size in the checkpoint is not a decimal number.")
    try:
        root = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteRejected("The root in the checkpoint is not base64.") from error
    if len(root) != HASH_SIZE or base64.b64encode(root).decode() != encoded:
        raise NoteRejected("The root in the checkpoint is not a SHA-256 hash.")
    return Checkpoint(origin, int(size), root)
