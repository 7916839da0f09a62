"""Head, eyes and lids: seeds, controls, and what they leave alone."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from generation.animation.motion.controls import MotionControls
from generation.animation.motion.generator import drive
from generation.animation.track.arkit import ARKIT_ACTIONS
from generation.animation.track.motion_track import (
    CAMERA_DISTANCE_HEAD_WIDTHS,
    MotionTrack,
)
from tests.generation.animation.speech_samples import NAMES, action, speech_sample

pytestmark = pytest.mark.slow

UPPER = [i for i, name in enumerate(ARKIT_ACTIONS) if name.startswith(("brow", "cheekSquint", "eyeSquint"))]
MOUTH = [i for i, name in enumerate(ARKIT_ACTIONS) if name.startswith(("jaw", "mouth", "tongue"))]


def _driven(seed: int, fps: float, controls: MotionControls) -> MotionTrack:
    sample = speech_sample("sample1_female_calm")
    return drive(sample.samples, sample.sample_rate, controls=controls, seed=seed, fps=fps)


_remembered = cache(_driven)  # many tests compare with the same performance


def _drive(seed: int = 0, fps: float = 25, **controls: Any) -> MotionTrack:
    return _remembered(seed, fps, MotionControls(**controls))


def test_the_same_seed_gives_the_same_track() -> None:
    first, second = (_driven(7, 25, MotionControls()) for _ in range(2))
    assert np.array_equal(first.actions, second.actions)
    assert np.array_equal(first.head_pose, second.head_pose)
    assert np.array_equal(first.gaze, second.gaze)


def test_another_seed_moves_the_head_and_eyes_but_not_the_lips() -> None:
    first, second = _drive(seed=1), _drive(seed=2)
    assert np.array_equal(first.actions[:, MOUTH], second.actions[:, MOUTH])
    assert np.abs(first.head_pose[:, :3] - second.head_pose[:, :3]).max() > 2
    assert np.abs(first.gaze - second.gaze).max() > 2
    assert not np.array_equal(action(first, "eyeBlinkLeft"), action(second, "eyeBlinkLeft"))


def test_a_seed_gives_the_same_performance_at_any_frame_rate() -> None:
    slow, fast = _drive(seed=3, fps=25), _drive(seed=3, fps=50)
    halved = (fast.head_pose[0 : 2 * len(slow) : 2] + fast.head_pose[1 : 2 * len(slow) : 2]) / 2
    count = min(len(slow), len(halved))
    assert np.abs(slow.head_pose[:count] - halved[:count]).max() < 0.1


def test_the_head_can_be_held_still() -> None:
    track = _drive(head_motion=0.0)
    assert np.all(track.head_pose == 0)


def test_head_motion_scales_the_movement() -> None:
    little, much = _drive(head_motion=0.5), _drive(head_motion=1.5)
    assert np.allclose(3 * little.head_pose, much.head_pose, atol=1e-4)


def test_a_lively_speaker_moves_more_than_a_calm_one() -> None:
    calm, lively = (
        np.mean(
            [np.abs(np.diff(_drive(seed=s, style=style).head_pose[:, :3], axis=0)).mean() for s in (1, 2)]
        )
        for style in ("calm", "lively")
    )
    assert lively > 1.3 * calm


def test_pleasure_and_excitement_show_without_a_named_emotion() -> None:
    plain, pleased = _drive(), _drive(valence=1.0, arousal=1.0)
    for name in ("mouthSmileLeft", "cheekSquintLeft", "eyeWideLeft"):
        assert action(pleased, name).mean() > action(plain, name).mean() + 0.08


@pytest.mark.parametrize("asked", [16.0, 40.0])
def test_eyes_blink_as_often_as_asked(asked: float) -> None:
    voices = [speech_sample(name) for name in NAMES]
    audio = np.concatenate([voice.samples for voice in voices])
    controls, blinks, minutes = MotionControls(blinks_per_minute=asked), 0, 0.0
    for seed in (1, 2, 3):
        track = drive(audio, voices[0].sample_rate, controls=controls, seed=seed)
        shut = action(track, "eyeBlinkLeft") > 0.5
        blinks += int((shut[1:] & ~shut[:-1]).sum())
        minutes += track.duration_s / 60
    assert 0.6 * asked < blinks / minutes < 1.4 * asked


@pytest.mark.parametrize("distance", [0.7, 1.0, 1.4])
def test_a_head_at_a_distance_is_seen_that_much_smaller(distance: float) -> None:
    z = _drive(head_distance=distance, head_motion=0.0).head_pose[:, 5]
    seen = CAMERA_DISTANCE_HEAD_WIDTHS / (CAMERA_DISTANCE_HEAD_WIDTHS + z)
    assert np.allclose(seen, 1 / distance, rtol=1e-4)


@pytest.mark.parametrize(("yaw", "pitch"), [(0, 0), (18, 0), (-18, 6), (0, -12)])
def test_the_eyes_rest_on_the_commanded_direction(yaw: float, pitch: float) -> None:
    track = _drive(gaze_yaw=yaw, gaze_pitch=pitch)
    look = track.gaze
    assert np.abs(np.median(look, axis=0) - (yaw, pitch)).max() < 1
    assert np.abs(look.mean(0) - (yaw, pitch)).max() < 2


def test_the_look_stays_on_the_camera_while_the_head_turns() -> None:
    track = _drive(seed=5)
    resting = (np.diff(track.gaze, axis=0) == 0).all(1)
    assert resting.mean() > 0.8
    assert np.abs(np.diff(track.head_pose[:, 0]))[resting].sum() > 5
    assert (np.abs(track.gaze) < 3).all(1).mean() > 0.6
    assert not track.actions[:, [i for i, name in enumerate(ARKIT_ACTIONS) if "eyeLook" in name]].any()


def test_the_lids_stay_open_when_no_blinks_are_asked_for() -> None:
    assert action(_drive(blinks_per_minute=0.0), "eyeBlinkLeft").max() < 0.3


@pytest.mark.parametrize("seed", [0, 1, 2, 3, 4, 5, 7])
def test_a_calm_recording_ends_without_a_frown(seed: int) -> None:
    track = _drive(seed=seed)
    last_two_seconds, last_second = track.actions[-50:], track.actions[-25:]
    for side in ("Left", "Right"):
        assert last_two_seconds[:, ARKIT_ACTIONS.index(f"browDown{side}")].max() < 0.4
        assert last_second[:, ARKIT_ACTIONS.index(f"browDown{side}")].max() < 0.2
        assert last_second[:, ARKIT_ACTIONS.index(f"eyeSquint{side}")].max() < 0.25
    assert last_second[-1, UPPER].max() < 0.12


def test_it_starts_from_the_portraits_pose_and_does_not_jump() -> None:
    track = _drive(seed=4, fps=40)
    assert np.abs(track.head_pose[0]).max() < 0.05
    speed = np.abs(np.diff(track.head_pose[:, :3], axis=0)) * 40
    assert speed.max() < 60
    assert speed[-2:].max() < 5


@pytest.mark.parametrize("emotion", ["happy", "sad", "angry", "surprised", "afraid", "disgusted", "content"])
def test_an_emotion_changes_the_face_in_proportion(emotion: str) -> None:
    plain = _drive(emotion="neutral").actions
    half = _drive(emotion=emotion, emotion_intensity=0.4, head_motion=1.0).actions
    full = _drive(emotion=emotion, emotion_intensity=0.8, head_motion=1.0).actions
    assert np.abs(full - plain).mean(0).max() > 0.15
    assert np.abs(half - plain).sum() < np.abs(full - plain).sum()
