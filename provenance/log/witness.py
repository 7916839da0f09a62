"""What a witness does and what it is sent (c2sp.org/tlog-witness, `add-checkpoint`).

A witness keeps the newest checkpoint that it signed of each log, and signs another one only with the proof
that it continues it.
"""

from __future__ import annotations

import base64
import binascii
import fcntl
import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from provenance.log.checkpoint import MAX_NOTE_BYTES, Checkpoint, open_checkpoint, open_note
from provenance.log.cosignature import WitnessSigningKey
from provenance.log.errors import NoteRejected, ProofRejected
from provenance.log.hashing import HASH_SIZE
from provenance.log.keys import LogVerifyKey
from provenance.log.merkle import verify_consistency

MOST_PROOF_LINES = 63
MAX_REQUEST_BYTES = MAX_NOTE_BYTES + 8 * 1024
SIZE_TYPE = "text/x.tlog.size"
TEXT_TYPE = "text/plain; charset=utf-8"
_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})", re.ASCII)


@dataclass(frozen=True)
class AddCheckpoint:
    """A request: the size that the witness signed last, the proof from there on, and the new checkpoint."""

    old: int
    proof: tuple[bytes, ...]
    note: str

    @property
    def body(self) -> str:
        """The request's body."""
        lines = [f"old {self.old}", *(base64.b64encode(node).decode() for node in self.proof), ""]
        return "\n".join(lines) + "\n" + self.note

    @classmethod
    def parse(cls, body: bytes) -> AddCheckpoint:
        """Read a request's body. Raises NoteRejected."""
        try:
            head, separator, note = body.decode().partition("\n\n")
        except UnicodeDecodeError as error:
            raise NoteRejected("The request is not valid UTF-8.") from error
        old, *lines = head.split("\n")
        matched = _OLD.fullmatch(old)
        if not separator or matched is None or len(lines) > MOST_PROOF_LINES:
            raise NoteRejected("The request has no old size, or too long a proof.")
        try:
            proof = tuple(base64.b64decode(line, validate=True) for line in lines)
        except (binascii.Error, ValueError) as error:
            raise NoteRejected("A line of the proof is not base64.") from error
        if any(len(node) != HASH_SIZE for node in proof):
            raise NoteRejected("A line of the proof is no SHA-256 hash.")
        return cls(int(matched.group(1)), proof, note)


@dataclass(frozen=True)
class WitnessAnswer:
    """An HTTP answer of a witness."""

    status: int
    body: str
    content_type: str = TEXT_TYPE


class Witness:
    """A witness of some logs, by their origins. Its state is a folder with one file for each log."""

    def __init__(self, key: WitnessSigningKey, logs: Mapping[str, LogVerifyKey], folder: Path) -> None:
        self._key, self._logs, self._folder = key, dict(logs), folder
        folder.mkdir(parents=True, exist_ok=True)

    def add_checkpoint(self, body: bytes, *, seconds: int) -> WitnessAnswer:
        """The answer to a request at a POSIX time; a checkpoint that it signs is kept first."""
        try:
            request = AddCheckpoint.parse(body)
            origin = request.note.partition("\n")[0]
        except NoteRejected as error:
            return WitnessAnswer(400, f"{error}\n")
        log_key = self._logs.get(origin)
        if log_key is None:
            return WitnessAnswer(404, "This witness does not know a log of that origin.\n")
        try:
            text = open_note(request.note, log_key)
        except NoteRejected as error:
            return WitnessAnswer(403, f"{error}\n")
        try:
            checkpoint = open_checkpoint(request.note, log_key)
        except NoteRejected as error:
            return WitnessAnswer(400, f"{error}\n")
        if request.old > checkpoint.size:
            return WitnessAnswer(400, "The old size is beyond the checkpoint's.\n")
        with self._locked(origin) as state:
            last = state.read(log_key)
            if request.old != (last.size if last else 0):
                return WitnessAnswer(409, f"{last.size if last else 0}\n", SIZE_TYPE)
            if last is not None and last.size == checkpoint.size and last.root != checkpoint.root:
                return WitnessAnswer(409, f"{last.size}\n", SIZE_TYPE)
            try:
                _require_continuation(last, checkpoint, request.proof)
            except ProofRejected as error:
                return WitnessAnswer(422, f"{error}\n")
            state.write(request.note)
        return WitnessAnswer(200, self._key.cosign(text, seconds=seconds))

    def _locked(self, origin: str) -> _State:
        return _State(self._folder / hashlib.sha256(origin.encode()).hexdigest())


def _require_continuation(last: Checkpoint | None, new: Checkpoint, proof: tuple[bytes, ...]) -> None:
    if last is None or last.size == 0:
        if proof:
            raise ProofRejected("The proof from size 0 is empty.")
        return
    verify_consistency(
        first=last.size, second=new.size, first_root=last.root, second_root=new.root, proof=proof
    )


class _State:
    """The newest checkpoint of one log, in a file that is held while it is looked at."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = -1

    def __enter__(self) -> _State:
        self._lock = os.open(self._file.with_suffix(".lock"), os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._lock)

    def read(self, key: LogVerifyKey) -> Checkpoint | None:
        """The checkpoint signed last. Raises NoteRejected for a damaged file: then nothing is signed."""
        if not self._file.exists():
            return None
        return open_checkpoint(self._file.read_text(encoding="utf-8"), key)

    def write(self, note: str) -> None:
        """Keep a checkpoint so that it outlasts a power cut."""
        partial = self._file.with_suffix(".partial")
        with partial.open("w", encoding="utf-8") as file:
            file.write(note)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self._file)
        folder = os.open(self._file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
