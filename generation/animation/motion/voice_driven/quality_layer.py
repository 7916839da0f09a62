"""Effort and laughter in the face: offsets of actions that come and go with the quality of the voice.

They depend on the speech alone and on nothing that was not heard yet, so that live speech and its recording
look alike. Contacts come after them.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from generation.animation.arrays import Curve
from generation.animation.motion.emotions import sided
from generation.animation.speech.voice_quality import SOFTEST, VoiceQuality
from generation.animation.track.arkit import ARKIT_ACTIONS

_RATE: Final = 100  # frames a second
_FOLLOW_S: Final = 0.2
_KEEP: Final = float(np.exp(-1 / (_RATE * _FOLLOW_S)))
_LAUGHS_FROM, _LAUGHS = 0.35, 0.75  # probabilities at which laughter begins to show, and shows in full

# What a laugh, a raised voice and a whisper add at their fullest. A felt smile reaches cheeks and eyes.
_LAUGHTER: Final = {
    "mouthSmile*": 0.60, "cheekSquint*": 0.50, "eyeSquint*": 0.34, "mouthUpperUp*": 0.12,
    "browInnerUp": 0.10, "mouthDimple*": 0.15,
}  # fmt: skip
_RAISED: Final = {"browDown*": 0.30, "eyeSquint*": 0.12, "noseSneer*": 0.16, "mouthStretch*": 0.12}
_WHISPERED: Final = {"browInnerUp": 0.16, "eyeWide*": 0.10}


class QualityLayer:
    """Offsets of actions over time, from the quality of a voice that arrives in pieces."""

    def __init__(self) -> None:
        self._weights = np.stack([_row(offsets) for offsets in (_LAUGHTER, _RAISED, _WHISPERED)])
        self._state = np.zeros((1, 3))
        self._shown = np.zeros((1, 3))  # how much of each, 0..1
        self._first = -1  # the 10 ms frame of self._shown[0]

    def push(self, quality: VoiceQuality) -> None:
        """Append the next frames of 10 ms, maybe none."""
        if not len(quality.voice):
            return
        laughter = np.clip((quality.laughter - _LAUGHS_FROM) / (_LAUGHS - _LAUGHS_FROM), 0.0, 1.0)
        laughter *= quality.gate  # noise has something of it too
        spoken = (1 - laughter) * quality.gate
        raised = np.maximum(quality.effort, 0.0)
        whispered = np.maximum((SOFTEST - quality.effort) / (1 + SOFTEST), 0.0)  # a soft voice is none
        goal = np.stack([laughter, spoken * raised, spoken * whispered], axis=1)
        shown, self._state = lfilter([1 - _KEEP], [1, -_KEEP], goal, axis=0, zi=self._state)
        self._shown = np.concatenate([self._shown, shown])

    def offsets(self, times: Curve) -> NDArray[np.float64]:
        """The offsets of the actions at increasing `times` in seconds: (T, 52). Frames before the last time
        are dropped: later calls must not go back."""
        at = (self._first + 0.5 + np.arange(len(self._shown))) / _RATE
        shown = np.stack([np.interp(times, at, column) for column in self._shown.T], axis=1)
        if len(times):
            past = max(0, int(times[-1] * _RATE) - 2 - self._first)
            self._shown, self._first = self._shown[past:], self._first + past
        return np.asarray(shown @ self._weights, np.float64)


def _row(offsets: dict[str, float]) -> NDArray[np.float64]:
    row = np.zeros(len(ARKIT_ACTIONS))
    for name, weight in offsets.items():
        row[[ARKIT_ACTIONS.index(action) for action in sided(name)]] = weight
    return row
