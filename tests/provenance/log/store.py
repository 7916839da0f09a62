"""A stored log in memory, as rows that a test can tamper with like somebody who owns the database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from provenance.log.checkpoint import Checkpoint, sign_checkpoint
from provenance.log.entries import Entry, LogEvent
from provenance.log.fsck import fsck, signed_size
from provenance.log.hashing import leaf_hash
from provenance.log.keys import LogSigningKey
from provenance.log.merkle import Frontier, Subtree, complete_subtrees
from provenance.log.stored import CheckpointRow, Damage, EntryRow, NodeRow

ORIGIN = "log.example/likeness"
KEY = LogSigningKey(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
START = datetime(2026, 11, 23, 4, 0, 0, tzinfo=UTC)


def entry(index: int, note: str = "as_it_was") -> Entry:
    return Entry(
        index=index,
        time=START + timedelta(seconds=index),
        event=LogEvent.JOB_SUBMITTED,
        actor="system",
        data={"job": f"job_{index}", "note": note},
    )


def row_of(made: Entry, index: int | None = None) -> EntryRow:
    return EntryRow(
        made.index if index is None else index,
        made.body,
        made.time,
        made.event.value,
        made.actor,
        made.references,
    )


@dataclass
class Store:
    entries: dict[int, EntryRow] = field(default_factory=dict)
    nodes: dict[int, NodeRow] = field(default_factory=dict)
    checkpoints: dict[int, CheckpointRow] = field(default_factory=dict)

    @classmethod
    def of(cls, size: int, *, rewritten: Iterable[int] = (), key: LogSigningKey = KEY) -> Store:
        """A sound log of `size` entries, in which those in `rewritten` say something else."""
        made = _built(size, frozenset(rewritten), key)
        return cls(dict(made.entries), dict(made.nodes), dict(made.checkpoints))

    def rewrite(self, index: int, *, levels: int = 0) -> None:
        """Change what entry `index` says, and the stored hashes above it on so many levels."""
        size = len(self.entries)
        forged = Store.of(size, rewritten=[index])
        self.entries[index] = forged.entries[index]
        for level in range(levels):
            position = Subtree(level, index >> level).position
            if position < complete_subtrees(size) and position in self.nodes:
                self.nodes[position] = forged.nodes[position]

    def published(self, size: int) -> Checkpoint:
        return Checkpoint(ORIGIN, size, self.checkpoints[size].root)

    def cut(self, size: int) -> None:
        """Remove everything after the first `size` entries, checkpoints included."""
        self.entries = {i: row for i, row in self.entries.items() if i < size}
        self.nodes = {i: row for i, row in self.nodes.items() if i < complete_subtrees(size)}
        self.checkpoints = {i: row for i, row in self.checkpoints.items() if i <= size}

    def swap(self, first: int, second: int) -> None:
        a, b = self.entries[first], self.entries[second]
        self.entries[first], self.entries[second] = replace(b, index=first), replace(a, index=second)

    def findings(self, published: Iterable[Checkpoint] = ()) -> list[tuple[Damage, int]]:
        return [(finding.damage, finding.place) for finding in self.full_findings(published)]

    def full_findings(self, published: Iterable[Checkpoint] = ()):
        checkpoints = [self.checkpoints[size] for size in sorted(self.checkpoints)]
        return fsck(
            entries=[self.entries[index] for index in sorted(self.entries)],
            nodes=[self.nodes[position] for position in sorted(self.nodes)],
            checkpoints=checkpoints,
            size=signed_size(reversed(checkpoints), KEY.verify_key),
            key=KEY.verify_key,
            published=published,
        )


@lru_cache(maxsize=256)
def _built(size: int, rewritten: frozenset[int], key: LogSigningKey) -> Store:
    store, frontier = Store(), Frontier()
    for index in range(size):
        made = entry(index, "rewritten" if index in rewritten else "as_it_was")
        store.entries[index] = row_of(made)
        for subtree, value in frontier.append(leaf_hash(made.body)):
            store.nodes[subtree.position] = NodeRow(subtree.position, value)
        checkpoint = Checkpoint(ORIGIN, frontier.size, frontier.root())
        store.checkpoints[frontier.size] = CheckpointRow(
            checkpoint.size, checkpoint.root, sign_checkpoint(checkpoint, key)
        )
    return store
