"""Reconciler: every 30 seconds, fails, requeues or redispatches jobs that lost their worker or message.

Running it twice has the same effect as running it once.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.access.actors import SYSTEM
from generation.failures import FailureCode, JobReason
from generation.models import IdempotencyKey, Job
from generation.services.advance import advance, end_without_video
from generation.services.dispatch import dispatch_on_commit, move_from_empty_queues
from generation.states import ACTIVE, RUNNING, JobState

# A queued job whose message was sent this long ago and that nobody took: the message may be lost. Sending it
# twice is harmless, one of two claims wins.
REDISPATCH_AFTER = timedelta(minutes=5)
UNDISPATCHED_AFTER = timedelta(seconds=10)
KEEP_IDEMPOTENCY_KEYS = timedelta(hours=24)

logger = logging.getLogger(__name__)


@dataclass
class Reconciled:
    """How many jobs one run of the reconciler moved."""

    deadline_exceeded: int = 0
    worker_lost: int = 0
    requeued: int = 0
    redispatched: int = 0
    moved: int = 0


def reconcile() -> Reconciled:
    """Fail what is past its deadline or lost its worker too often, requeue and redispatch the rest."""
    now = timezone.now()
    done = Reconciled()
    for job in Job.objects.past_deadline(now).select_related("consent"):
        done.deadline_exceeded += _fail(job, ACTIVE, FailureCode.DEADLINE_EXCEEDED, None)
    for job in Job.objects.lease_expired(now).select_related("consent"):
        if job.attempts >= settings.LIKENESS_JOB_MAX_ATTEMPTS:
            done.worker_lost += _fail(job, RUNNING, FailureCode.WORKER_LOST, now)
        else:
            done.requeued += _requeue(job, now)
    for job in _undelivered(now):
        with transaction.atomic():
            dispatch_on_commit(job)
        done.redispatched += 1
    done.moved = move_from_empty_queues()
    IdempotencyKey.objects.filter(started_at__lt=now - KEEP_IDEMPOTENCY_KEYS).delete()
    return done


def _fail(job: Job, before: frozenset[JobState], code: FailureCode, silent_since: datetime | None) -> int:
    failed = end_without_video(
        job=job,
        before=before,
        after=JobState.FAILED,
        reason=JobReason.of(code),
        actor=SYSTEM,
        silent_since=silent_since,
    )
    if failed:
        logger.warning("Job %s failed: %s after %d attempts", job.id, code, job.attempts)
    return int(failed)


def _requeue(job: Job, now: datetime) -> int:
    """Put a job whose lease expired back into the queue, unless the worker renewed it since."""
    with transaction.atomic():
        requeued = advance(
            job_id=job.id,
            before=RUNNING,
            after=JobState.QUEUED,
            silent_since=now,
            frames_done=0,
            dispatched_at=None,
        )
        if requeued:
            dispatch_on_commit(job)
            logger.warning("Job %s lost its worker in attempt %d and waits again", job.id, job.attempts)
    return int(requeued)


def _undelivered(now: datetime) -> list[Job]:
    undelivered = Q(dispatched_at__lt=now - REDISPATCH_AFTER) | Q(
        dispatched_at__isnull=True, state_since__lt=now - UNDISPATCHED_AFTER
    )
    return list(Job.objects.filter(undelivered, state=JobState.QUEUED, deadline_at__gt=now))
