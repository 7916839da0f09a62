"""Partners take turns at the workers, and waiting takes nothing from a job's time."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from django.utils import timezone

from accounts.models import Partner
from generation import tasks
from generation.models import Job
from generation.services.advance import advance, claim
from generation.states import RUNNING, JobState
from generation.turn import next_in_turn


def waiting(job: Job, partner: Partner, count: int) -> list[Job]:
    """So many more queued jobs like this one, of a partner."""
    made = []
    for _ in range(count):
        fields = {field.attname: getattr(job, field.attname) for field in Job._meta.concrete_fields}
        fields |= {"id": Job._meta.get_field("id").get_default(), "partner_id": partner.id, "state": "queued"}
        made.append(Job.objects.create(**fields))
    return made


def end(job_id: str) -> None:
    advance(
        job_id=job_id,
        before=RUNNING,
        after=JobState.QUEUED,
        attempts=99,  # out of the way
    )


def test_a_lone_job_waits_for_the_running_one_and_not_for_all_before_it(job: Job, partner_b: Partner) -> None:
    waiting(job, job.partner, 9)
    running = next_in_turn("cpu")
    assert running == job.id
    assert claim(job_id=job.id)
    (lone,) = waiting(job, partner_b, 1)
    assert next_in_turn("cpu") == lone.id
    end(job.id)
    assert next_in_turn("cpu") == lone.id


def test_partners_take_turns_and_each_partners_jobs_keep_their_order(job: Job, partner_b: Partner) -> None:
    of_a = [job, *waiting(job, job.partner, 2)]
    of_b = waiting(job, partner_b, 3)
    taken = []
    while (turn := next_in_turn("cpu")) is not None:
        assert claim(job_id=turn)
        end(turn)
        taken.append(turn)
    names = {each.id: f"a{at}" for at, each in enumerate(of_a)} | {
        each.id: f"b{at}" for at, each in enumerate(of_b)
    }
    order = [names[turn] for turn in taken]
    assert sorted(order) == ["a0", "a1", "a2", "b0", "b1", "b2"]
    assert [name for name in order if name[0] == "a"] == ["a0", "a1", "a2"]
    assert [name for name in order if name[0] == "b"] == ["b0", "b1", "b2"]
    assert all(one[0] != next_one[0] for one, next_one in pairwise(order))


def test_a_partner_with_a_weight_has_as_many_jobs_for_each_one_of_another(
    job: Job, partner_b: Partner, settings
) -> None:
    settings.LIKENESS_PARTNER_WEIGHTS = {job.partner_id: 2}
    waiting(job, job.partner, 5)
    waiting(job, partner_b, 5)
    taken = []
    for _ in range(9):
        turn = next_in_turn("cpu")
        assert turn is not None
        assert claim(job_id=turn)
        taken.append(Job.objects.get(pk=turn).partner_id)
        end(turn)
    assert taken.count(job.partner_id) == 6
    assert all(taken[at : at + 3].count(partner_b.id) == 1 for at in range(7))


def test_what_runs_is_divided_by_the_weight(job: Job, partner_b: Partner, settings) -> None:
    settings.LIKENESS_PARTNER_WEIGHTS = {job.partner_id: 3}
    waiting(job, job.partner, 5)
    waiting(job, partner_b, 5)
    running = []
    for _ in range(4):
        turn = next_in_turn("cpu")
        assert turn is not None
        assert claim(job_id=turn)
        running.append(Job.objects.get(pk=turn).partner_id)
    assert running.count(job.partner_id) == 3


def test_jobs_of_other_queues_past_their_deadline_or_out_of_attempts_have_no_turn(job: Job, settings) -> None:
    assert next_in_turn("gpu") is None
    Job.objects.update(deadline_at=timezone.now() - timedelta(seconds=1))
    assert next_in_turn("cpu") is None
    Job.objects.update(
        deadline_at=timezone.now() + timedelta(hours=1), attempts=settings.LIKENESS_JOB_MAX_ATTEMPTS
    )
    assert next_in_turn("cpu") is None


def test_a_message_whose_turn_was_taken_goes_to_the_next(
    job: Job, partner_b: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each message is for one job that waits: none may be used up by a race that was lost."""
    (other,) = waiting(job, partner_b, 1)
    worked_on: list[str] = []

    def attempt(*, job_id: str, load_animator: object) -> bool:
        claim(job_id=job_id)
        worked_on.append(job_id)
        return len(worked_on) > 1  # the first was claimed by another worker meanwhile

    monkeypatch.setattr("generation.services.attempt.run_attempt", attempt)
    tasks.run_job(job.id)
    assert set(worked_on) == {job.id, other.id}


def test_the_deadline_begins_with_the_first_claim(job: Job, settings) -> None:
    promised = job.deadline_at
    waited = timedelta(seconds=settings.LIKENESS_JOB_MAX_WAIT_S)
    assert promised > timezone.now() + waited
    assert claim(job_id=job.id)
    job.refresh_from_db()
    begun = job.started_at
    assert begun is not None
    assert job.deadline_at == begun + timedelta(seconds=settings.LIKENESS_JOB_DEADLINE_S)

    advance(job_id=job.id, before=RUNNING, after=JobState.QUEUED)
    first = job.deadline_at
    assert claim(job_id=job.id)
    job.refresh_from_db()
    assert job.deadline_at == first, "a second attempt has what is left of the first one's time"


def test_no_claim_promises_more_than_the_submission(job: Job) -> None:
    soon = timezone.now() + timedelta(seconds=30)
    Job.objects.update(deadline_at=soon)
    assert claim(job_id=job.id)
    job.refresh_from_db()
    assert job.deadline_at == soon
