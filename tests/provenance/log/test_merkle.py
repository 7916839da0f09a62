"""The tree and its proofs against published vectors, the RFC's own recursive definition, and corruption."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.log.errors import ProofRejected
from provenance.log.hashing import EMPTY_ROOT, leaf_hash
from provenance.log.merkle import (
    Frontier,
    Subtree,
    complete_subtrees,
    cover,
    fold,
    plan_consistency,
    plan_inclusion,
    verify_consistency,
    verify_entry,
    verify_inclusion,
)
from tests.provenance.log.vectors import CONSISTENCY_PROOFS, INCLUSION_PROOFS, LEAVES, ROOTS

sizes = st.integers(min_value=1, max_value=130)
SOME_HASH = hashlib.sha256(b"some other hash").digest()


def definition(entries: list[bytes]) -> bytes:
    """MTH(D[n]) word for word as in RFC 6962 section 2.1."""
    if not entries:
        return hashlib.sha256().digest()
    if len(entries) == 1:
        return hashlib.sha256(b"\x00" + entries[0]).digest()
    split = 1
    while split * 2 < len(entries):
        split *= 2
    return hashlib.sha256(b"\x01" + definition(entries[:split]) + definition(entries[split:])).digest()


def grow(entries: list[bytes]) -> tuple[Frontier, dict[Subtree, bytes]]:
    frontier = Frontier()
    stored: dict[Subtree, bytes] = {}
    for entry in entries:
        stored.update(frontier.append(leaf_hash(entry)))
    return frontier, stored


def entries_of(size: int) -> list[bytes]:
    return [b"entry %d" % number for number in range(size)]


def test_it_gives_the_hash_of_nothing_for_an_empty_tree():
    assert Frontier().root() == EMPTY_ROOT == definition([])


@pytest.mark.parametrize("size", range(1, 9))
def test_it_gives_the_published_roots(size):
    assert grow(LEAVES[:size])[0].root() == ROOTS[size - 1]


@pytest.mark.parametrize(("index", "size", "proof"), INCLUSION_PROOFS)
def test_it_makes_and_accepts_the_published_inclusion_proofs(index, size, proof):
    _, stored = grow(LEAVES[:size])
    assert plan_inclusion(index, size).hashes(stored) == proof
    verify_entry(body=LEAVES[index], index=index, tree_size=size, root=ROOTS[size - 1], proof=proof)


@pytest.mark.parametrize(("first", "second", "proof"), CONSISTENCY_PROOFS)
def test_it_makes_and_accepts_the_published_consistency_proofs(first, second, proof):
    _, stored = grow(LEAVES[:second])
    assert plan_consistency(first, second).hashes(stored) == proof
    verify_consistency(
        first=first,
        second=second,
        first_root=ROOTS[first - 1],
        second_root=ROOTS[second - 1],
        proof=proof,
    )


@pytest.mark.parametrize(("index", "size", "proof"), INCLUSION_PROOFS)
def test_it_refuses_every_published_inclusion_proof_once_corrupted(index, size, proof):
    good = {"index": index, "tree_size": size, "leaf": leaf_hash(LEAVES[index]), "root": ROOTS[size - 1]}
    corrupted = [
        ({**good, "index": index - 1}, proof),
        ({**good, "index": index + 1}, proof),
        ({**good, "index": index ^ 2}, proof),
        ({**good, "tree_size": size * 2}, proof),
        ({**good, "tree_size": size // 2}, proof),
        ({**good, "leaf": b"WrongLeaf"}, proof),
        ({**good, "root": EMPTY_ROOT}, proof),
        ({**good, "root": SOME_HASH}, proof),
        (good, [*proof, b""]),
        (good, [*proof, good["root"]]),
        (good, [b"", *proof]),
        (good, [good["root"], *proof]),
    ]
    corrupted += [(good, [*proof[:i], flip(proof[i]), *proof[i + 1 :]]) for i in range(len(proof))]
    corrupted += [(good, proof[:-1])] if proof else []
    for arguments, hashes in corrupted:
        with pytest.raises(ProofRejected):
            verify_inclusion(**arguments, proof=hashes)


@pytest.mark.parametrize(("first", "second", "proof"), CONSISTENCY_PROOFS[1:])
def test_it_refuses_every_published_consistency_proof_once_corrupted(first, second, proof):
    root, later = ROOTS[first - 1], ROOTS[second - 1]
    good = {"first": first, "second": second, "first_root": root, "second_root": later}
    corrupted = [
        ({**good, "first": first - 1}, proof),
        ({**good, "first": first + 1}, proof),
        ({**good, "first": first ^ 2}, proof),
        ({**good, "second": second * 2}, proof),
        ({**good, "second": second // 2}, proof),
        ({**good, "first_root": b"WrongRoot"}, proof),
        ({**good, "second_root": b"WrongRoot"}, proof),
        ({**good, "first_root": later, "second_root": root}, proof),
        (good, []),
        (good, [*proof, b""]),
        (good, [*proof, root]),
        (good, [*proof, later]),
        (good, [b"", *proof]),
        (good, [root, *proof]),
        (good, [proof[0], *proof]),
        (good, proof[:-1]),
    ]
    corrupted += [(good, [*proof[:i], flip(proof[i]), *proof[i + 1 :]]) for i in range(len(proof))]
    for arguments, hashes in corrupted:
        with pytest.raises(ProofRejected):
            verify_consistency(**arguments, proof=hashes)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (1, 0), (2, 1), (-1, 1)])
def test_it_refuses_a_leaf_outside_the_tree(index, size):
    with pytest.raises(ProofRejected):
        verify_inclusion(index=index, tree_size=size, leaf=SOME_HASH, root=SOME_HASH, proof=[])
    with pytest.raises(ValueError, match="no leaf"):
        plan_inclusion(index, size)


def test_it_refuses_a_tree_that_shrinks():
    with pytest.raises(ProofRejected):
        verify_consistency(first=2, second=1, first_root=ROOTS[1], second_root=ROOTS[0], proof=[])
    with pytest.raises(ValueError, match="cannot come before"):
        plan_consistency(2, 1)


def test_it_refuses_two_roots_of_the_same_size():
    with pytest.raises(ProofRejected):
        verify_consistency(first=3, second=3, first_root=ROOTS[2], second_root=SOME_HASH, proof=[])


def test_it_takes_the_empty_tree_as_the_beginning_of_any_tree():
    verify_consistency(first=0, second=3, first_root=EMPTY_ROOT, second_root=ROOTS[2], proof=[])
    for root, proof in ((SOME_HASH, []), (EMPTY_ROOT, [ROOTS[2]])):
        with pytest.raises(ProofRejected):
            verify_consistency(first=0, second=3, first_root=root, second_root=ROOTS[2], proof=proof)


@given(sizes)
def test_its_root_is_the_rfcs_definition_at_any_size(size):
    assert grow(entries_of(size))[0].root() == definition(entries_of(size))


@given(sizes, st.data())
def test_every_inclusion_proof_verifies_and_proves_no_other_entry(size, data):
    index = data.draw(st.integers(0, size - 1))
    other = data.draw(st.integers(0, size - 1))
    entries = entries_of(size)
    frontier, stored = grow(entries)
    proof = plan_inclusion(index, size).hashes(stored)
    arguments = {"tree_size": size, "root": frontier.root(), "proof": proof}
    verify_entry(body=entries[index], index=index, **arguments)
    if other != index:
        with pytest.raises(ProofRejected):
            verify_entry(body=entries[other], index=index, **arguments)
        with pytest.raises(ProofRejected):
            verify_entry(body=entries[index], index=other, **arguments)


@given(sizes, st.data())
def test_every_consistency_proof_verifies_and_no_rewritten_past_does(size, data):
    first = data.draw(st.integers(1, size))
    changed = data.draw(st.integers(0, first - 1))
    entries = entries_of(size)
    frontier, stored = grow(entries)
    proof = plan_consistency(first, size).hashes(stored)
    roots = {"first_root": grow(entries[:first])[0].root(), "second_root": frontier.root()}
    verify_consistency(first=first, second=size, **roots, proof=proof)

    entries[changed] = b"rewritten"
    frontier, stored = grow(entries)
    proof = plan_consistency(first, size).hashes(stored)
    with pytest.raises(ProofRejected):
        verify_consistency(
            first=first,
            second=size,
            first_root=roots["first_root"],
            second_root=frontier.root(),
            proof=proof,
        )


@given(sizes)
def test_positions_count_complete_subtrees_without_gaps_in_order_of_completion(size):
    frontier = Frontier()
    order = [subtree for entry in entries_of(size) for subtree, _ in frontier.append(leaf_hash(entry))]
    assert [subtree.position for subtree in order] == list(range(complete_subtrees(size)))


@given(st.integers(min_value=1, max_value=2**40), st.data())
def test_a_proof_reads_a_number_of_subtrees_that_grows_with_the_logarithm(size, data):
    index = data.draw(st.integers(0, size - 1))
    bound = 2 * size.bit_length()
    assert len(plan_inclusion(index, size).subtrees) <= bound
    assert len(plan_consistency(index, size).subtrees) <= bound


@given(sizes)
def test_a_frontier_goes_on_from_what_is_stored(size):
    frontier, stored = grow(entries_of(size))
    resumed = Frontier(size, [stored[subtree] for subtree in cover(0, size)])
    assert resumed.root() == frontier.root() == fold([stored[subtree] for subtree in cover(0, size)])
    assert resumed.append(SOME_HASH) == frontier.append(SOME_HASH)


def test_a_frontier_refuses_the_wrong_number_of_hashes():
    with pytest.raises(ValueError, match="edge hashes"):
        Frontier(3, [SOME_HASH])


def flip(value: bytes) -> bytes:
    return bytes([value[0] ^ 8]) + value[1:]
