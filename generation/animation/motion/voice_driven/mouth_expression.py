"""What the voice does to the corners of the mouth between the phones: smiles, dimples, a mouth drawn down or
aside.

Depends on the speech alone, so that every seed says the same with the same lips; which corner leads is in the
melody. Contacts come after it, so that it opens no closed lip.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import Curve
from generation.animation.motion.motion_plan import PLAN_RATE
from generation.animation.motion.voice_driven.band_stream import BandStream
from generation.animation.motion.voice_driven.following import Follower
from generation.animation.motion.voice_driven.prosody_bands import Bands
from generation.animation.motion.voice_driven.row_spline import RowSpline
from generation.animation.track.arkit import ARKIT_ACTIONS

ACTIONS: Final = (
    "mouthSmileLeft", "mouthSmileRight", "mouthDimpleLeft", "mouthDimpleRight", "mouthFrownLeft",
    "mouthFrownRight", "mouthLeft", "mouthRight", "mouthShrugLower", "mouthShrugUpper", "mouthStretchLeft",
    "mouthStretchRight", "jawLeft", "jawRight",
)  # fmt: skip
_COLUMNS = [ARKIT_ACTIONS.index(name) for name in ACTIONS]
_SHARE: Final = 1 - float(np.exp(-1 / (PLAN_RATE * 0.18)))  # of the way, with each row
_BRIGHTEST: Final = 0.9  # a voice draws no grin: what is bright is softly limited
_LEAN: Final = 0.36  # of a smile, towards the corner that leads


class MouthExpression:
    """Offsets of mouth actions over time, from voice rows that come in pieces."""

    def __init__(self, ahead: int) -> None:
        self._stream, self._spline = BandStream(ahead), RowSpline(len(ACTIONS))
        self._follower = Follower(len(ACTIONS))

    def push(self, voice: NDArray[np.float32]) -> None:
        """The next rows (T, 25) of the voice."""
        self._go_on(self._stream.push(voice))

    def end(self) -> None:
        """The voice has ended."""
        self._go_on(self._stream.end())
        self._spline.end()

    def offsets(self, times: Curve) -> NDArray[np.float64]:
        """What is added to the actions at rising `times`: (T, 52). Earlier times are not asked for again."""
        actions = np.zeros((len(times), len(ARKIT_ACTIONS)))
        actions[:, _COLUMNS] = np.maximum(self._spline.at(times), 0.0)
        return actions

    def _go_on(self, bands: Bands) -> None:
        self._spline.append(self._follower.follow(_goals(bands), _SHARE))


def _goals(bands: Bands) -> NDArray[np.float64]:
    """What each moment draws the mouth to: (N, 14)."""
    energy, pitch, vowel = bands.energy, bands.pitch, bands.vowel
    bright = bands.activity * np.maximum(0.5 * pitch[2] + 0.35 * energy[2] + 0.3 * pitch[1], 0.0)
    bright = _BRIGHTEST * np.tanh(bright / _BRIGHTEST)
    heavy = bands.activity * np.maximum(-0.5 * pitch[2] - 0.3 * energy[2] - 0.2, 0.0)
    risen = np.clip(1.4 * pitch[1] - 0.3, 0.0, 1.0) * bands.offset
    lean = np.tanh(1.2 * vowel[2] + pitch[1] - energy[1])
    aside = bands.activity * np.tanh(1.5 * pitch[1] - 1.2 * energy[1] + 0.8 * vowel[2])
    smile, dimple, frown = 0.54 * bright, 0.30 * bands.offset + 0.20 * bright, 0.34 * heavy
    shrug = 0.50 * risen + 0.25 * bands.offset
    stretch = 0.95 * bands.activity * np.maximum(energy[1], 0.0)
    left, right = 1 + _LEAN * lean, 1 - _LEAN * lean
    one, other = np.maximum(aside, 0.0), np.maximum(-aside, 0.0)
    return np.stack([
        smile * left, smile * right, dimple * left, dimple * right, frown * right, frown * left,
        0.16 * one, 0.16 * other, shrug, 0.4 * shrug, stretch * left, stretch * right,
        0.10 * one, 0.10 * other,
    ], axis=1)  # fmt: skip
