"""Looks for places at which a recording was joined: one step between two frames that stands alone.

Heads, hands and light move over several frames, so that the picture's change from one frame to the next is
about that of the steps beside it. Where two recordings are joined, also of the same person in the same place
and in a pause, one step is larger than what lies before and after it. All frames count, as a step at a third
of the rate holds three times the movement and the same join.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

SIDE: Final = 64  # pixels across, of the small grey pictures that are compared
LEAST_FRAMES: Final = 8
LEAST_RATE: Final = 15.0  # frames a second; with fewer, honest movement is a matter of single steps
SAME: Final = 0.05  # grey levels: the same frame once more, as devices that fall behind repeat it
MOST_GAP: Final = 3.0  # usual gaps, over which a longer one counts as so much movement
FLOOR: Final = 0.05  # grey levels of noise
STARTING_S: Final = 0.5  # in which a camera finds its exposure


class FrameSteps:
    """The changes between small grey pictures of all frames of a recording."""

    def __init__(self) -> None:
        self._last: NDArray[np.float32] | None = None
        self._times: list[float] = []
        self._steps: list[float] = []

    def add(self, time_s: float, small: NDArray[np.uint8]) -> None:
        """The next frame, (H, 64) uint8 grey, at `time_s`. What only repeats the one before is left out."""
        picture = small.astype(np.float32)
        if self._last is not None and self._last.shape == picture.shape:
            step = float(np.sqrt(np.square(picture - self._last).mean()))
            if step < SAME:
                return
            self._steps.append(step)
        elif self._last is not None:
            return
        self._last = picture
        self._times.append(time_s)

    @property
    def loneliest(self) -> float:
        """The largest step as a multiple of the larger of the two on either side and the usual one together;
        0 for recordings of few frames.
        """
        if len(self._steps) < LEAST_FRAMES:
            return 0.0
        gaps = np.maximum(np.diff(self._times), 1e-3)
        usual = float(np.median(gaps))
        if 1 / usual < LEAST_RATE:
            return 0.0
        # Where frames are missing, the picture had more time to change.
        steps = np.asarray(self._steps) / np.clip(gaps / usual, 1.0, MOST_GAP)
        beside = np.pad(steps, 2)
        around = np.max([beside[:-4], beside[1:-3], beside[3:-1], beside[4:]], axis=0)
        alone = steps / (around + np.median(steps) + FLOOR)
        counted = np.asarray(self._times[1:]) > self._times[0] + STARTING_S
        counted[-2:] = False
        return float(alone[counted].max(initial=0.0))
