"""Moving a job through its states: compare-and-set, leases, heartbeats.

Whoever moves a job says which state it expects; the database decides whether that was right. A worker also
shows the token of its attempt, so an attempt that lost its lease can change nothing any more.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.access.actors import Actor
from accounts.models import ConsentGrant
from accounts.services.consent import return_use
from generation.failures import JobReason
from generation.models import Job
from generation.states import RUNNING, TERMINAL, JobState, check_transition
from provenance.log.entries import LogEvent
from provenance.services import log


class LeaseLost(Exception):
    """The job is not this attempt's any more: it was cancelled, timed out or given to another worker.

    The attempt stops at once and changes nothing.
    """


@dataclass(frozen=True)
class Lease:
    """The right of one attempt to work on one job, for as long as it keeps renewing it."""

    job_id: str
    owner: str


def advance(
    *,
    job_id: str,
    before: JobState | Iterable[JobState],
    after: JobState,
    lease: Lease | None = None,
    silent_since: datetime | None = None,
    reason: JobReason | None = None,
    **changes: Any,
) -> bool:
    """Move a job from one of the states in `before` to `after`; False when it is in none of them.

    With `lease`, only while that attempt holds the job. With `silent_since`, only if the lease ran out
    before that moment. A job that stops running gives its lease up in the same statement. Raises
    TransitionForbidden for a move that is not in the table.
    """
    sources = {before} if isinstance(before, JobState) else set(before)
    for source in sources:
        check_transition(source, after)
    now = timezone.now()
    changes |= {"state": after, "state_since": now}
    if after not in RUNNING:
        changes |= {"lease_owner": "", "lease_expires_at": None}
    if after in TERMINAL:
        changes["finished_at"] = now
    if after == JobState.QUEUED:  # what an earlier attempt waited for is not what this job waits for now
        changes |= {"reason_code": "", "reason_message": "", "reason_hint": ""}
    if reason is not None:
        changes |= {
            "reason_code": reason.code,
            "reason_message": reason.message,
            "reason_hint": reason.hint,
        }
    jobs = Job.objects.filter(pk=job_id, state__in=sources)
    if lease is not None:
        jobs = jobs.filter(lease_owner=lease.owner)
    if silent_since is not None:
        jobs = jobs.filter(lease_expires_at__lt=silent_since)
    return jobs.update(**changes) == 1


def claim(*, job_id: str) -> Lease | None:
    """Take a queued job for a new attempt, or None when there is nothing to take.

    Of several workers that try, one gets it. A job past its deadline or out of attempts is left to the
    reconciler.
    """
    now = timezone.now()
    lease = Lease(job_id, secrets.token_urlsafe(16))
    claimable = Job.objects.filter(
        pk=job_id,
        state=JobState.QUEUED,
        deadline_at__gt=now,
        attempts__lt=settings.LIKENESS_JOB_MAX_ATTEMPTS,
    )
    claimed = claimable.update(
        state=JobState.ANIMATING,
        state_since=now,
        started_at=now,
        attempts=F("attempts") + 1,
        lease_owner=lease.owner,
        lease_expires_at=_lease_end(),
        frames_done=0,
    )
    return lease if claimed else None


def enter(*, lease: Lease, before: JobState, after: JobState) -> None:
    """Begin the next stage of the attempt and renew its lease. Raises LeaseLost."""
    if not advance(
        job_id=lease.job_id, before=before, after=after, lease=lease, lease_expires_at=_lease_end()
    ):
        raise LeaseLost


def renew(*, lease: Lease, **progress: int) -> None:
    """Say that the attempt is alive and how far it is (frames_done, frames_total). Raises LeaseLost."""
    renewed = Job.objects.filter(pk=lease.job_id, lease_owner=lease.owner, state__in=RUNNING).update(
        lease_expires_at=_lease_end(), **progress
    )
    if not renewed:
        raise LeaseLost


def say_waiting(*, lease: Lease, reason: JobReason | None) -> None:
    """Say on the row what a running attempt waits for, or with None that it goes on. Raises LeaseLost."""
    said = {"code": reason.code, "message": reason.message, "hint": reason.hint} if reason else {}
    renewed = Job.objects.filter(pk=lease.job_id, lease_owner=lease.owner, state__in=RUNNING).update(
        lease_expires_at=_lease_end(),
        **{f"reason_{name}": said.get(name, "") for name in ("code", "message", "hint")},
    )
    if not renewed:
        raise LeaseLost


def end_without_video(
    *,
    job: Job,
    before: Iterable[JobState],
    after: JobState,
    reason: JobReason,
    actor: Actor,
    lease: Lease | None = None,
    silent_since: datetime | None = None,
) -> bool:
    """Fail or cancel a job: state, reason, the reserved use and the log entry in one transaction.

    False when `advance` with the same arguments would say so; then nothing changed.
    """
    event = {JobState.FAILED: LogEvent.JOB_FAILED, JobState.CANCELLED: LogEvent.JOB_CANCELLED}[after]
    with transaction.atomic():
        ConsentGrant.objects.select_for_update().get(pk=job.consent_id)  # lock order: see permission.py
        ended = advance(
            job_id=job.id,
            before=before,
            after=after,
            lease=lease,
            silent_since=silent_since,
            reason=reason,
        )
        if not ended:
            return False
        return_use(job.consent)
        log.append(
            event,
            actor=actor.id,
            data={"job_id": job.id, "partner_id": job.partner_id, "reason_code": reason.code},
        )
    return True


def _lease_end() -> datetime:
    return timezone.now() + timedelta(seconds=settings.LIKENESS_JOB_LEASE_S)
