"""Augments speech: tempo, pitch, held vowels, reverberation, band limits, noise, music, clipping, coding."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.signal import fftconvolve

from generation.animation.speech.audio_input import SAMPLE_RATE
from generation.animation.training.examples.time_warp import change_tempo, hold_vowels, vary_pitch
from generation.animation.training.examples.utterance import Utterance

_SUNG, _RAPPED = 0.10, 0.15  # shares of the utterances
_REVERBERANT, _CODED = 0.3, 0.2
_MU = 255  # of mu-law companding (ITU-T G.711)


def augment(utterance: Utterance, generator: np.random.Generator) -> Utterance:
    """An augmented copy with the phone times to match: delivery, pauses, reverberation, filter, noise or
    music, clipping, codec."""
    spoken = _vary_delivery(utterance, generator)
    before, after = generator.uniform(0.0, 0.8, 2)
    moved = tuple((phone, start + before, end + before) for phone, start, end in spoken.segments)
    samples = np.pad(spoken.samples, (int(before * SAMPLE_RATE), int(after * SAMPLE_RATE)))
    if generator.random() < _REVERBERANT:
        samples = _reverberate(samples, generator)
    samples = _filter(samples, generator)
    samples = samples / (np.sqrt((samples**2).mean()) + 1e-4) * 0.06
    background = music_of_tones if generator.random() < 0.2 else noise
    samples = samples + background(len(samples), generator) * 0.06 * 10 ** (-generator.uniform(8, 50) / 20)
    if generator.random() < 0.15:
        samples = np.clip(samples * generator.uniform(2, 8), -0.25, 0.25)
    if generator.random() < _CODED:
        samples = _code(samples)
    return Utterance(samples.astype(np.float32), moved)


def background_only(generator: np.random.Generator) -> Utterance:
    """Four seconds without speech: noise or music at a random level."""
    level = 10 ** (-generator.uniform(15, 70) / 20)
    background = music_of_tones if generator.random() < 0.4 else noise
    samples = background(4 * SAMPLE_RATE, generator) * np.float32(level)
    return Utterance(_filter(samples, generator), ())


def _vary_delivery(utterance: Utterance, generator: np.random.Generator) -> Utterance:
    """Another pitch; for some also held vowels and vibrato as in singing, or a fast tempo as in rap."""
    manner = generator.random()
    if manner < _SUNG:
        held = hold_vowels(utterance, generator.uniform(1.5, 5.0), generator)
        vibrato = generator.uniform(0.0, 0.04)
        return vary_pitch(held, vibrato, generator.uniform(4.5, 6.5), generator.uniform(0.85, 1.2))
    if manner < _SUNG + _RAPPED:
        utterance = change_tempo(utterance, generator.uniform(1.2, 1.9))
    return vary_pitch(utterance, 0.0, 1.0, generator.uniform(0.86, 1.16))


def _reverberate(samples: NDArray[np.float32], generator: np.random.Generator) -> NDArray[np.float32]:
    """Reverberation: direct sound and a tail of exponentially decaying noise, RT60 of 0.1 to 0.5 s."""
    length = generator.uniform(0.1, 0.5)
    time = np.arange(int(length * SAMPLE_RATE)) / SAMPLE_RATE
    tail = generator.normal(size=len(time)) * 10 ** (-3 * time / length)
    tail[0] = 0
    tail *= 10 ** (-generator.uniform(3, 15) / 20) / np.sqrt((tail**2).sum())
    return np.asarray(samples + fftconvolve(samples, tail)[: len(samples)], np.float32)


def _code(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Eight-bit mu-law coding."""
    largest = np.abs(samples).max() + 1e-9
    companded = np.sign(samples) * np.log1p(_MU * np.abs(samples) / largest) / np.log1p(_MU)
    rounded = np.round(companded * 127) / 127
    return np.asarray(
        np.sign(rounded) * np.expm1(np.abs(rounded) * np.log1p(_MU)) / _MU * largest, np.float32
    )


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


def noise(count: int, generator: np.random.Generator) -> NDArray[np.float32]:
    """Noise of unit power, from white to steeply coloured."""
    spectrum = np.fft.rfft(generator.normal(size=count))
    spectrum *= (1 / (1 + np.linspace(0, 80, len(spectrum)))) ** generator.choice((0.0, 0.5, 1.0))
    drawn = np.fft.irfft(spectrum, count)
    return np.asarray(drawn / (drawn.std() + 1e-9), np.float32)


def music_of_tones(count: int, generator: np.random.Generator) -> NDArray[np.float32]:
    """Chords with overtones that decay and change with a beat, and a drum on it; unit power."""
    beat = int(SAMPLE_RATE * 60 / generator.uniform(70, 150))
    time = np.arange(beat) / SAMPLE_RATE
    out = np.zeros(count + beat)
    for start in range(0, count, beat):
        root = 110 * 2 ** (generator.integers(0, 24) / 12)
        for ratio in (1, generator.choice((1.189, 1.26)), 1.498, 2):
            overtones = sum(np.sin(2 * np.pi * root * ratio * k * time) / k**1.5 for k in (1, 2, 3, 4))
            out[start : start + beat] += overtones * np.exp(-time * generator.uniform(0.5, 4))
        drum = generator.normal(size=beat) * np.exp(-time * generator.uniform(15, 60))
        out[start : start + beat] += drum * generator.uniform(0, 3)
    out = out[:count]
    return np.asarray(out / (out.std() + 1e-9), np.float32)
