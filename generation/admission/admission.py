"""Takes a job only if it can begin in time, and every job taken before it can still end in time.

The promise: a worker takes a job within `LIKENESS_JOB_MAX_WAIT_S`. Who has jobs waiting, or was
served lately, may fill less of that time than who was not, so that floods leave room for anybody's first job.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connections, router
from django.utils import timezone

from accounts.models import Partner
from generation.admission.capacity import NEW, load_of
from generation.models import Job
from generation.states import ACTIVE
from provenance.common.advisory_lock import hold_until_commit
from provenance.common.errors import CodedError

ADMISSION_LOCK = "likeness admission of jobs"
SHARE_OF_FIRST = 0.9
SHARE_OF_MORE = 0.6
SHARE_OF_TAKEN = 0.95
SOONEST_RETRY_S, LATEST_RETRY_S = 5, 3600


class Busy(CodedError):
    """The workers have more to do than a new job could be promised to wait for."""

    code = "busy"
    status = 503
    message = "The service has so much to do that it cannot promise to begin this job in time."
    hint = "Submit it again in a few minutes (programs: after Retry-After). Jobs that were taken are kept."

    def __init__(self, retry_after_s: int) -> None:
        super().__init__()
        self.retry_after_s = retry_after_s


@dataclass(frozen=True)
class Estimate:
    """When a job is expected to start and to end, and how many jobs are before it."""

    start_at: datetime
    end_at: datetime
    jobs_ahead: int


@dataclass(frozen=True)
class Admission:
    """What would become of a new job: its estimate, and when to ask again if it is not taken."""

    estimate: Estimate
    retry_after_s: int | None


def admission_of(*, partner: Partner, queue: str, frames: float) -> Admission:
    """What would become of a job of that many frames of 512x512, were it submitted now. Changes nothing."""
    now = timezone.now()
    load = load_of(queue, now, newcomer=partner.id)
    after = load.forecast(partner_id=partner.id, frames=frames)
    new = after[NEW]
    estimate = Estimate(
        start_at=now + timedelta(seconds=new.start_s),
        end_at=now + timedelta(seconds=new.end_s),
        jobs_ahead=sum(span.start_s < new.start_s for span in after.values()),
    )
    promised_s = settings.LIKENESS_JOB_MAX_WAIT_S * (
        SHARE_OF_MORE if _was_served_lately(partner, now) else SHARE_OF_FIRST
    )
    late_s = new.start_s - promised_s
    before = load.forecast()
    for job in load.waiting:
        left_s = (job.deadline_at - now).total_seconds() * SHARE_OF_TAKEN
        end_s = after[job.pk].end_s
        if end_s > left_s and end_s > before[job.pk].end_s:
            late_s = max(late_s, end_s - left_s)
    if late_s <= 0:
        return Admission(estimate, None)
    return Admission(estimate, min(max(round(late_s), SOONEST_RETRY_S), LATEST_RETRY_S))


def _was_served_lately(partner: Partner, now: datetime) -> bool:
    """Whether the partner has a job that waits or runs, or had one begun within the promised time."""
    since = now - timedelta(seconds=settings.LIKENESS_JOB_MAX_WAIT_S)
    jobs = Job.objects.filter(partner=partner)
    # Two questions, each of which has an index of its own.
    return jobs.filter(state__in=ACTIVE).exists() or jobs.filter(started_at__gt=since).exists()


def wait_for_admission() -> None:
    """Wait until no other submission is between its forecast and its commit; others then wait for this one.

    Call it first in the transaction, before any row is locked: whoever waits here holds nothing.
    """
    hold_until_commit(connections[router.db_for_write(Job)], ADMISSION_LOCK)


def admit(*, partner: Partner, queue: str, frames: float) -> Estimate:
    """The estimate of a job of that many frames of 512x512. Raises Busy for one that cannot be taken."""
    admission = admission_of(partner=partner, queue=queue, frames=frames)
    if admission.retry_after_s is not None:
        raise Busy(admission.retry_after_s)
    return admission.estimate
