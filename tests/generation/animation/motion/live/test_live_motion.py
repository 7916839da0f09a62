"""Motion whose controls are changed while it is made: at once, without a jump, and never before."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from generation.animation import Animator, MotionControls, MotionTrack
from generation.animation.motion.controls import ControlsInvalid
from generation.animation.motion.direction.control_curves import ControlCurves
from generation.animation.motion.direction.direction import Direction, Keyframe
from generation.animation.motion.live.speech_motion import LiveSpeechMotion
from generation.animation.track.arkit import ARKIT_ACTIONS
from generation.animation.track.motion_track import concatenate_tracks
from tests.generation.animation.speech_samples import speech_sample

pytestmark = pytest.mark.slow
RATE, FPS, SECONDS = 16_000, 25, 1.8
CHANGED_AFTER_S = 0.8
AT_ONCE = 4  # frames of 40 ms: 150 ms


def speech() -> np.ndarray:
    sample = speech_sample("sample1_female_calm")
    step = sample.sample_rate // RATE
    return sample.samples[: int(SECONDS * sample.sample_rate) : step]


def performed(changes: Mapping[str, float | str]) -> tuple[MotionTrack, int]:
    """The track with `changes` in the middle, and how many frames there were before them."""
    motion = LiveSpeechMotion(RATE, controls=MotionControls(), seed=3, fps=FPS)
    pieces: list[MotionTrack] = []
    before = 0
    for start in range(0, len(speech()), 320):
        if start == int(CHANGED_AFTER_S * RATE):
            before = sum(map(len, pieces))
            if changes:
                motion.direct(changes)
        pieces.append(motion.push(speech()[start : start + 320]))
    return concatenate_tracks(pieces), before


@pytest.fixture(scope="module")
def undirected() -> MotionTrack:
    return performed({})[0]


def test_undirected_it_is_the_stream_of_the_library(undirected: MotionTrack) -> None:
    pieces = Animator.load("cpu").stream([speech()], RATE, fps=FPS, seed=3)
    stream = concatenate_tracks(list(pieces))
    assert np.allclose(undirected.actions, stream.actions[: len(undirected)], atol=1e-5)
    assert np.allclose(undirected.head_pose, stream.head_pose[: len(undirected)], atol=1e-4)


@pytest.mark.parametrize(
    ("changes", "column"), [({"head_distance": 1.3}, "head_pose"), ({"gaze_yaw": 20.0}, "gaze")]
)
def test_a_change_acts_at_once_and_not_before(
    undirected: MotionTrack, changes: Mapping[str, float], column: str
) -> None:
    track, before = performed(changes)
    difference = np.abs(getattr(track, column) - getattr(undirected, column)).max(1)
    assert difference[:before].max() == 0
    assert difference[before + AT_ONCE] > 0.9 * difference[before + AT_ONCE : before + 12].max()
    assert difference[before + AT_ONCE] > 0


def test_a_number_gets_to_its_new_value_without_a_jump(undirected: MotionTrack) -> None:
    track, before = performed({"head_distance": 1.3})
    moved = np.abs(track.head_pose - undirected.head_pose)[:, 5]
    steps = np.diff(moved[before - 1 : before + AT_ONCE + 1])
    assert steps.max() < 0.75 * moved[before + AT_ONCE]


def test_an_emotion_shows_though_the_session_began_without_it(undirected: MotionTrack) -> None:
    track, before = performed({"emotion": "happy", "emotion_intensity": 1.0})
    smile = [ARKIT_ACTIONS.index(name) for name in ("mouthSmileLeft", "mouthSmileRight")]
    more = (track.actions - undirected.actions)[:, smile]
    assert np.abs(more[:before]).max() < 1e-6
    assert more[-3:].mean() > 0.1


def test_the_mouth_closes_soon_after_a_stop_and_without_a_jump(undirected: MotionTrack) -> None:
    motion = LiveSpeechMotion(RATE, controls=MotionControls(), seed=3, fps=FPS)
    stopped = speech().copy()
    stopped[int(CHANGED_AFTER_S * RATE) :] = 0
    pieces = [motion.push(stopped[start : start + 320]) for start in range(0, len(stopped), 320)]
    jaw = concatenate_tracks(pieces).actions[:, ARKIT_ACTIONS.index("jawOpen")]
    at = int(CHANGED_AFTER_S * FPS)
    assert jaw[at - 5 : at].max() > 0.1
    assert jaw[at + AT_ONCE + 1 :].max() < 0.05
    usual = np.abs(np.diff(undirected.actions[:, ARKIT_ACTIONS.index("jawOpen")])).max()
    assert np.abs(np.diff(jaw[at - 2 :])).max() < usual


def test_a_value_out_of_range_changes_nothing() -> None:
    motion = LiveSpeechMotion(RATE, controls=MotionControls(), seed=3, fps=FPS)
    with pytest.raises(ControlsInvalid):
        motion.direct({"gaze_yaw": 1000.0, "head_distance": 1.2})
    motion.direct({"head_distance": 1.2})


def test_a_slider_that_is_moved_for_long_leaves_little_behind() -> None:
    controls = MotionControls()
    curves = ControlCurves(controls, Direction(keyframes=(Keyframe(-1.0, controls.to_json()),)))
    for step in range(1000):
        curves.direct(step / 25, {"head_distance": 1 + 0.0001 * step, "gaze_yaw": 0.01 * step})
    assert len(curves._keys["head_distance"]) + len(curves._gaze) < 300
    assert curves.number("head_distance", np.array([50.0]))[0] == pytest.approx(1.0999)
    assert curves.gaze(np.array([50.0]))[0, 0] == pytest.approx(9.99)
