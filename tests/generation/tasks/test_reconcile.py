from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from generation import tasks
from generation.models import Job
from generation.services.advance import claim


def test_running_it_twice_is_running_it_once(job: Job) -> None:
    claim(job_id=job.id)
    Job.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    tasks.reconcile()
    tasks.reconcile()
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("queued", 1)


def test_beat_and_the_services_name_tasks_that_exist(settings) -> None:
    from celery import current_app

    from generation.services.dispatch import RUN_JOB

    current_app.loader.import_default_modules()
    named = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert RUN_JOB in current_app.tasks
    assert {name for name in named if name.startswith("generation.")} <= set(current_app.tasks)
