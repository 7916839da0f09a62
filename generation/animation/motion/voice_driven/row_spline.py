"""A uniform cubic B-spline through rows that arrive in pieces."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import Curve
from generation.animation.motion.motion_plan import PLAN_RATE

_REMEMBERED_S = 1.0
_HELD = 8  # rows for which the last one holds


class RowSpline:
    """Rows (T, width) at PLAN_RATE; row i stands for (i + 0.5) / PLAN_RATE seconds. A time is
    final once rows are known 0.15 s beyond it. Memory does not grow."""

    def __init__(self, width: int) -> None:
        self._rows = np.zeros((3, width))
        self._first = -3  # the row number of self._rows[0]; before the beginning everything rests

    def append(self, rows: NDArray[np.float64]) -> None:
        """The next rows (T, width)."""
        self._rows = np.concatenate([self._rows, rows])

    def end(self) -> None:
        """No more rows: the last one holds."""
        self.append(np.repeat(self._rows[-1:], _HELD, axis=0))

    def at(self, times: Curve) -> NDArray[np.float64]:
        """The curves (T, width) at rising `times`. Earlier times are not asked for again."""
        place = times * PLAN_RATE - 0.5 - self._first
        below = np.clip(np.floor(place).astype(int), 1, len(self._rows) - 3)
        t = (place - below)[:, None]
        weights = (
            (1 - t) ** 3 / 6,
            (3 * t**3 - 6 * t**2 + 4) / 6,
            (-3 * t**3 + 3 * t**2 + 3 * t + 1) / 6,
            t**3 / 6,
        )
        values = np.asarray(sum(w * self._rows[below - 1 + i] for i, w in enumerate(weights)), np.float64)
        spare = int((float(times[-1]) - _REMEMBERED_S) * PLAN_RATE) - self._first if len(times) else 0
        if spare > 0:
            self._rows, self._first = self._rows[spare:], self._first + spare
        return values
