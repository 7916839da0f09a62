"""What a partner has is found, named, seen small, and taken along with what proves it."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from PIL import Image

from accounts.access.actors import actor_of
from generation import notices
from generation.models import DrivingAudio, Job, Portrait, Rendition
from generation.pages.collection.thumbnails import SIDE
from generation.pages.collection.time_left import seconds_left
from generation.services.erasure import deletion
from tests.generation.conftest import put_into_state

pytestmark = pytest.mark.django_db


def body(client: Client, address: str, status: int = 200) -> bytes:
    answer: Any = client.get(address)
    assert answer.status_code == status, address
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_a_portrait_is_shown_small(alice_browser: Client, charlie_browser: Client, amara: Portrait) -> None:
    address = f"/console/portraits/{amara.pk}/small/"
    with Image.open(io.BytesIO(body(alice_browser, address))) as picture:
        assert (picture.format, picture.size) == ("JPEG", (SIDE, SIDE))
    body(charlie_browser, address, status=404)


def test_a_recording_is_shown_as_an_outline_that_is_kept(
    alice_browser: Client, charlie_browser: Client, recording: DrivingAudio
) -> None:
    address = f"/console/driving-audio/{recording.pk}/outline/"
    assert b"<svg" in body(alice_browser, address)
    recording.refresh_from_db()
    assert max(recording.peaks) > 0
    body(charlie_browser, address, status=404)


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("", True),
        ("q=spring", True),
        ("q=autumn", False),
        ("q=spring+greeting", True),
        ("state=review", False),
        ("state=making", True),
        ("since=2020-01-01", True),
        ("until=2020-01-01", False),
    ],
)
def test_videos_are_found_by_title_state_and_day(
    alice_browser: Client, job: Job, query: str, is_found: bool
) -> None:
    Job.objects.update(title="Spring greeting")
    page = body(alice_browser, f"/console/jobs/?{query}").decode()
    assert (f"/console/jobs/{job.pk}/" in page) == is_found


def test_a_search_that_cannot_be_read_says_so(alice_browser: Client, job: Job) -> None:
    assert b"Enter a valid date" in body(alice_browser, "/console/jobs/?since=soon", status=422)


def test_videos_of_others_are_not_found(charlie_browser: Client, job: Job) -> None:
    assert f"/console/jobs/{job.pk}/" not in body(charlie_browser, f"/console/jobs/?q={job.pk}").decode()
    body(charlie_browser, f"/console/jobs/new/?again={job.pk}", status=404)


def test_a_video_and_a_recording_are_named(alice_browser: Client, job: Job, recording: DrivingAudio) -> None:
    alice_browser.post(f"/console/jobs/{job.pk}/name/", {"title": " For  May "})
    alice_browser.post(f"/console/driving-audio/{recording.pk}/name/", {"title": "Welcome"})
    job.refresh_from_db()
    recording.refresh_from_db()
    assert (job.title, recording.title) == ("For May", "Welcome")
    refused = alice_browser.post(f"/console/jobs/{job.pk}/name/", {"title": "x" * 81})
    assert refused.status_code == 422


def test_made_again_a_video_begins_as_it_was(alice_browser: Client, submit: Any) -> None:
    direction = {"version": 1, "keyframes": [{"time_s": 0, "gaze_yaw": 0}, {"time_s": 0.4, "gaze_yaw": 9}]}
    job = submit(
        controls={"emotion": "sad", "gaze_pitch": -3.5}, direction=direction, title="First", video={"fps": 30}
    )
    page = body(alice_browser, f"/console/jobs/new/?again={job.pk}").decode()
    assert 'value="sad" selected' in page
    assert 'value="30" selected' in page
    assert 'name="gaze_pitch" value="-3.5"' in page
    assert 'value="First"' in page
    assert "&quot;gaze_yaw&quot;: 9.0" in page
    assert f'value="{job.portrait_id}" required checked' in page


def test_time_left_is_told_once_the_rate_is_known(job: Job) -> None:
    assert seconds_left(job) is None
    half = Job(
        state="marking", started_at=timezone.now() - timedelta(seconds=20), frames_done=100, frames_total=200
    )
    assert seconds_left(half) == 25


@pytest.mark.slow
def test_an_archive_holds_video_evidence_and_captions(
    alice_browser: Client, charlie_browser: Client, released: Rendition
) -> None:
    address = f"/console/jobs/archive/?rendition={released.pk}"
    with zipfile.ZipFile(io.BytesIO(body(alice_browser, address))) as packed:
        assert packed.testzip() is None
        assert len(packed.read(f"{released.pk}/{released.pk}.mp4")) == released.size_bytes
        evidence = json.loads(packed.read(f"{released.pk}/evidence.json"))
        assert evidence["file_sha256"] == released.sha256
        assert packed.read(f"{released.pk}/captions.vtt").startswith(b"WEBVTT\n")
        assert {"HOW-TO-CHECK.txt", "verification-keys.json"} <= set(packed.namelist())
        made_with = json.loads(packed.read(f"{released.pk}/made-with.json"))
        assert made_with["seed"] == released.job.seed
    body(charlie_browser, address, status=404)


def test_an_archive_holds_released_videos_only(alice_browser: Client, waiting: Rendition) -> None:
    body(alice_browser, f"/console/jobs/archive/?rendition={waiting.pk}", status=409)
    body(alice_browser, "/console/jobs/archive/", status=422)


@pytest.mark.slow
def test_captions_are_the_owners_alone(
    alice_browser: Client, charlie_browser: Client, released: Rendition
) -> None:
    address = f"/console/renditions/{released.pk}/captions/"
    assert b"made with artificial intelligence" in body(alice_browser, address)
    body(charlie_browser, address, status=404)
    assert address in body(alice_browser, f"/console/jobs/{released.job_id}/").decode()


def test_who_asked_is_told_by_email_when_it_is_over(
    submit: Any, django_capture_on_commit_callbacks: Any
) -> None:
    job = submit(title="For May", tell_by_email=True)
    put_into_state("failed", reason_code="no_face", reason_message="No face was found.", reason_hint="")
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        assert notices.tell(job.pk, "failed")
        assert not notices.tell(job.pk, "released")  # it is not
    (sent,) = mail.outbox
    assert sent.subject == "Your video could not be made"
    assert "For May" in sent.body
    assert "No face was found." in sent.body
    assert f"/console/jobs/{job.pk}/" in sent.body


def test_who_did_not_ask_is_told_nothing(job: Job) -> None:
    put_into_state("failed", reason_code="no_face")
    assert not notices.tell(job.pk, "failed")


def test_names_go_with_what_they_name(released: Rendition, alice: Any, recording: DrivingAudio) -> None:
    Job.objects.update(title="Amara in May")
    DrivingAudio.objects.update(title="Amara's words", peaks=[1])
    deletion.delete_rendition(actor=actor_of(alice), rendition_id=released.pk)
    deletion.delete_driving_audio(actor=actor_of(alice), driving_audio_id=recording.pk)
    recording.refresh_from_db()
    assert Job.objects.get().title == ""
    assert (recording.title, recording.peaks) == ("", None)
