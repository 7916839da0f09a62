"""Following a log as it grows: only what is new is read, and it has to continue what was read before."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from likeness.errors import CheckpointUnusable, FileUnreadable
from likeness.json_files import read_bytes
from likeness.log.consistency import require_prefix
from likeness.log.keys import LogKeys, key_of_the_log_itself, pinned_key
from likeness.log.sources import LogFiles, bundles_of, log_files, read_entries, read_text
from likeness.verification import witness_policy
from provenance.log.checkpoint import Checkpoint, open_checkpoint
from provenance.log.cosignature import TooFewWitnesses
from provenance.log.entries import parse_entry
from provenance.log.errors import EntryRejected, NoteRejected, ProofRejected, TileRejected
from provenance.log.hashing import leaf_hash
from provenance.log.keys import LogVerifyKey
from provenance.log.merkle import Frontier
from provenance.log.stored import Damage

STATE_FORMAT = "likeness-log-monitor/1"


@dataclass(frozen=True)
class MonitorReport:
    """What one look at a log found. `problem` is None if it continues what was read before.

    `begin` and `end` count the entries before and after. Where witnesses are asked for, `witnesses` names
    those that signed, and `witnessed` says how many entries they signed: fewer than `end` while they are
    behind what was read without them.
    """

    origin: str
    begin: int
    end: int
    witnesses: tuple[str, ...]
    problem: str | None
    damage: str | None
    witnessed: int | None = None

    @property
    def goes_on(self) -> bool:
        """Whether the log is the same log, longer or as long."""
        return self.problem is None

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "ok": self.goes_on,
            "origin": self.origin,
            "begin": self.begin,
            "end": self.end,
            "witnesses": list(self.witnesses),
            "witnessed": self.witnessed,
            "damage": self.damage,
            "problem": self.problem,
        }


class _Wrong(Exception):
    """The log does not continue what was read before."""

    def __init__(self, damage: str, message: str) -> None:
        super().__init__(message)
        self.damage = damage


def monitor_log(
    place: str | PathLike[str],
    *,
    state: str | PathLike[str],
    keys: LogKeys | None = None,
    witnesses: str | PathLike[str] | None = None,
) -> MonitorReport:
    """Read what a log has added since the last look, and check that it continues what was read then.

    `place` and `keys` as for `check_log`. `state` is a file that keeps the signed checkpoint and the edge of
    the tree; a look that finds something wrong leaves it as it was, so that the proof stays. With
    `witnesses`, a file as for `verify_file`, the newest checkpoint that they signed is followed (`witnessed`
    beside `checkpoint`), and too few signatures are a problem. That they signed less than was read already,
    as it may be when nobody asked for them before, is none as long as the log itself did not shrink. Raises
    what `check_log` raises.
    """
    files = log_files(place)
    key = pinned_key(keys) if keys is not None else key_of_the_log_itself(files)
    policy = witness_policy(Path(witnesses)) if witnesses is not None else None
    file = Path(state)
    frontier, last = _read_state(file, key)
    begin = frontier.size
    note = read_text(files, "witnessed" if policy else "checkpoint")
    signers: tuple[str, ...] = ()
    try:
        checkpoint = _opened(note, key)
        if policy is not None:
            signers = _signers(policy.require, note)
        if policy is not None and last is not None and checkpoint.size < begin:
            _require_same_log(files, [checkpoint, last], _opened(read_text(files, "checkpoint"), key))
        else:
            _follow(files, frontier, checkpoint)
    except _Wrong as wrong:
        return MonitorReport(key.name, begin, begin, signers, str(wrong), wrong.damage)
    if last is None or checkpoint.size > begin:
        _write_state(file, note, frontier)
    witnessed = checkpoint.size if policy is not None else None
    return MonitorReport(key.name, begin, frontier.size, signers, None, None, witnessed)


def _opened(note: str, key: LogVerifyKey) -> Checkpoint:
    try:
        return open_checkpoint(note, key)
    except NoteRejected as error:
        raise _Wrong(
            Damage.CHECKPOINT_BAD_SIGNATURE.value, f"the checkpoint is not the log's own: {error}"
        ) from error


def _signers(require: Any, note: str) -> tuple[str, ...]:
    try:
        return tuple(require(note))
    except TooFewWitnesses as error:
        raise _Wrong("witnesses_missing", str(error)) from error


def _follow(files: LogFiles, frontier: Frontier, checkpoint: Checkpoint) -> None:
    """Grow the tree by what is new, up to the signed root. Raises _Wrong."""
    begin = frontier.size
    _require_as_long(checkpoint, begin)
    for bundle in bundles_of(checkpoint.size):
        if bundle.first + bundle.width <= begin:
            continue
        try:
            bodies = read_entries(files, bundle)
            for index, body in enumerate(bodies, start=bundle.first):
                if index < begin:
                    continue
                if parse_entry(body).index != index:
                    raise _Wrong(Damage.ENTRY_MOVED.value, f"in place of entry {index} stands another one")
                frontier.append(leaf_hash(body))
        except TileRejected as error:
            raise _Wrong(Damage.ENTRY_REMOVED.value, str(error)) from error
        except EntryRejected as error:
            raise _Wrong(Damage.ENTRY_CHANGED.value, str(error)) from error
    if frontier.root() != checkpoint.root:
        raise _Wrong(
            Damage.HISTORY_REWRITTEN.value,
            f"the {begin} entries read before and the new ones do not lead to the signed root of "
            f"{checkpoint.size} entries",
        )


def _require_same_log(files: LogFiles, earlier: list[Checkpoint], newest: Checkpoint) -> None:
    """Require that the log's newest tree begins with each of the earlier ones. Raises _Wrong."""
    for checkpoint in earlier:
        _require_as_long(newest, checkpoint.size)
        try:
            require_prefix(files, checkpoint, newest)
        except TileRejected as error:
            raise _Wrong(Damage.NODE_REMOVED.value, str(error)) from error
        except ProofRejected as error:
            raise _Wrong(
                Damage.HISTORY_REWRITTEN.value,
                f"the hashes of the log do not lead from the {checkpoint.size} entries that were signed to "
                f"the {newest.size} that are signed now: {error}",
            ) from error


