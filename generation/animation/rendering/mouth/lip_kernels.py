"""Compiled loops of the lips: their gap, its rounding, and the texture where they part."""

from __future__ import annotations

import numpy as np

from generation.animation.arrays import Float32Array, Float64Array, Int32Array, Int64Array, UInt8Array
from generation.animation.geometry.curves import interpolate, ramp, sort_by_first
from generation.animation.geometry.jit import jit_kernel
from generation.animation.rendering.mouth.opening_kernels import (
    corners_apart,
    fill_overlap,
    lips_rounded,
    widest_of,
)

# Height over width of the opening over which it takes its round shape: a slit is allowed pointed corners.
ROUND_FROM = (0.03, 0.30)
SMILE_ROUND_FROM = (0.01, 0.12)  # of lips that a smile draws apart: its crescent is round at its ends
SHAPE = 0.55  # exponent of the outline of an opened mouth: 1/2 is an ellipse, 1 a parabola
# Lips cling to each other next to the corners, except where a smile draws them apart: share of the half width
# at each end over which they part.
CLING = 0.34
SMILE_CLINGS = 0.12  # of the half width: the opening of a smile ends inside of the corners
PURSED = (
    0.42  # of the half width at each end that fully rounded lips keep shut: their opening is a small ellipse
)
# Height over width of the opening over which rounded lips let go of each other: only a small mouth is pursed,
# of one that is wide open the sides would be drawn together over their whole height.
PURSED_UNTIL = (0.30, 0.55)
# How far rounded lips draw the corners together, in parts of their distance; from which height over width on.
NARROWS, NARROWS_FROM = 0.15, (0.10, 0.40)
ARCH = 0.22  # of the opening's height by which a ring of lips stands higher than two that a jaw parts
UPPER_SHARE = 0.45  # the upper lip's share of the correction where both lips have left the corners' line
# The share of that shadow that is removed beside an opening, and its height in frame units over which.
# A smile keeps the shade of its corners: its opening is neither high for the mouth's width, nor narrow in it.
BESIDE, PART_BESIDE = 0.8, (1.0, 5.0)
HIGH_BESIDE, NARROW_BESIDE = (0.20, 0.35), (0.62, 0.82)
PART = (0.3, 1.6)  # frame units of lip gap over which the shadow between closed lips is removed

# Where an opening is rounder than the skin's own edge, the lip is drawn out to it. The row from which on, in
# frame units outside of that edge and in parts of the way; the frame units without skin over which it counts.
DRAWN_FROM, DRAWN_SHARE, DRAWN = 1.5, 0.25, (0.4, 1.6)
EVEN = 2.0  # frame units to each side over which the edge of the skin is made even before
CLEAN = 1.2  # pixels of the skin's edge that its neighbours have mixed with
INSIDE = 4.0  # frame units inside of the opening to which its edge is shown, as inner lip


@jit_kernel
def fill_lip_gap(pixels: Float32Array, upper: Int32Array, lower: Int32Array, gap: Float64Array) -> None:
    """Fill `gap` (3, COLUMNS) with x, and y of the upper and the lower lip's edge: vertices `upper` and
    `lower` of `pixels` (N, 3)."""
    n, m = len(upper), len(lower)
    upper_x, upper_y = np.empty(n), np.empty(n)
    lower_x, lower_y = np.empty(m), np.empty(m)
    for i in range(n):
        upper_x[i], upper_y[i] = pixels[upper[i], 0], pixels[upper[i], 1]
    for i in range(m):
        lower_x[i], lower_y[i] = pixels[lower[i], 0], pixels[lower[i], 1]
    sort_by_first(upper_x, upper_y)
    sort_by_first(lower_x, lower_y)
    begin, end = max(upper_x[0], lower_x[0]), min(upper_x[n - 1], lower_x[m - 1])
    count = gap.shape[1]
    for i in range(count):
        x = begin + (end - begin) / (count - 1) * i if i < count - 1 else end
        gap[0, i] = x
        gap[1, i], gap[2, i] = interpolate(x, upper_x, upper_y), interpolate(x, lower_x, lower_y)


