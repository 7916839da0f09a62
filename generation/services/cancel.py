"""Stopping jobs: by the partner, or because consent or the partner's standing ended."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.actors import SYSTEM, Actor
from accounts.policy import require_partner
from generation.failures import FailureCode, Reason
from generation.models import Job
from generation.selectors import job_of
from generation.services.advance import end_without_video
from generation.services.release import revoke
from generation.states import ACTIVE, JobState
from provenance.errors import CodedError


class NotCancellable(CodedError):
    """The job has ended, or its video is sealed already."""

    code = "not_cancellable"
    status = 409
    message = "This job cannot be cancelled any more."
    hint = "Only jobs that wait or run can be cancelled; a finished video can be revoked."


def cancel_job(*, actor: Actor, job_id: str) -> Job:
    """Cancel a job that waits or runs. A running worker notices within about a second and stops.

    Cancelling a cancelled job changes nothing. Raises NotFound or NotCancellable.
    """
    partner = require_partner(actor)
    job = job_of(partner, job_id)
    cancelled = end_without_video(
        job=job,
        before=ACTIVE,
        after=JobState.CANCELLED,
        reason=Reason.of(FailureCode.CANCELLED_BY_PARTNER),
        actor=actor,
    )
    job = job_of(partner, job_id)
    if not cancelled and job.state != JobState.CANCELLED:
        raise NotCancellable(f"This job is {job.get_state_display().lower()} and cannot be cancelled.")
    return job


def stop_everything(*, jobs: QuerySet[Job], code: FailureCode) -> None:
    """Cancel what waits or runs among `jobs` and revoke what is sealed. Call it inside a transaction."""
    reason = Reason.of(code)
    for job in jobs.filter(state__in=ACTIVE).select_related("consent"):
        end_without_video(job=job, before=ACTIVE, after=JobState.CANCELLED, reason=reason, actor=SYSTEM)
    # Looked up after the cancellations: a job that was sealed in between is found here.
    for job in jobs.filter(state__in={JobState.IN_REVIEW, JobState.RELEASED}):
        revoke(job=job, reason=reason, actor=SYSTEM)
