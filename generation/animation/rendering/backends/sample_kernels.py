"""Compiled loops of the CPU back end that sample the person, row by row."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import Float32Array, Int32Array, UInt8Array
from generation.animation.geometry.cubic import finish_pixels, sample_weighed, weigh_cubic
from generation.animation.geometry.jit import jit_kernel
from generation.animation.geometry.rasterize import FAR, NOWHERE, uintp


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
def _split(sources: Float32Array, whole: Int32Array, fractions: Float32Array) -> None:
    """Fill `whole` and `fractions` (W,) with the whole pixels and the rest of a row of `sources` (W,)."""
    for x in range(len(sources)):
        floor = np.floor(sources[x])
        whole[x] = np.int32(floor)
        fractions[x] = sources[x] - floor


@jit_kernel
def _find_shown(  # noqa: PLR0917 - compiled kernels take their arguments by position
    depth: Float32Array,
    us: Float32Array,
    shade: Float32Array,
    shown: UInt8Array,
    lefts: Int32Array,
    tops: Int32Array,
    columns: Int32Array,
    offsets: Int32Array,
    lights: Float32Array,
) -> int:
    """Fill `columns`, `offsets` and `lights` (W,) with what is sampled of a row: the columns, the byte of the
    person at which their 4 x 4 pixels begin, -1 for those that reach beyond its border, and their `shade`
    (W,). Returns how many there are. Sets `us` (W,) to NOWHERE where `depth` (W,) says that no triangle
    lies."""
    side, count = shown.shape[0], 0
    for x in range(len(depth)):
        at = uintp(x)
        if depth[at] >= FAR:
            if us[at] != NOWHERE:  # as it mostly is: what is not written need not be kept
                us[at] = NOWHERE
            continue
        i, j = lefts[at] - 1, tops[at] - 1
        if i >= 0 and j >= 0 and i + 3 < side and j + 3 < side:
            if shown[uintp(j), uintp(i)] == 0:
                continue
            offsets[uintp(count)] = (j * side + i) * 4
        elif i > -4 and j > -4 and i < side and j < side:
            offsets[uintp(count)] = -1
        else:
            continue
        columns[uintp(count)], lights[uintp(count)] = x, shade[at]
        count += 1
    return count


@jit_kernel
def sample_row(  # noqa: PLR0917 - compiled kernels take their arguments by position
    person: UInt8Array,
    shown: UInt8Array,
    depth: Float32Array,
    us: Float32Array,
    vs: Float32Array,
    shade: Float32Array,
    whole: Int32Array,
    fractions: Float32Array,
    weights: Float32Array,
    levels: Float32Array,
    offsets: Int32Array,
    window: UInt8Array,
    columns: Int32Array,
    lights: Float32Array,
    plain: NDArray[np.uint32],
    lit_up: NDArray[np.uint32],
) -> int:
    """Sample the person at `us` and `vs` (W,) wherever `depth` (W,) says that a triangle lies: fills `plain`
    and `lit_up` (W + 4,) with the RGBA of the pixels in `columns` (W,), as the bytes of a number, and the
    same times their `lights` (W + 4,), which are of `shade` (W,). Returns how many there are. `us` becomes
    NOWHERE where no triangle lies. `whole` (2, W), `fractions` (2, W + 4), `weights` (2, 4 W + 16), `levels`
    (4 W + 16,), `offsets` (W,) and `window` (64,) are scratch memory.

    Each step goes along the whole row, so that several pixels are under way at once."""
    side = shown.shape[0]
    stride = side * 4
    lefts, tops, rights, downs = whole[0], whole[1], fractions[0], fractions[1]
    across, along = weights[0], weights[1]
    _split(us, lefts, rights)
    _split(vs, tops, downs)
    count = _find_shown(depth, us, shade, shown, lefts, tops, columns, offsets, lights)
    if count == 0:
        return 0
    for x in range(columns[0] & ~3, columns[count - 1] + 1, 4):
        weigh_cubic(rights, x, across)
        weigh_cubic(downs, x, along)
    for k in range(count):
        x, offset = columns[uintp(k)], offsets[uintp(k)]
        if offset >= 0:
            sample_weighed(person, offset, stride, across, along, x, levels, k)
        else:
            _cut_out(person, side, lefts[uintp(x)] - 1, tops[uintp(x)] - 1, window)
            sample_weighed(window, 0, 16, across, along, x, levels, k)
    for k in range(0, count, 4):
        finish_pixels(levels, lights, k, plain, lit_up)
    return int(count)
