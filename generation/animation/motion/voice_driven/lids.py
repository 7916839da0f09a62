"""When the lids fall: at phrase ends and with jumps of the eyes, and never too seldom to be alive."""

from __future__ import annotations

from typing import Final

import numpy as np

from generation.animation.arrays import Curve
from generation.animation.motion.motion_plan import PLAN_RATE
from generation.animation.motion.voice_driven.prosody_bands import Bands

_REFRACTORY_ROWS: Final = round(0.5 * PLAN_RATE)
_GLANCE_DEG: Final = 4.0
_GOLDEN: Final = 0.6180339887


class Blinks:
    """An urge grows with time and with what the voice does; a blink takes it away. Advances with the rows."""

    def __init__(self, phase: float) -> None:
        self._phase, self._count = phase, 0
        self._urge, self._rested = phase * self._bound(), _REFRACTORY_ROWS

    def step(self, bands: Bands, jumps_deg: Curve, per_minute: Curve) -> list[int]:
        """In which of the next rows a blink falls; `per_minute` (N,) is how many are asked for."""
        pulls = 0.8 + 2.0 * bands.offset + 0.4 * bands.onset - 0.2 * bands.activity
        urges = per_minute / 60.0 / PLAN_RATE * pulls + np.where(jumps_deg > _GLANCE_DEG, 0.2, 0.0)
        falls = []
        for row, (urge, asked) in enumerate(zip(urges.tolist(), per_minute.tolist(), strict=True)):
            if asked <= 0:
                continue
            self._rested += 1
            self._urge += urge
            if self._urge >= self._bound() and self._rested >= _REFRACTORY_ROWS:
                self._urge, self._rested = 0.0, 0
                self._count += 1
                falls.append(row)
        return falls

    def _bound(self) -> float:
        """What the urge has to reach: spread about 1, evenly over a performance (a golden-ratio sequence)."""
        spread = (self._phase + self._count * _GOLDEN) % 1.0
        return 0.45 + 1.1 * spread
