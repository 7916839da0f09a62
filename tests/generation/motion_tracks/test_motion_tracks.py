"""A performer's motion track drives a video: with a consent that is named, by API and page, told by log and
manifest, always looked at, and erased with its recording."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import c2pa
import numpy as np
import pytest
from django.test import Client

from accounts.models import Partner
from generation import storage
from generation.animation import MotionTrack
from generation.animation.motion.direction.direction import Direction
from generation.animation.motion.direction.performed import PerformedMotion, perform
from generation.animation.track.arkit import ARKIT_ACTIONS
from generation.by_log import job_differences
from generation.models import DrivingAudio, Job, Portrait
from generation.states import JobState
from provenance.models.record import Record
from tests.accounts.log_entries import newest_entry
from tests.generation.api.calls import problem, upload
from tests.generation.conftest import run
from tests.generation.pipeline.moving_portrait import SwayingAnimator

REFERENCE = "Release form 12/2026, folder C"


def nodding(frames: int = 20, fps: float = 25) -> MotionTrack:
    """A head that goes down, with raised brows and an open mouth."""
    track = MotionTrack.neutral(frames, fps)
    track.head_pose[:, 1] = np.linspace(0, 10, frames)
    for name in ("browInnerUp", "jawOpen", "mouthSmileLeft"):
        track.actions[:, ARKIT_ACTIONS.index(name)] = 0.5
    return track


def take() -> Any:
    return upload("take.csv", nodding().csv_text().encode(), "text/csv")


@pytest.fixture
def performed(api_a: Client, recording: DrivingAudio) -> DrivingAudio:
    """The recording with a track."""
    answer = api_a.post(
        f"/v1/driving-audio/{recording.id}/motion", {"file": take(), "performer_consent": REFERENCE}
    )
    assert answer.status_code == 201, answer.content
    recording.refresh_from_db()
    return recording


def test_it_is_taken_in_with_the_consent_that_is_named_and_comes_back(
    api_a: Client, performed: DrivingAudio
) -> None:
    told = api_a.get(f"/v1/driving-audio/{performed.id}").json()["motion"]
    assert (told["frames"], told["fps"], told["performer_consent"]) == (20, 25.0, REFERENCE)
    entry = newest_entry()
    assert entry["event"] == "driving_audio.motion_stated"
    assert entry["data"]["motion_digest"] == told["sha256"]
    assert REFERENCE not in json.dumps(entry)

    answer = api_a.get(f"/v1/driving-audio/{performed.id}/motion")
    assert b"".join(answer.streaming_content).decode() == nodding().csv_text()  # type: ignore[attr-defined]
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.slow
def test_without_a_consent_or_a_readable_take_it_is_refused(api_a: Client, recording: DrivingAudio) -> None:
    address = f"/v1/driving-audio/{recording.id}/motion"
    unnamed = api_a.post(address, {"file": take(), "performer_consent": "  "})
    problem(unnamed, 422, "performer_consent_missing")
    for data in (b"Timecode,more\n1,2\n", b"\xff\xfe\x00 no text", nodding(1).csv_text().encode()):
        wrong = {"file": upload("take.csv", data), "performer_consent": REFERENCE}
        problem(api_a.post(address, wrong), 422, "motion_unreadable")
    problem(api_a.get(address), 404, "not_found")
    recording.refresh_from_db()
    assert recording.motion_key == ""


def test_it_is_not_found_by_others(api_b: Client, charlie_browser: Client, performed: DrivingAudio) -> None:
    assert api_b.get(f"/v1/driving-audio/{performed.id}/motion").status_code == 404
    wrong = {"file": take(), "performer_consent": REFERENCE}
    assert api_b.post(f"/v1/driving-audio/{performed.id}/motion", wrong).status_code == 404
    for page in ("motion/", "motion.csv"):
        assert charlie_browser.get(f"/console/driving-audio/{performed.id}/{page}").status_code == 404


def test_the_page_takes_one_in_and_gives_it_back(alice_browser: Client, recording: DrivingAudio) -> None:
    page = f"/console/driving-audio/{recording.id}/motion/"
    assert alice_browser.post(page, {"file": take(), "performer_consent": REFERENCE}).status_code == 302

    assert REFERENCE in alice_browser.get(page).content.decode()
    kept = alice_browser.get(f"/console/driving-audio/{recording.id}/motion.csv")
    assert kept.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.slow
@pytest.mark.usefixtures("grant")
def test_a_job_needs_a_track_and_keeps_which_it_uses(
    api_a: Client, amara: Portrait, recording: DrivingAudio, submit: Callable[..., Job], api_post: Any
) -> None:
    order = {"portrait_id": amara.id, "driving_audio_id": recording.id, "motion": {"lips": "performer"}}
    problem(api_post(order), 422, "motion_missing")
    track = {"file": take(), "performer_consent": REFERENCE}
    api_a.post(f"/v1/driving-audio/{recording.id}/motion", track)

    told = api_post(order).json()

    recording.refresh_from_db()
    assert told["motion"] == {"sha256": recording.motion_sha256, "lips": "performer"}
    job = Job.objects.get()
    assert job_differences(job) == []
    job.motion = {"sha256": "0" * 64, "lips": "performer"}
    assert "motion" in job_differences(job)
    problem(
        api_a.post(f"/v1/driving-audio/{recording.id}/motion", {**track, "file": take()}), 409, "media_in_use"
    )


@pytest.fixture
def api_post(api_a: Client) -> Callable[[dict[str, Any]], Any]:
    """Submit a job by API."""
    return lambda order: api_a.post("/v1/jobs", order, content_type="application/json")


@pytest.mark.slow
def test_its_video_tells_of_it_and_always_waits_for_a_reviewer(
    partner_a: Partner, performed: DrivingAudio, submit: Callable[..., Job], tmp_path: Any
) -> None:
    job = submit(motion={"lips": "speech"})
    seen: list[MotionTrack] = []

    class Watched(SwayingAnimator):
        def render(self, fitted: Any, track: MotionTrack, *, size: int) -> Any:
            seen.append(track)
            return super().render(fitted, track, size=size)

    assert run(job, Watched())

    job.refresh_from_db()
    assert job.state == JobState.IN_REVIEW, job.reason_message
    assert seen[0].head_pose[-1, 1] > 5
    with storage.local_path(job.rendition.file_key) as path:
        manifest = json.loads(c2pa.Reader(str(path)).json())
    active = manifest["manifests"][manifest["active_manifest"]]
    assert "performance" in [one["title"] for one in active["ingredients"]]
    (stated,) = (one["data"] for one in active["assertions"] if one["label"] == "org.likeness.provenance")
    assert stated["performance"] == {"lips": "speech"}
    assert len(stated["commitments"]["performance"]) == 64
    assert Record.objects.filter(pk=job.rendition.id).exists()


@pytest.mark.slow
def test_a_track_that_was_put_in_another_way_moves_nothing(
    performed: DrivingAudio, submit: Callable[..., Job]
) -> None:
    job = submit(motion={"lips": "speech"})
    DrivingAudio.objects.filter(pk=performed.pk).update(motion_sha256="1" * 64)

    run(job)

    job.refresh_from_db()
    assert (job.state, job.reason_code) == (JobState.FAILED, "motion_replaced")


def test_it_goes_with_its_recording(api_a: Client, performed: DrivingAudio) -> None:
    key = performed.motion_key

    assert api_a.delete(f"/v1/driving-audio/{performed.id}").status_code == 204

    assert not storage.is_stored(key)
    performed.refresh_from_db()
    assert performed.performer_consent == ""


def test_head_and_brows_are_the_performers_and_lips_those_that_were_chosen() -> None:
    spoken = MotionTrack.neutral(30, 30)
    spoken.actions[:, ARKIT_ACTIONS.index("jawOpen")] = 0.2
    layer = [{"time_s": 0.0, "head_pose": {"yaw": 4.0}}]
    direction = Direction.from_json({"version": 1, "layer": layer})

    def column(track: MotionTrack, name: str) -> float:
        return float(track.actions[0, ARKIT_ACTIONS.index(name)])

    by_speech = perform(spoken, PerformedMotion(nodding()), direction=direction)
    by_performer = perform(spoken, PerformedMotion(nodding(), "performer"), lead_s=0.2)

    assert len(by_speech) == 30
    assert (by_speech.head_pose[0, 0], by_speech.head_pose[-1, 1]) == pytest.approx((4, 10))
    assert [
        column(by_speech, name) for name in ("jawOpen", "browInnerUp", "mouthSmileLeft")
    ] == pytest.approx([0.2, 0.5, 0.5])
    assert column(by_performer, "jawOpen") == 0.5
    assert not by_performer.head_pose[:6, 1].any()
    with pytest.raises(ValueError, match="lips"):
        PerformedMotion(nodding(), "nobody")
