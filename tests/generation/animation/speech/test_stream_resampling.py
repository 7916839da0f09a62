"""A stream of any sample rate becomes 16 kHz: soon, however it is cut, and just as a whole clip does."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from scipy.signal import resample_poly

from generation.animation.speech.audio_input import SAMPLE_RATE
from generation.animation.speech.stream_resampling import StreamResampler

RATES = [4_000, 8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 192_000]


def _noise(rate: int) -> np.ndarray:
    return np.random.default_rng(0).normal(0, 0.1, rate + 7).astype(np.float32)


def _resampled(samples: np.ndarray, rate: int, sizes: list[int]) -> np.ndarray:
    resampler, at = StreamResampler(rate), 0
    parts: list[np.ndarray] = []
    while at < len(samples):
        size = sizes[len(parts) % len(sizes)]
        parts.append(resampler.push(samples[at : at + size]))
        at += size
    return np.concatenate([*parts, resampler.flush()])


@pytest.mark.parametrize("rate", RATES)
def test_a_stream_becomes_what_the_whole_clip_does(rate: int) -> None:
    samples, ratio = _noise(rate), Fraction(SAMPLE_RATE, rate)
    whole = resample_poly(samples, ratio.numerator, ratio.denominator)
    for sizes in ([rate // 100], [7, 4000, 333]):
        stream = _resampled(samples, rate, sizes)
        assert len(stream) == len(samples) * SAMPLE_RATE // rate
        assert np.allclose(stream, whole[: len(stream)], atol=1e-6)


@pytest.mark.parametrize("rate", [*RATES, 7_919, 12_345])
def test_samples_come_within_the_delay_that_is_told(rate: int) -> None:
    resampler, given = StreamResampler(rate), 0
    step = rate // 1000
    for end in range(step, rate, step):
        given += len(resampler.push(np.zeros(step, np.float32)))
        assert end / rate - given / SAMPLE_RATE <= resampler.delay_s + 1e-5
    assert resampler.delay_s <= 0.008 + 1e-9
