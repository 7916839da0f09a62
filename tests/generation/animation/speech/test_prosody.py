"""Pitch and voicing."""

from __future__ import annotations

import numpy as np
import pytest

from generation.animation.speech.audio_input import prepare_samples
from generation.animation.speech.prosody import measure_prosody


def _tone(hz: float, seconds: float = 2.0, rate: int = 16_000) -> np.ndarray:
    time = np.arange(int(seconds * rate)) / rate
    waves = [np.sin(2 * np.pi * hz * k * time) / k for k in (1, 2, 3)]
    return np.asarray(np.sum(waves, axis=0), np.float32)


@pytest.mark.parametrize("hz", [80, 120, 200, 330])
def test_it_finds_the_pitch_of_a_voice(hz: float) -> None:
    prosody = measure_prosody(prepare_samples(_tone(hz), 16_000))
    middle = prosody.pitch_hz[20:-20]
    assert np.abs(middle - hz).max() < 0.05 * hz
    assert prosody.voicing[20:-20].min() > 0.8


def test_noise_has_little_voice() -> None:
    noise = np.random.default_rng(0).standard_normal(32_000).astype(np.float32)
    assert np.median(measure_prosody(prepare_samples(noise, 16_000)).voicing) < 0.5
