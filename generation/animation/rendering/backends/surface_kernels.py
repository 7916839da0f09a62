"""Compiled loops of the CPU back end: sampling the person, compositing, anti-aliasing of folds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import Float32Array, Int32Array, UInt8Array
from generation.animation.geometry.cubic import lit_rgba, sample_cubic
from generation.animation.geometry.jit import jit_kernel
from generation.animation.geometry.rasterize import FAR, FOLD, uintp

LEVEL = np.uint32(255)


@jit_kernel
def _cut_out(person: UInt8Array, side: int, left: int, top: int, window: UInt8Array) -> None:
    """Copy 4 x 4 pixels of `person` from left, top on, to `window` (64,); beyond its border they are 0."""
    window[:] = 0
    for row in range(4):
        for column in range(4):
            x, y = left + column, top + row
            if 0 <= x < side and 0 <= y < side:
                for k in range(4):
                    window[16 * row + 4 * column + k] = person[(y * side + x) * 4 + k]


@jit_kernel
def sample_person(  # noqa: PLR0917 - compiled kernels take their arguments by position
    person: UInt8Array,
    shown: UInt8Array,
    depth: Float32Array,
    sources: Float32Array,
    shade: Float32Array,
    sampled: NDArray[np.uint32],
    alpha: UInt8Array,
) -> None:
    """Sample the person at `sources` (2, S, S) wherever `depth` (S, S) says that a triangle lies, and
    multiply what is opaque by `shade` (S, S).

    `person` (M * M * 4,) are the bytes of RGBA pixels, premultiplied; `shown` (M, M) is 0 where the 4 x 4
    pixels to the right and below are all transparent. Fills `sampled` (S, S), RGBA as the bytes of one
    number, and its `alpha` (S, S)."""
    side = shown.shape[0]
    stride = side * 4
    window = np.empty(64, np.uint8)
    for y in range(depth.shape[0]):
        row = uintp(y)
        for x in range(depth.shape[1]):
            at = uintp(x)
            found = np.uint32(0)
            if depth[row, at] < FAR:
                u, v = sources[0, row, at], sources[1, row, at]
                left, top = np.floor(u), np.floor(v)
                i, j = int(left) - 1, int(top) - 1
                if i >= 0 and j >= 0 and i + 3 < side and j + 3 < side:
                    if shown[uintp(j), uintp(i)] > 0:
                        found = sample_cubic(person, j * stride + 4 * i, stride, u - left, v - top)
                elif i > -4 and j > -4 and i < side and j < side:
                    _cut_out(person, side, i, j, window)
                    found = sample_cubic(window, 0, 16, u - left, v - top)
            alpha[row, at] = found >> np.uint32(24)
            sampled[row, at] = lit_rgba(found, shade[row, at]) if alpha[row, at] == 255 else found


@jit_kernel
def _find_jumps(us: Float32Array, vs: Float32Array, alpha: UInt8Array, y: int, found: UInt8Array) -> int:
    """Set bits of `found` (S - 1,) where the surface is interrupted in row `y`: 1 to the right of a pixel, 2
    below it.

    `us` and `vs` (S, S) are the source coordinates. Returns 0 if there is no such place."""
    fold, any_found = np.float32(FOLD), np.uint8(0)
    u, v, shown = us[y], vs[y], alpha[y]
    u_below, v_below, shown_below = us[y + 1], vs[y + 1], alpha[y + 1]
    for x in range(len(found)):
        right = abs(u[x] - u[x + 1]) + abs(v[x] - v[x + 1]) > fold
        down = abs(u[x] - u_below[x]) + abs(v[x] - v_below[x]) > fold
        right_shown, down_shown = (shown[x] | shown[x + 1]) > 0, (shown[x] | shown_below[x]) > 0
        place = np.uint8(right & right_shown) | (np.uint8(down & down_shown) << np.uint8(1))
        found[x] = place
        any_found |= place
    return int(any_found)


@jit_kernel
def lit(behind: float, level: float, rest: float, light: float) -> int:
    """One channel of a person's pixel with `level`, times `light`, over the share `rest` of the level
    `behind` it."""
    value = np.float32(behind) * rest + np.float32(level) * light + np.float32(0.5)
    return int(min(max(value, np.float32(0)), np.float32(255)))


@jit_kernel
def composite(  # noqa: PLR0917 - compiled kernels take their arguments by position
    plate: UInt8Array,
    sampled: NDArray[np.uint32],
    alpha: UInt8Array,
    shade: Float32Array,
    sources: Float32Array,
    beside: UInt8Array,
    places: Int32Array,
    out: UInt8Array,
) -> None:
    """Composite the person, multiplied by `shade` (S, S) where it is not opaque, over the plate (S, S, 3),
    and anti-alias `out` (S, S, 3) along edges where the surface folds over itself.

    Such an edge is a discontinuity of `sources` (2, S, S), where rasterisation has no coverage. A pixel
    beside it becomes the weighted mean of its 3 x 3 neighbours. Where neither side shows any of the person,
    nothing changes. `beside` (S, S) has to be 0, and is left so; `places` (S * S, 2) is scratch memory."""
    size = out.shape[0]
    count = 0
    for y in range(size):
        row = uintp(y)
        for x in range(size):
            at = uintp(x)
            pixel, opacity = sampled[row, at], alpha[row, at]
            if opacity == 255:
                out[row, at, 0] = pixel & LEVEL
                out[row, at, 1] = (pixel >> np.uint32(8)) & LEVEL
                out[row, at, 2] = (pixel >> np.uint32(16)) & LEVEL
            elif opacity == 0:
                for k in range(3):
                    out[row, at, k] = plate[row, at, k]
            else:
                light = shade[row, at]
                rest = np.float32(255 - opacity) * np.float32(1 / 255)
                out[row, at, 0] = lit(plate[row, at, 0], pixel & LEVEL, rest, light)
                out[row, at, 1] = lit(plate[row, at, 1], (pixel >> np.uint32(8)) & LEVEL, rest, light)
                out[row, at, 2] = lit(plate[row, at, 2], (pixel >> np.uint32(16)) & LEVEL, rest, light)
    found = np.empty(size - 1, np.uint8)
    for y in range(size - 1):
        if _find_jumps(sources[0], sources[1], alpha, y, found) == 0:
            continue
        for x in range(size - 1):
            if found[x] > 0:
                count = note(beside, places, count, y, x)
            if found[x] & 1:
                count = note(beside, places, count, y, x + 1)
            if found[x] & 2:
                count = note(beside, places, count, y + 1, x)
    soften(beside, places[:count], out)


@jit_kernel
def note(beside: UInt8Array, places: Int32Array, count: int, y: int, x: int) -> int:
    """Append row and column to `places` (P, 2), which holds `count`, once: `beside` (H, W) says whether they
    are there already. Returns how many it holds then."""
    if beside[uintp(y), uintp(x)] == 0:
        beside[uintp(y), uintp(x)] = 1
        places[count, 0], places[count, 1] = y, x
        return count + 1
    return count


@jit_kernel
def soften(beside: UInt8Array, places: Int32Array, out: UInt8Array) -> None:
    """Replace the pixels of `out` (H, W, 3) at `places` (P, 2), but for those at its border, by the weighted
    mean of their 3 x 3 neighbours, and clear them in `beside` (H, W)."""
    height, width = out.shape[:2]
    means = np.empty((len(places), 3), np.uint8)
    for i in range(len(places)):
        y, x = places[i, 0], places[i, 1]
        beside[y, x] = 0
        y, x = min(max(y, 1), height - 2), min(max(x, 1), width - 2)
        for k in range(3):
            total = np.int32(8)
            for dy in range(-1, 2):
                for dx in range(-1, 2):
                    weight = np.int32((2 - abs(dy)) * (2 - abs(dx)))
                    total += np.int32(out[y + dy, x + dx, k]) * weight
            means[i, k] = total // 16
    for i in range(len(places)):
        y, x = places[i, 0], places[i, 1]
        if 0 < y < height - 1 and 0 < x < width - 1:
            for k in range(3):
                out[y, x, k] = means[i, k]
