"""Kinematics: lids, eyes and head move as bodies do, whatever the pieces in which a plan arrives."""

from __future__ import annotations

import numpy as np
import pytest

from generation.animation.motion.kinematics import REACH_S, Kinematics
from generation.animation.motion.motion_plan import (
    BLINK,
    BLINK_SPREAD_S,
    GAZE,
    PLAN_RATE,
    SMOOTH,
    WIDTH,
    row_times,
)


def _rest(seconds: float) -> np.ndarray:
    return np.zeros((round(seconds * PLAN_RATE), WIDTH), np.float32)


def _evaluated(plan: np.ndarray, fps: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    kinematics = Kinematics()
    kinematics.append_rows(plan)
    kinematics.end_plan()
    times = np.asarray((np.arange(round(len(plan) / PLAN_RATE * fps)) + 0.5) / fps, np.float64)
    return times, *kinematics.evaluate(times, fps)


def _blinking(at: float, height: float = 1.0) -> np.ndarray:
    plan = _rest(3)
    plan[:, BLINK] = height * np.exp(-(((row_times(len(plan)) - at) / BLINK_SPREAD_S) ** 2) / 2)
    return plan


@pytest.mark.parametrize("fps", [24.0, 40.0, 60.0])
@pytest.mark.parametrize("at", [1.0, 1.013, 1.037])
def test_a_blink_shuts_the_eye_when_the_plan_says(fps: float, at: float) -> None:
    times, _, lids, _ = _evaluated(_blinking(at), fps)
    assert lids.max() > 0.97
    deepest = times[lids > 0.97].mean()
    assert abs(deepest - at) < 0.03
    assert 0.12 <= (lids > 0.1).sum() / fps <= 0.35


def test_a_half_blink_does_not_shut_the_eye_and_a_tremble_is_none() -> None:
    assert 0.5 < _evaluated(_blinking(1.0, 0.65), 40)[2].max() < 0.8
    assert _evaluated(_blinking(1.0, 0.3), 40)[2].max() == 0


@pytest.mark.parametrize("amplitude", [2.0, 5.0, 12.0])
def test_eyes_jump_on_the_main_sequence(amplitude: float) -> None:
    plan = _rest(2)
    plan[20:, GAZE] = (amplitude, 0)
    times, _, _, gaze = _evaluated(plan, 1000)
    moving = times[(gaze[:, 0] > 0.01 * amplitude) & (gaze[:, 0] < 0.99 * amplitude)]
    assert moving[0] == pytest.approx(1.0, abs=0.01)
    assert len(moving) / 1000 == pytest.approx(0.8 * (0.021 + 0.0022 * amplitude), rel=0.2)
    assert gaze[-1, 0] == pytest.approx(amplitude, abs=0.01)


def test_eyes_rest_while_their_target_trembles() -> None:
    plan = _rest(4)
    plan[:, GAZE] = np.random.default_rng(0).normal(0, 0.2, (len(plan), 2))
    assert np.all(_evaluated(plan, 40)[3] == 0)


def test_the_head_moves_without_a_jolt() -> None:
    plan = _rest(6)
    plan[:, SMOOTH] = np.random.default_rng(1).normal(0, 1, (len(plan), 15))
    smooth = _evaluated(plan, 1000)[1]
    acceleration = np.diff(smooth, 2, axis=0) * 1000**2
    # The second derivative of a cubic spline has no steps.
    assert np.abs(np.diff(acceleration, axis=0)).max() < 0.1 * np.abs(acceleration).max()


def test_the_pieces_in_which_a_plan_comes_do_not_matter() -> None:
    generator = np.random.default_rng(2)
    plan = generator.normal(0, 1, (100, WIDTH)).astype(np.float32)
    plan[:, BLINK] = generator.random(100) > 0.9
    whole = _evaluated(plan, 40)
    kinematics, parts, shown = Kinematics(), [], 0
    for start in range(0, 100, 3):
        kinematics.append_rows(plan[start : start + 3])
        ready = max(shown, int(kinematics.ready_s * 40 - 0.5) + 1 if kinematics.ready_s > 0 else 0)
        parts.append(kinematics.evaluate((np.arange(shown, ready) + 0.5) / 40, 40))
        shown = ready
    kinematics.end_plan()
    parts.append(kinematics.evaluate((np.arange(shown, 200) + 0.5) / 40, 40))
    for index in range(3):
        assert np.allclose(whole[index + 1], np.concatenate([part[index] for part in parts]))


def test_movement_is_settled_a_little_behind_the_plan() -> None:
    kinematics = Kinematics()
    kinematics.append_rows(_rest(1))
    assert kinematics.ready_s == pytest.approx(1 - REACH_S)
