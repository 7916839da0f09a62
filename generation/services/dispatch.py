"""Telling the workers that a job is queued. The message is only a hint: the row is the truth."""

from __future__ import annotations

import logging

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from generation.models import Job
from generation.states import JobState

RUN_JOB = "generation.tasks.run_job"

logger = logging.getLogger(__name__)


def queue_name() -> str:
    """The queue that rendering goes to: `gpu` when the operator says so, `cpu` otherwise."""
    return "gpu" if settings.LIKENESS_RENDER_DEVICE.startswith("cuda") else "cpu"


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
