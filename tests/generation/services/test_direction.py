"""The direction of a job: the same by page, API and library, kept by the log, and told in the manifest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client
from numpy.typing import NDArray
from PIL import Image

from accounts.models import Partner
from generation.animation import (
    Animator,
    Direction,
    FittedPortrait,
    ModelIdentity,
    MotionControls,
    MotionTrack,
)
from generation.animation.motion.controls import RANGES
from generation.animation.motion.direction.control_curves import ControlCurves
from generation.animation.motion.direction.direction import LAYER_RANGES
from generation.animation.motion.direction.json_schema import EXAMPLE
from generation.animation.motion.direction.layer_curves import LayerCurves
from generation.by_log import job_differences
from generation.models import DrivingAudio, Job, Portrait
from generation.pipeline.audio import as_one_channel, read_audio, whole_frames
from generation.storage import local_path
from provenance.models import Record
from tests.generation.api.calls import problem
from tests.generation.conftest import SPEECH_S, run, stored_audio

pytestmark = pytest.mark.usefixtures("grant")
SIZE, FPS, SEED = 256, 25, 7
# The columns that a job's frames come from.
CAUSES = ("portrait_id", "driving_audio_id", "controls", "video", "direction", "motion", "seed", "renderer")


def at(time_s: float, share: float, emotion: str, style: str) -> dict[str, Any]:
    """A keyframe of every control, each so far between the ends of its range."""
    numbers = {name: low + share * (high - low) for name, (low, high) in RANGES.items()}
    return {"time_s": time_s, "emotion": emotion, "style": style, **numbers}


def layer_at(time_s: float, share: float) -> dict[str, Any]:
    """A keyframe of every channel of the layer, each so far on the way to its end."""
    parts = {
        part: {channel: share * high for channel, (_, high) in channels.items()}
        for part, channels in LAYER_RANGES.items()
    }
    return {"time_s": time_s, **parts}


# Every field that a direction has.
DIRECTED = {
    "version": 1,
    "keyframes": [at(0.1, 0.35, "sad", "calm"), at(0.3, 0.6, "happy", "lively")],
    "layer": [layer_at(0, 0.02), layer_at(0.5, 0.2)],
}
# Sixty keyframes, as many as a minute usually has, and sixty of the layer; one for every frame or two.
MANY_S = 3
SIXTY = {
    "version": 1,
    "keyframes": [
        at(number * 0.05 + 0.02, 0.35 + number % 7 / 20, ("sad", "happy", "angry")[number % 3], "calm")
        for number in range(60)
    ],
    "layer": [layer_at(number * 0.05 + 0.03, (number % 5 - 2) / 10) for number in range(60)],
}


def digests(frames: Iterator[NDArray[np.uint8]]) -> list[bytes]:
    """Of frames, in their order."""
    return [hashlib.sha256(frame.tobytes()).digest() for frame in frames]


@dataclass
class WatchedAnimator:
    """The bundled animator, and digests of the frames that it rendered."""

    frames: list[bytes] = field(default_factory=list)
    takes_direction = True
    _inner: Animator = field(default_factory=lambda: Animator.load("cpu"))

    @property
    def identity(self) -> ModelIdentity:
        return self._inner.identity

    motion_identity = identity

    def fit(self, image: NDArray[np.uint8]) -> FittedPortrait:
        return self._inner.fit(image)

    def drive(self, audio: NDArray[np.float32], sample_rate: int, **arguments: Any) -> MotionTrack:
        return self._inner.drive(audio, sample_rate, **arguments)

    def render(self, fitted: FittedPortrait, track: MotionTrack, *, size: int) -> Iterator[NDArray[np.uint8]]:
        for frame in self._inner.render(fitted, track, size=size):
            self.frames += digests(iter([frame]))
            yield frame


def order(amara: Portrait, recording: DrivingAudio, **more: Any) -> dict[str, Any]:
    video = {"size": SIZE, "fps": FPS}
    return {"portrait_id": amara.id, "driving_audio_id": recording.id, "seed": SEED, "video": video, **more}


def post(client: Client, body: dict[str, Any], query: str = ""):
    return client.post(f"/v1/jobs{query}", body, "application/json")


def causes(job: Job) -> dict[str, Any]:
    """What an attempt reads of a job's row to make its frames."""
    return {name: getattr(job, name) for name in CAUSES}


