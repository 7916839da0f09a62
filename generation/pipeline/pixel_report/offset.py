"""By how much the sound of a video comes after its picture: lips that open against energy of vowels.

Lips are compared with the sound in two steps, since reading lips from pixels is dear and reading motion is
not: all of the ordered opening with the sound, and the ordered opening with the lips in the sampled frames.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

VOWELS_HZ: Final = (400.0, 1500.0)  # first formants: the wider the mouth, the more energy in there
FLOOR_DB: Final = 20.0  # below the loud parts
HOP_S: Final = 0.01
LOUD_PERCENTILE: Final = 95
# By how much the energy comes before the opening when nothing is wrong: median of 15 recordings. A jaw goes
# on opening while the vowel is at its loudest.
ENERGY_FIRST_S: Final = 0.039
FARTHEST_S, STEP_S = 0.8, 0.02
NEAR_S: Final = 0.06  # two sounds this close cannot be told apart
# How much better another offset must explain the lips than none: chance grows as the speech gets shorter.
MARGIN_TIMES_S, LEAST_MARGIN = 1.0, 0.05
SHORTEST_S: Final = 3.0
LEAST_LOOKS: Final = 10
# Of lips in a few frames: another lag is believed only if none explains them badly, and it much better.
LOOKS_BADLY, LOOKS_MARGIN = 0.5, 0.3
STILL_LIPS: Final = 0.005  # standard deviation of gaps that do not move, in parts of the face's size

Curve = NDArray[np.floating]


def vowel_energy(samples: NDArray[np.float32], sample_rate: int) -> Curve:
    """Energy of vowels every HOP_S of `samples` (N,): 1 at the loud parts, 0 FLOOR_DB below and softer."""
    high = min(VOWELS_HZ[1], 0.45 * sample_rate)
    band = sosfilt(butter(2, (VOWELS_HZ[0], high), "band", fs=sample_rate, output="sos"), samples)
    hop = round(HOP_S * sample_rate)
    count = len(band) // hop
    energy = np.square(band[: count * hop]).reshape(count, hop).mean(1)
    window = np.hanning(9)[1:-1]
    smooth = np.convolve(energy, window / window.sum(), "same")
    level = 10 * np.log10(smooth + 1e-12)
    loud = np.percentile(level, LOUD_PERCENTILE) if count else 0.0
    return np.clip((level - loud) / FLOOR_DB + 1, 0.0, 1.3)


def sound_after_motion_s(opening: Curve, fps: float, energy: Curve) -> float | None:
    """Seconds by which the sound, with `energy` every HOP_S, comes after the ordered `opening` (T,).

    None where there is too little speech to say.
    """
    times = (np.arange(len(opening)) + 0.5) / fps
    spoken_s = float((opening > 0.02).sum() / fps)
    if spoken_s < SHORTEST_S or energy.std() < 1e-3:
        return None
    at = (np.arange(len(energy)) + 0.5) * HOP_S
    lips = np.sqrt(opening)
    lags = _lags()
    fit = np.array([_fit(lips, times, energy, at, lag - ENERGY_FIRST_S) for lag in lags])
    margin = max(MARGIN_TIMES_S / (len(opening) / fps), LEAST_MARGIN)
    return _best(lags, fit, margin)


def picture_after_motion_s(looked: NDArray[np.intp], gaps: Curve, opening: Curve, fps: float) -> float | None:
    """Seconds by which lips with `gaps` (S,) in the frames `looked` (S,) come after the ordered `opening`.

    None where there are too few frames with lips that move, or their lips do not follow the motion at all.
    """
    if len(looked) < LEAST_LOOKS or opening[looked].std() < 0.02 or gaps.std() < STILL_LIPS:
        return None
    at = np.arange(len(opening)) / fps
    lags = _lags()
    fit = np.array([_fit(gaps, looked / fps, opening, at, -lag) for lag in lags])
    badly = fit[np.abs(lags) <= NEAR_S].max() < LOOKS_BADLY
    return _best(lags, fit, LOOKS_MARGIN if badly else np.inf)


def _lags() -> Curve:
    steps = round(FARTHEST_S / STEP_S)
    return np.arange(-steps, steps + 1) * STEP_S


def _fit(values: Curve, times: Curve, curve: Curve, curve_times: Curve, later_s: float) -> float:
    """Correlation of `values` at `times` with `curve` at `times + later_s`, where there is any."""
    moved = times + later_s
    inside = (moved >= curve_times[0]) & (moved <= curve_times[-1])
    here, there = values[inside], np.interp(moved[inside], curve_times, curve)
    if len(here) < LEAST_LOOKS or here.std() < 1e-6 or there.std() < 1e-6:
        return -1.0
    return float(np.corrcoef(here, there)[0, 1])


def _best(lags: Curve, fit: Curve, margin: float) -> float | None:
    """The lag with the best fit, or the best near none unless another one fits better by `margin`."""
    near = np.abs(lags) <= NEAR_S
    if fit.max() <= 0:
        return None
    if fit.max() - fit[near].max() > margin:
        return float(lags[fit.argmax()])
    return float(lags[near][fit[near].argmax()])
