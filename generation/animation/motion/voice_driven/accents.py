"""Where a voice stresses a syllable: the accents to which heads nod and brows rise.

A pitch accent is a vowel with the highest level and pitch around it. Brows rise to it a little early, heads
come down on it (Flecha-Garcia 2010, Hadar et al. 1984). Whether a vowel is the highest is known only once the
next ones were heard, so that live speech, which plans before it hears, has none.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d

from generation.animation.arrays import Curve, Float64Array
from generation.animation.motion.motion_conditions import FRAMES, VOICE_FEATURES
from generation.animation.motion.motion_plan import PLAN_RATE

# Usual spreads of level and pitch, in the units of voice rows; a soft low vowel has no prominence.
_LEVEL_SPREAD, _PITCH_SPREAD, _SOFTEST = 0.6, 0.4, -4.0
_ALONE: Final = round(0.35 * PLAN_RATE)  # rows to either side among which an accent is the highest
_LOWER_COUNTS: Final = 5.0  # how quickly a vowel that is not the highest stops being an accent
_PAST, _FUTURE = round(3.0 * PLAN_RATE), round(1.0 * PLAN_RATE)  # rows that say what is usual
_WINDOW: Final = _PAST + 1 + _FUTURE
_SPREAD: Final = 0.35  # above what is usual where an accent is as strong as they get
_LASTS_S: Final = 0.09  # standard deviation of a beat in time
_BEAT: Final = np.exp(-((np.arange(-4, 5) / PLAN_RATE / _LASTS_S) ** 2) / 2)
_NEAR: Final = len(_BEAT) // 2


class Accents:
    """The accents of voice rows that arrive in pieces."""

    def __init__(self) -> None:
        self._prominence = np.zeros(_PAST)
        self._first = -_PAST  # the row of self._prominence[0]; before the clip it is silent

    def push(self, voice: NDArray[np.float32]) -> None:
        """Append the next rows (T, 25) of the voice."""
        self._prominence = np.concatenate([self._prominence, _prominence(voice)])

    def beats(self, first: int, count: int) -> Curve:
        """How much of an accent there is in the rows from `first` on, (count,) 0..1: 1 on the strongest,
        fading within 0.2 s around it.

        What was not heard a second beyond a row counts as silence. Later calls must not go back."""
        past = first - _PAST - self._first
        self._prominence, self._first = self._prominence[past:], self._first + past
        if not count:
            return np.zeros(0)
        known = np.zeros(_PAST + count + _FUTURE)
        heard = self._prominence[: len(known)]
        known[: len(heard)] = heard
        # One row after the other of each window, so that the sum does not depend on how many there are.
        spoken, strong = np.zeros(count), np.zeros(count)
        for row in range(_WINDOW):
            spoken += known[row : row + count]
            strong += known[row : row + count] ** 2
        usual = np.divide(strong, spoken, out=np.zeros(count), where=spoken > 0)
        highest = maximum_filter1d(known, 2 * _ALONE + 1, mode="constant")
        around = slice(_PAST - _NEAR, _PAST + count + _NEAR)
        near, top = (sliding_window_view(each[around], len(_BEAT)) for each in (known, highest))
        strength = np.clip(0.5 + (near - usual[:, None]) / _SPREAD, 0.0, 1.0)
        beats = (strength * np.exp(-_LOWER_COUNTS * (top - near)) * _BEAT).max(1)
        return np.where(spoken > 0, beats, 0.0)


def _prominence(voice: NDArray[np.float32]) -> Float64Array:
    """How prominent the vowels of voice rows (T, 25) are, about 0..2: (T,)."""
    frames = voice.astype(np.float64).reshape(len(voice), FRAMES, len(VOICE_FEATURES))
    level, pitch, _, speech, vowel = (frames[..., i] for i in range(len(VOICE_FEATURES)))
    height = np.maximum(level / _LEVEL_SPREAD + pitch / _PITCH_SPREAD - _SOFTEST, 0.0)
    return np.asarray((0.25 * speech * vowel * height).mean(1), np.float64)
