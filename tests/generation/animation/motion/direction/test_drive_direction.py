"""A direction changes the controls over time and adds to the performance; the lips stay with the speech."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from generation.animation import Animator, Direction, MotionControls, MotionTrack
from generation.animation.motion.controls import RANGES
from generation.animation.motion.direction.control_curves import ControlCurves
from generation.animation.speech.audio_input import UnusableAudioError
from generation.animation.track.motion_track import concatenate_tracks
from tests.generation.animation.speech_samples import speech_sample

SECONDS, FPS = 3.0, 25
OTHER: dict[str, float | str] = {
    "gaze_yaw": 12.0, "gaze_pitch": -6.0, "head_distance": 1.2, "emotion": "sad", "emotion_intensity": 0.9,
    "valence": 0.7, "arousal": 0.2, "style": "lively", "expressiveness": 1.3, "head_motion": 0.5,
    "blinks_per_minute": 30.0,
}  # fmt: skip


@cache
def _speech() -> tuple[np.ndarray, int]:
    sample = speech_sample("sample1_female_calm")
    return sample.samples[: int(SECONDS * sample.sample_rate)], sample.sample_rate


def _direction(**parts: Any) -> Direction:
    return Direction.from_json({"version": 1, **parts})


def _driven(direction: Direction | None = None, **controls: Any) -> MotionTrack:
    return Animator.load("cpu").drive(
        *_speech(), controls=MotionControls(**controls), fps=FPS, seed=3, direction=direction
    )


@cache
def _natural() -> MotionTrack:
    return _driven()


def _action(track: MotionTrack, name: str) -> np.ndarray:
    return track.actions[:, MotionTrack.ACTIONS.index(name)]


def _assert_equal(one: MotionTrack, other: MotionTrack) -> None:
    for name in ("actions", "head_pose", "gaze"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name


@pytest.mark.slow
@pytest.mark.parametrize("controls", [OTHER, {"listening": 1.0}])
def test_one_keyframe_is_the_same_as_the_control(controls: dict[str, Any]) -> None:
    assert OTHER.keys() | {"listening"} == RANGES.keys() | {"emotion", "style"}
    _assert_equal(_driven(_direction(keyframes=[{"time_s": 1.0, **controls}])), _driven(**controls))


def test_an_empty_direction_changes_nothing() -> None:
    _assert_equal(_driven(_direction()), _natural())


def test_before_a_change_all_is_as_without_it() -> None:
    late = _driven(
        _direction(keyframes=[{"time_s": 2.5, "head_distance": 1.0}, {"time_s": 2.9, "head_distance": 1.3}])
    )
    assert np.array_equal(late.head_pose[:60], _natural().head_pose[:60])
    assert late.head_pose[-1, 5] - _natural().head_pose[-1, 5] == pytest.approx(3.0, abs=1e-3)
    assert np.array_equal(late.actions, _natural().actions)


def test_the_gaze_jumps_to_its_next_target() -> None:
    keyframes = [{"time_s": 0.0, "gaze_yaw": -10}, {"time_s": 1.5, "gaze_yaw": 15, "gaze_pitch": 5}]
    gaze = ControlCurves(MotionControls(gaze_pitch=2), _direction(keyframes=keyframes)).gaze(
        np.array([1.0, 1.5, 1.54, 1.6, 2.9])
    )
    assert gaze[[0, 1, 3, 4]] == pytest.approx(np.array([[-10, 5], [-10, 5], [15, 5], [15, 5]]))
    assert -10 < gaze[2, 0] < 15


def test_an_emotion_gives_way_to_the_next() -> None:
    keyframes = [
        {"time_s": 0.0, "emotion": "happy", "emotion_intensity": 1},
        {"time_s": 1.5, "emotion": "angry"},
    ]
    track = _driven(_direction(keyframes=keyframes))
    smile, frown = _action(track, "mouthSmileLeft"), _action(track, "browDownLeft")
    assert smile[20:35].mean() > 0.3 > smile[60:].mean()
    assert frown[60:].mean() > 0.3 > frown[20:35].mean()


def test_the_layer_is_added() -> None:
    layer = [
        {"time_s": 0.5, "actions": {"browInnerUp": 0}, "head_pose": {"yaw": 0}, "gaze": {"yaw": 0}},
        {"time_s": 1.0, "actions": {"browInnerUp": 0.6}, "head_pose": {"yaw": 12}, "gaze": {"yaw": -8}},
    ]
    track, natural = _driven(_direction(layer=layer)), _natural()
    assert np.array_equal(track.head_pose[:12], natural.head_pose[:12])
    assert (track.head_pose - natural.head_pose)[-1] == pytest.approx([12, 0, 0, 0, 0, 0], abs=1e-4)
    assert (track.gaze - natural.gaze)[-1] == pytest.approx([-8, 0], abs=1e-4)
    raised = _action(track, "browInnerUp")[30:]
    assert raised == pytest.approx(np.clip(_action(natural, "browInnerUp")[30:] + 0.6, 0, 1), abs=0.15)


def test_no_layer_opens_a_closure_of_the_lips() -> None:
    natural = _natural()
    shut = (_action(natural, "mouthClose") >= 0.999 * _action(natural, "jawOpen")) & (
        _action(natural, "mouthClose") > 0.05
    )
    assert shut.any()
    open_wide = _driven(_direction(layer=[{"time_s": 0, "actions": {"jawOpen": 0.5, "mouthFunnel": 0.5}}]))
    assert _action(open_wide, "mouthClose")[shut] == pytest.approx(_action(open_wide, "jawOpen")[shut])
    assert _action(open_wide, "mouthFunnel")[shut] == pytest.approx(0, abs=1e-6)


def test_the_person_listens_from_a_keyframe_on() -> None:
    speaks, both = (
        _action(_natural(), "jawOpen"),
        _direction(keyframes=[{"time_s": 0, "listening": 0}, {"time_s": 1.5, "listening": 1}]),
    )
    jaw = _action(_driven(both), "jawOpen")
    assert speaks[45:60].max() > 0.1
    assert jaw[5:30] == pytest.approx(speaks[5:30], abs=1e-6)
    assert jaw[45:].max() == 0


def test_two_channels_have_no_keyframes_of_listening() -> None:
    both = np.zeros((16_000, 2), np.float32)
    direction = _direction(keyframes=[{"time_s": 0, "listening": 1}])
    with pytest.raises(UnusableAudioError, match="one channel"):
        Animator.load("cpu").drive(both, 16_000, direction=direction)


@pytest.mark.slow
def test_live_speech_is_directed_however_it_is_cut() -> None:
    samples, rate = _speech()
    direction = _direction(
        keyframes=[
            {"time_s": 0.3, **OTHER},
            {"time_s": 1.1, "emotion": "happy", "style": "calm", "gaze_yaw": 0, "listening": 1},
            {"time_s": 2.2, "blinks_per_minute": 0, "head_distance": 0.8, "listening": 0, "valence": 0.1},
        ],
        layer=[{"time_s": 0, "head_pose": {"roll": -5}}, {"time_s": 2, "head_pose": {"roll": 8}}],
    )
    pieces = [
        list(
            Animator.load("cpu").stream(
                np.array_split(samples, count), rate, fps=FPS, seed=3, direction=direction
            )
        )
        for count in (1, 41)
    ]
    one, other = (concatenate_tracks(each) for each in pieces)
    for name in ("actions", "head_pose", "gaze"):
        assert np.allclose(getattr(one, name), getattr(other, name), rtol=0, atol=1e-6), name


def test_sixty_keyframes_in_a_minute_move_it_at_each() -> None:
    keyframes = [{"time_s": float(second), "head_distance": 0.9 + 0.2 * (second % 2)} for second in range(60)]
    curves = ControlCurves(MotionControls(), _direction(keyframes=keyframes))
    at = np.arange(60, dtype=np.float64)
    assert curves.number("head_distance", at) == pytest.approx(0.9 + 0.2 * (at % 2))
    assert curves.number("head_distance", np.arange(0.5, 59, dtype=np.float64)) == pytest.approx(1.0)