@pytest.fixture
def recording(partner_a: Partner, tmp_path: Path, request: pytest.FixtureRequest) -> DrivingAudio:
    """Real speech of partner A, of so many seconds as the test asks for."""
    return stored_audio(partner_a, tmp_path, getattr(request, "param", SPEECH_S))


@pytest.fixture
def page_form(amara: Portrait, recording: DrivingAudio) -> dict[str, Any]:
    natural = {name: value for name, value in MotionControls().to_json().items() if name != "listening"}
    chosen = {"portrait": amara.id, "driving_audio": recording.id, "seed": SEED}
    label = {"label_preset": "eu", "label_language": "preset", "label_place": "top_right"}
    return {**natural, **chosen, **label, "aspect": "1:1", "size": SIZE, "fps": FPS, "fill": "blur"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("directed", "recording", "makes_both"),
    [(DIRECTED, SPEECH_S, True), (SIXTY, MANY_S, False)],
    indirect=["recording"],
)
def test_page_api_and_library_give_the_same_frames(
    api_a: Client,
    bob_browser: Client,
    amara: Portrait,
    recording: DrivingAudio,
    page_form,
    *,
    directed,
    makes_both: bool,
) -> None:
    """To encode many frames twice takes long: equal rows are shown to give equal frames by the short one."""
    assert post(api_a, order(amara, recording, direction=directed)).status_code == 202
    page_form["direction"] = json.dumps(directed, indent=1)
    assert bob_browser.post("/console/jobs/new/", page_form).status_code == 302
    by_api, by_page = Job.objects.order_by("created_at")
    assert causes(by_api) == causes(by_page)
    jobs = (by_api, by_page) if makes_both else (by_page,)
    made = []
    for job in jobs:
        animator = WatchedAnimator()
        assert run(job, animator)  # type: ignore[arg-type]
        made.append(animator.frames)
    with local_path(amara.image_key) as path, Image.open(path) as image:
        pixels = np.array(image.convert("RGB"))
    with local_path(recording.audio_key) as path:
        sound, rate = read_audio(path)
    library = Animator.load("cpu")
    speech = as_one_channel(whole_frames(sound, rate, FPS))
    track = library.drive(speech, rate, seed=SEED, fps=FPS, direction=Direction.from_json(directed))
    by_library = digests(library.render(library.fit(pixels), track, size=SIZE))
    assert len(set(by_library)) > 0.95 * recording.duration_s * FPS
    assert made == [by_library] * len(jobs)
    manifests = [bytes(record.manifest) for record in Record.objects.all()]
    assert len(manifests) == len(jobs)
    for manifest in manifests:
        for part, channels in LAYER_RANGES.items():
            for channel in channels:
                named = channel if part == "actions" else f"{part}.{channel}"
                assert named.encode() in manifest


@pytest.mark.slow
def test_a_minute_may_have_sixty_keyframes_and_each_is_reached(
    api_a: Client, amara: Portrait, recording: DrivingAudio
) -> None:
    rows = [{"time_s": float(i), "head_distance": 0.8 + i % 7 / 20, "gaze_yaw": i % 5 - 2} for i in range(60)]
    layer = [{"time_s": float(i), "head_pose": {"yaw": i % 9 - 4}} for i in range(60)]
    directed = {"version": 1, "keyframes": rows, "layer": layer}

    planned = post(api_a, order(amara, recording, direction=directed), "?dry_run=true").json()

    kept = Direction.from_json(planned["direction"])
    times = np.arange(60.0)
    curves = ControlCurves(MotionControls(), kept)
    assert curves.number("head_distance", times) == pytest.approx([row["head_distance"] for row in rows])
    assert curves.gaze(times + 0.4)[:, 0] == pytest.approx([row["gaze_yaw"] for row in rows], abs=0.01)
    assert LayerCurves(kept).at(times).head_pose[:, 0] == pytest.approx([i % 9 - 4 for i in range(60)])


