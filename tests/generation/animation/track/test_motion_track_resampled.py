"""A motion track at another frame rate is the same performance."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from generation.animation import Animator
from generation.animation.track.arkit import ARKIT_ACTIONS
from generation.animation.track.motion_track import MotionTrack
from tests.generation.animation.rendered import fitted
from tests.generation.animation.track.test_live_link import timecode, write_take

JAW, BLINK = ARKIT_ACTIONS.index("jawOpen"), ARKIT_ACTIONS.index("eyeBlinkLeft")


def _moving(frames: int, fps: float) -> MotionTrack:
    """Everything at the same slow pace, sampled in the middle of each frame."""
    times = (np.arange(frames) + 0.5) / fps
    track = MotionTrack.neutral(frames, fps)
    track.actions[:, JAW] = 0.5 - 0.5 * np.cos(2 * np.pi * times)
    track.head_pose[:] = np.sin(times[:, None] * np.arange(1, 7)) * 10
    track.gaze[:] = np.stack([np.sin(3 * times), np.cos(2 * times)], axis=1) * 8
    return track


@pytest.mark.parametrize("fps", [24, 25, 30, 50, 59.94])
def test_it_is_what_a_camera_at_that_rate_would_have_seen(fps: float) -> None:
    seen = _moving(600, 60).resampled(fps)
    expected = _moving(len(seen), fps)
    assert seen.fps == fps
    assert len(seen) == round(10 * fps)
    assert np.abs(seen.actions - expected.actions).max() < 0.01
    assert np.abs(seen.head_pose - expected.head_pose).max() < 0.2
    assert np.abs(seen.gaze - expected.gaze).max() < 0.1


def test_it_goes_up_as_well_as_down() -> None:
    seen = _moving(250, 25).resampled(60)
    assert len(seen) == 600
    assert np.abs(seen.head_pose[2:-2] - _moving(600, 60).head_pose[2:-2]).max() < 0.2


def test_start_and_end_are_kept() -> None:
    track = _moving(601, 60)
    seen = track.resampled(25)
    assert seen.duration_s == pytest.approx(track.duration_s, abs=0.5 / 25)
    assert np.abs(seen.head_pose[0] - track.head_pose[:3]).max(1).min() < 0.5
    assert np.abs(seen.head_pose[-1] - track.head_pose[-3:]).max(1).min() < 0.5


@pytest.mark.parametrize("start", range(12))
def test_no_blink_gets_lost_wherever_it_falls(start: int) -> None:
    track = MotionTrack.neutral(60, 60)
    track.actions[20 + start : 25 + start, BLINK] = (0.3, 0.8, 1.0, 0.7, 0.2)
    blink = track.resampled(25).actions[:, BLINK]
    assert blink.max() == 1.0
    assert blink.argmax() == int((22.5 + start) / 60 * 25)
    assert blink.sum() / 25 == pytest.approx(3.0 / 60, abs=0.02)


def test_a_track_that_has_the_rate_already_stays_as_it_is() -> None:
    track = _moving(40, 25)
    seen = track.resampled(25)
    assert (seen.actions == track.actions).all()
    assert (seen.head_pose == track.head_pose).all()


@pytest.mark.parametrize("fps", [0, -25, 500])
def test_an_impossible_rate_is_refused(fps: float) -> None:
    with pytest.raises(ValueError, match="fps"):
        _moving(40, 25).resampled(fps)


@pytest.mark.slow
def test_a_performers_take_drives_a_portrait(tmp_path: Path) -> None:
    def performing(index: int) -> dict[str, float]:
        open_wide = 0.6 if 20 <= index < 40 else 0.0
        return {"JawOpen": open_wide, "HeadYaw": 0.004 * index, "LeftEyeYaw": 0.02, "RightEyeYaw": 0.02}

    take = write_take(tmp_path / "take.csv", [timecode(31.9 + index) for index in range(48)], performing)
    track = MotionTrack.from_csv(take).resampled(25)
    frames = list(Animator.load().render(fitted("kenji"), track, size=256))
    assert len(frames) == len(track) == 20
    changes = [np.abs(frame.astype(int) - frames[0]).mean() for frame in frames]
    assert changes[12] > changes[4] > 0  # the mouth is open in the middle of the take
    assert changes[-1] > 1  # the head has turned
