"""The forecast of a queue takes turns as the workers do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Partner
from generation.admission.forecast import QueuedWork, RunningWork, Span, forecast
from generation.models import Job
from generation.turn import next_in_turn


def waiting(line: str, work_s: float = 10.0) -> list[QueuedWork]:
    """A queue written as its partners, oldest first: `aab` is two jobs of a, then one of b."""
    return [QueuedWork(f"{partner}{number}", partner, work_s) for number, partner in enumerate(line)]


def order(line: str, **arguments: object) -> list[str]:
    given = {"running": [], "slots": 1, "began": {}, "weights": {}, **arguments}
    spans = forecast(waiting=waiting(line), **given)  # type: ignore[arg-type]
    return sorted((str(key) for key in spans), key=lambda key: spans[key].start_s)


def test_one_worker_does_one_after_the_other():
    running = [RunningWork("a", 4.0)]
    spans = forecast(running=running, waiting=waiting("aa"), slots=1, began={"a": [1.0]}, weights={})
    assert spans == {"a0": Span(4.0, 14.0), "a1": Span(14.0, 24.0)}


def test_partners_take_turns_whatever_was_submitted_first():
    assert order("aaaabb") == ["a0", "b4", "a1", "b5", "a2", "a3"]
    assert order("aaaab", began={"a": [5.0], "b": [9.0]}, running=[RunningWork("b", 1.0)]) == [
        "a0", "b4", "a1", "a2", "a3",
    ]  # fmt: skip


def test_who_has_less_running_comes_first():
    running = [RunningWork("a", 5.0), RunningWork("b", 3.0)]
    assert order("abc", running=running, slots=2, began={"a": [1.0], "b": [2.0]})[0] == "c2"


def test_a_turn_is_as_many_jobs_as_the_weight():
    assert order("aaaabbb", weights={"a": 2}) == ["a0", "a1", "b4", "a2", "a3", "b5", "b6"]
    half_way = {"a": [1.0, 9.0], "b": [5.0]}  # one of the two of this turn was begun
    assert order("aaab", weights={"a": 2}, began=half_way)[:2] == ["a0", "b3"]


def test_several_workers_share_the_queue():
    spans = forecast(running=[], waiting=waiting("abcd"), slots=2, began={}, weights={})
    assert sorted(span.start_s for span in spans.values()) == [0.0, 0.0, 10.0, 10.0]


def test_nothing_waits():
    assert forecast(running=[], waiting=[], slots=3, began={}, weights={}) == {}


@pytest.mark.slow
@pytest.mark.django_db
def test_it_names_the_job_that_a_worker_takes_next(submit, partner_b: Partner):
    first, second, third = submit(), submit(), submit()
    now = timezone.now()
    Job.objects.filter(pk=third.pk).update(partner=partner_b)
    Job.objects.filter(pk=first.pk).update(started_at=now - timedelta(minutes=1))
    jobs = Job.objects.order_by("created_at", "id")
    began = {first.partner_id: [1.0]}
    spans = forecast(
        running=[],
        waiting=[QueuedWork(job.pk, job.partner_id, 5.0) for job in jobs],
        slots=1,
        began=began,
        weights={},
    )
    assert next_in_turn(first.queue) == min(spans, key=lambda key: spans[key].start_s) == third.pk
    assert second.pk in spans
