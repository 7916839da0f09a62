from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import ConsentGrant
from generation.admission.presence import say_present
from generation.models import IdempotencyKey, Job
from generation.services.advance import claim, renew
from generation.services.reconcile import REDISPATCH_AFTER, UNDISPATCHED_AFTER, reconcile
from provenance.models.log import LogEntry


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of the jobs that were sent to the broker."""
    ids: list[str] = []
    monkeypatch.setattr("celery.Celery.send_task", lambda self, name, args, queue: ids.append(args[0]))
    return ids


def silence(job: Job) -> None:
    """The job's worker was last heard of longer ago than its lease."""
    Job.objects.filter(pk=job.pk).update(lease_expires_at=timezone.now() - timedelta(seconds=1))


@pytest.fixture
def reconciled(django_capture_on_commit_callbacks):
    def run():
        with django_capture_on_commit_callbacks(execute=True):
            return reconcile()

    return run


def test_it_leaves_what_runs_well_alone(job: Job, sent: list[str], reconciled) -> None:
    claim(job_id=job.id)
    assert not any(vars(reconciled()).values())
    assert sent == []


def test_a_job_whose_worker_died_waits_again_and_is_sent_again(job: Job, sent: list[str], reconciled) -> None:
    lease = claim(job_id=job.id)
    assert lease is not None
    renew(lease=lease, frames_done=9)
    silence(job)
    assert reconciled().requeued == 1
    job.refresh_from_db()
    assert (job.state, job.lease_owner, job.frames_done, job.attempts) == ("queued", "", 0, 1)
    assert sent == [job.id]
    assert not any(vars(reconciled()).values())


def test_a_job_that_killed_three_workers_fails(
    job: Job, grant: ConsentGrant, sent: list[str], settings, reconciled
) -> None:
    for _ in range(settings.LIKENESS_JOB_MAX_ATTEMPTS):
        assert claim(job_id=job.id)
        silence(job)
        done = reconciled()
    assert done.worker_lost == 1
    job.refresh_from_db()
    grant.refresh_from_db()
    assert (job.state, job.reason_code) == ("failed", "worker_lost")
    assert grant.used_videos == 0
    assert LogEntry.objects.order_by("-index")[0].event == "job.failed"


@pytest.mark.parametrize("is_running", [False, True])
def test_a_job_past_its_deadline_fails(job: Job, is_running: bool, sent: list[str], reconciled) -> None:
    if is_running:
        claim(job_id=job.id)
    Job.objects.update(deadline_at=timezone.now() - timedelta(seconds=1))
    assert reconciled().deadline_exceeded == 1
    job.refresh_from_db()
    assert (job.state, job.reason_code) == ("failed", "deadline_exceeded")
    assert not any(vars(reconciled()).values())


def test_a_job_that_was_never_sent_is_sent(job: Job, sent: list[str], reconciled) -> None:
    assert reconciled().redispatched == 0  # it may be on its way just now
    Job.objects.update(state_since=timezone.now() - 2 * UNDISPATCHED_AFTER)
    assert reconciled().redispatched == 1
    assert sent == [job.id]
    assert reconciled().redispatched == 0


def test_a_job_whose_message_got_lost_is_sent_again(job: Job, sent: list[str], reconciled) -> None:
    Job.objects.update(dispatched_at=timezone.now() - 2 * REDISPATCH_AFTER)
    assert reconciled().redispatched == 1
    assert sent == [job.id]


def test_old_idempotency_keys_go(job: Job, reconciled) -> None:
    for hours in (1, 25):
        IdempotencyKey.objects.create(
            partner=job.partner,
            route="POST /v1/jobs",
            key=f"{hours} hours old",
            body_sha256="0" * 64,
            started_at=timezone.now() - timedelta(hours=hours),
        )
    reconciled()
    assert [row.key for row in IdempotencyKey.objects.all()] == ["1 hours old"]


def test_what_waits_for_workers_that_are_gone_goes_to_those_that_are_there(
    job: Job, sent: list[str], reconciled
) -> None:
    Job.objects.filter(pk=job.pk).update(queue="gpu", dispatched_at=timezone.now())
    assert reconciled().moved == 0
    say_present(name="a", queues=["cpu"], slots=1)
    assert reconciled().moved == 1
    job.refresh_from_db()
    assert (job.queue, job.state) == ("cpu", "queued")
    assert sent == [job.id]
    assert reconciled().moved == 0
