"""Checks a whole stored log for entries, hashes and checkpoints that were changed, removed, moved or added.

Three records of the same history are compared: the entries, the hashes of complete subtrees, and the signed
checkpoints, one for each size. Whoever rewrites one of them contradicts the other two, and the checkpoints
cannot be rewritten without the key. Whoever has the key too is caught by a checkpoint kept elsewhere:
`published`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from provenance.log.checkpoint import Checkpoint
from provenance.log.draft import open_stored_checkpoint
from provenance.log.entries import parse_entry
from provenance.log.errors import EntryRejected, NoteRejected
from provenance.log.hashing import EMPTY_ROOT, HASH_SIZE, leaf_hash
from provenance.log.keys import LogSigningKey, LogVerifyKey
from provenance.log.merkle import Frontier, Subtree, complete_subtrees
from provenance.log.stored import CheckpointRow, Damage, EntryRow, LogDamage, NodeRow

Row = TypeVar("Row", EntryRow, NodeRow, CheckpointRow)
_UNKNOWN_LEAF = bytes(HASH_SIZE)  # stands for a leaf of which nothing is left


def signed_size(newest_first: Iterable[CheckpointRow], key: LogSigningKey | LogVerifyKey) -> int:
    """The size in the newest checkpoint whose signature is good: how much of the log can be checked."""
    for row in newest_first:
        try:
            return open_stored_checkpoint(row.note, key).size
        except NoteRejected:
            continue
    return 0


def fsck(
    *,
    entries: Iterable[EntryRow],
    nodes: Iterable[NodeRow],
    checkpoints: Iterable[CheckpointRow],
    size: int,
    key: LogSigningKey | LogVerifyKey,
    published: Iterable[Checkpoint] = (),
    checked: Frontier | None = None,
) -> list[LogDamage]:
    """Everything that is wrong with a stored log, sorted by place; an empty list when it is sound.

    The three iterables are read once, in ascending order of place; memory grows with the damage and with
    log(size) only. `size` is the log's `signed_size`. `published` are opened checkpoints from outside the
    store. With `checked`, the tree of a size that was found sound before and is no larger than `size`, only
    what comes after it is given and checked, and `published` are of that size or larger.
    """
    check = _Check(entries, nodes, checkpoints, key=key, published=published, checked=checked or Frontier())
    for index in range(checked.size if checked else 0, size):
        check.step(index)
    return sorted(check.finish(size), key=lambda finding: (finding.place, finding.damage, finding.message))


class _Rows(Generic[Row]):
    """Rows in ascending order of place."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows: Iterator[Row] = iter(rows)
        self._next: Row | None = next(self._rows, None)

    def before(self, place: int | None) -> Iterator[Row]:
        """Take the rows before `place`, or with None all that are left."""
        while self._next is not None and (place is None or self._next.place < place):
            row, self._next = self._next, next(self._rows, None)
            yield row


