"""Level, mel spectrogram, energy and pitch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from generation.animation.speech.audio_features import (
    UnusableAudioError,
    log_mel,
    measure_prosody,
    prepare_samples,
)
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


@pytest.mark.parametrize("hz", [80, 120, 200, 330])
def test_it_finds_the_pitch_of_a_voice(hz: float) -> None:
    prosody = measure_prosody(prepare_samples(_tone(hz), 16_000))
    middle = prosody.pitch_hz[20:-20]
    assert np.abs(middle - hz).max() < 0.05 * hz
    assert prosody.voicing[20:-20].min() > 0.8


def test_noise_has_little_voice() -> None:
    noise = np.random.default_rng(0).standard_normal(32_000).astype(np.float32)
    assert np.median(measure_prosody(prepare_samples(noise, 16_000)).voicing) < 0.5


def test_the_mel_bands_follow_the_tone() -> None:
    low, high = (log_mel(prepare_samples(_tone(hz), 16_000)).mean(1).argmax() for hz in (150, 1500))
    assert low < 8 < high


def test_the_mel_spectrogram_stays_as_the_encoder_was_checked_with() -> None:
    sample = speech_sample("sample1_female_calm")
    reference = np.load(Path(__file__).parent / "data" / "whisper_tiny_en_reference.npz")["mel"]
    mel = log_mel(prepare_samples(sample.samples, sample.sample_rate)[8_000:40_000])
    assert mel.shape == (80, 200)
    assert np.abs(mel[:, ::4] - reference).max() < 2e-3


def test_it_refuses_two_channels() -> None:
    with pytest.raises(UnusableAudioError, match="mono"):
        prepare_samples(np.zeros((16_000, 2), np.float32), 16_000)
