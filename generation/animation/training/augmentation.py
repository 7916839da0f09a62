"""What happens to speech on its way to a recording: tempo, telephone bands, noise, hum, clipping."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generation.animation.audio_features import SAMPLE_RATE
from generation.animation.training.synthesis import Utterance


def augment(utterance: Utterance, generator: np.random.Generator) -> Utterance:
    """A changed copy: rate (with pitch and formants), pauses around it, equaliser, band, noise, clipping."""
    samples, segments = utterance.samples, utterance.segments
    rate = generator.uniform(0.86, 1.16)
    positions = np.arange(int(len(samples) / rate)) * rate
    samples = np.interp(positions, np.arange(len(samples)), samples).astype(np.float32)
    before, after = generator.uniform(0.0, 0.8, 2)
    shifted = tuple((phone, start / rate + before, end / rate + before) for phone, start, end in segments)
    samples = np.pad(samples, (int(before * SAMPLE_RATE), int(after * SAMPLE_RATE)))
    samples = _filter(samples, generator)
    samples = samples / (np.sqrt((samples**2).mean()) + 1e-4) * 0.06
    samples = samples + _noise(len(samples), generator) * 0.06 * 10 ** (-generator.uniform(8, 50) / 20)
    if generator.random() < 0.15:
        samples = np.clip(samples * generator.uniform(2, 8), -0.25, 0.25)
    return Utterance(samples.astype(np.float32), shifted)


def rest(generator: np.random.Generator) -> Utterance:
    """Four seconds in which nobody speaks: noise, hum or next to nothing."""
    level = 10 ** (-generator.uniform(15, 70) / 20)
    return Utterance(_filter(_noise(4 * SAMPLE_RATE, generator) * np.float32(level), generator), ())


def _filter(samples: NDArray[np.float32], generator: np.random.Generator) -> NDArray[np.float32]:
    spectrum = np.fft.rfft(samples)
    hz = np.linspace(0, SAMPLE_RATE / 2, len(spectrum))
    gain = 10 ** (np.interp(hz, np.linspace(0, SAMPLE_RATE / 2, 6), generator.normal(0, 3, 6)) / 20)
    if generator.random() < 0.4:
        edge = generator.choice((3400, 3700, 4000, 5500))
        gain /= 1 + np.exp(np.clip((hz - edge) / 60, -50, 50))
        if generator.random() < 0.5:
            gain /= 1 + np.exp(np.clip((generator.uniform(80, 250) - hz) / 30, -50, 50))
    return np.asarray(np.fft.irfft(spectrum * gain, len(samples)), np.float32)


def _noise(count: int, generator: np.random.Generator) -> NDArray[np.float32]:
    """Noise of unit power, from white to steeply coloured, sometimes with a humming chord under it."""
    spectrum = np.fft.rfft(generator.normal(size=count))
    spectrum *= (1 / (1 + np.linspace(0, 80, len(spectrum)))) ** generator.choice((0.0, 0.5, 1.0))
    noise = np.fft.irfft(spectrum, count)
    noise /= noise.std() + 1e-9
    if generator.random() < 0.2:
        time = np.arange(count) / SAMPLE_RATE
        root = generator.uniform(80, 500)
        chord = sum(np.sin(2 * np.pi * root * ratio * time) for ratio in (1, 1.25, 1.5, 2))
        noise = noise * 0.3 + chord * 0.6
    return np.asarray(noise, np.float32)
