"""The mel spectrogram."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from generation.animation.speech.audio_input import prepare_samples
from generation.animation.speech.mel_spectrogram import log_mel
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