class _Check:
    """One run. The tree is grown from the accepted hash of each leaf; `step` says how it is chosen."""

    def __init__(
        self,
        entries: Iterable[EntryRow],
        nodes: Iterable[NodeRow],
        checkpoints: Iterable[CheckpointRow],
        *,
        key: LogSigningKey | LogVerifyKey,
        published: Iterable[Checkpoint],
        checked: Frontier,
    ) -> None:
        self._entries = _Rows(entries)
        self._nodes = _Rows(nodes)
        self._checkpoints = _Rows(checkpoints)
        self._key = key
        self._published: dict[int, set[bytes]] = {}
        for checkpoint in published:
            self._published.setdefault(checkpoint.size, set()).add(checkpoint.root)
        self._findings: list[LogDamage] = []
        self._frontier = checked.copy()
        self._sound = begin = checked.size  # the last size whose signed root came out
        self._suspects: list[int] = []  # sizes since then whose signed root did not
        self._reported: set[int] = set()  # entries that have a finding already
        self._misplaced: dict[int, bytes] = {}  # index -> hash of a row that does not belong there
        self._expected_index: dict[bytes, int] = {}  # hash -> index of an entry that is not where it belongs
        self._report_added(
            [
                *self._entries.before(begin),
                *self._nodes.before(complete_subtrees(begin)),
                *self._checkpoints.before(begin + 1),
            ]
        )
        if begin:
            self._check_published(begin)

    def step(self, index: int) -> None:
        """Check entry `index`, the subtrees it completes and the checkpoint that it closes with.

        Where the row and the stored leaf hash differ, the one that leads to the signed root is accepted. If
        neither does, the stored leaf is taken; should even the hash above it be untouched, the tree goes on
        from there. A signed root that never comes out again means that the entry was rewritten with all its
        hashes.
        """
        row = next(self._entries.before(index + 1), None)
        first = complete_subtrees(index)
        stored = {node.place: node.hash for node in self._nodes.before(complete_subtrees(index + 1))}
        root = self._signed_root(index + 1)
        leaf = self._accept_node(index, row, stored.get(first), root)
        if row is not None and leaf_hash(row.body) == leaf:
            self._check_row(row)
        completed = self._frontier.append(leaf)
        computed = self._frontier.root()
        top, _ = completed[-1]
        kept = stored.get(top.position)
        is_consistent = leaf != _UNKNOWN_LEAF and (root is None or computed == root)
        self._check_nodes(completed, stored, compare=is_consistent)
        if computed == root:
            self._report_checkpoints()
            self._sound = index + 1
        elif root is not None and kept is not None and self._frontier.root_ending_in(kept) == root:
            self._frontier.replace_last(kept)
            self._suspects.append(index + 1)
            self._report_entry("the hashes above it and the checkpoints still tell of another one")
            self._sound = index + 1
        elif root is not None:
            self._suspects.append(index + 1)
        self._check_published(index + 1)

    def finish(self, size: int) -> list[LogDamage]:
        """Check what is left beyond the signed size, and settle what could only be seen at the end."""
        if self._suspects:
            self._report_entry(
                f"no checkpoint from size {self._suspects[0]} on comes out of the entries and hashes"
            )
        self._report_added(
            [*self._entries.before(None), *self._nodes.before(None), *self._checkpoints.before(None)]
        )
        for index, value in self._misplaced.items():
            belongs_at = self._expected_index.get(value)
            if belongs_at is not None and belongs_at != index:
                message = f"row {index} holds the entry that belongs at {belongs_at}"
                self._report(Damage.ENTRY_MOVED, index, message)
            else:
                self._report(
                    Damage.ENTRY_CHANGED, index, f"entry {index} was changed: its hash is not the stored one"
                )
        self._check_published(0)
        for beyond in sorted(place for place in self._published if place > size):
            self._report(
                Damage.ROLLED_BACK,
                beyond,
                f"{beyond} entries were published, but only {size} are here: the last ones were removed",
            )
        return self._findings

    def _signed_root(self, size: int) -> bytes | None:
        """The root that a good signature vouches for at `size`, if there is one."""
        row = next(self._checkpoints.before(size + 1), None)
        if row is None:
            self._report(Damage.CHECKPOINT_REMOVED, size, f"the checkpoint of {size} entries was removed")
            return None
        try:
            checkpoint = open_stored_checkpoint(row.note, self._key)
        except NoteRejected as error:
            self._report(
                Damage.CHECKPOINT_BAD_SIGNATURE,
                size,
                f"the checkpoint of {size} entries is not the log's own: {error}",
            )
            return None
        if checkpoint.size != size:
            self._report(
                Damage.CHECKPOINT_CHANGED,
                size,
                f"in place of the checkpoint of {size} entries stands the one of {checkpoint.size}",
            )
            return None
        if checkpoint.root != row.root:
            self._report(
                Damage.CHECKPOINT_CHANGED,
                size,
                f"the root beside the checkpoint of {size} entries is not the signed one",
            )
        return checkpoint.root

    def _accept_node(self, index: int, row: EntryRow | None, node: bytes | None, root: bytes | None) -> bytes:
        """The leaf hash to continue with; reports a row that is missing or is not what was appended."""
        if row is None:
            self._reported.add(index)
            self._report(Damage.ENTRY_REMOVED, index, f"entry {index} was removed")
            if node is not None:
                self._expected_index[node] = index
            return node or _UNKNOWN_LEAF
        value = leaf_hash(row.body)
        if node is None or value == node or self._frontier.root_with(value) == root:
            return value
        self._reported.add(index)
        self._misplaced[index] = value
        self._expected_index[node] = index
        return node

    def _check_row(self, row: EntryRow) -> None:
        """The columns beside the canonical bytes say what the bytes say."""
        try:
            entry = parse_entry(row.body)
        except EntryRejected as error:
            self._report(Damage.ENTRY_MALFORMED, row.index, f"entry {row.index} is malformed: {error}")
            return
        columns = {
            "index": (row.index, entry.index),
            "time": (row.time, entry.time),
            "event": (row.event, entry.event.value),
            "actor": (row.actor, entry.actor),
            "references": (row.references, entry.references),
        }
        for name, (column, said) in columns.items():
            if column != said:
                self._report(
                    Damage.COLUMN_CHANGED,
                    row.index,
                    f"the column {name} of entry {row.index} differs from the entry",
                )

    def _check_nodes(
        self, completed: list[tuple[Subtree, bytes]], stored: dict[int, bytes], *, compare: bool
    ) -> None:
        """The hashes of the subtrees that this leaf completed are stored and, to `compare`, are right."""
        for subtree, value in completed:
            place = subtree.position
            where = f"of level {subtree.level}, offset {subtree.offset}"
            if place not in stored:
                self._report(Damage.NODE_REMOVED, place, f"the stored hash {where} was removed")
            elif compare and stored[place] != value:
                self._report(
                    Damage.NODE_CHANGED, place, f"the stored hash {where} is not that of its entries"
                )

    def _report_checkpoints(self) -> None:
        """A later signed root came out: the entries are right and the checkpoints in between are not."""
        for size in self._suspects:
            self._report(
                Damage.CHECKPOINT_MISMATCH,
                size,
                f"the checkpoint of {size} entries has another root than the entries that later ones confirm",
            )
        self._suspects.clear()

    def _report_entry(self, evidence: str) -> None:
        """The signed roots since the first suspect cannot come out: an entry is not what was appended."""
        first, last = self._sound, self._suspects[0] - 1
        if not any(place in self._reported for place in range(first, self._suspects[-1])):
            which = f"entry {last}" if first == last else f"one of the entries {first} to {last}"
            self._report(
                Damage.ENTRY_CHANGED, first, f"{which} was changed together with its hash: {evidence}"
            )
        self._suspects.clear()

    def _check_published(self, size: int) -> None:
        computed = self._frontier.root() if size else EMPTY_ROOT
        if any(root != computed for root in self._published.get(size, ())):
            self._report(
                Damage.HISTORY_REWRITTEN,
                size,
                f"the first {size} entries are not those of the checkpoint that was published",
            )

    def _report_added(self, rows: list[EntryRow | NodeRow | CheckpointRow]) -> None:
        for row in rows:
            if isinstance(row, EntryRow):
                damage, what = Damage.ENTRY_ADDED, f"entry {row.place}"
            elif isinstance(row, NodeRow):
                damage, what = Damage.NODE_ADDED, f"the stored hash at position {row.place}"
            else:
                damage, what = Damage.CHECKPOINT_ADDED, f"the checkpoint of {row.place} entries"
            self._report(damage, row.place, f"{what} was added: no checkpoint signed by the log covers it")

    def _report(self, damage: Damage, place: int, message: str) -> None:
        self._findings.append(LogDamage(damage, place, message))
