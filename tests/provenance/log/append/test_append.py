"""Appending: inside the caller's transaction or not at all, without gaps, and never on top of damage."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
import time_machine
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError

from provenance.keys.service_keys import log_signing_key, log_verify_key
from provenance.log.checkpoint import open_checkpoint
from provenance.log.draft import open_stored_checkpoint
from provenance.log.errors import EntryRejected, NoteRejected
from provenance.log.merkle import Subtree, complete_subtrees
from provenance.models import LogCheckpoint, LogEntry, LogNode, LogReference
from provenance.selectors.signed_head import sign_stored
from provenance.services import log
from provenance.services.log import LogDamaged, LogEvent
from tests.append_only import drop_triggers

# It reads the newest checkpoint and the tree's edge, and writes entry, references, nodes and checkpoint.
# PostgreSQL adds the advisory lock.
QUERIES = 6


@pytest.mark.django_db
@time_machine.travel(datetime(2026, 11, 23, 4, 10, 54, 999_999, tzinfo=UTC), tick=False)
def test_it_writes_the_canonical_entry_and_columns_that_repeat_it():
    row = log.append(LogEvent.RENDITION_SEALED, actor="key_abc", data={"rendition_id": "rnd_x", "frames": 25})
    assert json.loads(row.body) == {
        "v": 1,
        "index": 0,
        "time": "2026-11-23T04:10:54Z",
        "event": "rendition.sealed",
        "actor": "key_abc",
        "data": {"rendition_id": "rnd_x", "frames": 25},
    }
    stored = LogEntry.objects.get()
    assert (stored.index, stored.event, stored.actor) == (0, "rendition.sealed", "key_abc")
    assert stored.time == stored.entry.time == datetime(2026, 11, 23, 4, 10, 54, tzinfo=UTC)
    assert list(LogReference.objects.values_list("entry_id", "value")) == [(0, "rnd_x")]


def test_it_counts_without_gaps_and_drafts_a_checkpoint_of_every_size(fill):
    assert [entry.index for entry in fill(10)] == list(range(10))
    assert list(LogCheckpoint.objects.order_by("size").values_list("size", flat=True)) == list(range(1, 11))
    assert LogNode.objects.count() == complete_subtrees(10)
    for checkpoint in LogCheckpoint.objects.all():
        opened = open_stored_checkpoint(checkpoint.note, log_signing_key())
        assert (opened.size, opened.root) == (checkpoint.size, bytes(checkpoint.root))
        with pytest.raises(NoteRejected):  # the signature is made when it is shown
            open_checkpoint(checkpoint.note, log_verify_key())
        assert open_checkpoint(sign_stored(checkpoint).note, log_verify_key()) == opened


@pytest.mark.django_db
def test_several_entries_of_one_transaction_follow_each_other():
    with transaction.atomic():
        for _ in range(3):
            log.append(LogEvent.JOB_SUBMITTED, actor="system", data={})
    assert log.latest_checkpoint().size == 3


@pytest.mark.django_db(transaction=True)
def test_it_refuses_to_write_outside_a_transaction():
    with pytest.raises(TransactionManagementError):
        log.append(LogEvent.JOB_SUBMITTED, actor="system", data={})
    assert not LogEntry.objects.exists()


class ChangeFailed(Exception):
    """Stands for whatever makes a caller's transaction fail."""


def fail_after_appending() -> None:
    with transaction.atomic():
        log.append(LogEvent.JOB_FAILED, actor="system", data={"job_id": "job_lost"})
        raise ChangeFailed


def test_nothing_is_written_when_the_callers_transaction_fails(fill):
    fill(2)
    with pytest.raises(ChangeFailed):
        fail_after_appending()
    assert LogEntry.objects.count() == log.latest_checkpoint().size == 2
    assert LogNode.objects.count() == complete_subtrees(2)
    assert not LogReference.objects.filter(value="job_lost").exists()
    assert fill(1)[0].index == 2


@pytest.mark.django_db
@pytest.mark.parametrize("data", [{"email": "alice@example.org"}, {"name": "Alice Example"}, {"Name": "x"}])
def test_it_refuses_personal_data_and_writes_nothing(data):
    with pytest.raises(EntryRejected):
        log.append(LogEvent.CONSENT_GRANTED, actor="subject:sub_x", data=data)
    assert not LogEntry.objects.exists()
    assert not LogNode.objects.exists()


@pytest.mark.parametrize("size", [1, 2, 7, 64])
def test_it_takes_the_same_number_of_queries_at_any_size(fill, django_assert_num_queries, size):
    fill(size)
    locks = connection.vendor == "postgresql"
    with transaction.atomic(), django_assert_num_queries(QUERIES + locks):
        log.append(LogEvent.JOB_SUBMITTED, actor="system", data={"job_id": "job_x"})


def test_it_will_not_sign_on_top_of_a_changed_hash(fill):
    fill(4)
    drop_triggers()
    LogNode.objects.filter(position=Subtree(2, 0).position).update(hash=bytes(32))
    with pytest.raises(LogDamaged), transaction.atomic():
        log.append(LogEvent.JOB_SUBMITTED, actor="system", data={})


def test_it_will_not_sign_on_top_of_a_removed_hash(fill):
    fill(4)
    drop_triggers()
    LogNode.objects.filter(position=Subtree(2, 0).position).delete()
    with pytest.raises(LogDamaged), transaction.atomic():
        log.append(LogEvent.JOB_SUBMITTED, actor="system", data={})


def test_it_will_not_take_in_a_row_that_somebody_put_at_the_end(fill):
    first = fill(4)[0]
    LogEntry.objects.create(index=4, time=first.time, event=first.event, actor=first.actor, body=first.body)
    with pytest.raises(LogDamaged), transaction.atomic():
        log.append(LogEvent.JOB_SUBMITTED, actor="system", data={})
