"""A recording that is performed again and again gives the frames that `drive` gives."""

from __future__ import annotations

import numpy as np
import pytest

from generation.animation.motion.controls import MotionControls
from generation.animation.motion.direction.direction import Direction
from generation.animation.motion.editing import window_memory
from generation.animation.motion.editing.performance import Performance
from generation.animation.motion.generator import drive
from generation.animation.motion.voice_driven.prosody_bands import ProsodyBands
from generation.animation.track.motion_track import MotionTrack
from tests.generation.intake.files import speech

RATE = 24_000
DIRECTION = Direction.from_json(
    {
        "version": 1,
        "keyframes": [{"time_s": 0.0, "gaze_yaw": -12.0}, {"time_s": 1.0, "gaze_yaw": 8.0, "listening": 1.0}],
        "layer": [{"time_s": 0.5, "actions": {"browInnerUp": 0.5}}],
    }
)


@pytest.fixture(scope="module")
def performance() -> Performance:
    return Performance(speech(4.0), RATE, 25)


def driven(controls: MotionControls, direction: Direction | None = None) -> MotionTrack:
    return drive(speech(4.0), RATE, controls=controls, seed=3, fps=25, direction=direction)


def assert_begins_alike(track: MotionTrack, whole: MotionTrack) -> None:
    for name in ("actions", "head_pose", "gaze"):
        np.testing.assert_array_equal(getattr(track, name), getattr(whole, name)[: len(track)])


@pytest.mark.parametrize("direction", [None, DIRECTION])
@pytest.mark.parametrize("controls", [MotionControls(), MotionControls(emotion="happy", style="lively")])
def test_frames_are_those_of_drive(
    performance: Performance, controls: MotionControls, direction: Direction | None
) -> None:
    whole = driven(controls, direction)

    beginning = performance.track(controls=controls, seed=3, direction=direction, until_s=1.0)
    again = performance.track(controls=controls, seed=3, direction=direction)

    assert len(again) == len(whole) == 100
    assert 26 <= len(beginning) < 60
    assert_begins_alike(again, whole)
    assert_begins_alike(beginning, whole)


def test_another_place_of_the_same_performance_is_not_driven_from_the_beginning(
    performance: Performance, monkeypatch: pytest.MonkeyPatch
) -> None:
    controls = MotionControls(emotion="sad")
    performance.track(controls=controls, seed=3, until_s=1.0)
    monkeypatch.setattr(performance, "_generator", None)

    later = performance.track(controls=controls, seed=3, until_s=2.0)
    earlier = performance.track(controls=controls, seed=3, until_s=0.5)

    assert len(later) >= 51
    assert_begins_alike(later, driven(controls))
    assert_begins_alike(earlier, driven(controls))


def test_one_who_listens_is_driven_as_such(performance: Performance) -> None:
    controls = MotionControls(listening=1.0)

    assert_begins_alike(performance.track(controls=controls, seed=3), driven(controls))


def test_windows_whose_inputs_stay_are_not_planned_again(
    performance: Performance, monkeypatch: pytest.MonkeyPatch
) -> None:
    performance.track(controls=MotionControls(), seed=3)
    monkeypatch.setattr(window_memory, "plan_window", None)
    monkeypatch.setattr(ProsodyBands, "at", None)  # nor is the voice read again

    performance.track(controls=MotionControls(emotion="sad", expressiveness=1.4, head_motion=0.2), seed=3)
    with pytest.raises(TypeError):
        performance.track(controls=MotionControls(gaze_yaw=10.0), seed=3)
