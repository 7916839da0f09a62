"""The mel spectrogram."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from generation.animation.speech.audio_input import prepare_samples
from generation.animation.speech.mel_spectrogram import MelStream, log_mel, window_blocks
from generation.animation.speech.prosody import measure_prosody
from tests.generation.animation.speech_samples import speech_sample


def _tone(hz: float, seconds: float = 2.0, rate: int = 16_000) -> np.ndarray:
    time = np.arange(int(seconds * rate)) / rate
    waves = [np.sin(2 * np.pi * hz * k * time) / k for k in (1, 2, 3)]
    return np.asarray(np.sum(waves, axis=0), np.float32)


def test_the_mel_bands_follow_the_tone() -> None:
    low, high = (log_mel(prepare_samples(_tone(hz), 16_000)).mean(1).argmax() for hz in (150, 1500))
    assert low < 8 < high


def test_the_mel_spectrogram_stays_as_the_encoder_was_checked_with() -> None:
    sample = speech_sample("sample1_female_calm")
    reference = np.load(Path(__file__).parent / "data" / "whisper_tiny_en_reference.npz")["mel"]
    mel = log_mel(prepare_samples(sample.samples, sample.sample_rate)[8_000:40_000])
    assert mel.shape == (80, 200)
    assert np.abs(mel[:, ::4] - reference).max() < 2e-3


@pytest.mark.parametrize("count", [0, 1, 999, 1000, 2300])
def test_windows_are_the_same_in_blocks_as_over_the_padded_whole(count: int) -> None:
    samples = np.random.default_rng(0).normal(size=160 * 2300).astype(np.float32)
    whole = np.lib.stride_tricks.sliding_window_view(np.pad(samples, (200, 400)), 400)[::160][:count]
    blocks = list(window_blocks(samples, 400, 160, 200, count))
    assert np.array_equal(np.concatenate([whole[:0], *blocks]), whole)


def _traced_peak(work: Callable[[np.ndarray], Any], seconds: int) -> float:
    """MB that `work` holds at the most while it looks at so many seconds of noise."""
    samples = np.random.default_rng(0).normal(0, 0.1, 16_000 * seconds).astype(np.float32)
    tracemalloc.start()
    work(samples)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


@pytest.mark.parametrize("work", [log_mel, measure_prosody])
def test_a_minute_takes_little_more_memory_than_fifteen_seconds(work: Callable[[np.ndarray], Any]) -> None:
    log_mel(np.zeros(16_000, np.float32))
    assert _traced_peak(work, 60) - _traced_peak(work, 15) < 45 * 0.064


@pytest.mark.parametrize("size", [160, 800, 1234])
def test_the_spectrum_of_a_stream_is_that_of_its_samples_with_silence_after_them(size: int) -> None:
    samples = _tone(220)[: 16_000 + 480]
    stream, given = MelStream(), 0
    for start in range(0, len(samples), size):
        stream.push(samples[start : start + size])
        given = min(start + size, len(samples))
        frames = given // 320 * 2 + 12
        whole = log_mel(3.0 * np.pad(samples[:given], (0, frames * 160 - given)).astype(np.float32))
        assert np.abs(stream.log_mel(0, frames, 3.0) - whole).max() < 1e-4


def test_the_spectrum_of_a_stream_forgets_what_is_not_asked_for_again() -> None:
    samples = np.random.default_rng(0).normal(0, 0.1, 16_000).astype(np.float32)
    stream = MelStream()
    stream.push(samples)
    whole = stream.log_mel(0, 100, 1.0)
    assert np.array_equal(stream.log_mel(40, 100, 1.0), whole[:, 40:])
    assert len(stream._powers) < 60
    stream.push(samples[:8_000])
    assert stream.log_mel(60, 150, 1.0).shape == (80, 90)
