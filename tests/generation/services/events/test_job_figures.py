"""Operators see how long jobs wait, how they ended, and how fast they were made."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from generation.models import Job, Rendition
from generation.states import JobState
from tests.config.operations.scraping import TOKEN, figures

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def token(settings: Any) -> None:
    settings.LIKENESS_METRICS_TOKEN = TOKEN


def test_they_see_how_long_jobs_wait_and_how_they_ended(submit: Callable[..., Job]) -> None:
    waiting, failed = submit(), submit(seed=8)
    ten_minutes_ago = timezone.now() - timedelta(minutes=10)
    Job.objects.filter(pk=waiting.pk).update(state_since=ten_minutes_ago)
    Job.objects.filter(pk=failed.pk).write_state(
        state=JobState.FAILED, reason_code="worker_lost", finished_at=timezone.now()
    )
    told = figures()
    assert told["likeness_queue_jobs", ("cpu",)] == 1
    assert told["likeness_queue_oldest_seconds", ("cpu",)] == pytest.approx(600, abs=60)
    assert told["likeness_jobs", ("queued",)] == 1
    assert told["likeness_jobs_ended_lately", ("worker_lost", "failed")] == 1


def test_they_see_how_many_frames_a_second_are_made(waiting: Rendition) -> None:
    Job.objects.filter(pk=waiting.job_id).update(started_at=waiting.sealed_at - timedelta(seconds=4))
    assert figures()["likeness_frames_per_second_lately", ()] == pytest.approx(waiting.frames / 4)
