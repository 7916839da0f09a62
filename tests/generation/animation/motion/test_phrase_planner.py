"""Plans that the voice makes: the same however it was cut, in time, and each speaker's own."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from generation.animation.motion.controls import MotionControls
from generation.animation.motion.direction.control_curves import ControlCurves
from generation.animation.motion.guidance import Guidance
from generation.animation.motion.kinematics import REACH_S
from generation.animation.motion.motion_conditions import VOICE_WIDTH
from generation.animation.motion.motion_plan import BLINK, FACE, FACE_COLUMNS, GAZE, HEAD, PLAN_RATE, WIDTH
from generation.animation.motion.voice_driven.mouth_expression import MouthExpression
from generation.animation.motion.voice_driven.phrase_planner import LIVE_AHEAD, RECORDED_AHEAD, PhrasePlanner
from generation.animation.motion.voice_driven.prosody_bands import CHANNELS, PAST, ProsodyBands, channels_of
from generation.animation.motion.voice_driven.speaker import draw_speaker
from generation.animation.track.arkit import ARKIT_ACTIONS


def _voice(rows: int, seed: int = 1) -> np.ndarray:
    """Phrases of a second and a half with pauses of half a second, of drawn level and pitch."""
    generator = np.random.default_rng(seed)
    speaks = np.repeat((np.arange(rows) % 40) < 30, 5)
    level = np.where(speaks, generator.normal(0.2, 0.5, 5 * rows), -3.0)
    pitch = np.repeat(np.convolve(generator.normal(0, 1.5, rows), np.ones(6) / 6, "same"), 5) * speaks
    frames = np.stack([level, pitch, 0.9 * speaks, speaks, speaks * generator.random(5 * rows)], axis=1)
    return np.asarray(frames.reshape(rows, VOICE_WIDTH), np.float32)


def _planner(ahead: int = RECORDED_AHEAD, seed: int = 5, guidance: Guidance | None = None) -> PhrasePlanner:
    return PhrasePlanner(ControlCurves(MotionControls()), seed, ahead, guidance or Guidance())


def _planned(planner: PhrasePlanner, voice: np.ndarray, cut: int) -> np.ndarray:
    parts = [planner.plan_ahead(voice[start : start + cut]) for start in range(0, len(voice), cut)]
    return np.concatenate([*parts, planner.plan_rest()])


@pytest.mark.parametrize("ahead", [RECORDED_AHEAD, LIVE_AHEAD])
def test_a_plan_is_bit_equal_however_the_voice_was_cut(ahead: int) -> None:
    voice = _voice(120)
    small, large = (_planned(_planner(ahead), voice, cut) for cut in (1, 53))
    assert np.array_equal(small[:120], large[:120])
    assert small[:, HEAD].std() > 0.1


@pytest.mark.parametrize("rows", [0, 1, 29, 30, 31, 90])
def test_a_plan_is_as_long_as_the_voice(rows: int) -> None:
    assert _planned(_planner(), _voice(90)[:rows], 8).shape == (rows, WIDTH)


def test_a_live_plan_is_ahead_of_the_voice() -> None:
    planner, planned = _planner(LIVE_AHEAD), 0
    for heard, row in enumerate(_voice(60), start=1):
        planned += len(planner.plan_ahead(row[None]))
        assert planned >= heard + REACH_S * PLAN_RATE


def test_the_voice_and_the_speaker_both_make_a_plan() -> None:
    one, same, other_voice, other_speaker = (
        _planned(_planner(seed=seed), _voice(120, voice), 120)
        for seed, voice in ((5, 1), (5, 1), (5, 2), (6, 1))
    )
    assert np.array_equal(one, same)
    for other in (other_voice, other_speaker):
        assert np.abs(one - other)[:, HEAD].max() > 1
        assert np.abs(one - other)[:, FACE].max() > 0.05


def test_silence_moves_nothing_but_the_lids() -> None:
    silent = _voice(200) * 0
    silent[:, ::5] = -3.0
    plan = _planned(_planner(), silent, 200)
    assert not plan[:, HEAD].any()
    assert not plan[:, FACE].any()
    assert not plan[:, GAZE].any()
    assert plan[:, BLINK].max() > 0.9


def _level_over_time(levels: np.ndarray) -> np.ndarray:
    """Speech without a pause at these levels, a row each, whose pitch goes along."""
    ones = np.ones_like(levels)
    frames = np.stack([levels, levels, 0.9 * ones, ones, 0.5 + 0.1 * levels], axis=1)
    return np.asarray(np.repeat(frames[:, None], 5, axis=1).reshape(len(levels), VOICE_WIDTH), np.float32)


def _brow_down(levels: np.ndarray, seed: int) -> np.ndarray:
    plan = _planned(_planner(seed=seed), _level_over_time(levels), len(levels))
    return plan[:, list(FACE_COLUMNS).index("brow_down")]


@pytest.mark.parametrize("seed", range(16))
def test_a_voice_that_fades_draws_no_brow_down(seed: int) -> None:
    levels = np.concatenate([np.full(80, 0.4), np.linspace(0.4, -1.2, 60)])
    assert _brow_down(levels, seed)[80:].max() < 0.1


def _after_a_pause(level: float, rows: int = 60) -> np.ndarray:
    """Two seconds of silence, `rows` of speech at this level, and silence up to 100 rows."""
    silent = _level_over_time(np.full(60, -3.0))
    silent[:, 2::5] = silent[:, 3::5] = silent[:, 4::5] = 0
    return np.concatenate([silent[:40], _level_over_time(np.full(rows, level)), silent[: 60 - rows]])


@pytest.mark.parametrize("seed", range(16))
def test_speech_that_begins_with_its_usual_force_draws_no_brow_down(seed: int) -> None:
    """So every recording begins, and every phrase after a pause: a frown there would be the same for all."""
    voice = _after_a_pause(0.1)
    drawn = _planned(_planner(seed=seed), voice, 100)[:, list(FACE_COLUMNS).index("brow_down")]
    assert drawn.max() < 0.06


def test_a_shouted_word_after_a_pause_has_the_force_by_which_it_is_louder_than_usual() -> None:
    """1.4 and 1.12 are their energies, of which speech has 0.87 usually."""
    shouted, loud = (
        ProsodyBands(RECORDED_AHEAD, 0)
        .over(np.pad(channels_of(_after_a_pause(level, rows=8)), ((PAST, 0), (0, 0))))
        .stressed[0]
        .max()
        for level in (1.5, 0.8)
    )
    assert shouted / loud == pytest.approx((1.4 - 0.87) / (1.12 - 0.87), rel=0.03)


def test_a_voice_that_grows_loud_draws_most_peoples_brows_down_and_nobodys_all_the_way() -> None:
    levels = np.concatenate([np.full(60, -0.8), np.linspace(-0.8, 1.2, 16), np.full(30, 1.2)])
    drawn = np.array([_brow_down(levels, seed).max() for seed in range(12)])
    assert (drawn > 0.15).sum() >= 7
    assert drawn.max() < 0.6


@pytest.mark.parametrize("seed", range(8))
def test_brows_rise_as_one_and_are_not_drawn_together_meanwhile(seed: int) -> None:
    """Inner ends that rise further, drawn together, are the brows of grief: no neutral voice has them."""
    plan = _planned(_planner(seed=seed), _voice(160, seed), 160)
    inner, outer, down = (
        plan[:, list(FACE_COLUMNS).index(name)] for name in ("brow_inner_up", "brow_outer_up", "brow_down")
    )
    assert (inner <= 0.6 * outer + 1e-6).all()
    assert np.minimum(inner, 2 * down).max() < 0.45


def test_the_face_is_at_rest_where_a_recording_ends() -> None:
    ends = [_planned(_planner(seed=seed), _voice(110), 110)[:, FACE] for seed in range(8)]
    assert max(np.abs(plan[-1]).max() for plan in ends) < 0.02
    assert min(np.abs(plan[:-30]).max() for plan in ends) > 0.2


def test_guidance_of_the_voice_scales_what_it_moves() -> None:
    none, usual, twice = (
        np.abs(_planned(_planner(guidance=Guidance(voice=scale)), _voice(160), 160)[:, HEAD][:, :3]).mean()
        for scale in (0.0, 1.0, 2.0)
    )
    assert none == 0
    assert twice > 1.4 * usual


def test_a_speaker_has_a_livelier_half_of_the_face_and_shuts_both_eyes_alike() -> None:
    gains = draw_speaker(3).side_gains
    assert gains.mean() == pytest.approx(1.0)
    assert 0.02 < np.ptp(gains) < 0.5
    assert gains[0] == gains[7] == 1.0


def test_as_many_heads_calm_down_as_liven_up_where_a_voice_is_loud() -> None:
    """What all have in common moves a head by the voice alone; people couple the two loosely."""
    forces = np.array([draw_speaker(seed).force for seed in range(200)])
    assert 0.35 < (forces > 0).mean() < 0.65


def test_a_stressed_syllable_draws_the_mouth_wide() -> None:
    expression = MouthExpression(RECORDED_AHEAD)
    expression.push(_voice(160))
    expression.end()
    shown = expression.offsets((np.arange(180) + 0.5) / 25)
    assert shown[:, ARKIT_ACTIONS.index("mouthStretchLeft")].std() > 0.11


def test_the_mouths_corners_follow_the_melody_the_same_way_for_every_cut() -> None:
    voice, times = _voice(120), (np.arange(140) + 0.5) / 25
    shown = []
    for cut in (1, 50):
        expression = MouthExpression(RECORDED_AHEAD)
        for start in range(0, len(voice), cut):
            expression.push(voice[start : start + cut])
        expression.end()
        shown.append(expression.offsets(times))
    assert np.array_equal(shown[0], shown[1])
    assert shown[0].max() > 0.1
    assert shown[0].min() >= 0


@pytest.mark.parametrize("ahead", [0, RECORDED_AHEAD])
@pytest.mark.parametrize("moments", [0, 1, 7])
def test_silence_has_the_bands_of_a_voice_too_soft_to_hear(ahead: int, moments: int) -> None:
    bands = ProsodyBands(ahead, 0)
    silent = np.zeros((bands.rows - 1 + moments, CHANNELS))
    soft = np.full_like(silent, 1e-200)
    silence, hardly = bands.over(silent), bands.over(soft)
    assert len(silence) == moments
    for field in fields(silence):
        values, expected = getattr(silence, field.name), getattr(hardly, field.name)
        assert values.shape == expected.shape
        assert np.abs(values - expected).max(initial=0.0) < 1e-12
