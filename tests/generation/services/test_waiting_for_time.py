"""A job whose time-stamp server is away waits, says so, and goes on or ends with that reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.test import Client

from generation import storage
from generation.failures import JobReason
from generation.models import Job, Rendition
from generation.services.advance import advance
from generation.services.production.progress import Progress
from generation.states import RUNNING, JobState
from provenance.keys.key_creation import TIMESTAMP_CHAIN_FILE, TIMESTAMP_KEY_FILE
from provenance.keys.service_keys import trust_store
from provenance.manifest.reading import read_manifest
from provenance.manifest.timestamp_authority import TimestampAuthority
from provenance.manifest.timestamping import serving
from tests.generation.conftest import run

pytestmark = pytest.mark.slow


@pytest.fixture
def authority() -> TimestampAuthority:
    """The authority that `create_keys` made for development."""
    folder = Path(django_settings.LIKENESS_KEYS_DIR)
    return TimestampAuthority.from_files(folder / TIMESTAMP_CHAIN_FILE, folder / TIMESTAMP_KEY_FILE)


@pytest.fixture
def while_waiting(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], object]]:
    """What is put into the list happens, one each time, while the job waits for no time at all."""
    happenings: list[Callable[[], object]] = []
    wait = Progress.wait

    def pretend(progress: Progress, reason: JobReason, seconds: float) -> None:
        wait(progress, reason, 0.0)
        if happenings:
            happenings.pop(0)()

    monkeypatch.setattr(Progress, "wait", pretend)
    return happenings


def test_a_video_is_stamped_when_a_server_is_set(job: Job, authority, settings) -> None:
    with serving(authority.reply) as url:
        settings.LIKENESS_TIMESTAMP_SERVERS = [url]
        run(job)
    with storage.local_path(Rendition.objects.get(job=job).file_key) as path:
        assert read_manifest(path, trust_store()).is_time_stamped


def test_it_waits_and_says_so_until_a_server_answers(
    job: Job, authority, settings, while_waiting, api_a: Client
) -> None:
    seen = []

    def look() -> None:
        seen.append(api_a.get(f"/v1/jobs/{job.id}").json())

    while_waiting += [look, look]
    is_away = iter([True, True])
    with serving(lambda request: None if next(is_away, False) else authority.reply(request)) as url:
        settings.LIKENESS_TIMESTAMP_SERVERS = [url]
        run(job)
    assert [answer["state"] for answer in seen] == ["signing", "signing"]
    assert {answer["waiting_for"]["code"] for answer in seen} == {"timestamp_unavailable"}
    assert {answer["failure"] for answer in seen} == {None}
    job.refresh_from_db()
    assert (job.state, job.reason_code, job.attempts) == ("in_review", "", 1)


def test_beyond_loopback_nothing_is_delivered_without_a_time_stamp(
    job: Job, settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.LIKENESS_ON_LOOPBACK = False
    # The whole life of the job is the time in which a waiting job gives up.
    monkeypatch.setattr(
        "generation.services.production.render_attempt.GIVE_UP_BEFORE_DEADLINE", timedelta(days=1)
    )
    run(job)
    job.refresh_from_db()
    assert (job.state, job.reason_code) == ("failed", "timestamp_unavailable")
    assert not Rendition.objects.exists()


def test_beyond_loopback_the_last_look_asks_for_the_time_stamp_again(
    job: Job, settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.LIKENESS_ON_LOOPBACK = False
    monkeypatch.setattr("generation.services.production.render_attempt.timestamp_servers", lambda: None)
    run(job)
    job.refresh_from_db()
    assert (job.state, job.reason_code) == ("failed", "video_check_failed")
    assert not Rendition.objects.exists()


def test_a_job_that_is_put_back_does_not_say_what_its_last_attempt_waited_for(
    job: Job, settings, while_waiting
) -> None:
    settings.LIKENESS_ON_LOOPBACK = False
    while_waiting.append(lambda: advance(job_id=job.id, before=RUNNING, after=JobState.QUEUED))
    run(job)
    job.refresh_from_db()
    assert (job.state, job.reason_code) == ("queued", "")


def test_a_job_that_waits_can_be_cancelled(job: Job, settings, while_waiting, api_a: Client) -> None:
    settings.LIKENESS_ON_LOOPBACK = False
    while_waiting.append(lambda: api_a.post(f"/v1/jobs/{job.id}/cancel"))
    run(job)
    job.refresh_from_db()
    assert (job.state, job.reason_code) == ("cancelled", "cancelled_by_partner")
