"""Whose turn it is: which queued job a free worker takes.

A message only says that something waits. Partners take turns, so that one who submits ten long jobs does not
keep another one waiting for more than the job that is being worked on.
"""

from __future__ import annotations

from django.conf import settings
from django.db.models import Count, F, OuterRef, Subquery
from django.utils import timezone

from generation.models import Job
from generation.states import RUNNING, JobState


def next_in_turn(queue: str) -> str | None:
    """The id of the job to work on next in a queue of workers, or None when none waits.

    First comes the partner with the fewest jobs running; of several, the one whose last attempt began longest
    ago; of that partner's jobs, the oldest.
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
        .order_by(F("running").asc(nulls_first=True), F("began").asc(nulls_first=True), "partner")
    )
    first = partners.values_list("partner", flat=True).first()
    if first is None:
        return None
    return waiting.filter(partner=first).order_by("created_at", "id").values_list("pk", flat=True).first()


def queue_of(job_id: str) -> str | None:
    """The queue of a job, None for one that does not exist."""
    return Job.objects.filter(pk=job_id).values_list("queue", flat=True).first()
