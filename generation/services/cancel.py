"""Cancels jobs: by the partner, or because consent or the partner's approval ended."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_noop as _

from accounts.access.actors import SYSTEM, Actor
from accounts.access.policy import require_partner
from accounts.models import ConsentGrant
from generation.failures import FailureCode, JobReason
from generation.models import Job
from generation.selectors import job_of
from generation.services.advance import end_without_video
from generation.services.release import revoke
from generation.states import ACTIVE, JobState
from provenance.common.errors import CodedError

WITH_VIDEO = frozenset({JobState.IN_REVIEW, JobState.RELEASED})
STOPPABLE = ACTIVE | WITH_VIDEO


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
        reason=JobReason.of(FailureCode.CANCELLED_BY_PARTNER),
        actor=actor,
    )
    job = job_of(partner, job_id)
    if not cancelled and job.state != JobState.CANCELLED:
        sentence = _("This job is {state} and cannot be cancelled.")
        raise NotCancellable(sentence.format(state=job.get_state_display().lower()))
    return job


def stop_everything(*, jobs: QuerySet[Job], code: FailureCode) -> None:
    """Cancel what waits or runs among `jobs` and revoke what is sealed. Call it inside a transaction."""
    reason = JobReason.of(code)
    # All consents before the first log entry: who holds one may be waiting for the append lock, which is
    # ours from then on.
    concerned = jobs.filter(state__in=STOPPABLE).values("consent_id")
    list(ConsentGrant.objects.select_for_update().filter(pk__in=concerned).order_by("pk"))
    for job in jobs.filter(state__in=ACTIVE).select_related("consent"):
        end_without_video(job=job, before=ACTIVE, after=JobState.CANCELLED, reason=reason, actor=SYSTEM)
    # Looked up after the cancellations: a job that was sealed in between is found here.
    for job in jobs.filter(state__in=WITH_VIDEO):
        revoke(job=job, reason=reason, actor=SYSTEM)
