"""Tells which rectangle of a plane holds the most of something."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def richest(values: NDArray[np.float32]) -> tuple[int, int, int, int]:
    """The rectangle (left, top, right, bottom) of cells with the largest sum (Kadane's, between two rows)."""
    rows = len(values)
    sums = np.concatenate([np.zeros((1, values.shape[1]), np.float32), np.cumsum(values, 0)])
    tops, bottoms = np.triu_indices(rows + 1, 1)
    strips = sums[bottoms] - sums[tops]
    along = np.concatenate([np.zeros((len(strips), 1), np.float32), np.cumsum(strips, 1)], 1)
    lowest = np.minimum.accumulate(along, 1)
    gains = along[:, 1:] - lowest[:, :-1]
    strip, right = np.unravel_index(int(gains.argmax()), gains.shape)
    left = int(along[strip, : right + 1].argmin())
    return left, int(tops[strip]), int(right) + 1, int(bottoms[strip])
