from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.access.actors import SYSTEM
from accounts.models import ConsentGrant
from generation.failures import FailureCode, JobReason
from generation.models import Job
from generation.services.advance import Lease, LeaseLost, advance, claim, end_without_video, enter, renew
from generation.states import RUNNING, JobState, TransitionForbidden
from provenance.models.log import LogEntry


@pytest.mark.slow
def test_of_two_claims_one_gets_the_job(job: Job) -> None:
    first, second = claim(job_id=job.id), claim(job_id=job.id)
    assert first is not None
    assert second is None
    job.refresh_from_db()
    assert (job.state, job.attempts, job.lease_owner) == ("animating", 1, first.owner)


def test_a_job_past_its_deadline_is_not_claimed(job: Job) -> None:
    Job.objects.update(deadline_at=timezone.now() - timedelta(seconds=1))
    assert claim(job_id=job.id) is None


def test_a_job_out_of_attempts_is_not_claimed(job: Job, settings) -> None:
    Job.objects.update(attempts=settings.LIKENESS_JOB_MAX_ATTEMPTS)
    assert claim(job_id=job.id) is None


def test_the_lease_is_renewed_with_the_progress(job: Job) -> None:
    lease = claim(job_id=job.id)
    assert lease is not None
    Job.objects.update(lease_expires_at=timezone.now())
    renew(lease=lease, frames_done=5)
    job.refresh_from_db()
    assert job.frames_done == 5
    assert job.lease_expires_at is not None
    assert job.lease_expires_at > timezone.now() + timedelta(seconds=30)


def test_an_attempt_that_lost_its_lease_can_change_nothing(job: Job) -> None:
    old = claim(job_id=job.id)
    assert old is not None
    advance(job_id=job.id, before=RUNNING, after=JobState.QUEUED)
    new = claim(job_id=job.id)
    assert new is not None
    with pytest.raises(LeaseLost):
        renew(lease=old, frames_done=1)
    with pytest.raises(LeaseLost):
        enter(lease=old, before=JobState.ANIMATING, after=JobState.MARKING)
    reason = JobReason.of(FailureCode.INTERNAL)
    assert not end_without_video(
        job=job, before=RUNNING, after=JobState.FAILED, reason=reason, actor=SYSTEM, lease=old
    )
    enter(lease=new, before=JobState.ANIMATING, after=JobState.MARKING)
    job.refresh_from_db()
    assert (job.state, job.lease_owner, job.attempts) == ("marking", new.owner, 2)


def test_a_move_from_another_state_changes_nothing(job: Job) -> None:
    assert not advance(job_id=job.id, before=JobState.ANIMATING, after=JobState.MARKING)
    job.refresh_from_db()
    assert job.state == "queued"


def test_a_move_that_is_not_in_the_table_is_an_error(job: Job) -> None:
    with pytest.raises(TransitionForbidden):
        advance(job_id=job.id, before=JobState.QUEUED, after=JobState.RELEASED)


def test_failing_gives_the_video_back_and_is_logged(job: Job, grant: ConsentGrant) -> None:
    lease = claim(job_id=job.id)
    reason = JobReason.of(FailureCode.OUT_OF_MEMORY)
    assert end_without_video(
        job=job, before=RUNNING, after=JobState.FAILED, reason=reason, actor=SYSTEM, lease=lease
    )
    job.refresh_from_db()
    grant.refresh_from_db()
    assert (job.state, job.reason_code, job.lease_owner) == ("failed", "out_of_memory", "")
    assert job.reason_message
    assert job.finished_at is not None
    assert grant.used_videos == 0
    assert LogEntry.objects.order_by("-index")[0].event == "job.failed"


def test_failing_twice_gives_the_video_back_once(job: Job, grant: ConsentGrant) -> None:
    ConsentGrant.objects.update(used_videos=2)
    for _ in range(2):
        end_without_video(
            job=job,
            before={JobState.QUEUED},
            after=JobState.FAILED,
            reason=JobReason.of(FailureCode.INTERNAL),
            actor=SYSTEM,
        )
    grant.refresh_from_db()
    assert grant.used_videos == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "animating"},  # running without a lease
        {"lease_owner": "somebody", "lease_expires_at": timezone.now()},  # a lease without running
        {"state": "failed"},  # a bad end without a reason
        {"state": "nonsense"},
    ],
)
def test_the_database_refuses_rows_that_make_no_sense(job: Job, wrong: dict[str, object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(pk=job.pk).write_state(**wrong)


def test_a_lease_names_one_attempt_only(job: Job) -> None:
    claim(job_id=job.id)
    with pytest.raises(LeaseLost):
        renew(lease=Lease(job.id, "a guess"), frames_done=1)