@jit_kernel
def round_opening(  # noqa: PLR0917 - compiled kernels take their arguments by position
    pixels: Float32Array,
    gap: Float64Array,
    vertices: Int64Array,
    up: Float32Array,
    down: Float32Array,
    spread: float,
    rounded: float,
) -> bool:
    """Move `vertices` (V,) of `pixels` (N, 3) such that the opening `gap` (3, COLUMNS) has round corners and
    overlapping lips touch; False where it is fine as it is. `up` and `down` (V,) are how far each vertex goes
    along with the upper and the lower lip; `spread` and `rounded` 0..1 what the lips do."""
    count = gap.shape[1]
    widest, most_overlap, rise, drop = -1e9, 0.0, 0.0, 0.0
    for i in range(count):
        height = gap[2, i] - gap[1, i]
        widest, most_overlap = max(widest, height), max(most_overlap, -height)
        chord = gap[1, 0] + (gap[1, count - 1] - gap[1, 0]) * i / (count - 1)
        rise, drop = max(rise, chord - gap[1, i]), max(drop, gap[2, i] - chord)
    if widest <= 0 and most_overlap <= 0:
        return False
    begins = ROUND_FROM[0] + spread * (SMILE_ROUND_FROM[0] - ROUND_FROM[0])
    ends = ROUND_FROM[1] + spread * (SMILE_ROUND_FROM[1] - ROUND_FROM[1])
    tall = widest / max(gap[0, count - 1] - gap[0, 0], 1.0)
    roundness = ramp(begins, ends, tall)
    pursed = rounded * (1 - ramp(PURSED_UNTIL[0], PURSED_UNTIL[1], tall))
    narrower = NARROWS * rounded * ramp(NARROWS_FROM[0], NARROWS_FROM[1], tall)
    centre = (gap[0, 0] + gap[0, count - 1]) / 2
    cling = SMILE_CLINGS + (CLING - SMILE_CLINGS) * (1 - spread)
    both = UPPER_SHARE * min(2 * rise / max(rise + drop, 1e-3), 1.0)
    # A ring of lips closes from above as well.
    both = max(both, 0.5 * rounded)
    missing, shares, arch = np.empty(count), np.empty(count), np.empty(count)
    for i in range(count):
        height = gap[2, i] - gap[1, i]
        inwards = 1 - abs(-1 + 2 * i / (count - 1))
        wanted = widest * max(1 - (1 - inwards) ** 2, 0.0) ** SHAPE if widest > 0 else 0.0
        opened = max(height, 0.0) + roundness * max(wanted - max(height, 0.0), 0.0)
        if cling > 0:
            opened *= ramp(0.0, cling, inwards)
        if pursed > 0 and widest > 0:
            across = (1 - inwards) / (1 - PURSED * pursed)
            opened += pursed * (widest * np.sqrt(max(1 - across**2, 0.0)) - opened)
        missing[i] = opened - height
        arch[i] = ARCH * pursed * max(opened, 0.0)
        shares[i] = 0.5 if height < 0 else both
    for i in range(len(vertices)):
        x = float(pixels[vertices[i], 0])
        # Beyond the corners the skin goes along with them, the less the further out.
        within = min(max(x, gap[0, 0]), gap[0, count - 1])
        along = min(up[i] + down[i], np.float32(1))
        if rounded > 0:
            pixels[vertices[i], 0] += np.float32((centre - within) * narrower * along)
        if x != within:
            continue
        share = interpolate(x, gap[0], shares)
        move = interpolate(x, gap[0], missing)
        move = move * ((1 - share) * down[i] - share * up[i])
        if rounded > 0:
            move -= interpolate(x, gap[0], arch) * along
        pixels[vertices[i], 1] += np.float32(move)
    return True


@jit_kernel
def round_lips(  # noqa: PLR0917 - compiled kernels take their arguments by position
    pixels: Float32Array,
    upper: Int32Array,
    lower: Int32Array,
    vertices: Int64Array,
    up: Float32Array,
    down: Float32Array,
    actions: Float32Array,
    gap: Float64Array,
    overlap: Float64Array,
) -> float:
    """`round_opening` of the lips' edges, vertices `upper` and `lower` of `pixels` (N, 3), for `actions`
    (52,): fills `gap` (3, COLUMNS) with what they leave open, and `overlap` (COLUMNS,) with how far they lay
    over each other before; returns the most of it."""
    fill_lip_gap(pixels, upper, lower, gap)
    most = fill_overlap(gap, overlap)
    if round_opening(pixels, gap, vertices, up, down, corners_apart(actions), lips_rounded(actions)):
        fill_lip_gap(pixels, upper, lower, gap)
    return float(most)


