"""A machine whose clock is off decides nothing by it: no job fails, none is begun, no consent expires."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from accounts.models import ConsentGrant
from accounts.tasks import expire_consents
from generation.models import Job
from generation.tasks import reconcile, run_job
from provenance.common import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def _two_years_ahead(monkeypatch: pytest.MonkeyPatch):
    """This machine's clock; the database's is right."""
    if connection.vendor != "postgresql":  # SQLite has the machine's own
        right = clock.now_of_database()
        monkeypatch.setattr(clock, "now_of_database", lambda: right)
    with time_machine.travel(timezone.now() + timedelta(days=730)):
        yield


@pytest.mark.usefixtures("_two_years_ahead")
def test_nothing_is_decided_by_a_clock_that_is_off(job: Job, grant: ConsentGrant) -> None:
    assert clock.seconds_off() > timedelta(days=729).total_seconds()
    reconcile()
    run_job(job.id)
    assert expire_consents() == 0
    job.refresh_from_db()
    grant.refresh_from_db()
    assert (job.state, job.attempts, grant.state) == ("queued", 0, "granted")


def test_a_clock_that_is_right_decides(job: Job) -> None:
    assert clock.seconds_off() == 0
    Job.objects.update(deadline_at=timezone.now() - timedelta(seconds=1))
    reconcile()
    job.refresh_from_db()
    assert job.state == "failed"
