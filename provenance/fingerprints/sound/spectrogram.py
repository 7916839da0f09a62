"""Power of a sound in narrow bands on a logarithmic frequency axis, every 16 ms.

The bands are half as wide as those of the fingerprint, and reach beyond them at both ends, so that a sound
that is played faster or slower can be read under any supposed pitch and tempo without its samples. The
spectrogram crosses from the confined reader as bytes; half a decibel a step is finer than any decision.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import gcd
from typing import Final

import numpy as np
import scipy.signal
from numpy.typing import NDArray

RATE: Final = 8000  # samples a second at which sound is analysed
HOP: Final = 128  # samples from one column to the next: 16 ms
COLUMN_RATE: Final = RATE / HOP  # columns a second
_WINDOW: Final = 1024  # samples, 128 ms
_PADDED: Final = 2048  # of the transform, so that the lowest bands hold more than one bin

# The fingerprint's bands, as in Haitsma and Kalker 2002 ("A Highly Robust Audio Fingerprinting System").
BANDS: Final = 25
_LOWEST_HZ, _HIGHEST_HZ = 300.0, 2600.0
HALVES: Final = 2  # narrow bands to one of the fingerprint's
STEP: Final = float(np.log(_HIGHEST_HZ / _LOWEST_HZ)) / BANDS / HALVES  # in natural log of frequency
HIGHEST_PITCH: Final = 1.36  # by which a sound may be higher or lower than the recorded one
MARGIN: Final = int(np.ceil(np.log(HIGHEST_PITCH) / STEP))  # narrow bands beyond each end
WIDTH: Final = HALVES * BANDS + 2 * MARGIN

_BLOCK = 256  # columns transformed at a time: memory stays flat for long sounds, and in a core's cache
_STEPS_PER_DB, _ZERO = 2.0, 180.0
_FLOOR = 1e-9


@dataclass(frozen=True, eq=False)
class BandSpectrogram:
    """`levels` (T, WIDTH) uint8: half decibels above -90 dB of full scale, one column each 16 ms."""

    levels: NDArray[np.uint8]

    def __post_init__(self) -> None:
        if self.levels.ndim != 2 or self.levels.shape[1] != WIDTH or self.levels.dtype != np.uint8:
            raise ValueError(f"levels must be (T, {WIDTH}) uint8, not {self.levels.shape}.")

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return len(self.levels) / COLUMN_RATE

    def power(self) -> NDArray[np.float32]:
        """(T, WIDTH) power in each band."""
        return np.asarray(10 ** ((self.levels.astype(np.float32) - _ZERO) / (10 * _STEPS_PER_DB)), np.float32)

    def reversed(self) -> BandSpectrogram:
        """The sound played backwards."""
        return BandSpectrogram(np.ascontiguousarray(self.levels[::-1]))


def band_spectrogram(samples: NDArray[np.float32], sample_rate: int) -> BandSpectrogram:
    """The spectrogram of (N,) float32 mono samples in -1..1. Values that are not finite count as silence."""
    sound = _resampled(np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0), sample_rate)
    columns = len(sound) // HOP
    padded = np.pad(sound, (_WINDOW // 2, _WINDOW))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::HOP]
    taper = np.hanning(_WINDOW).astype(np.float32)
    levels = np.empty((columns, WIDTH), np.uint8)
    for start in range(0, columns, _BLOCK):
        block = slice(start, min(columns, start + _BLOCK))
        power = np.abs(np.fft.rfft(frames[block] * taper, _PADDED, axis=1)) ** 2 @ _shares()
        decibels = 10 * np.log10(power + _FLOOR)
        levels[block] = np.clip(np.rint(_STEPS_PER_DB * decibels + _ZERO), 0, 255)
    return BandSpectrogram(levels)


def _resampled(samples: NDArray[np.float32], sample_rate: int) -> NDArray[np.float32]:
    if sample_rate == RATE or not len(samples):
        return samples.astype(np.float32)
    shared = gcd(RATE, sample_rate)
    return np.asarray(scipy.signal.resample_poly(samples, RATE // shared, sample_rate // shared), np.float32)


@cache
def _shares() -> NDArray[np.float32]:
    """(bins, WIDTH): the part of each bin of the transform that lies in each band."""
    bins = np.fft.rfftfreq(_PADDED, 1 / RATE)
    half = bins[1] / 2
    edges = _LOWEST_HZ * np.exp(STEP * (np.arange(WIDTH + 1) - MARGIN))
    upper = np.minimum(edges[None, 1:], bins[:, None] + half)
    lower = np.maximum(edges[None, :-1], bins[:, None] - half)
    return np.asarray(np.clip((upper - lower) / bins[1], 0, 1), np.float32)
