"""A performer's video moves a face: captured in a confined process, the same by API and library, never kept,
and only with the performer's consent."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client

from generation import storage
from generation.animation import MotionTrack
from generation.animation.rendering.renderer import Renderer
from generation.models import DrivingAudio
from generation.pipeline.encode import encode_in_memory
from generation.pipeline.performance import motion_of_video
from tests.accounts.log_entries import newest_entry
from tests.generation.animation.rendered import fitted
from tests.generation.api.calls import problem, upload
from tests.generation.intake.files import SPEECH

pytestmark = pytest.mark.slow

CONSENT = "Release form 7/2026"


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Half a second of somebody who turns their head and opens their mouth."""
    track = MotionTrack.neutral(14, 25)
    track.head_pose[:, 0] = np.linspace(0, 9, 14)
    track.actions[:, MotionTrack.ACTIONS.index("jawOpen")] = np.linspace(0, 0.6, 14)
    path = tmp_path_factory.mktemp("film") / "performance.mp4"
    path.write_bytes(
        encode_in_memory(
            Renderer(fitted("tomas"), 256).frames(track),
            fps=25,
            audio=np.zeros(26_880, np.float32),
            sample_rate=48_000,
            mark=lambda luma: luma,
        )
    )
    return path


def send(client: Client, recording: DrivingAudio, data: bytes, consent: str = CONSENT) -> Any:
    form = {"file": upload("performance.mp4", data, "video/mp4"), "performer_consent": consent}
    return client.post(f"/v1/driving-audio/{recording.id}/motion", form)


def test_its_motion_is_the_recordings_track_and_the_video_is_gone(
    api_a: Client, recording: DrivingAudio, film: Path
) -> None:
    answer = send(api_a, recording, film.read_bytes())

    assert answer.status_code == 201, answer.content
    told = answer.json()["motion"]
    taken = api_a.get(f"/v1/driving-audio/{recording.id}/motion")
    stored = b"".join(taken.streaming_content)  # type: ignore[attr-defined]
    by_library = motion_of_video(film, longest_s=recording.duration_s)
    assert stored == by_library.csv_text().encode()
    assert (told["frames"], told["fps"], told["performer_consent"]) == (len(by_library), 25.0, CONSENT)
    assert by_library.head_pose[-1, 0] > 4
    assert by_library.actions[-1, MotionTrack.ACTIONS.index("jawOpen")] > 0.3
    assert newest_entry()["event"] == "driving_audio.motion_stated"
    assert not [file for file in storage.walk("motion-tracks") if not file.key.endswith(".csv")]


def test_without_the_performers_consent_nothing_is_looked_at(
    api_a: Client, recording: DrivingAudio, film: Path
) -> None:
    problem(send(api_a, recording, film.read_bytes(), consent=" "), 422, "performer_consent_missing")


@pytest.mark.parametrize("case", ["cut off", "no face", "no picture"])
def test_what_shows_no_performer_is_refused(
    api_a: Client, recording: DrivingAudio, film: Path, case: str
) -> None:
    grey = np.full((128, 128, 3), 128, np.uint8)
    data, code = {
        "cut off": lambda: (film.read_bytes()[:300], "performance_unreadable"),
        "no face": lambda: (_film_of(grey), "capture_without_face"),
        "no picture": lambda: (_sound_alone(), "performance_unreadable"),
    }[case]()
    problem(send(api_a, recording, data), 422, code)
    recording.refresh_from_db()
    assert recording.motion_key == ""


def _film_of(picture: Any) -> bytes:
    silence = np.zeros(9600, np.float32)
    return encode_in_memory(
        iter([picture] * 5), fps=25, audio=silence, sample_rate=48_000, mark=lambda luma: luma
    )


def _sound_alone() -> bytes:
    from tests.generation.intake.files import encoded

    with wave.open(str(SPEECH)) as file:
        sound = np.frombuffer(file.readframes(12_000), "<i2") / np.float32(2**15)
    return encoded(sound, "mp4", "aac")
