"""Finds stretches in which the whole picture stands still, from every frame, on a coarse grid of pixels."""

from __future__ import annotations

from collections import deque
from typing import Final

import numpy as np
from numpy.typing import NDArray

GRID: Final = 8  # of every eighth pixel in both directions
APART_S: Final = 0.4  # a frame is compared with the one this long before: breathing moves a picture by then
UNMOVED: Final = 2  # levels of 255 by which no pixel of the grid may differ


class Stillness:
    """Takes the frames of a video in order, and knows how long nothing moved at each of them."""

    def __init__(self, fps: float) -> None:
        self._fps = fps
        self._before: deque[NDArray[np.int16]] = deque(maxlen=max(round(APART_S * fps), 1))
        self._still_s: list[float] = []

    def add(self, frame: NDArray[np.uint8]) -> None:
        """The next frame, (H, W, 3) uint8 RGB."""
        grid = frame[::GRID, ::GRID, 1].astype(np.int16)
        is_still = (
            len(self._before) == self._before.maxlen and int(np.abs(grid - self._before[0]).max()) <= UNMOVED
        )
        before_s = self._still_s[-1] if self._still_s else 0.0
        if is_still:
            self._still_s.append(max(before_s + 1 / self._fps, APART_S))
        else:
            self._still_s.append(0.0)
        self._before.append(grid)

    def longest_s(self, speech: NDArray[np.bool_]) -> float:
        """The longest stretch in which nothing moved and at least half of the frames have `speech` (T,)."""
        longest = 0.0
        for end, length_s in enumerate(self._still_s):
            start = max(end + 1 - round(length_s * self._fps), 0)
            if length_s > longest and speech[start : end + 1].mean() >= 0.5:
                longest = length_s
        return longest
