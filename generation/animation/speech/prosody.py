"""Prosody of speech, 100 frames a second: level in dB, strength of voicing, fundamental frequency."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter
from scipy.signal import firwin, resample_poly

from generation.animation.speech.audio_input import SAMPLE_RATE, Samples
from generation.animation.speech.mel_spectrogram import hann_window, window_blocks

PROSODY_RATE = 100  # frames a second of Prosody
_PITCH_SAMPLE_RATE, _PITCH_WINDOW = 8_000, 400  # Hz; samples, 50 ms
_PITCH_RANGE_HZ = (60.0, 420.0)


@dataclass(frozen=True, eq=False)
class Prosody:
    """Level and pitch at PROSODY_RATE, frame t centred on t / PROSODY_RATE seconds, (T,) each.

    `level_db` is the RMS in dB relative to full scale after level normalisation, `voicing` the strength of
    periodicity (0..1), `pitch_hz` the fundamental frequency, interpolated over unvoiced stretches, 0 when
    nothing is voiced.
    """

    level_db: NDArray[np.float32]
    voicing: NDArray[np.float32]
    pitch_hz: NDArray[np.float32]


def measure_prosody(samples: Samples) -> Prosody:
    """Level, voicing and pitch of 16 kHz samples (N,) at PROSODY_RATE, one frame for each full 10 ms."""
    count = len(samples) // (SAMPLE_RATE // PROSODY_RATE)
    blocks = window_blocks(samples, 400, SAMPLE_RATE // PROSODY_RATE, 200, count)
    power = np.concatenate([np.zeros(0), *((block**2).mean(1) for block in blocks)])
    level = 10.0 * np.log10(np.maximum(power, 1e-10))
    voicing, pitch = _measure_pitch(samples, count)
    return Prosody(level.astype(np.float32), voicing, pitch)


def _measure_pitch(samples: Samples, count: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Voicing and pitch by the normalised autocorrelation of 50 ms windows of the band below 4 kHz."""
    ratio = SAMPLE_RATE // _PITCH_SAMPLE_RATE
    low = resample_poly(samples.astype(np.float32, copy=False), 1, ratio, window=_low_pass(ratio))
    width, hop = _PITCH_WINDOW, _PITCH_SAMPLE_RATE // PROSODY_RATE
    voicing, hz, first = np.zeros(count), np.zeros(count), 0
    for windows in window_blocks(low, width, hop, width // 2, count):
        block = slice(first, first + len(windows))
        voicing[block], hz[block] = _strongest_period(windows)
        first = block.stop
    voiced = voicing > 0.5
    if not voiced.any():
        return voicing.astype(np.float32), np.zeros(count, np.float32)
    index = np.arange(count)
    smooth = median_filter(np.interp(index, index[voiced], hz[voiced]), 7, mode="nearest")
    return voicing.astype(np.float32), smooth.astype(np.float32)


def _strongest_period(windows: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Strength (T,) 0..1 and frequency (T,) in Hz of the strongest period in windows (T, _PITCH_WINDOW)."""
    half = _PITCH_WINDOW // 2
    spectrum = np.abs(np.fft.rfft(windows * hann_window(_PITCH_WINDOW), 1024)) ** 2
    lags = np.fft.irfft(spectrum)[:, :half]
    # Dividing by the window's own autocorrelation removes its taper, which otherwise favours short lags.
    taper = _taper()
    lags = lags / taper * (taper[0] / (lags[:, :1] + 1e-6))
    first, last = (int(_PITCH_SAMPLE_RATE / hz) for hz in reversed(_PITCH_RANGE_HZ))
    # A slight preference for short lags avoids octave errors on perfectly periodic sound.
    candidates = lags[:, first:last] * np.linspace(1.0, 0.9, last - first)
    best = candidates.argmax(1)
    voicing = np.clip(candidates[np.arange(len(best)), best], 0.0, 1.0)
    voicing[(windows**2).mean(1) < 1e-6] = 0.0
    return voicing, _PITCH_SAMPLE_RATE / (best + first)


@cache
def _taper() -> NDArray[np.float32]:
    """The autocorrelation of the Hann window, (_PITCH_WINDOW / 2,)."""
    spectrum = np.abs(np.fft.rfft(hann_window(_PITCH_WINDOW), 1024)) ** 2
    return np.asarray(np.fft.irfft(spectrum)[: _PITCH_WINDOW // 2])


@cache
def _low_pass(ratio: int) -> NDArray[np.float32]:
    """The filter of `resample_poly`, which would design it anew in each of a stream's twenty calls a
    second."""
    return np.asarray(firwin(20 * ratio + 1, 1.0 / ratio, window=("kaiser", 5.0)), np.float32)
