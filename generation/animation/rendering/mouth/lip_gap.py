"""LipGap: the projected inner edges of the lips in one frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import Float32Array, Int32Array

COLUMNS = 48  # at which the gap between the lips is measured


@dataclass(frozen=True, eq=False)
class LipGap:
    """The projected inner edges of the lips: y `upper` and `lower` at `x`, all (COLUMNS,), in pixels."""

    x: NDArray[np.floating]
    upper: NDArray[np.floating]
    lower: NDArray[np.floating]

    @property
    def height(self) -> NDArray[np.floating]:
        """Distance between the lips at each column; negative where they overlap."""
        return self.lower - self.upper


def measure_lip_gap(pixels: Float32Array, upper_edge: Int32Array, lower_edge: Int32Array) -> LipGap:
    """The gap between the lips, from projected vertices `pixels` (N, 3) and those of both edges."""
    upper, lower = pixels[upper_edge], pixels[lower_edge]
    upper, lower = upper[np.argsort(upper[:, 0])], lower[np.argsort(lower[:, 0])]
    x = np.linspace(max(upper[0, 0], lower[0, 0]), min(upper[-1, 0], lower[-1, 0]), COLUMNS)
    return LipGap(x, np.interp(x, upper[:, 0], upper[:, 1]), np.interp(x, lower[:, 0], lower[:, 1]))
