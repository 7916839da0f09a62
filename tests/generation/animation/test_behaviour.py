"""Statistics of blinks, gaze and head over a long, made-up conversation."""

from __future__ import annotations

import numpy as np
import pytest

from generation.animation.articulation import ACTION_INDEX
from generation.animation.behaviour import move_head_and_eyes
from generation.animation.blinks import lid_closure, plan_blinks
from generation.animation.controls import MotionControls
from generation.animation.gaze import plan_gaze
from generation.animation.motion_curves import ease, pulse, wander
from generation.animation.speech_rhythm import Accent, Rhythm

FPS = 40.0


def _conversation(duration_s: float = 120.0) -> Rhythm:
    """Phrases of three seconds with a second of pause between, an accent every 0.7 s."""
    starts = np.arange(0.5, duration_s - 3.5, 4.0)
    phrases = tuple((float(s), float(s + 3.0)) for s in starts)
    accents = tuple(Accent(float(s + d), 0.6) for s in starts for d in (0.4, 1.1, 1.8, 2.5))
    grid = (np.arange(int(duration_s * 100)) + 0.5) / 100
    activity = np.zeros(len(grid))
    for start, end in phrases:
        activity[(grid >= start) & (grid < end)] = 1.0
    return Rhythm(duration_s, phrases, accents, activity, 0.3 * activity * np.sin(grid * 3))


def _times(duration_s: float = 120.0) -> np.ndarray:
    return (np.arange(round(duration_s * FPS)) + 0.5) / FPS


@pytest.mark.parametrize("per_minute", [6.0, 16.0, 30.0])
def test_blinks_come_as_often_as_asked(per_minute: float) -> None:
    counts = [
        len(plan_blinks(_conversation(), per_minute, (), np.random.default_rng(seed))) / 2
        for seed in range(8)
    ]
    assert np.mean(counts) == pytest.approx(per_minute, rel=0.15)


def test_blinks_keep_apart_and_gather_at_phrase_ends() -> None:
    rhythm = _conversation()
    ends = np.array([end for _, end in rhythm.phrases])
    near, total = 0, 0
    for seed in range(8):
        times = np.array(plan_blinks(rhythm, 16.0, (), np.random.default_rng(seed)))
        assert np.diff(times).min() >= 0.5
        near += sum(np.abs(ends - t).min() < 0.15 for t in times)
        total += len(times)
    assert near / total > 0.2  # by chance it would be 0.3 s in 4 s


@pytest.mark.parametrize("fps", [25.0, 60.0])
def test_a_blink_shuts_the_eye_for_a_tenth_to_a_third_of_a_second(fps: float) -> None:
    times = np.asarray((np.arange(round(60 * fps)) + 0.5) / fps, np.float64)
    starts = np.arange(1.0, 58.0, 2.0)
    lids = lid_closure([float(s) for s in starts], times, fps, np.random.default_rng(0))
    shut = [lids[(times >= s) & (times < s + 0.5)].max() > 0.95 for s in starts]
    assert np.mean(shut) > 0.75  # one in ten is a partial blink by design
    lengths = [(lids[(times >= s) & (times < s + 1.0)] > 0.1).sum() / fps for s in starts]
    assert 0.12 < np.median(lengths) < 0.35


def test_saccades_keep_the_main_sequence() -> None:
    plan = plan_gaze(_conversation(), MotionControls(), np.random.default_rng(1))
    grid = np.arange(120 * 2000) / 2000
    direction = plan.direction(grid)
    speed = np.linalg.norm(np.diff(direction, axis=0), axis=1) * 2000
    peaks = [
        speed[int(s * 2000) : int((s + d) * 2000) + 2].max()
        for s, d in zip(plan.starts_s, plan.durations_s, strict=True)
    ]
    assert np.corrcoef(plan.amplitudes, peaks)[0, 1] > 0.95
    assert 150 < max(peaks) < 700


