"""Input audio: level normalisation, offset, sample rates, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from generation.animation.speech.audio_input import UnusableAudioError, prepare_samples
from tests.generation.animation.speech_samples import speech_sample


def _tone(hz: float, seconds: float = 2.0, rate: int = 16_000) -> np.ndarray:
    time = np.arange(int(seconds * rate)) / rate
    waves = [np.sin(2 * np.pi * hz * k * time) / k for k in (1, 2, 3)]
    return np.asarray(np.sum(waves, axis=0), np.float32)


@pytest.mark.parametrize("gain", [0.02, 0.3, 1.0])
def test_speech_comes_out_at_one_level(gain: float) -> None:
    sample = speech_sample("sample1_female_calm")
    loud = np.percentile(np.abs(prepare_samples(sample.samples * gain, sample.sample_rate)), 95)
    assert loud == pytest.approx(
        np.percentile(np.abs(prepare_samples(sample.samples, sample.sample_rate)), 95), rel=0.05
    )


def test_an_offset_is_removed() -> None:
    assert abs(prepare_samples(_tone(200) + np.float32(0.4), 16_000).mean()) < 1e-3


def test_silence_is_not_blown_up() -> None:
    assert np.abs(prepare_samples(np.full(16_000, 1e-6, np.float32), 16_000)).max() < 1e-3


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 48_000])
def test_a_second_becomes_16000_samples(rate: int) -> None:
    assert len(prepare_samples(_tone(150, 1.0, rate), rate)) == 16_000


def test_it_refuses_two_channels() -> None:
    with pytest.raises(UnusableAudioError, match="mono"):
        prepare_samples(np.zeros((16_000, 2), np.float32), 16_000)
