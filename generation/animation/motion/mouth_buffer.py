"""The mouth of a voice that comes in pieces: as much of it as the next frames need."""

from __future__ import annotations

import numpy as np

from generation.animation.motion.motion_curves import Curve
from generation.animation.speech.coarticulation import GRID_RATE, Mouth


class MouthBuffer:
    """Joins pieces of a Mouth and forgets what lies more than `reach_s` before the frames asked for, so that
    memory does not grow."""

    def __init__(self, reach_s: float) -> None:
        self._reach_s = reach_s
        self._mouth: Mouth | None = None
        self._first = 0  # the grid point of its first value

    def take(self, mouth: Mouth) -> None:
        """Take what follows."""
        if self._mouth is None:
            self._mouth = mouth
            return
        self._mouth = Mouth(
            *(
                np.concatenate([getattr(self._mouth, name), getattr(mouth, name)])
                for name in ("shapes", "closure", "lip_teeth")
            )
        )

    def around(self, times: Curve) -> tuple[Mouth, Curve]:
        """The mouth around rising `times` and these times counted from its beginning. Earlier times are not
        asked for again."""
        mouth = self._mouth or Mouth(np.zeros((1, 8)), np.zeros(1), np.zeros(1))
        spare = int((float(times[0]) - self._reach_s) * GRID_RATE) - self._first if len(times) else 0
        if spare > 0:
            mouth = Mouth(mouth.shapes[spare:], mouth.closure[spare:], mouth.lip_teeth[spare:])
            self._mouth, self._first = mouth, self._first + spare
        return mouth, times - self._first / GRID_RATE
