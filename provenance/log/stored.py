"""Row types of a stored log for fsck, and the kinds of damage that it reports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True)
class EntryRow:
    """A stored entry: the canonical bytes, and the columns that repeat parts of them."""

    index: int
    body: bytes
    time: datetime
    event: str
    actor: str
    references: frozenset[str]

    @property
    def place(self) -> int:
        """Its index."""
        return self.index


@dataclass(frozen=True)
class NodeRow:
    """A stored subtree hash at its place in the order of completion."""

    place: int
    hash: bytes


@dataclass(frozen=True)
class CheckpointRow:
    """A stored checkpoint: the signed note, and the columns that repeat it."""

    size: int
    root: bytes
    note: str

    @property
    def place(self) -> int:
        """The size it is of."""
        return self.size


class Damage(StrEnum):
    """What may be wrong with a stored log."""

    ENTRY_CHANGED = "entry_changed"
    ENTRY_REMOVED = "entry_removed"
    ENTRY_MOVED = "entry_moved"
    ENTRY_ADDED = "entry_added"
    ENTRY_MALFORMED = "entry_malformed"
    COLUMN_CHANGED = "column_changed"
    NODE_CHANGED = "node_changed"
    NODE_REMOVED = "node_removed"
    NODE_ADDED = "node_added"
    CHECKPOINT_CHANGED = "checkpoint_changed"
    CHECKPOINT_REMOVED = "checkpoint_removed"
    CHECKPOINT_ADDED = "checkpoint_added"
    CHECKPOINT_MISMATCH = "checkpoint_mismatch"
    CHECKPOINT_BAD_SIGNATURE = "checkpoint_bad_signature"
    ROLLED_BACK = "rolled_back"
    HISTORY_REWRITTEN = "history_rewritten"
    CELL_UNREADABLE = "cell_unreadable"
    MARK_UNUSABLE = "mark_unusable"
    PUBLISHED_UNUSABLE = "published_unusable"


@dataclass(frozen=True)
class LogDamage:
    """One thing that is wrong. `place` is an entry's index, a node's position or a checkpoint's size."""

    damage: Damage
    place: int
    message: str
