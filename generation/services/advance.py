"""Changing the state of a job: compare-and-set, leases, heartbeats, one event for each change.

Nothing else writes `Job.state`. A caller names the state it expects; the database decides whether the job is
in it. A worker also shows the token of its attempt, so that an attempt without a lease can change nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Least
from django.utils import timezone

from accounts.access.actors import Actor
from accounts.models import ConsentGrant, WebhookEventType
from accounts.services.consent import return_use
from accounts.services.webhooks.recording import tell_partner
from generation.events import JobStateChanged, send_on_commit
from generation.failures import JobReason
from generation.models import Job
from generation.models.job import JobQuerySet
from generation.states import RUNNING, TERMINAL, JobState, check_transition
from provenance.log.entries import LogEvent
from provenance.services import log


class LeaseLost(Exception):
    """The attempt does not hold the job any more: it was cancelled, timed out or given to another worker.

    The attempt stops at once and changes nothing.
    """


@dataclass(frozen=True)
class Lease:
    """The right of one attempt to work on one job, for as long as it keeps renewing it."""

    job_id: str
    owner: str


def create_job(**fields: Any) -> Job:
    """A new job, `queued`. `fields` are those of the row, without state and `state_since`.

    Call it in the transaction of the submission; its event is sent after the commit.
    """
    now = timezone.now()
    job = Job.objects.create(**fields, state=JobState.QUEUED, state_since=now)
    _announce(JobStateChanged(job.id, None, JobState.QUEUED, None, now), partner_id=job.partner_id)
    return job


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

    With `lease`, only while that attempt holds the job. With `silent_since`, only if the lease expired before
    that moment. A job that stops running gives its lease up in the same statement. Raises TransitionForbidden
    for a move that is not in the table.
    """
    jobs = Job.objects.filter(pk=job_id)
    if lease is not None:
        jobs = jobs.filter(lease_owner=lease.owner)
    if silent_since is not None:
        jobs = jobs.filter(lease_expires_at__lt=silent_since)
    return _change_state(jobs, before, after, reason=reason, changes=changes)


def claim(*, job_id: str) -> Lease | None:
    """Take a queued job for a new attempt, or None when there is nothing to take.

    Of several workers that try, one gets it. The first claim sets the deadline of all attempts. A job past
    its deadline or out of attempts is left to the reconciler.
    """
    now = timezone.now()
    lease = Lease(job_id, secrets.token_urlsafe(16))
    claimable = Job.objects.filter(
        pk=job_id, deadline_at__gt=now, attempts__lt=settings.LIKENESS_JOB_MAX_ATTEMPTS
    )
    changes = {
        "started_at": now,
        "attempts": F("attempts") + 1,
        "lease_owner": lease.owner,
        "lease_expires_at": _lease_end(),
        "frames_done": 0,
        # Waiting took none of it, but never beyond what the submission was promised.
        "deadline_at": Least(
            F("deadline_at"), Value(now + timedelta(seconds=settings.LIKENESS_JOB_DEADLINE_S))
        ),
    }
    claimed = _change_state(claimable, JobState.QUEUED, JobState.ANIMATING, changes=changes)
    return lease if claimed else None


def _change_state(
    jobs: JobQuerySet,
    before: JobState | Iterable[JobState],
    after: JobState,
    *,
    reason: JobReason | None = None,
    changes: dict[str, Any],
) -> bool:
    """Compare-and-set the state of the one job in `jobs`: every change of a state, with its one event.

    False when the job is not among `jobs` or in no state of `before`; then nothing changed and no event is
    sent. Otherwise the event is sent after the commit.
    """
    sources = {before} if isinstance(before, JobState) else set(before)
    for source in sources:
        check_transition(source, after)
    now = timezone.now()
    values: dict[str, Any] = {"state": after, "state_since": now, **changes}
    if after not in RUNNING:
        values |= {"lease_owner": "", "lease_expires_at": None}
    if after in TERMINAL:
        values["finished_at"] = now
    if after == JobState.QUEUED:  # what an earlier attempt waited for is not what this job waits for now
        values |= _reason_columns(None)
    if reason is not None:
        values |= _reason_columns(reason)
    with transaction.atomic():
        # The lock holds the state between reading it for the event and writing the new one. SQLite has no row
        # locks and needs none: its transactions begin with the right to write (settings: IMMEDIATE).
        found = (
            jobs.filter(state__in=sources)
            .select_for_update()
            .values_list("pk", "state", "partner_id")
            .first()
        )
        if found is None:
            return False
        job_id, state, partner_id = found
        if not jobs.filter(state=state).write_state(**values):
            return False
        _announce(JobStateChanged(job_id, JobState(state), after, reason, now), partner_id=partner_id)
    return True


def _announce(event: JobStateChanged, *, partner_id: str) -> None:
    """Tell the partner's webhooks, in this transaction, and our own receivers after it."""
    tell_partner(
        partner_id=partner_id,
        event_type=WebhookEventType(f"job.{event.after}"),
        subject=event.job_id,
        data={
            "job_id": event.job_id,
            "state": str(event.after),
            "before": str(event.before) if event.before else None,
            "reason_code": str(event.reason.code) if event.reason else None,
        },
        at=event.at,
    )
    send_on_commit(event)


def _reason_columns(reason: JobReason | None) -> dict[str, str]:
    return {
        "reason_code": reason.code if reason else "",
        "reason_message": reason.message if reason else "",
        "reason_hint": reason.hint if reason else "",
    }


def enter(*, lease: Lease, before: JobState, after: JobState) -> None:
    """Begin the next stage of the attempt and renew its lease. Raises LeaseLost."""
    if not advance(
        job_id=lease.job_id, before=before, after=after, lease=lease, lease_expires_at=_lease_end()
    ):
        raise LeaseLost


def renew(*, lease: Lease, **changes: int | str) -> None:
    """Renew the lease of a running attempt and write its progress (`frames_done`, `frames_total`).

    Raises LeaseLost.
    """
    renewed = Job.objects.filter(pk=lease.job_id, lease_owner=lease.owner, state__in=RUNNING).update(
        lease_expires_at=_lease_end(), **changes
    )
    if not renewed:
        raise LeaseLost


def set_wait_reason(*, lease: Lease, reason: JobReason) -> None:
    """Note on the row what a running attempt waits for, and renew its lease. Raises LeaseLost."""
    renew(lease=lease, **_reason_columns(reason))


def clear_wait_reason(*, lease: Lease) -> None:
    """Note on the row that a running attempt waits for nothing any more. Raises LeaseLost."""
    renew(lease=lease, **_reason_columns(None))


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

    False when `advance` with the same arguments returns False; then nothing changed.
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