def _require_as_long(checkpoint: Checkpoint, size: int) -> None:
    if checkpoint.size < size:
        raise _Wrong(
            Damage.ROLLED_BACK.value,
            f"{size} entries were signed before, but only {checkpoint.size} are here",
        )


def _read_state(file: Path, key: LogVerifyKey) -> tuple[Frontier, Checkpoint | None]:
    """The tree as far as it was read. Raises CheckpointUnusable for what no look at this log has left."""
    if not file.exists():
        return Frontier(), None
    try:
        kept = json.loads(read_bytes(file))
        if kept["format"] != STATE_FORMAT:
            raise ValueError("of another format")
        checkpoint = open_checkpoint(kept["checkpoint"], key)
        edge = [base64.b64decode(value, validate=True) for value in kept["edge"]]
        frontier = Frontier(checkpoint.size, edge)
        if frontier.root() != checkpoint.root:
            raise ValueError("its edge does not lead to its checkpoint")
    except (NoteRejected, ValueError, KeyError, TypeError, RecursionError, binascii.Error) as error:
        raise CheckpointUnusable(f"{file} is no state of a look at this log: {error}") from error
    return frontier, checkpoint


def _write_state(file: Path, note: str, frontier: Frontier) -> None:
    edge = [base64.b64encode(value).decode() for value in frontier.hashes]
    text = json.dumps({"format": STATE_FORMAT, "checkpoint": note, "edge": edge}, indent=1)
    partial = file.with_name(f"{file.name}.partial")
    try:
        partial.write_text(text, encoding="utf-8")
        partial.replace(file)
    except OSError as error:
        raise FileUnreadable(f"{file} cannot be written: {error.strerror}.") from error
