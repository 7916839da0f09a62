"""Whatever is done to a stored log, fsck names it; what was not done, it does not name."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.log.keys import LogSigningKey
from provenance.log.merkle import Subtree, complete_subtrees
from provenance.log.stored import CheckpointRow, Damage, NodeRow
from tests.provenance.log.store import ORIGIN, Store, entry, row_of

SIZE = 21
places = pytest.mark.parametrize("index", range(SIZE))


@pytest.mark.parametrize("size", [0, 1, 2, 3, 7, 8, 9, 23])
def test_it_finds_nothing_in_a_sound_log(size):
    assert Store.of(size).findings() == []


@places
def test_it_names_a_changed_entry(index):
    store = Store.of(SIZE)
    store.rewrite(index)
    assert store.findings() == [(Damage.ENTRY_CHANGED, index)]


@places
def test_it_names_an_entry_that_was_made_unreadable(index):
    store = Store.of(SIZE)
    store.entries[index] = replace(store.entries[index], body=b"{}")
    assert store.findings() == [(Damage.ENTRY_CHANGED, index)]


@places
@pytest.mark.parametrize("levels", [1, 2, 3, 4, 5, 6])
def test_it_names_an_entry_that_was_changed_together_with_hashes_above_it(index, levels):
    store = Store.of(SIZE)
    store.rewrite(index, levels=levels)
    assert store.findings() == [(Damage.ENTRY_CHANGED, index)]


@places
def test_it_names_a_removed_entry(index):
    store = Store.of(SIZE)
    del store.entries[index]
    assert store.findings() == [(Damage.ENTRY_REMOVED, index)]


@pytest.mark.parametrize("index", range(SIZE - 1))
def test_it_names_an_entry_that_was_removed_with_its_hash_and_checkpoint(index):
    store = Store.of(SIZE)
    del store.entries[index]
    del store.nodes[Subtree(0, index).position]
    del store.checkpoints[index + 1]
    assert set(store.findings()) == {
        (Damage.ENTRY_REMOVED, index),
        (Damage.NODE_REMOVED, Subtree(0, index).position),
        (Damage.CHECKPOINT_REMOVED, index + 1),
    }


def test_it_names_each_of_several_removed_entries():
    store = Store.of(SIZE)
    for index in (3, 4, 20):
        del store.entries[index]
    assert store.findings() == [(Damage.ENTRY_REMOVED, index) for index in (3, 4, 20)]


@pytest.mark.parametrize(("first", "second"), [(0, 1), (3, 17), (19, 20)])
def test_it_names_both_of_two_exchanged_entries(first, second):
    store = Store.of(SIZE)
    store.swap(first, second)
    assert store.findings() == [(Damage.ENTRY_MOVED, first), (Damage.ENTRY_MOVED, second)]
    assert f"row {first} holds the entry that belongs at {second}" in store.full_findings()[0].message


def test_it_names_the_hole_and_the_moved_rows_when_later_ones_close_it():
    store = Store.of(SIZE)
    for index in range(17, SIZE - 1):
        store.entries[index] = replace(store.entries[index + 1], index=index)
    del store.entries[SIZE - 1]
    assert store.findings() == [
        (Damage.ENTRY_MOVED, 17),
        (Damage.ENTRY_MOVED, 18),
        (Damage.ENTRY_MOVED, 19),
        (Damage.ENTRY_REMOVED, SIZE - 1),
    ]


@pytest.mark.parametrize("index", [-1, SIZE, SIZE + 1, 10**15])
def test_it_names_an_added_entry(index):
    store = Store.of(SIZE)
    store.entries[index] = row_of(entry(SIZE), index)
    assert store.findings() == [(Damage.ENTRY_ADDED, index)]


def test_it_names_an_entry_that_was_added_with_hashes_but_without_the_key():
    store, longer = (
        Store.of(SIZE),
        Store.of(SIZE + 1, key=LogSigningKey(ORIGIN, Ed25519PrivateKey.generate())),
    )
    store.entries[SIZE] = longer.entries[SIZE]
    store.nodes.update({place: row for place, row in longer.nodes.items() if place not in store.nodes})
    store.checkpoints[SIZE + 1] = longer.checkpoints[SIZE + 1]
    damages = {damage for damage, _ in store.findings()}
    assert damages == {Damage.ENTRY_ADDED, Damage.NODE_ADDED, Damage.CHECKPOINT_ADDED}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("event", "rendition.sealed"),
        ("actor", "usr_someone_else"),
        ("references", frozenset()),
        ("references", frozenset({"job_5", "job_6"})),
    ],
)
def test_it_names_a_column_that_no_longer_says_what_the_entry_says(column, value):
    store = Store.of(SIZE)
    store.entries[5] = replace(store.entries[5], **{column: value})
    assert store.findings() == [(Damage.COLUMN_CHANGED, 5)]
    assert column in store.full_findings()[0].message


def test_it_names_a_changed_time_column():
    store = Store.of(SIZE)
    store.entries[5] = replace(store.entries[5], time=store.entries[5].time + timedelta(days=1))
    assert store.findings() == [(Damage.COLUMN_CHANGED, 5)]


@pytest.mark.parametrize("position", range(complete_subtrees(SIZE)))
def test_it_names_a_changed_hash(position):
    store = Store.of(SIZE)
    store.nodes[position] = NodeRow(position, bytes(32))
    assert store.findings() == [(Damage.NODE_CHANGED, position)]


@pytest.mark.parametrize("position", range(complete_subtrees(SIZE)))
def test_it_names_a_removed_hash(position):
    store = Store.of(SIZE)
    del store.nodes[position]
    assert store.findings() == [(Damage.NODE_REMOVED, position)]


@pytest.mark.parametrize("position", [-1, complete_subtrees(SIZE), 10**15])
def test_it_names_an_added_hash(position):
    store = Store.of(SIZE)
    store.nodes[position] = NodeRow(position, bytes(32))
    assert store.findings() == [(Damage.NODE_ADDED, position)]


@pytest.mark.parametrize("size", range(1, SIZE))
def test_it_names_a_checkpoint_with_another_root_even_if_it_is_signed(size):
    store = Store.of(SIZE)
    store.checkpoints[size] = Store.of(SIZE, rewritten=[0]).checkpoints[size]
    assert store.findings() == [(Damage.CHECKPOINT_MISMATCH, size)]


@pytest.mark.parametrize("size", range(1, SIZE))
def test_it_names_a_checkpoint_by_another_key(size):
    store = Store.of(SIZE)
    stranger = LogSigningKey(ORIGIN, Ed25519PrivateKey.generate())
    store.checkpoints[size] = Store.of(SIZE, key=stranger).checkpoints[size]
    assert store.findings() == [(Damage.CHECKPOINT_BAD_SIGNATURE, size)]


@pytest.mark.parametrize("size", range(1, SIZE))
def test_it_names_a_removed_checkpoint(size):
    store = Store.of(SIZE)
    del store.checkpoints[size]
    assert store.findings() == [(Damage.CHECKPOINT_REMOVED, size)]


def test_it_names_a_checkpoint_that_stands_in_for_another_and_a_root_that_is_not_the_signed_one():
    store = Store.of(SIZE)
    store.checkpoints[5] = replace(store.checkpoints[6], size=5)
    store.checkpoints[9] = replace(store.checkpoints[9], root=bytes(32))
    assert store.findings() == [(Damage.CHECKPOINT_CHANGED, 5), (Damage.CHECKPOINT_CHANGED, 9)]


@pytest.mark.parametrize("size", [0, -3, 10**15])
def test_it_names_an_added_checkpoint(size):
    store = Store.of(SIZE)
    store.checkpoints[size] = CheckpointRow(size, bytes(32), "no note")
    assert store.findings() == [(Damage.CHECKPOINT_ADDED, size)]


def test_a_log_cut_short_shows_only_against_a_published_checkpoint():
    store = Store.of(SIZE)
    published = store.published(20)
    store.cut(15)
    assert store.findings() == []
    assert store.findings([published]) == [(Damage.ROLLED_BACK, 20)]


def test_a_log_rewritten_with_its_own_key_shows_only_against_a_published_checkpoint():
    published = Store.of(SIZE).published(20)
    rewritten = Store.of(SIZE, rewritten=[4])
    assert rewritten.findings() == []
    assert rewritten.findings([published]) == [(Damage.HISTORY_REWRITTEN, 20)]
    assert rewritten.findings([rewritten.published(4)]) == []


def test_it_names_unrelated_damage_in_one_run():
    store = Store.of(SIZE)
    store.rewrite(2)
    del store.entries[9]
    store.nodes[30] = NodeRow(30, bytes(32))
    store.rewrite(16, levels=1)
    del store.checkpoints[20]
    assert set(store.findings()) == {
        (Damage.ENTRY_CHANGED, 2),
        (Damage.ENTRY_REMOVED, 9),
        (Damage.NODE_CHANGED, 30),
        (Damage.ENTRY_CHANGED, 16),
        (Damage.CHECKPOINT_REMOVED, 20),
    }


@settings(max_examples=40)
@given(
    st.integers(1, 40),
    st.lists(st.tuples(st.sampled_from(["entries", "nodes", "checkpoints"]), st.integers(0, 90)), min_size=1),
)
def test_no_combination_of_removals_goes_unnoticed_or_crashes(size, removals):
    store = Store.of(size)
    published = store.published(size)
    removed = 0
    for table, place in removals:
        removed += getattr(store, table).pop(place, None) is not None
    if removed:
        assert store.findings([published])
    else:
        assert store.findings([published]) == []


@settings(max_examples=40)
@given(st.integers(1, 40), st.sets(st.integers(0, 39), min_size=1), st.integers(0, 7))
def test_no_combination_of_rewritten_entries_goes_unnoticed(size, indices, levels):
    store = Store.of(size)
    touched = [index for index in indices if index < size]
    for index in touched:
        store.rewrite(index, levels=levels)
    assert bool(store.findings()) == bool(touched)
