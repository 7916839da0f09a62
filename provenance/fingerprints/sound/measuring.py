"""The acoustic fingerprint: 24 bits every 32 ms that survive codecs, levels, rooms and music.

Each bit says whether the difference between two neighbouring bands rises or falls (Haitsma and Kalker 2002),
so that neither loudness nor a fixed equaliser changes it. It tells a recording from others; it does not hold
the recording.
"""

from __future__ import annotations

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from provenance.fingerprints.sound.fingerprint import SoundFingerprint
from provenance.fingerprints.sound.spectrogram import (
    BANDS,
    HALVES,
    MARGIN,
    STEP,
    WIDTH,
    BandSpectrogram,
)

SLOWEST, FASTEST = 0.18, 5.6
_COLUMNS_PER_FRAME = 2
_SMOOTHED_COLUMNS = 8  # 128 ms
_DIFFERENCE_COLUMNS = 2  # before and after, 32 ms each
_SOUNDING = 0.05  # of the median power: frames below hold noise, whose bits are chance
_SILENCE = 1e-5  # mean power of all bands below which nothing is heard at all: about -65 dB of full scale


def fingerprint(spectrogram: BandSpectrogram, *, pitch: float = 1.0, tempo: float = 1.0) -> SoundFingerprint:
    """The fingerprint of a sound, or what it was before it was made `pitch` times higher and `tempo` times
    faster.

    The result has the recorded sound's time: a row is 32 ms of it. `pitch` from 1/1.36 to 1.36, `tempo` from
    SLOWEST to FASTEST; ValueError otherwise.
    """
    if not SLOWEST <= tempo <= FASTEST:
        raise ValueError(f"tempo must be from {SLOWEST} to {FASTEST}, not {tempo}.")
    power = _fingerprint_bands(spectrogram.power(), pitch)
    smoothed = (
        scipy.ndimage.uniform_filter1d(
            power, max(1, round(_SMOOTHED_COLUMNS / tempo)), axis=0, mode="nearest"
        )
        if len(power)
        else power
    )
    rising = np.diff(np.log(smoothed + 1e-7), axis=1)
    places = np.arange(int(len(power) * tempo / _COLUMNS_PER_FRAME)) * (_COLUMNS_PER_FRAME / tempo)
    reach = _DIFFERENCE_COLUMNS / tempo
    bits = _at(rising, places + reach) > _at(rising, places - reach)
    loudness = smoothed.sum(axis=1)[np.minimum(np.rint(places).astype(int), max(0, len(power) - 1))]
    return SoundFingerprint(bits, loudness > _least_power(loudness))


def _least_power(loudness: NDArray[np.float32]) -> float:
    """What a frame needs to count as sounding: a share of what is usual where anything is heard."""
    heard = loudness[loudness > _SILENCE]
    return max(_SILENCE, _SOUNDING * float(np.median(heard))) if len(heard) else np.inf


def _fingerprint_bands(power: NDArray[np.float32], pitch: float) -> NDArray[np.float32]:
    """(T, BANDS): the bands of a sound that is `pitch` times as high as the recorded one."""
    shift = float(np.log(pitch)) / STEP
    if abs(shift) > MARGIN:
        raise ValueError(f"pitch must be within the spectrogram's margin, not {pitch}.")
    places = np.clip(np.arange(HALVES * BANDS) + MARGIN + shift, 0, WIDTH - 1)
    left = np.minimum(places.astype(int), WIDTH - 2)
    part = (places - left).astype(np.float32)
    halves = power[:, left] * (1 - part) + power[:, left + 1] * part
    return np.asarray(halves.reshape(len(power), BANDS, HALVES).sum(axis=2), np.float32)


def _at(rows: NDArray[np.float32], places: NDArray[np.floating]) -> NDArray[np.float32]:
    """Rows at fractional places, straight between their neighbours; the first and last beyond the ends."""
    if not len(places):
        return np.zeros((0, rows.shape[1]), np.float32)
    places = np.clip(places, 0, len(rows) - 1)
    left = places.astype(int)
    part = (places - left).astype(np.float32)[:, None]
    return np.asarray(rows[left] * (1 - part) + rows[np.minimum(left + 1, len(rows) - 1)] * part, np.float32)
