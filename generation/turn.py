"""Whose turn it is: which queued job a free worker takes.

A message only says that something waits. Partners take turns, so that one who submits ten long jobs does not
keep another one waiting for more than the job that is being worked on. Operators may give a partner a weight
(`LIKENESS_PARTNER_WEIGHTS`): with weight 3 it has three jobs for each one of a partner without.
"""

from __future__ import annotations

from datetime import UTC, datetime

from django.conf import settings
from django.db.models import Count, OuterRef, Subquery
from django.utils import timezone

from generation.models import Job
from generation.states import RUNNING, JobState

_NEVER = datetime.min.replace(tzinfo=UTC)


def weight_of(partner_id: str) -> int:
    """How many jobs of a partner one turn is good for."""
    return int(settings.LIKENESS_PARTNER_WEIGHTS.get(partner_id, 1))


def newest_starts(partner_id: str, count: int) -> list[datetime]:
    """When the newest attempts of a partner began, newest first, at most so many."""
    begun = Job.objects.filter(partner=partner_id, started_at__isnull=False).order_by("-started_at")
    return [start for start in begun.values_list("started_at", flat=True)[:count] if start is not None]


def next_in_turn(queue: str) -> str | None:
    """The id of the job to work on next in a queue of workers, or None when none waits.

    First comes the partner with the fewest jobs running for its weight; of several, the one whose last turn
    began longest ago, a turn being as many attempts as its weight; of that partner's jobs, the oldest.
    """
    waiting = Job.objects.filter(
        state=JobState.QUEUED,
        queue=queue,
        deadline_at__gt=timezone.now(),
        attempts__lt=settings.LIKENESS_JOB_MAX_ATTEMPTS,
    )
    of_partner = Job.objects.filter(partner=OuterRef("partner"))
    running = of_partner.filter(state__in=RUNNING).order_by().values("partner").annotate(count=Count("pk"))
    began = of_partner.filter(started_at__isnull=False).order_by("-started_at").values("started_at")[:1]
    partners = (
        waiting.order_by()
        .values("partner")
        .distinct()
        .annotate(running=Subquery(running.values("count")), began=Subquery(began))
    )
    first = min(
        (
            ((at_work or 0) / weight_of(partner), _turn_began(partner, newest) or _NEVER, partner)
            for partner, at_work, newest in partners.values_list("partner", "running", "began")
        ),
        default=None,
    )
    if first is None:
        return None
    return waiting.filter(partner=first[2]).order_by("created_at", "id").values_list("pk", flat=True).first()


def _turn_began(partner_id: str, newest: datetime | None) -> datetime | None:
    """When the turn that a partner had last began, None if it has some of it left."""
    weight = weight_of(partner_id)
    if weight == 1 or newest is None:
        return newest
    starts = newest_starts(partner_id, weight)
    return starts[-1] if len(starts) == weight else None


def queue_of(job_id: str) -> str | None:
    """The queue of a job, None for one that does not exist."""
    return Job.objects.filter(pk=job_id).values_list("queue", flat=True).first()