@jit_kernel
def clear_lip_shadow(  # noqa: PLR0917 - compiled kernels take their arguments by position
    upper: Int32Array,
    pixels: Float32Array,
    sources: Float32Array,
    gap: Float64Array,
    scale: float,
    columns: Int64Array,
    shares: Float64Array,
    closed: Float32Array,
    change: Float32Array,
    limit: Float32Array,
    out: UInt8Array,
) -> None:
    """Fill `out` (h, w, 4), the part of a person layer around the seam, with `closed` (h, w, 3) plus the
    share of `change` (h, w, 3) that the gap between the lips leaves at each of its `columns` (w,) of
    `sources`, up to `limit` (h, w, 1), its alpha. `shares` (w,) are those of the frame before."""
    count = len(upper)
    xs, parted = np.empty(count), np.empty(count)
    last = gap.shape[1] - 1
    # An opening ends inside of the corners, whose shade would be left beside it as a dark point.
    widest, across = widest_of(gap), max(gap[0, last] - gap[0, 0], 1.0)
    first_open, last_open = gap[0, last], gap[0, 0]
    for i in range(last + 1):
        if gap[2, i] - gap[1, i] > PART[0] * scale:
            first_open, last_open = min(first_open, gap[0, i]), max(last_open, gap[0, i])
    high = ramp(HIGH_BESIDE[0], HIGH_BESIDE[1], widest / across)
    narrow = 1 - ramp(NARROW_BESIDE[0], NARROW_BESIDE[1], (last_open - first_open) / across)
    beside = BESIDE * ramp(PART_BESIDE[0], PART_BESIDE[1], widest / scale) * max(high, narrow)
    for i in range(count):
        x, height = float(pixels[upper[i], 0]), 0.0
        if gap[0, 0] <= x <= gap[0, last]:
            height = interpolate(x, gap[0], gap[2]) - interpolate(x, gap[0], gap[1])
        xs[i], parted[i] = sources[upper[i], 0], max(ramp(PART[0], PART[1], height / scale), beside)
    for j in range(len(columns)):
        share = round(interpolate(float(columns[j]), xs, parted), 3)
        if share == shares[j]:
            continue
        shares[j] = share
        weight = np.float32(share)
        for i in range(closed.shape[0]):
            for k in range(3):
                level = min(max(closed[i, j, k] + change[i, j, k] * weight, np.float32(0)), limit[i, j, 0])
                out[i, j, k] = np.uint8(np.rint(level))


@jit_kernel
def _outermost(values: Float64Array, reach: int, out: Float64Array) -> None:
    """Fill `out` (w,) with a smooth curve that is nowhere above `values` (w,), from the least of them within
    `reach` columns to each side."""
    width = len(values)
    least = np.empty(width)
    for j in range(width):
        least[j] = values[max(j - reach, 0) : j + reach + 1].min()
    for j in range(width):
        total, weights = 0.0, 0.0
        for d in range(-reach, reach + 1):
            weight = reach + 1.0 - abs(d)
            total += weight * least[min(max(j + d, 0), width - 1)]
            weights += weight
        out[j] = total / weights


@jit_kernel
def draw_out_lip(  # noqa: PLR0917 - compiled kernels take their arguments by position
    under: UInt8Array,
    edges: Float32Array,
    lower: bool,
    scale: float,
    drawn: Float32Array,
    share: Float32Array,
    deep: Float32Array,
) -> None:
    """Draw a lip out over what is flesh between its skin's edge and the rounder opening, `edges` (4, w).

    Fills `drawn` (h, w, 3) with the lip of `under` (h, w, 3), stretched towards the opening, `share` (h, w)
    with how far it counts, 0..1, and `deep` (h, w) with how far it is drawn out there. The mesh's own edge
    has steps and folds near the corners: what is stretched begins outside of them."""
    height, width = share.shape
    sign = -1.0 if lower else 1.0
    own, end, lack = np.empty(width), np.empty(width), np.empty(width)
    for j in range(width):
        own[j] = sign * edges[3 if lower else 2, j]
        end[j] = sign * edges[1 if lower else 0, j]
        lack[j] = own[j] - end[j]
    begin, goal, missing = np.empty(width), np.empty(width), np.empty(width)
    reach = max(int(np.rint(EVEN * scale)), 1)
    _outermost(own, reach, begin)
    _outermost(-end, reach, goal)
    _outermost(lack, 2 * reach, missing)
    share[:] = 0
    for j in range(width):
        needed = ramp(DRAWN[0], DRAWN[1], -missing[j] / scale)
        if needed == 0:
            continue
        # Where the opening ends its edge jumps to the line between the lips: neighbours are stretched alike.
        last = -goal[j]
        way = max(last - begin[j], 0.0)
        start = begin[j] - DRAWN_FROM * scale - DRAWN_SHARE * way
        clean = min(CLEAN, 0.5 * (begin[j] - start))
        length, source = last - start, begin[j] - clean - start
        for i in range(height):
            t = (sign * i - start) / length
            if t <= 0 or sign * i > end[j] + INSIDE * scale:
                continue
            at = sign * (start + min(t, 1.0) * source)
            for k in range(3):
                drawn[i, j, k] = _between(under, at, j, k)
            share[i, j] = needed * ramp(0.0, 0.3, t)
            deep[i, j] = ramp(begin[j] - scale, max(last, begin[j] + scale), sign * i)


@jit_kernel
def _between(under: UInt8Array, row: float, column: int, channel: int) -> float:
    """A channel of `under` (h, w, 3) between two rows; beyond its border as at it."""
    last = under.shape[0] - 1
    row = min(max(row, 0.0), float(last))
    first = int(row)
    part = row - first
    level = under[first, column, channel] * (1 - part) + under[min(first + 1, last), column, channel] * part
    return float(level)
