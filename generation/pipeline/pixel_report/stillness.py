"""Finds stretches in which the whole picture stands still, from every frame, on a coarse grid of pixels."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

GRID: Final = 8  # of every eighth pixel in both directions
APART_S: Final = 0.4  # a frame is compared with the one this long before: breathing moves a picture by then
UNMOVED: Final = 2  # levels of 255 by which no pixel of the grid may differ


class Stillness:
    """Takes the frames of a video in order, and knows how long nothing moved at each of them.

    Stretches of a video that were looked at apart are put together again by `extend`.
    """

    def __init__(self, fps: float) -> None:
        self._fps = fps
        apart = max(round(APART_S * fps), 1)
        self._apart = apart
        self._first: list[NDArray[np.uint8]] = []  # whose frames before are not known here
        self._before: deque[NDArray[np.uint8]] = deque(maxlen=apart)
        self._is_still: list[bool] = []

    def add(self, frame: NDArray[np.uint8]) -> None:
        """The next frame, (H, W, 3) uint8 RGB."""
        grid = frame[::GRID, ::GRID, 1].copy()
        if len(self._first) < self._apart:
            self._first.append(grid)
        self._add(grid)

    def _add(self, grid: NDArray[np.uint8]) -> None:
        is_full = len(self._before) == self._apart
        self._is_still.append(
            is_full and int(np.abs(grid.astype(np.int16) - self._before[0]).max()) <= UNMOVED
        )
        self._before.append(grid)

    def extend(self, later: Stillness) -> None:
        """Add the frames of the stretch that follows this one, as if they had been added here."""
        for grid in later._first:
            self._add(grid)
        if len(later._is_still) > self._apart:
            self._is_still += later._is_still[self._apart :]
            self._before = deque(later._before, maxlen=self._apart)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """What `from_arrays` makes the same of, for a file."""
        return {
            "is_still": np.array(self._is_still, np.bool_),
            "first": np.array(self._first, np.uint8),
            "before": np.array(list(self._before), np.uint8),
        }

    @classmethod
    def from_arrays(cls, fps: float, arrays: Mapping[str, NDArray[Any]]) -> Stillness:
        """What `to_arrays` gave of a stretch at `fps` frames a second."""
        stretch = cls(fps)
        stretch._is_still = [bool(still) for still in arrays["is_still"]]
        stretch._first = list(arrays["first"])
        stretch._before.extend(arrays["before"])
        return stretch

    def longest_s(self, speech: NDArray[np.bool_]) -> float:
        """The longest stretch in which nothing moved and at least half of the frames have `speech` (T,)."""
        longest = length_s = 0.0
        for end, is_still in enumerate(self._is_still):
            length_s = max(length_s + 1 / self._fps, APART_S) if is_still else 0.0
            start = max(end + 1 - round(length_s * self._fps), 0)
            if length_s > longest and speech[start : end + 1].mean() >= 0.5:
                longest = length_s
        return longest
