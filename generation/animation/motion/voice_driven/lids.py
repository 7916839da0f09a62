"""When the lids fall: at phrase ends and with jumps of the eyes, and never too seldom to be alive."""

from __future__ import annotations

from typing import Final

from generation.animation.motion.motion_plan import PLAN_RATE
from generation.animation.motion.voice_driven.prosody_bands import Bands

_REFRACTORY_ROWS: Final = round(0.5 * PLAN_RATE)
_GLANCE_DEG: Final = 4.0
_GOLDEN: Final = 0.6180339887


class Blinks:
    """An urge grows with time and with what the voice does; a blink takes it away. Advances row by row."""

    def __init__(self, phase: float) -> None:
        self._phase, self._count = phase, 0
        self._urge, self._rested = phase * self._bound(), _REFRACTORY_ROWS

    def step(self, bands: Bands, jump_deg: float, per_minute: float) -> float:
        """The height of a blink that falls in this row, or 0; `per_minute` is how many are asked for now."""
        if per_minute <= 0:
            return 0.0
        rate = per_minute / 60.0 / PLAN_RATE  # of the urge, a row
        self._rested += 1
        pull = 0.8 + 2.0 * bands.offset + 0.4 * bands.onset - 0.2 * bands.activity
        self._urge += rate * pull + (0.2 if jump_deg > _GLANCE_DEG else 0.0)
        if self._urge < self._bound() or self._rested < _REFRACTORY_ROWS:
            return 0.0
        self._urge, self._rested = 0.0, 0
        self._count += 1
        return 1.0

    def _bound(self) -> float:
        """What the urge has to reach: spread about 1, evenly over a performance (a golden-ratio sequence)."""
        spread = (self._phase + self._count * _GOLDEN) % 1.0
        return 0.45 + 1.1 * spread
