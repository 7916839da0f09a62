"""Proofs from the stored tree: right, verifiable by anybody, and cheap at any size."""

from __future__ import annotations

import pytest

from provenance.common.errors import InvalidInput, NotFound
from provenance.log.merkle import Subtree
from provenance.models import LogCheckpoint, LogEntry, LogNode
from provenance.services import log
from provenance.services.log import LogDamaged
from tests.append_only import drop_triggers

SIZE = 13


def test_every_entry_is_proven_at_every_size(fill):
    fill(SIZE)
    roots = {checkpoint.size: bytes(checkpoint.root) for checkpoint in LogCheckpoint.objects.all()}
    for size in range(1, SIZE + 1):
        for index in range(size):
            proof = log.inclusion_proof(index, size)
            assert (proof.index, proof.tree_size, proof.root_hash) == (index, size, roots[size])
            proof.verify()


def test_every_size_is_proven_to_continue_every_earlier_one(fill):
    fill(SIZE)
    for second in range(1, SIZE + 1):
        for first in range(second + 1):
            log.consistency_proof(first, second).verify()


@pytest.mark.parametrize("size", [1, 5, 33])
def test_a_proof_takes_three_queries_at_most_at_any_size(fill, django_assert_max_num_queries, size):
    fill(size)
    with django_assert_max_num_queries(3):
        log.inclusion_proof(size // 2, size)
    with django_assert_max_num_queries(3):
        log.consistency_proof(size // 2, size)


@pytest.mark.parametrize(("index", "size"), [(5, 5), (-1, 5), (0, 0)])
def test_it_refuses_an_index_outside_the_size(fill, index, size):
    fill(5)
    with pytest.raises(InvalidInput):
        log.inclusion_proof(index, size)


def test_it_refuses_sizes_the_log_never_had(fill):
    fill(5)
    for ask in (lambda: log.inclusion_proof(0, 6), lambda: log.consistency_proof(3, 6)):
        with pytest.raises(NotFound):
            ask()
    with pytest.raises(InvalidInput):
        log.consistency_proof(4, 3)


def test_it_proves_nothing_from_a_tampered_store(fill):
    fill(8)
    drop_triggers()
    LogEntry.objects.filter(index=2).update(body=LogEntry.objects.get(index=3).body)
    with pytest.raises(LogDamaged):
        log.inclusion_proof(2, 8)
    LogNode.objects.filter(position=Subtree(0, 6).position).update(hash=bytes(32))
    with pytest.raises(LogDamaged):
        log.inclusion_proof(7, 8)
    LogNode.objects.filter(position=Subtree(1, 1).position).delete()
    with pytest.raises(LogDamaged):
        log.consistency_proof(2, 8)


@pytest.mark.django_db
def test_an_empty_log_has_no_checkpoint():
    with pytest.raises(NotFound):
        log.latest_checkpoint()


def test_the_latest_checkpoint_covers_what_was_appended_and_no_more(fill):
    fill(3)
    assert log.latest_checkpoint().size == log.latest_checkpoint(covering=2).size == 3
    for index in (3, -1):
        with pytest.raises(NotFound):
            log.latest_checkpoint(covering=index)
