"""Plans of any length: the same however the voice was cut, planned in time, and no longer than the voice."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from generation.animation.motion.controls import MotionControls
from generation.animation.motion.guidance import Guidance
from generation.animation.motion.kinematics import REACH_S
from generation.animation.motion.motion_conditions import VOICE_WIDTH, ControlVector, encode_controls
from generation.animation.motion.motion_flow import MotionFlow, load_motion_flow
from generation.animation.motion.motion_plan import FACE, HEAD, PLAN_RATE, SMOOTH, WIDTH
from generation.animation.motion.planner import (
    LIVE,
    RECORDED,
    Planner,
    WindowSchedule,
    edge_curves,
    row_noise,
)


@pytest.fixture(scope="module")
def network() -> MotionFlow:
    """Untrained, but with a random last layer, so that its output is not zero."""
    torch.manual_seed(0)
    network = MotionFlow()
    torch.nn.init.normal_(network.rows_out.weight, std=0.1)
    network.requires_grad_(False).eval()
    return network


def _voice(rows: int) -> np.ndarray:
    return np.random.default_rng(1).normal(0, 1, (rows, VOICE_WIDTH)).astype(np.float32)


def _natural(row: int) -> ControlVector:
    return encode_controls(MotionControls())


def _planner(network: MotionFlow, schedule: WindowSchedule, seed: int = 5, **guidance: float) -> Planner:
    return Planner(network, _natural, seed, schedule, Guidance(**guidance))


def _planned(planner: Planner, voice: np.ndarray, cut: int) -> np.ndarray:
    parts = [planner.plan_ahead(voice[start : start + cut]) for start in range(0, len(voice), cut)]
    return np.concatenate([*parts, planner.plan_rest()])


@pytest.mark.parametrize("schedule", [RECORDED, LIVE])
def test_a_plan_does_not_depend_on_how_the_voice_was_cut(
    network: MotionFlow, schedule: WindowSchedule
) -> None:
    voice = _voice(53)
    small = _planned(_planner(network, schedule), voice, 1)
    large = _planned(_planner(network, schedule), voice, 17)
    assert np.allclose(small, large, atol=1e-5)
    assert small.shape[1] == WIDTH
    assert len(small) >= len(voice)
    assert small.std() > 0.01


@pytest.mark.parametrize("rows", [0, 1, 19, 20, 21, 60])
def test_a_plan_is_as_long_as_the_voice(network: MotionFlow, rows: int) -> None:
    assert len(_planned(_planner(network, RECORDED), _voice(rows), 8)) == rows


@pytest.mark.slow
def test_rows_from_a_place_on_are_planned_as_if_all_were(network: MotionFlow) -> None:
    voice = _voice(300)
    whole = _planned(_planner(network, RECORDED), voice, 300)
    for first in (0, 79, 80, 95, 170, 299):
        planner = Planner(network, _natural, 5, RECORDED, Guidance(), first_row=first)
        part = _planned(planner, voice, 300)
        assert np.array_equal(part[first:], whole[first:])
        assert not part[: max(first - 96, 0)].any()


def test_a_section_goes_over_into_the_next_without_a_step() -> None:
    trained = _planned(_planner(load_motion_flow(), RECORDED), _voice(300), 300)[:, SMOOTH]
    steps = np.abs(np.diff(trained, axis=0)).max(1)
    seams = np.array([steps[row - 1 : row + 8].max() for row in (80, 160, 240)])
    assert (seams <= 1.5 * np.percentile(steps, 98)).all()


def test_a_live_plan_is_ahead_of_the_voice(network: MotionFlow) -> None:
    planner = _planner(network, LIVE)
    planned = 0
    for known, row in enumerate(_voice(40), start=1):
        planned += len(planner.plan_ahead(row[None]))
        assert planned >= known + REACH_S * PLAN_RATE


def test_a_seed_is_a_plan_of_its_own(network: MotionFlow) -> None:
    voice = _voice(40)
    one, same, other = (_planned(_planner(network, RECORDED, seed), voice, 40) for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert np.abs(one - other).max() > 0.1


def test_a_row_has_the_same_noise_in_every_window() -> None:
    assert np.array_equal(row_noise(3, 12)[10:], row_noise(3, 14)[8:-2])
    assert abs(float(row_noise(3, 0)[8:, FACE.stop :].std()) - 1) < 0.1


def test_a_seed_sways_the_head_and_leaves_the_face_its_level() -> None:
    """A slow curve of the seed alone would be the same under every recording."""
    plans = [_planned(_planner(load_motion_flow(), RECORDED, seed), _voice(40), 40) for seed in range(4)]
    between = np.std(plans, axis=0)
    assert between[:, HEAD.start : HEAD.start + 3].mean() > 0.3
    assert between[:, FACE].mean() < 0.01


def test_guidance_weighs_each_condition_alone(network: MotionFlow) -> None:
    voice = _voice(30)
    unconditional = _planned(
        _planner(network, RECORDED, voice=0.0, emotion=0.0, style=0.0, gaze=0.0), voice, 30
    )
    also_unconditional = _planned(
        _planner(network, RECORDED, voice=0.0, emotion=0.0, style=0.0, gaze=0.0), voice[::-1].copy(), 30
    )
    guided = _planned(_planner(network, RECORDED), voice, 30)
    halfway = _planned(_planner(network, RECORDED, voice=0.5, emotion=0.5, style=0.5, gaze=0.5), voice, 30)
    assert np.allclose(unconditional, also_unconditional)
    assert not np.allclose(unconditional, guided, atol=1e-3)
    assert np.abs(halfway - unconditional).mean() < np.abs(guided - unconditional).mean()


def test_the_end_is_told_when_it_is_known() -> None:
    known, unknown = edge_curves(-8, 40, 20), edge_curves(-8, 40, None)
    assert known[8, 0] > 0.95
    assert known[27, 1] > 0.95
    assert np.all(known[28:, 1] == 1)
    assert np.all(unknown[:, 1] == 0)
