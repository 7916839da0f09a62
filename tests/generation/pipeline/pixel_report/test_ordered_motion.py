from __future__ import annotations

import numpy as np

from generation.animation import MotionTrack
from generation.pipeline.pixel_report.ordered_motion import (
    MOST,
    choose_sample,
    looks_of_stretches,
    ordered_opening,
    parts_at_rest,
)

FPS = 25.0
JAW, CLOSE = MotionTrack.ACTIONS.index("jawOpen"), MotionTrack.ACTIONS.index("mouthClose")


def track(jaw: np.ndarray, close: np.ndarray) -> MotionTrack:
    still = MotionTrack.neutral(len(jaw), FPS)
    actions = still.actions.copy()
    actions[:, JAW], actions[:, CLOSE] = jaw, close
    return MotionTrack(FPS, actions, still.head_pose, still.gaze)


def test_lips_that_close_over_an_open_jaw_are_ordered_closed() -> None:
    opening = ordered_opening(track(np.full(3, 0.4), np.array([0.0, 0.2, 0.4])))
    assert opening.round(3).tolist() == [0.4, 0.2, 0.0]


def test_a_closure_between_vowels_is_looked_at_and_a_pause_is_not() -> None:
    opening = np.full(60, 0.5)
    opening[10:13] = 0.0  # p, b or m
    opening[30:50] = 0.0  # a pause
    assert choose_sample(opening, FPS).closures.tolist() == [11]


def test_the_widest_frames_are_looked_at() -> None:
    opening = 0.3 + 0.2 * np.sin(np.arange(100) * 2 * np.pi / 20)
    assert set(choose_sample(opening, FPS).openings % 20) == {5}


def test_a_long_track_is_looked_at_no_more_often_than_a_bound() -> None:
    opening = 0.3 + 0.3 * np.sin(np.arange(25 * 600) / 3)
    sample = choose_sample(opening, FPS)
    assert 40 <= len(sample.frames) <= 48
    assert min(sample.frames) < 25 * 15
    assert max(sample.frames) > 25 * 585


def test_stretches_share_the_looks_of_a_video_and_of_many_some_have_none() -> None:
    few, many = (looks_of_stretches(range(0, 125 * count + 1, 125), FPS) for count in (3, 200))
    assert list(few.values()) == [10, 10, 10]
    assert sum(many.values()) == MOST
    looked_at = [first for first, count in many.items() if count]
    assert (looked_at[0], looked_at[-1]) == (0, 125 * 199)
    assert set(many.values()) == {0, 4}
    assert len(choose_sample(np.full(125, 0.5), FPS, 0).frames) == 0


def test_a_track_without_speech_still_has_frames_to_look_at() -> None:
    assert len(choose_sample(np.zeros(10), FPS).frames) == 10
    assert choose_sample(np.zeros(1), FPS).frames == {0}


def test_a_smile_folds_cheeks_and_jaw_and_leaves_the_forehead_at_rest() -> None:
    still = MotionTrack.neutral(1, FPS)
    actions = still.actions.copy()
    actions[:, MotionTrack.ACTIONS.index("mouthSmileLeft")] = 0.6
    smiling = MotionTrack(FPS, actions, still.head_pose, still.gaze)
    assert parts_at_rest(still)[0].all()
    assert parts_at_rest(smiling)[0].tolist() == [True, False, False, True, False, False, True]
