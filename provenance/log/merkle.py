"""RFC 6962 Merkle tree over stored complete subtrees: roots, proofs and their verification.

A subtree is complete when all of its 2**level leaves exist; its hash then never changes. The store keeps
exactly these hashes, in the order in which they become complete, so appending only ever adds rows. Every
other hash that a root or a proof needs is a fold over at most log2(n) complete subtrees.

Verification follows the algorithms of RFC 9162 sections 2.1.3.2 and 2.1.4.2 (same hashes as RFC 6962).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from provenance.log.errors import ProofRejected
from provenance.log.hashing import EMPTY_ROOT, HASH_SIZE, leaf_hash, node_hash


class Subtree(NamedTuple):
    """A complete subtree: the leaves from `offset << level` up to, not including, `(offset + 1) << level`."""

    level: int
    offset: int

    @property
    def position(self) -> int:
        """The place of this subtree in the order of completion, counted from 0 without gaps.

        After n leaves, 2n - popcount(n) subtrees are complete. A leaf completes first itself and then,
        upwards, each ancestor whose last leaf it is.
        """
        last_leaf = ((self.offset + 1) << self.level) - 1
        return 2 * last_leaf - last_leaf.bit_count() + self.level


def complete_subtrees(size: int) -> int:
    """How many complete subtrees a tree of `size` leaves has."""
    return 2 * size - size.bit_count()


def cover(begin: int, end: int) -> tuple[Subtree, ...]:
    """The fewest complete subtrees that together hold the leaves `begin` to `end` - 1, from left to right.

    `begin` must be a multiple of the largest power of two that fits in `end - begin`, which holds for every
    range that RFC 6962 roots and proofs are made of.
    """
    parts = []
    while begin < end:
        level = (end - begin).bit_length() - 1
        parts.append(Subtree(level, begin >> level))
        begin += 1 << level
    return tuple(parts)


def fold(hashes: Sequence[bytes]) -> bytes:
    """The hash of a range from the hashes of its `cover`."""
    if not hashes:
        return EMPTY_ROOT
    result = hashes[-1]
    for left in reversed(hashes[:-1]):
        result = node_hash(left, result)
    return result


class Frontier:
    """The right edge of a growing tree: the hashes that its root and its next inner nodes are made of.

    `hashes` are those of `cover(0, size)`, left to right.
    """

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        if len(hashes) != size.bit_count():
            raise ValueError(
                f"A tree of {size} leaves has {size.bit_count()} edge hashes, not {len(hashes)}."
            )
        self.size = size
        self._hashes = list(hashes)

    def append(self, leaf: bytes) -> list[tuple[Subtree, bytes]]:
        """Add a leaf hash. Returns the subtrees it completes, leaf first, in the order of their positions."""
        subtree, value = Subtree(0, self.size), leaf
        completed = [(subtree, value)]
        while subtree.offset & 1:
            value = node_hash(self._hashes.pop(), value)
            subtree = Subtree(subtree.level + 1, subtree.offset >> 1)
            completed.append((subtree, value))
        self._hashes.append(value)
        self.size += 1
        return completed

    def copy(self) -> Frontier:
        """Another edge of the same tree, which grows on its own."""
        return Frontier(self.size, self._hashes)

    @property
    def hashes(self) -> tuple[bytes, ...]:
        """The hashes that the edge is made of now, left to right."""
        return tuple(self._hashes)

    def root(self) -> bytes:
        """The root hash of the tree so far."""
        return fold(self._hashes)

    def root_with(self, leaf: bytes) -> bytes:
        """The root hash the tree would have after `append(leaf)`."""
        after = Frontier(self.size, self._hashes)
        after.append(leaf)
        return after.root()

    def root_ending_in(self, last: bytes) -> bytes:
        """The root hash if the rightmost complete subtree had the hash `last`."""
        return fold([*self._hashes[:-1], last])

    def replace_last(self, last: bytes) -> None:
        """Take `last` for the hash of the rightmost complete subtree, to go on with a damaged store."""
        self._hashes[-1] = last


@dataclass(frozen=True)
class ProofPlan:
    """Which stored subtrees each hash of a proof is folded from, in the order of the proof."""

    parts: tuple[tuple[Subtree, ...], ...]

    @property
    def subtrees(self) -> tuple[Subtree, ...]:
        """All subtrees to fetch, at most O(log n) of them."""
        return tuple(subtree for part in self.parts for subtree in part)

    def hashes(self, stored: Mapping[Subtree, bytes]) -> list[bytes]:
        """The proof. Raises KeyError with the subtree that the store lacks."""
        return [fold([stored[subtree] for subtree in part]) for part in self.parts]


def plan_inclusion(index: int, size: int) -> ProofPlan:
    """The audit path of leaf `index` in the tree of `size` leaves (RFC 6962 section 2.1.1), leaf to root."""
    if not 0 <= index < size:
        raise ValueError(f"A tree of {size} leaves has no leaf {index}.")
    begin, end = 0, size
    parts = []
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            parts.append(cover(middle, end))
            end = middle
        else:
            parts.append(cover(begin, middle))
            begin = middle
    return ProofPlan(tuple(reversed(parts)))


def plan_consistency(first: int, second: int) -> ProofPlan:
    """The proof that a tree of `first` leaves begins one of `second` leaves (RFC 6962 section 2.1.2)."""
    if not 0 <= first <= second:
        raise ValueError(f"A tree of {first} leaves cannot come before one of {second}.")
    if first in {0, second}:
        return ProofPlan(())
    begin, end = 0, second
    parts = []
    while first != end:
        middle = begin + _split(end - begin)
        if first <= middle:
            parts.append(cover(middle, end))
            end = middle
        else:
            parts.append(cover(begin, middle))
            begin = middle
    if begin:  # the first tree is no complete subtree of the second: the verifier needs its last part too
        parts.append(cover(begin, end))
    return ProofPlan(tuple(reversed(parts)))


def _split(width: int) -> int:
    """The largest power of two smaller than `width`, for width of at least 2."""
    return 1 << ((width - 1).bit_length() - 1)


@dataclass(frozen=True)
class InclusionProof:
    """That the leaf `leaf_hash` stands at `index` in the tree of `tree_size` leaves with `root_hash`."""

    index: int
    tree_size: int
    leaf_hash: bytes
    root_hash: bytes
    hashes: tuple[bytes, ...]

    def verify(self) -> None:
        """Raises ProofRejected when the proof does not lead from the leaf to the root."""
        verify_inclusion(
            index=self.index,
            tree_size=self.tree_size,
            leaf=self.leaf_hash,
            root=self.root_hash,
            proof=self.hashes,
        )


@dataclass(frozen=True)
class ConsistencyProof:
    """That the tree of `second` leaves only added to the tree of `first` leaves."""

    first: int
    second: int
    first_root: bytes
    second_root: bytes
    hashes: tuple[bytes, ...]

    def verify(self) -> None:
        """Raises ProofRejected when the proof does not lead from the first root to the second."""
        verify_consistency(
            first=self.first,
            second=self.second,
            first_root=self.first_root,
            second_root=self.second_root,
            proof=self.hashes,
        )


def verify_entry(*, body: bytes, index: int, tree_size: int, root: bytes, proof: Sequence[bytes]) -> None:
    """Check that the entry with exactly these canonical bytes stands at `index`. Raises ProofRejected."""
    verify_inclusion(index=index, tree_size=tree_size, leaf=leaf_hash(body), root=root, proof=proof)


def verify_inclusion(*, index: int, tree_size: int, leaf: bytes, root: bytes, proof: Sequence[bytes]) -> None:
    """Check that the leaf hash `leaf` stands at `index` in the tree of `tree_size` leaves with this `root`.

    `proof` is the audit path from leaf to root. Returns nothing when it holds, raises ProofRejected
    otherwise.
    """
    _require_hashes(leaf, root, *proof)
    if not 0 <= index < tree_size:
        raise ProofRejected(f"A tree of {tree_size} leaves has no leaf {index}.")
    node, last, value = index, tree_size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise ProofRejected("The inclusion proof is longer than the path from this leaf to the root.")
        if node & 1 or node == last:
            value = node_hash(sibling, value)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            value = node_hash(value, sibling)
        node, last = node >> 1, last >> 1
    if last:
        raise ProofRejected("The inclusion proof is shorter than the path from this leaf to the root.")
    if value != root:
        raise ProofRejected(f"The inclusion proof of entry {index} leads to another root.")


def verify_consistency(
    *, first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that the tree of `second` leaves begins with the very leaves of the tree of `first` leaves.

    Returns nothing when it holds, raises ProofRejected otherwise. An empty first tree is a prefix of any
    tree and takes an empty proof.
    """
    _require_hashes(first_root, second_root, *proof)
    if not 0 <= first <= second:
        raise ProofRejected(f"A tree of {first} leaves cannot come before one of {second}.")
    if first in {0, second}:
        _verify_trivial_consistency(first, second, first_root, second_root, proof)
        return
    path = list(proof)
    if first & (first - 1) == 0:
        path.insert(0, first_root)
    if not path:
        raise ProofRejected("The consistency proof is empty.")
    node, last = first - 1, second - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise ProofRejected("The consistency proof is too long for these two trees.")
        if node & 1 or node == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        node, last = node >> 1, last >> 1
    if last:
        raise ProofRejected("The consistency proof is too short for these two trees.")
    if old != first_root:
        raise ProofRejected(f"The consistency proof leads to another root of the first {first} entries.")
    if new != second_root:
        raise ProofRejected(f"The consistency proof leads to another root of the first {second} entries.")


def _verify_trivial_consistency(
    first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]
) -> None:
    if proof:
        raise ProofRejected("Between these two trees the consistency proof must be empty.")
    if first == 0 and first_root != EMPTY_ROOT:
        raise ProofRejected("The root of an empty tree is the hash of nothing.")
    if first == second and first_root != second_root:
        raise ProofRejected(f"Two different roots are claimed for the same {first} entries.")


def _require_hashes(*values: bytes) -> None:
    for value in values:
        if len(value) != HASH_SIZE:
            raise ProofRejected(f"A hash has {HASH_SIZE} bytes, not {len(value)}.")
