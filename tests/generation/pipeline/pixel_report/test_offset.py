from __future__ import annotations

import numpy as np
import pytest

from generation.animation import Animator
from generation.pipeline.pixel_report.offset import (
    picture_after_motion_s,
    sound_after_motion_s,
    vowel_energy,
)
from generation.pipeline.pixel_report.ordered_motion import ordered_opening
from tests.generation.animation.speech_samples import speech_sample

FPS = 25.0


@pytest.fixture(scope="module")
def speech() -> tuple[np.ndarray, int, np.ndarray]:
    """Samples, rate, and the ordered opening of the lips."""
    sample = speech_sample("sample3_female_story")
    samples, rate = sample.samples, sample.sample_rate
    return samples, rate, ordered_opening(Animator.load("cpu").drive(samples, rate, fps=FPS))


@pytest.mark.slow
@pytest.mark.parametrize("late_s", [0.0, 0.3, -0.3])
def test_it_hears_by_how_much_the_sound_comes_after_the_motion(speech, late_s: float) -> None:
    samples, rate, opening = speech
    moved = np.roll(samples, round(late_s * rate))
    found = sound_after_motion_s(opening, FPS, vowel_energy(moved, rate))
    assert found == pytest.approx(late_s, abs=0.06)


def test_it_does_not_guess_from_a_second_of_speech(speech) -> None:
    samples, rate, opening = speech
    assert sound_after_motion_s(opening[:25], FPS, vowel_energy(samples[:rate], rate)) is None


def test_silence_says_nothing(speech) -> None:
    _, rate, opening = speech
    assert sound_after_motion_s(opening, FPS, vowel_energy(np.zeros(8 * rate, np.float32), rate)) is None


def test_it_sees_by_how_much_the_lips_come_after_the_motion(speech) -> None:
    opening = speech[2]
    looked = np.arange(10, len(opening) - 1, 8)
    assert picture_after_motion_s(looked, 0.2 * opening[looked], opening, FPS) == pytest.approx(0, abs=0.05)
    late = 0.2 * opening[looked - 5]
    assert picture_after_motion_s(looked, late, opening, FPS) == pytest.approx(0.2, abs=0.05)


def test_lips_that_follow_the_motion_poorly_are_not_taken_for_late_ones(speech) -> None:
    opening = speech[2]
    looked = np.arange(4, len(opening) - 1, 13)
    for seed in range(20):
        noise = np.random.default_rng(seed).normal(0, 0.02, len(looked))
        found = picture_after_motion_s(looked, 0.2 * opening[looked] + noise, opening, FPS)
        assert found is None or abs(found) < 0.1


def test_lips_that_do_not_move_say_nothing(speech) -> None:
    opening = speech[2]
    looked = np.arange(0, len(opening), 8)
    assert picture_after_motion_s(looked, np.full(len(looked), 0.01), opening, FPS) is None