def test_the_person_looks_at_the_camera_most_of_the_time() -> None:
    shares = []
    for seed in range(6):
        plan = plan_gaze(_conversation(), MotionControls(), np.random.default_rng(seed))
        off = np.linalg.norm(plan.direction(_times()), axis=1)
        shares.append((off < 3.5).mean())
        assert off.max() > 4.5
    assert 0.75 < np.mean(shares) < 0.97


def test_the_head_moves_as_heads_do_in_speech() -> None:
    rhythm, times = _conversation(), _times()
    activity = rhythm.at(rhythm.activity, times)[1:]
    spreads, ratios, lows = [], [], []
    for seed in range(4):
        _, head, _ = move_head_and_eyes(rhythm, times, FPS, MotionControls(), seed)
        spreads.append(head[:, :3].std(0))
        speed = np.linalg.norm(np.diff(head[:, :3], axis=0), axis=1)
        ratios.append(speed[activity > 0.8].mean() / speed[activity < 0.2].mean())
        power = np.abs(np.fft.rfft(head[:, :3] - head[:, :3].mean(0), axis=0)) ** 2
        lows.append(power[np.fft.rfftfreq(len(head), 1 / FPS) < 2].sum() / power.sum())
    yaw, pitch, roll = np.mean(spreads, axis=0)
    assert 2 < yaw < 6
    assert 1 < pitch < 4
    assert 1 < roll < 3
    assert np.mean(ratios) > 2
    assert min(lows) > 0.85


def test_brows_rise_with_accents() -> None:
    rhythm, times = _conversation(), _times()
    actions, _, _ = move_head_and_eyes(rhythm, times, FPS, MotionControls(), 0)
    brow = actions[:, ACTION_INDEX["browInnerUp"]]
    rises = times[1:-1][(brow[1:-1] > brow[:-2]) & (brow[1:-1] >= brow[2:]) & (brow[1:-1] > 0.12)]
    accents = np.array([accent.time_s for accent in rhythm.accents])
    near = np.mean([np.abs(accents - t).min() < 0.15 for t in rises])
    shuffled = np.random.default_rng(0).uniform(0, 120, len(rises))
    by_chance = np.mean([np.abs(accents - t).min() < 0.15 for t in shuffled])
    assert len(rises) > 20
    assert near > 1.8 * by_chance


def test_arousal_makes_the_head_quicker() -> None:
    rhythm, times = _conversation(), _times()

    def speed(emotion: str) -> float:
        controls = MotionControls(emotion=emotion, emotion_intensity=1.0)
        head = move_head_and_eyes(rhythm, times, FPS, controls, 0)[1]
        return float(np.abs(np.diff(head[:, :3], axis=0)).mean())

    assert speed("sad") < speed("neutral") < speed("angry")


def test_changing_one_control_leaves_the_other_movements() -> None:
    rhythm, times = _conversation(), _times()
    plain = move_head_and_eyes(rhythm, times, FPS, MotionControls(), 3)
    blinking = move_head_and_eyes(rhythm, times, FPS, MotionControls(blinks_per_minute=35.0), 3)
    assert np.array_equal(plain[1], blinking[1])
    assert np.array_equal(plain[2], blinking[2])
    assert not np.array_equal(plain[0], blinking[0])


def test_wander_has_unit_spread_and_does_not_depend_on_how_it_is_read() -> None:
    clock = np.linspace(0, 2000, 40_001)
    whole = wander(clock, 0.8, np.random.default_rng(0))
    assert whole.std() == pytest.approx(1.0, rel=0.15)
    start = wander(clock[:400], 0.8, np.random.default_rng(0))
    assert np.allclose(whole[:400], start)


def test_moves_begin_and_end_softly() -> None:
    x = np.linspace(-0.5, 1.5, 201)
    assert ease(x)[0] == 0
    assert ease(x)[-1] == 1
    assert np.all(np.diff(ease(x)) >= 0)
    course = pulse(x, 0.0, 0.2, 0.1, 0.3)
    assert course.max() == pytest.approx(1.0)
    assert course[0] == course[-1] == 0
