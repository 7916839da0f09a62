"""Laughter made of bursts: no package holds recordings of laughing people that may be learned from.

A bout is a series of voiced bursts of a vowel, each after a breath, four to six a second, of falling pitch
and loudness (Bachorowski et al. 2001). Half of it is espeak-ng saying ha and he quickly.
"""

from __future__ import annotations

import subprocess
import tempfile
import wave
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter, resample_poly

from generation.animation.speech.audio_input import SAMPLE_RATE

# First three formants in Hz of the vowels of ha, he, ho and huh.
_VOWELS: Final = ((760, 1250, 2600), (560, 1800, 2500), (480, 900, 2500), (620, 1350, 2500))
_SYLLABLES: Final = ("ha", "h@", "hE", "hO", "hV")
_VOICES: Final = ("en-us", "en-us+f2", "en-us+f4", "en-gb", "en-us+m3", "de", "fr+f3")


def laugh(generator: np.random.Generator) -> NDArray[np.float32]:
    """One to three bouts of laughter: (N,) float32 at 16 kHz."""
    samples = _spoken(generator) if generator.random() < 0.5 else bursts_of_laughter(generator)
    return np.asarray(0.3 * samples / (np.abs(samples).max() + 1e-9), np.float32)


def bursts_of_laughter(generator: np.random.Generator) -> NDArray[np.float64]:
    """The synthetic half: (N,) at 16 kHz, of any level."""
    parts = [np.zeros(int(0.3 * SAMPLE_RATE))]
    base, rate = generator.uniform(110, 380), generator.uniform(3.8, 6.2)
    formants = _VOWELS[int(generator.integers(len(_VOWELS)))]
    breathy = generator.uniform(0.05, 0.4)
    for _ in range(int(generator.integers(1, 4))):
        bursts = int(generator.integers(4, 12))
        for number in range(bursts):
            parts.append(
                (1 - 0.6 * number / bursts)
                * _burst(base * (1.3 - 0.5 * number / bursts), rate, formants, breathy, generator)
            )
        parts.append(np.zeros(int(generator.uniform(0.2, 0.7) * SAMPLE_RATE)))
    return np.concatenate(parts)


def _burst(
    pitch_hz: float, rate: float, formants: tuple[int, ...], breathy: float, generator: np.random.Generator
) -> NDArray[np.float64]:
    """A breath and a vowel."""
    length = int(SAMPLE_RATE / rate * generator.uniform(0.85, 1.15))
    time, end = np.arange(length) / SAMPLE_RATE, length / SAMPLE_RATE
    pitch = pitch_hz * (1 + 0.2 * np.exp(-time / 0.06)) * generator.uniform(0.94, 1.06)
    phase = np.cumsum(pitch * (1 + 0.01 * generator.standard_normal(length))) / SAMPLE_RATE
    glottis = lfilter([1], [1, -0.9], 2 * (phase % 1) - 1 - np.mean(2 * (phase % 1) - 1))
    voiced = np.clip((time - 0.05) / 0.03, 0, 1) * np.clip((0.55 * end - time) / 0.05 + 1, 0, 1)
    breath = np.exp(-(((time - 0.03) / 0.03) ** 2)) + 0.2 * voiced
    sound = glottis * voiced + 4 * breathy * breath * generator.standard_normal(length)
    for hz, width in zip(formants, (90, 110, 170), strict=True):
        centre, radius = hz * generator.uniform(0.97, 1.03), np.exp(-np.pi * width / SAMPLE_RATE)
        turn = -2 * radius * np.cos(2 * np.pi * centre / SAMPLE_RATE)
        sound = lfilter([1 + turn + radius**2], [1, turn, radius**2], sound)
    return np.asarray(sound, np.float64)


def _spoken(generator: np.random.Generator) -> NDArray[np.float64]:
    syllable = _SYLLABLES[int(generator.integers(len(_SYLLABLES)))]
    text = " ".join(f"[[{syllable * int(generator.integers(4, 10))}]]" for _ in range(2))
    voice = _VOICES[int(generator.integers(len(_VOICES)))]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "laugh.wav"
        speed, pitch = (str(int(generator.integers(*span))) for span in ((220, 340), (30, 90)))
        command = ["espeak-ng", "-v", voice, "-s", speed, "-p", pitch, text, "-w", str(path)]
        subprocess.run(command, check=True, capture_output=True)
        with wave.open(str(path)) as file:
            samples = np.frombuffer(file.readframes(file.getnframes()), np.int16) / 32768
            rate = file.getframerate()
    return np.asarray(resample_poly(samples, SAMPLE_RATE // 50, rate // 50), np.float64)
