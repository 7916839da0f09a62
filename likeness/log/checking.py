"""The check of a whole log from its files: what is wrong with it, and where.

Two trees are grown side by side, one of the entries and one of the stored hashes. The signed root says which
of them to believe where they differ, and the checkpoint that was kept says whether it is still the same log.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

from likeness.log.keys import LogKeys, key_of_the_log_itself, pinned_key
from likeness.log.remembering import remember_checkpoint, remembered_checkpoint
from likeness.log.sources import (
    LogFiles,
    bundles_of,
    hash_tiles_of,
    log_files,
    read_entries,
    read_hashes,
    read_text,
)
from provenance.log.checkpoint import Checkpoint, open_checkpoint
from provenance.log.entries import parse_entry
from provenance.log.errors import EntryRejected, NoteRejected, TileRejected
from provenance.log.hashing import leaf_hash
from provenance.log.keys import LogVerifyKey
from provenance.log.merkle import Frontier, Subtree
from provenance.log.stored import Damage, LogDamage
from provenance.log.tiles import TILE_HEIGHT, Tile


@dataclass(frozen=True)
class LogReport:
    """What the check of a log found; nothing in `findings` means that all of it holds.

    `is_key_pinned` tells whether the key came from elsewhere than the log itself. `checkpoint` is None if its
    signature is not good; `remembered` is the one that the log was compared with, if any.
    """

    key: LogVerifyKey
    is_key_pinned: bool
    checkpoint: Checkpoint | None
    remembered: Checkpoint | None
    findings: tuple[LogDamage, ...]

    @property
    def is_sound(self) -> bool:
        """Whether signature, tiles, entries and what was remembered agree."""
        return not self.findings

    def to_json(self) -> dict[str, Any]:
        """Plain values; hashes in Base64, as in checkpoints."""
        return {
            "ok": self.is_sound,
            "origin": self.key.name,
            "is_key_pinned": self.is_key_pinned,
            "checkpoint": _checkpoint_json(self.checkpoint),
            "remembered": _checkpoint_json(self.remembered),
            "findings": [
                {"damage": found.damage.value, "place": found.place, "message": found.message}
                for found in self.findings
            ],
        }


def check_log(
    place: str | PathLike[str], *, keys: LogKeys | None = None, remember: str | PathLike[str] | None = None
) -> LogReport:
    """Check the log in a folder or at an address (a service's ends in `/v1/log`).

    `keys` as for `read_log`. `remember` is a file for the signed checkpoint: the log must still begin with
    the entries of the one that an earlier check left there, and a check that finds nothing wrong replaces it.
    Every file is read once; memory grows with a 256th of the size. What is wrong with the log is in the
    report; `LogUnreadable`, `ServiceUnreachable` and `CheckpointUnusable` say that nothing can be checked.
    """
    files = log_files(place)
    key = pinned_key(keys) if keys is not None else key_of_the_log_itself(files)
    kept = Path(remember) if remember is not None else None
    remembered = remembered_checkpoint(kept, key) if kept is not None else None
    note = read_text(files, "checkpoint")
    try:
        checkpoint = open_checkpoint(note, key)
    except NoteRejected as error:
        message = f"the checkpoint is not the log's own: {error}"
        unsigned = (LogDamage(Damage.CHECKPOINT_BAD_SIGNATURE, 0, message),)
        return LogReport(key, keys is not None, None, remembered, unsigned)
    findings = tuple(_Check(files, checkpoint, remembered).findings())
    if kept is not None and not findings:
        remember_checkpoint(kept, note)
    return LogReport(key, keys is not None, checkpoint, remembered, findings)


@dataclass
class _Tree:
    """A growing tree, with the hashes that stand in the tiles above the leaves, by tile level."""

    frontier: Frontier = field(default_factory=Frontier)
    above: dict[int, list[bytes]] = field(default_factory=dict)
    remembered_root: bytes | None = None

    def append(self, leaf: bytes) -> None:
        """Add a leaf hash."""
        for subtree, value in self.frontier.append(leaf):
            level, rest = divmod(subtree.level, TILE_HEIGHT)
            if level and not rest:
                self.above.setdefault(level, []).append(value)


class _Check:
    """One run over the files of a log whose checkpoint is signed."""

    def __init__(self, files: LogFiles, checkpoint: Checkpoint, remembered: Checkpoint | None) -> None:
        self._files = files
        self._checkpoint = checkpoint
        self._remembered = remembered
        self._of_entries, self._of_hashes = _Tree(), _Tree()
        self._differing: list[int] = []
        self._findings: list[LogDamage] = []

    def findings(self) -> list[LogDamage]:
        """Everything that is wrong."""
        if self._read_leaves():  # without all the leaves no root can be compared
            believed = self._believed()
            if believed is not None:
                self._check_tiles_above(believed)
            self._check_remembered(believed or self._of_entries)
        return self._findings

    def _read_leaves(self) -> bool:
        """Grow both trees from the bundles and the tiles of leaf hashes; whether all of them were there."""
        self._keep_remembered_roots()
        for bundle in bundles_of(self._checkpoint.size):
            bodies = self._read(read_entries, bundle, Damage.ENTRY_REMOVED)
            hashes = self._read(read_hashes, Tile(0, bundle.index, bundle.width), Damage.NODE_REMOVED)
            if bodies is None or hashes is None:
                return False
            for index, (body, stored) in enumerate(zip(bodies, hashes, strict=True), start=bundle.first):
                self._check_entry(index, body)
                value = leaf_hash(body)
                if value != stored:
                    self._differing.append(index)
                self._of_entries.append(value)
                self._of_hashes.append(stored)
                self._keep_remembered_roots()
        return True

    def _read(
        self, read: Callable[[LogFiles, Tile], list[bytes]], tile: Tile, damage: Damage
    ) -> list[bytes] | None:
        try:
            return read(self._files, tile)
        except TileRejected as error:
            self._report(damage, tile.first, f"{error} From entry {tile.first} on, nothing could be checked.")
            return None

    def _check_entry(self, index: int, body: bytes) -> None:
        try:
            entry = parse_entry(body)
        except EntryRejected as error:
            self._report(Damage.ENTRY_MALFORMED, index, f"entry {index} is malformed: {error}")
            return
        if entry.index != index:
            message = f"in place of entry {index} stands one that says it is entry {entry.index}"
            self._report(Damage.ENTRY_MOVED, index, message)

    def _keep_remembered_roots(self) -> None:
        for tree in (self._of_entries, self._of_hashes):
            if self._remembered is not None and tree.frontier.size == self._remembered.size:
                tree.remembered_root = tree.frontier.root()

    def _believed(self) -> _Tree | None:
        """The tree that leads to the signed root; where the two differ, the other one is wrong."""
        if self._of_entries.frontier.root() == self._checkpoint.root:
            for index in self._differing:
                message = f"the stored hash of entry {index} is not that of the entry, which was signed"
                self._report(Damage.NODE_CHANGED, Subtree(0, index).position, message)
            return self._of_entries
        if self._of_hashes.frontier.root() == self._checkpoint.root:
            for index in self._differing:
                message = f"entry {index} was changed: its hash is not the one that was signed"
                self._report(Damage.ENTRY_CHANGED, index, message)
            return self._of_hashes
        size = self._checkpoint.size
        message = f"neither the entries nor their stored hashes lead to the signed root of {size} entries"
        self._report(Damage.CHECKPOINT_MISMATCH, size, message)
        return None

    def _check_tiles_above(self, believed: _Tree) -> None:
        for tile in hash_tiles_of(self._checkpoint.size):
            if not tile.level:
                continue
            place = tile.subtrees[0].position
            try:
                stored = read_hashes(self._files, tile)
            except TileRejected as error:
                self._report(Damage.NODE_REMOVED, place, str(error))
                continue
            if stored != believed.above[tile.level][tile.first : tile.first + tile.width]:
                message = f"the file tile/{tile.path} does not hold the hashes of the entries below it"
                self._report(Damage.NODE_CHANGED, place, message)

    def _check_remembered(self, believed: _Tree) -> None:
        kept, size = self._remembered, self._checkpoint.size
        if kept is None:
            return
        if kept.size > size:
            message = f"{kept.size} entries were signed before, but only {size} are here"
            self._report(Damage.ROLLED_BACK, kept.size, message)
        elif believed.remembered_root != kept.root:
            message = f"the first {kept.size} entries are not those of the remembered checkpoint"
            self._report(Damage.HISTORY_REWRITTEN, kept.size, message)

    def _report(self, damage: Damage, place: int, message: str) -> None:
        self._findings.append(LogDamage(damage, place, message))


def _checkpoint_json(checkpoint: Checkpoint | None) -> dict[str, Any] | None:
    if checkpoint is None:
        return None
    return {"size": checkpoint.size, "root": base64.b64encode(checkpoint.root).decode()}