@pytest.mark.slow
def test_it_is_part_of_the_job(api_a: Client, amara: Portrait, recording: DrivingAudio) -> None:
    body = post(api_a, order(amara, recording, direction=EXAMPLE)).json()
    assert body["direction"] == EXAMPLE
    assert api_a.get(f"/v1/jobs/{body['id']}").json()["direction"] == EXAMPLE
    planned = post(api_a, order(amara, recording, direction=EXAMPLE), "?dry_run=true").json()
    assert planned["direction"] == EXAMPLE
    without = post(api_a, order(amara, recording, direction={"version": 1})).json()
    assert without["direction"] is None


@pytest.mark.slow
def test_an_edited_direction_is_named(api_a: Client, amara: Portrait, recording: DrivingAudio) -> None:
    job = Job.objects.get(pk=post(api_a, order(amara, recording, direction=EXAMPLE)).json()["id"])
    assert job_differences(job) == []
    job.direction = {}
    assert "direction" in job_differences(job)


def test_the_api_says_where_it_is_wrong(api_a: Client, amara: Portrait, recording: DrivingAudio) -> None:
    wrong = {"version": 1, "keyframes": [{"time_s": 0, "valence": 1}, {"time_s": 1, "gaze_yaw": 99}]}
    refused = problem(post(api_a, order(amara, recording, direction=wrong)), 422, "direction_invalid")
    assert refused["details"] == {"path": "/direction/keyframes/1/gaze_yaw"}
    assert "/direction/keyframes/1/gaze_yaw" in refused["title"]
    assert refused["hint"] == "Write a number from -30 to 30."
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"version": 1', "This is no JSON. 1:14"),
        ("[" * 5000, "This is no JSON."),
        ('{"version": 1, "layer": [{"time_s": 0, "gaze": {"roll": 1}}]}', "/direction/layer/0/gaze/roll"),
    ],
)
def test_the_page_says_where_it_is_wrong(bob_browser: Client, page_form, text: str, said: str) -> None:
    response = bob_browser.post("/console/jobs/new/", page_form | {"direction": text})
    assert response.status_code == 422
    page = response.content.decode()
    assert said in page
    assert "Something below cannot be used" in page  # at the top: the field is far down
    assert not Job.objects.exists()


TWO_OF_EACH = {
    "version": 1,
    "keyframes": [{"time_s": 0.1, "gaze_yaw": -9}, {"time_s": 0.3, "gaze_yaw": 6, "emotion": "happy"}],
    "layer": [
        {"time_s": 0, "head_pose": {"roll": -4}, "actions": {"browInnerUp": 0}},
        {"time_s": 0.5, "head_pose": {"roll": 6}, "actions": {"browInnerUp": 0.5}},
    ],
}


def test_the_job_page_tells_of_it(bob_browser: Client, page_form) -> None:
    response = bob_browser.post("/console/jobs/new/", page_form | {"direction": json.dumps(TWO_OF_EACH)})
    page = bob_browser.get(response["Location"]).content.decode()
    assert "2: emotion, gaze_yaw" in page
    assert "2: browInnerUp, head_pose.roll" in page


@pytest.mark.slow
def test_a_motion_source_without_direction_refuses_it(
    api_a: Client, amara: Portrait, recording: DrivingAudio
) -> None:
    job = Job.objects.get(pk=post(api_a, order(amara, recording, direction=EXAMPLE)).json()["id"])
    assert run(job)
    job.refresh_from_db()
    assert (job.state, job.reason_code) == ("failed", "direction_not_offered")
