"""One step that stands alone is a join; movement, repeated and missing frames are none."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from generation.live_check.cuts import FrameSteps
from generation.live_check.judging import MOST_LONELY

RATE, SECONDS = 25, 4
TIMES = np.arange(RATE * SECONDS) / RATE


def sway(times: NDArray[np.float64], phase: float = 0.0) -> NDArray[np.uint8]:
    """(T, 48, 64) a bright head that sways and turns quickly once, with a camera's noise."""
    at = 32 + 3 * np.sin(1.7 * times + phase) + 8 * np.exp(-(((times - 1.2) / 0.3) ** 2))
    x, y = np.meshgrid(np.arange(64), np.arange(48))
    heads = np.exp(-((x - at[:, None, None]) ** 2 / 120 + (y - 26) ** 2 / 160))
    noise = np.random.default_rng(0).normal(0, 0.5, heads.shape)
    return np.asarray(np.clip(40 + 150 * heads + noise, 0, 255), np.uint8)


def loneliest(times: Sequence[float] | NDArray[np.float64], frames: NDArray[np.uint8]) -> float:
    steps = FrameSteps()
    for time_s, frame in zip(times, frames, strict=True):
        steps.add(float(time_s), frame)
    return steps.loneliest


def test_a_head_that_sways_and_turns_is_one_recording() -> None:
    assert loneliest(TIMES, sway(TIMES)) < MOST_LONELY


@pytest.mark.parametrize("at", [50, 75])
def test_two_recordings_joined_where_both_are_calm_are_told(at: int) -> None:
    joined = np.concatenate([sway(TIMES)[:at], sway(TIMES, phase=0.9)[at:]])
    assert loneliest(TIMES, joined) > MOST_LONELY


def test_frames_that_are_repeated_or_missing_are_no_join() -> None:
    frames = sway(TIMES)
    shown = np.arange(len(TIMES)) // 3 * 3  # each picture three times, at the full rate
    assert loneliest(TIMES, np.repeat(frames[::3], 3, axis=0)[: len(TIMES)][shown]) == 0.0  # too few a second
    twice = np.sort(np.r_[np.arange(len(TIMES)), 40, 41, 70])
    assert loneliest(np.arange(len(twice)) / RATE, frames[twice]) < MOST_LONELY
    left = np.delete(np.arange(len(TIMES)), [30, 31, 66])
    assert loneliest(TIMES[left], frames[left]) < MOST_LONELY


def test_few_frames_and_slow_ones_say_nothing() -> None:
    assert loneliest(TIMES[:6], sway(TIMES)[:6]) == 0.0
    slow = np.concatenate([sway(TIMES)[:48:3], sway(TIMES, phase=2.0)[48::3]])
    assert loneliest(TIMES[::3][: len(slow)], slow[: len(TIMES[::3])]) == 0.0
