"""Least squares with bounds, by coordinate descent on the normal equations."""

from __future__ import annotations

from generation.animation.arrays import Float64Array
from generation.animation.geometry.jit import jit_kernel

SWEEPS = 200
TOLERANCE = 1e-7


@jit_kernel
def solve_bounded(
    normal: Float64Array,
    right: Float64Array,
    low: Float64Array,
    high: Float64Array,
    start: Float64Array,
) -> Float64Array:
    """The x (N,) between `low` and `high` that minimises x' `normal` x / 2 - `right`' x, from `start`.

    `normal` (N, N) is symmetric and positive definite, so there is one minimum and descent along one
    coordinate at a time reaches it.
    """
    count = right.shape[0]
    x = start.copy()
    for i in range(count):
        x[i] = min(max(x[i], low[i]), high[i])
    slope = right - normal @ x
    for _ in range(SWEEPS):
        largest = 0.0
        for i in range(count):
            wanted = min(max(x[i] + slope[i] / normal[i, i], low[i]), high[i])
            step = wanted - x[i]
            if step != 0.0:
                x[i] = wanted
                for j in range(count):
                    slope[j] -= step * normal[j, i]
                largest = max(largest, abs(step) * normal[i, i] ** 0.5)
        if largest < TOLERANCE:
            break
    return x
