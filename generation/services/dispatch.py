"""Telling the workers that a job is queued. The message is only a hint: the row is the truth."""

from __future__ import annotations

import logging

from celery import current_app
from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from kombu.exceptions import OperationalError

from generation.admission.presence import slots_of
from generation.models import Job
from generation.states import JobState

RUN_JOB = "generation.tasks.run_job"

logger = logging.getLogger(__name__)


def queue_name() -> str:
    """The queue that a job goes to, by what workers announce: of those that have workers, the one with the
    fewest jobs for each, `gpu` where they have as many. `cpu` where no worker was seen lately.
    """
    slots = {queue: slots_of(queue) for queue in ("gpu", "cpu")}
    staffed = [queue for queue, count in slots.items() if count]
    if len(staffed) <= 1:
        return staffed[0] if staffed else "cpu"
    jobs = dict(Job.objects.active().order_by().values_list("queue").annotate(Count("pk")))
    return min(staffed, key=lambda queue: jobs.get(queue, 0) / slots[queue])


def move_from_empty_queues() -> int:
    """Give jobs that wait in a queue without workers to the one that has some; how many."""
    moved = 0
    for queue, other in (("gpu", "cpu"), ("cpu", "gpu")):
        waiting = Job.objects.filter(state=JobState.QUEUED, queue=queue)
        if not waiting.exists() or slots_of(queue) or not slots_of(other):
            continue
        for job in waiting:
            with transaction.atomic():
                if Job.objects.filter(pk=job.pk, state=JobState.QUEUED, queue=queue).update(queue=other):
                    job.queue = other
                    dispatch_on_commit(job)
                    moved += 1
    return moved


def dispatch_on_commit(job: Job) -> None:
    """Send the job to its queue once the present transaction is committed."""
    transaction.on_commit(lambda: _send(job.id, job.queue))


def _send(job_id: str, queue: str) -> None:
    try:
        current_app.send_task(RUN_JOB, args=(job_id,), queue=queue)
    except OperationalError:
        # The job is safe in its row; the reconciler sends it again when the broker is back.
        logger.exception("Job %s could not be dispatched", job_id)
        return
    Job.objects.filter(pk=job_id, state=JobState.QUEUED).update(dispatched_at=timezone.now())
