"""The part of an emotion that MotionFlow does not show: an offset of actions that follows the voice's level.

MotionFlow moves brows, eyes, cheeks and nose; this layer adds the emotion of the mouth. An emotion without
conditioning, which MotionFlow cannot show, is added here whole.

The offset depends on speech and controls only, so that the lips are the same for every seed, and it is
causal, so that live speech and its recording look alike.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from generation.animation.arrays import Curve
from generation.animation.motion.controls import MotionControls
from generation.animation.motion.emotion_offsets import emotion_offsets_of, offsets_of
from generation.animation.motion.motion_conditions import has_conditioning
from generation.animation.motion.motion_curves import minimum_jerk
from generation.animation.speech.prosody import PROSODY_RATE, Prosody
from generation.animation.track.arkit import ARKIT_ACTIONS

FADE_S: Final = 0.7
_SMOOTHING_S: Final = 0.25  # time constant with which the gain follows the level, over two stages
_MIDDLE_DB, _SPREAD_DB = -30.0, 12.0
_DECAY = float(np.exp(-1 / (PROSODY_RATE * _SMOOTHING_S / 2)))
_MOUTH: Final = "mouth"


class EmotionLayer:
    """Offsets of actions over time, from speech that arrives in pieces."""

    def __init__(self, controls: MotionControls) -> None:
        self._offsets = np.zeros(len(ARKIT_ACTIONS))
        for action, weight in offsets_of(controls).items():
            if action.startswith(_MOUTH):
                self._offsets[ARKIT_ACTIONS.index(action)] = weight
        if not has_conditioning(controls.emotion):
            for action, weight in emotion_offsets_of(controls).items():
                if not action.startswith(_MOUTH):
                    self._offsets[ARKIT_ACTIONS.index(action)] = weight
        self._filter_state = np.zeros((2, 1))
        self._level = np.zeros(1)  # smoothed, -1..1 in speech and 0 in silence
        self._first = -1  # the 10 ms frame of self._level[0]

    def push(self, prosody: Prosody, speech: NDArray[np.float32]) -> None:
        """Append the next frames of 10 ms; `speech` (T,) is the probability of speech in each."""
        level = speech * np.tanh((prosody.level_db - _MIDDLE_DB) / _SPREAD_DB)
        for i in range(2):
            level, self._filter_state[i] = lfilter(
                [1 - _DECAY], [1, -_DECAY], level, zi=self._filter_state[i]
            )
        self._level = np.concatenate([self._level, level])

    def offsets(self, times: Curve) -> NDArray[np.float64]:
        """The offsets of the actions at increasing `times` in seconds: (T, 52). Frames before the last time
        are dropped: later calls must not go back."""
        at = (self._first + 0.5 + np.arange(len(self._level))) / PROSODY_RATE
        gain = (0.9 + 0.2 * np.interp(times, at, self._level)) * minimum_jerk(times / FADE_S)
        if len(times):
            past = max(0, int(times[-1] * PROSODY_RATE) - 2 - self._first)
            self._level, self._first = self._level[past:], self._first + past
        return np.asarray(gain[:, None] * self._offsets)
