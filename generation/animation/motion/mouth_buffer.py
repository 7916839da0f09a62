"""MouthBuffer: keeps as much of a live stream's mouth curves as the next frames need."""

from __future__ import annotations

import numpy as np

from generation.animation.arrays import Curve
from generation.animation.speech.coarticulation import GRID_RATE, MouthCurves


class MouthBuffer:
    """Concatenates pieces of MouthCurves and drops what lies more than `reach_s` seconds before the requested
    frames, so that memory does not grow."""

    def __init__(self, reach_s: float) -> None:
        self._reach_s = reach_s
        self._mouth: MouthCurves | None = None
        self._first = 0  # grid point of its first value

    def append(self, mouth: MouthCurves) -> None:
        """Append the next piece."""
        if self._mouth is None:
            self._mouth = mouth
            return
        self._mouth = MouthCurves(
            *(
                np.concatenate([getattr(self._mouth, name), getattr(mouth, name)])
                for name in ("shapes", "closure", "lip_teeth")
            )
        )

    def curves_around(self, times: Curve) -> tuple[MouthCurves, Curve]:
        """The curves around increasing `times` (T,) in seconds, and these times relative to the curves'
        start.

        Later calls must not go back in time.
        """
        mouth = self._mouth or MouthCurves(np.zeros((1, 8)), np.zeros(1), np.zeros(1))
        spare = int((float(times[0]) - self._reach_s) * GRID_RATE) - self._first if len(times) else 0
        if spare > 0:
            mouth = MouthCurves(mouth.shapes[spare:], mouth.closure[spare:], mouth.lip_teeth[spare:])
            self._mouth, self._first = mouth, self._first + spare
        return mouth, times - self._first / GRID_RATE
