"""The recording moves the head, the eyes and the brows; the seed only says whose they are."""

from __future__ import annotations

import itertools
from functools import cache

import numpy as np
import pytest
from scipy.signal import resample_poly

from benchmarks.speech.cause_metrics import CURVES, correlation, curves_of, longest_without_blink, speed
from generation.animation.motion.generator import drive
from generation.animation.track.motion_track import MotionTrack
from tests.generation.animation.speech_samples import NAMES, speech_sample

pytestmark = pytest.mark.slow
RATE, SECONDS = 16_000, 7.0


@cache
def _voice(name: str) -> np.ndarray:
    sample = speech_sample(name)
    samples = resample_poly(sample.samples, RATE // 1000, sample.sample_rate // 1000)
    return np.asarray(samples, np.float32)


@cache
def _performed(name: str, seed: int) -> MotionTrack:
    return drive(_voice(name), RATE, seed=seed)


@pytest.mark.parametrize("curve", CURVES)
def test_another_recording_moves_the_same_person_otherwise(curve: str) -> None:
    column = CURVES.index(curve)
    found = [
        correlation(*(curves_of(_performed(name, seed), SECONDS)[column] for name in pair))
        for pair in itertools.combinations(NAMES, 2)
        for seed in (0, 1)
    ]
    assert np.nanmean(found) < 0.5


@pytest.mark.parametrize("name", NAMES)
def test_the_same_recording_with_a_little_noise_and_softer_moves_a_person_alike(name: str) -> None:
    voice = _voice(name)
    hiss = np.random.default_rng(0).standard_normal(len(voice)) * voice.std() * 10 ** (-30 / 20)
    worse = drive((0.5 * (voice + hiss)).astype(np.float32), RATE, seed=0)
    pairs = zip(curves_of(_performed(name, 0)), curves_of(worse), strict=True)
    found = [correlation(one, other) for one, other in pairs]
    assert np.nanmean(found) > 0.9
    assert np.nanmin(found) > 0.75


def test_another_seed_is_another_person_to_the_same_voice() -> None:
    found = [
        correlation(*(curves_of(_performed(NAMES[0], seed))[column] for seed in seeds))
        for seeds in itertools.combinations(range(3), 2)
        for column in range(3)
    ]
    assert abs(np.mean(found)) < 0.5


def test_noise_moves_nobody_as_a_voice_does() -> None:
    noise = (0.1 * np.random.default_rng(1).standard_normal(5 * RATE)).astype(np.float32)
    heard = np.mean([speed(_performed(name, 0)).mean() for name in NAMES])
    assert speed(drive(noise, RATE)).mean() < 0.35 * heard
    assert heard > 8


def test_nobody_stares_for_eight_seconds() -> None:
    whole = np.concatenate([_voice(name) for name in NAMES])
    assert max(longest_without_blink(drive(whole, RATE, seed=seed)) for seed in range(2)) < 8
