"""What the log last decided about one id: many questions, one reading."""

from __future__ import annotations

import pytest
from django.db import transaction

from provenance.log.entries import LogEvent
from provenance.selectors.decisions import Decisions, newest_decision, newest_decisions
from provenance.services import log
from provenance.services.log import LogDamaged
from tests.provenance.log.commands.test_fsck_command import tamper

JOB = "job_of_these_decisions"
SUBMITTED, FAILED, CANCELLED = LogEvent.JOB_SUBMITTED, LogEvent.JOB_FAILED, LogEvent.JOB_CANCELLED
EVENTS = {SUBMITTED, FAILED, CANCELLED}
pytestmark = pytest.mark.django_db


def append(*events: LogEvent, about: str = JOB) -> None:
    for event in events:
        with transaction.atomic():
            log.append(event, actor="system", data={"job_id": about})


def read() -> Decisions:
    return newest_decisions(JOB, EVENTS)


@pytest.mark.parametrize("asked", [{SUBMITTED}, {FAILED}, {CANCELLED}, {SUBMITTED, FAILED}, EVENTS])
def test_every_selection_of_events_is_answered_as_if_asked_alone(asked):
    append(SUBMITTED, FAILED, SUBMITTED)
    append(SUBMITTED, CANCELLED, about="job_that_is_another")

    assert read().newest(asked) == newest_decision(JOB, asked)


def test_of_two_entries_of_one_event_the_newer_counts():
    append(SUBMITTED, SUBMITTED)

    newest = read().newest({SUBMITTED})

    assert newest is not None
    assert newest.index == 1


@pytest.mark.parametrize("times", [1, 20])
def test_it_takes_two_queries_however_much_was_decided(times, django_assert_num_queries):
    append(*[SUBMITTED, FAILED, CANCELLED] * times)

    with django_assert_num_queries(2):
        decisions = read()
        for event in EVENTS:
            assert decisions.newest({event}) is not None


def test_nothing_was_decided_about_an_id_that_the_log_does_not_know():
    append(SUBMITTED, about="job_that_is_another")

    assert read().newest(EVENTS) is None


def test_events_that_were_not_read_cannot_be_asked_about():
    append(SUBMITTED)

    with pytest.raises(ValueError, match="not read"):
        read().newest({LogEvent.RENDITION_SEALED})


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE provenance_logentry SET body = replace(body, 'system', 'somebody') WHERE \"index\" = 1",
        "UPDATE provenance_logentry SET event = 'job.cancelled' WHERE \"index\" = 1",
        "UPDATE provenance_logreference SET value = 'job_of_these_decisions' WHERE entry_id = 1",
    ],
)
def test_an_entry_that_was_changed_decides_nothing(statement):
    append(SUBMITTED)
    append(FAILED, about=JOB if "logentry" in statement else "job_that_is_another")
    tamper(statement)

    decisions = read()

    assert decisions.newest({SUBMITTED}) is not None
    with pytest.raises(LogDamaged):
        decisions.newest({FAILED, CANCELLED})


def test_an_entry_that_the_tree_lacks_decides_nothing():
    append(SUBMITTED)
    tamper("DELETE FROM provenance_lognode WHERE position = 0")

    with pytest.raises(LogDamaged):
        read()
