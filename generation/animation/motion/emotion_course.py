"""The course of an emotion over time: it rises to its apex with the voice, lessens in pauses, and comes
again.

The course depends on what was heard so far only, so that live speech and its recording look alike, and not on
the seed, so that the lips do not either.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from generation.animation.arrays import Curve
from generation.animation.motion.emotions import Course
from generation.animation.motion.motion_curves import minimum_jerk
from generation.animation.speech.prosody import PROSODY_RATE, Prosody

_HEARD_S: Final = 0.12  # time constant with which voice and level are followed
_KEEP: Final = float(np.exp(-1 / (PROSODY_RATE * _HEARD_S)))
_MIDDLE_DB, _SPREAD_DB = -30.0, 12.0
_SOFT: Final = (
    0.6  # of the way from a pause to the apex that soft speech brings, where loud speech brings all of it
)
_BEGINS_S: Final = 0.5  # before which the face leaves the portrait's own expression


class EmotionCourse:
    """How much of an emotion shows, 0..1, from speech that arrives in pieces."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._rise, self._fall = (
            1 - float(np.exp(-1 / (PROSODY_RATE * seconds))) for seconds in (course.onset_s, course.release_s)
        )
        self._filter_state = np.zeros((1, 2))
        self._last = 0.0
        self._shown = np.zeros(1)
        self._first = -1  # the 10 ms frame of self._shown[0]

    def push(self, prosody: Prosody, speech: NDArray[np.float32]) -> None:
        """Append the next frames of 10 ms; `speech` (T,) is the probability of speech in each."""
        if not len(speech):  # of no input at all, scipy returns a final state that nobody has written
            return
        loud = 0.5 + 0.5 * np.tanh((prosody.level_db - _MIDDLE_DB) / _SPREAD_DB)
        heard = np.stack([speech, speech * loud], axis=1)
        heard, self._filter_state = lfilter([1 - _KEEP], [1, -_KEEP], heard, axis=0, zi=self._filter_state)
        apex = _SOFT * heard[:, 0] + (1 - _SOFT) * heard[:, 1]
        goal = self._course.in_pauses + (1 - self._course.in_pauses) * apex
        last, shown = self._last, []
        for value in goal.tolist():
            last += (self._rise if value > last else self._fall) * (value - last)
            shown.append(last)
        self._last = last
        self._shown = np.concatenate([self._shown, shown])

    def at(self, times: Curve) -> Curve:
        """How much shows at increasing `times` (T,) in seconds: (T,). Frames before the last time are
        dropped: later calls must not go back."""
        frames = (self._first + 0.5 + np.arange(len(self._shown))) / PROSODY_RATE
        shown = np.interp(times, frames, self._shown) * minimum_jerk(times / _BEGINS_S)
        if len(times):
            past = max(0, int(times[-1] * PROSODY_RATE) - 2 - self._first)
            self._shown, self._first = self._shown[past:], self._first + past
        return np.asarray(shown, np.float64)
