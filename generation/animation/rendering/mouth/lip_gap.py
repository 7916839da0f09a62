"""LipGap: the projected inner edges of the lips in one frame."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from generation.animation.arrays import Float32Array, Float64Array, Int32Array
from generation.animation.rendering.mouth.lip_kernels import fill_lip_gap

COLUMNS = 48  # at which the gap between the lips is measured


class LipGap(NamedTuple):
    """The projected inner edges of the lips, in pixels: `curves` (3, COLUMNS) are x, and y of both edges.

    `overlap` (COLUMNS,) is how far the lips lay over each other before they were rounded, `most_overlap` the
    most of it."""

    curves: Float64Array
    overlap: Float64Array
    most_overlap: float

    @property
    def x(self) -> Float64Array:
        """Where the gap is measured, (COLUMNS,)."""
        return np.asarray(self.curves[0])

    @property
    def upper(self) -> Float64Array:
        """y of the upper lip's edge, (COLUMNS,)."""
        return np.asarray(self.curves[1])

    @property
    def lower(self) -> Float64Array:
        """y of the lower lip's edge, (COLUMNS,)."""
        return np.asarray(self.curves[2])

    @property
    def height(self) -> Float64Array:
        """Distance between the lips at each column; negative where they overlap."""
        return np.asarray(self.lower - self.upper)


def measure_lip_gap(pixels: Float32Array, upper_edge: Int32Array, lower_edge: Int32Array) -> LipGap:
    """The gap between the lips, from projected vertices `pixels` (N, 3) and those of both edges."""
    gap = np.empty((3, COLUMNS))
    fill_lip_gap(pixels, upper_edge, lower_edge, gap)
    return LipGap(gap, np.zeros(COLUMNS), 0.0)
