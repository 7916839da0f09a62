"""A recording that is performed again and again gives the frames that `drive` gives, at the cost of the place
that is looked at."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from generation.animation.motion.controls import MotionControls
from generation.animation.motion.direction.direction import Direction
from generation.animation.motion.direction.performed import PerformedMotion, perform
from generation.animation.motion.editing import window_memory
from generation.animation.motion.editing.performance import Performance
from generation.animation.motion.generator import drive
from generation.animation.motion.motion_flow import plan_window
from generation.animation.motion.motion_plan import Plan
from generation.animation.rendering.deform import HAIR_SETTLES_S
from generation.animation.rendering.renderer import FrameInputSequence
from generation.animation.track.motion_track import MotionTrack
from tests.generation.intake.files import speech

RATE, FPS = 24_000, 25
LONG_S = 34.0  # longer than what is driven in one piece
DIRECTION = Direction.from_json(
    {
        "version": 1,
        "keyframes": [{"time_s": 0.0, "gaze_yaw": -12.0}, {"time_s": 1.0, "gaze_yaw": 8.0, "listening": 1.0}],
        "layer": [{"time_s": 0.5, "actions": {"browInnerUp": 0.5}}],
    }
)
CHANGED = MotionControls(gaze_yaw=12.0, arousal=0.8, style="lively", head_distance=1.2, blinks_per_minute=24)


def spoken(seconds: float) -> np.ndarray:
    """The bundled speech, again and again."""
    return np.resize(speech(), int(seconds * RATE))


@pytest.fixture(scope="module")
def performance() -> Performance:
    return Performance(spoken(4.0), RATE, FPS)


@pytest.fixture(scope="module")
def long() -> Performance:
    return Performance(spoken(LONG_S), RATE, FPS)


def driven(
    controls: MotionControls, direction: Direction | None = None, seconds: float = 4.0, seed: int = 3
) -> MotionTrack:
    return drive(spoken(seconds), RATE, controls=controls, seed=seed, fps=FPS, direction=direction)


def assert_alike(track: MotionTrack, whole: MotionTrack, first: int = 0) -> None:
    for name in ("actions", "head_pose", "gaze"):
        values = getattr(whole, name)[first:][: len(track)]
        np.testing.assert_array_equal(getattr(track, name), values, err_msg=name)


@pytest.mark.slow
@pytest.mark.parametrize("direction", [None, DIRECTION])
@pytest.mark.parametrize("controls", [MotionControls(), MotionControls(emotion="happy", style="lively")])
def test_frames_are_those_of_drive(
    performance: Performance, controls: MotionControls, direction: Direction | None
) -> None:
    whole = driven(controls, direction)

    beginning = performance.track(controls=controls, seed=3, direction=direction, until_s=1.0)
    again = performance.track(controls=controls, seed=3, direction=direction)

    assert len(again) == len(whole) == 100
    assert 26 <= len(beginning) < 75
    assert_alike(again, whole)
    assert_alike(beginning, whole)


@pytest.mark.slow
@pytest.mark.parametrize("controls", [CHANGED, MotionControls(emotion="angry", emotion_intensity=0.7)])
def test_frames_of_any_place_of_a_long_recording_are_those_of_drive(
    long: Performance, controls: MotionControls
) -> None:
    whole = driven(controls, DIRECTION, LONG_S)
    for first in (0, 7, 99, 100, 101, 118, 237, 512, 760, 849):
        until_s = min(first + 12, 849) / FPS
        track = long.track(controls=controls, seed=3, direction=DIRECTION, first=first, until_s=until_s)

        assert len(track) >= until_s * FPS - first
        assert_alike(track, whole, first)


@pytest.mark.slow
def test_hair_and_breath_of_a_late_frame_are_those_of_the_whole_video(long: Performance) -> None:
    before = math.ceil(HAIR_SETTLES_S * FPS)
    whole = list(FrameInputSequence().iter_frame_inputs(driven(CHANGED, None, LONG_S)))
    for frame in (before, 300, 555, 849):
        begins = frame - before
        track = long.track(controls=CHANGED, seed=3, first=begins, until_s=(frame + 0.5) / FPS)
        inputs = list(FrameInputSequence(begins).iter_frame_inputs(track))[before]

        for name, value, expected in zip(inputs._fields, inputs, whole[frame], strict=True):
            np.testing.assert_array_equal(value, expected, err_msg=name)


@pytest.mark.slow
def test_a_performer_is_at_the_same_place_in_a_part_of_the_recording(long: Performance) -> None:
    performed = PerformedMotion(driven(MotionControls(emotion="happy"), None, 8.0, seed=9))
    said = long.track(controls=CHANGED, seed=3)
    whole = perform(said, performed, controls=CHANGED, direction=DIRECTION, lead_s=1.0)

    part = perform(
        said.between(60, 90), performed, controls=CHANGED, direction=DIRECTION, lead_s=1.0, first=60
    )

    assert_alike(part, whole, 60)


@pytest.mark.slow
def test_the_end_of_a_long_recording_costs_what_its_beginning_does(
    long: Performance, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned: list[int] = []

    def counted(*given: Any, **more: Any) -> Plan:
        planned.append(1)
        return plan_window(*given, **more)

    monkeypatch.setattr(window_memory, "plan_window", counted)
    counts = []
    for yaw, until_s in enumerate((5.0, 12.0, 20.0, 31.0), start=1):
        planned.clear()
        first = round((until_s - HAIR_SETTLES_S) * FPS)
        track = long.track(controls=MotionControls(gaze_yaw=yaw), seed=3, first=first, until_s=until_s)
        counts.append(len(planned))
        assert len(track) < 4 * FPS
    assert max(counts) <= 12


def test_one_who_listens_is_driven_as_such(performance: Performance) -> None:
    controls = MotionControls(listening=1.0)

    assert_alike(performance.track(controls=controls, seed=3), driven(controls))


def test_windows_whose_inputs_stay_are_not_planned_again(
    performance: Performance, monkeypatch: pytest.MonkeyPatch
) -> None:
    performance.track(controls=MotionControls(), seed=3)
    monkeypatch.setattr(window_memory, "plan_window", None)

    performance.track(controls=MotionControls(emotion="sad", expressiveness=1.4, head_motion=0.2), seed=3)
    with pytest.raises(TypeError):
        performance.track(controls=MotionControls(gaze_yaw=10.0), seed=3)
