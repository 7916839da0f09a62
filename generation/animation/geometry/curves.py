"""Small functions that compiled kernels share: interpolation along curves and in pictures."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import Float32Array
from generation.animation.geometry.jit import jit_kernel


@jit_kernel
def ramp(low: float, high: float, x: float) -> float:
    """`smoothstep` of a single number."""
    t = min(max((x - low) / (high - low), 0.0), 1.0)
    return t * t * (3 - 2 * t)


@jit_kernel
def interpolate(x: float, xs: NDArray[np.floating], ys: NDArray[np.floating]) -> float:
    """`np.interp` of a single number: the value at `x` of the polyline through rising `xs` (N,) and `ys`."""
    last = len(xs) - 1
    if x <= xs[0]:
        return float(ys[0])
    if x >= xs[last]:
        return float(ys[last])
    low, high = 0, last
    while high - low > 1:
        middle = (low + high) // 2
        if xs[middle] <= x:
            low = middle
        else:
            high = middle
    slope = (ys[low + 1] - ys[low]) / (xs[low + 1] - xs[low])
    return float(ys[low] + slope * (x - xs[low]))


@jit_kernel
def sort_by_first(xs: NDArray[np.floating], ys: NDArray[np.floating]) -> None:
    """Sort a few points by `xs` (N,), in place."""
    for i in range(1, len(xs)):
        x, y, j = xs[i], ys[i], i
        while j > 0 and xs[j - 1] > x:
            xs[j], ys[j] = xs[j - 1], ys[j - 1]
            j -= 1
        xs[j], ys[j] = x, y


@jit_kernel
def bilinear(picture: Float32Array, x: float, y: float, border: float, out: Float32Array) -> None:
    """Fill `out` (C or more,) with `picture` (h, w, C) at a point, by bilinear interpolation; what lies
    outside is `border`."""
    height, width, channels = picture.shape
    left, top = int(np.floor(x)), int(np.floor(y))
    a, b = np.float32(x - left), np.float32(y - top)
    for k in range(channels):
        out[k] = 0
    for down in range(2):
        for right in range(2):
            i, j = top + down, left + right
            weight = (b if down else 1 - b) * (a if right else 1 - a)
            if 0 <= i < height and 0 <= j < width:
                for k in range(channels):
                    out[k] += np.float32(weight) * picture[np.uintp(i), np.uintp(j), k]
            elif border != 0:
                for k in range(channels):
                    out[k] += np.float32(weight * border)
