"""The asked feeling in the corners of the mouth: an offset that swells and ebbs with the voice.

It depends on the speech and the controls only, so that every seed says the same with the same lips, and on
nothing that was not heard yet, so that a live voice and its recording look alike.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from generation.animation.motion.controls import MotionControls
from generation.animation.motion.emotions import offsets_of
from generation.animation.motion.motion_curves import Curve, minimum_jerk
from generation.animation.speech.prosody import PROSODY_RATE, Prosody
from generation.animation.track.arkit import ARKIT_ACTIONS

FADE_S: Final = 0.7
_SLOW_S: Final = 0.25  # how fast the swell follows the voice
_MIDDLE_DB, _SPREAD_DB = -30.0, 12.0
_KEEP = float(np.exp(-1 / (PROSODY_RATE * _SLOW_S / 2)))


class MouthFeeling:
    """Offsets of mouth actions over time, from a voice that comes in pieces."""

    def __init__(self, controls: MotionControls) -> None:
        self._offsets = np.zeros(len(ARKIT_ACTIONS))
        for action, weight in offsets_of(controls).items():
            if action.startswith("mouth"):
                self._offsets[ARKIT_ACTIONS.index(action)] = weight
        self._state = np.zeros((2, 1))
        self._course = np.zeros(1)  # of the swell, the last heard value first
        self._first = -1  # the 10 ms frame of self._course[0]

    def take(self, prosody: Prosody, speech: NDArray[np.float32]) -> None:
        """Hear the next frames of 10 ms; `speech` (T,) is how likely somebody speaks in each."""
        swell = speech * np.tanh((prosody.level_db - _MIDDLE_DB) / _SPREAD_DB)
        for i in range(2):
            swell, self._state[i] = lfilter([1 - _KEEP], [1, -_KEEP], swell, zi=self._state[i])
        self._course = np.concatenate([self._course, swell])

    def offsets(self, times: Curve) -> NDArray[np.float64]:
        """What is added to the actions at rising `times`: (T, 52). Earlier times are not asked for again."""
        at = (self._first + 0.5 + np.arange(len(self._course))) / PROSODY_RATE
        course = (0.9 + 0.2 * np.interp(times, at, self._course)) * minimum_jerk(times / FADE_S)
        if len(times):
            spare = max(0, int(times[-1] * PROSODY_RATE) - 2 - self._first)
            self._course, self._first = self._course[spare:], self._first + spare
        return np.asarray(course[:, None] * self._offsets)
