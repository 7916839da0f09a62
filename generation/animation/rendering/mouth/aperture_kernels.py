"""Compiled loops of the lip aperture: the skin in front of it, and its outline."""

from __future__ import annotations

from typing import Final

import numpy as np

from generation.animation.arrays import Float32Array, Float64Array, Int32Array, UInt8Array
from generation.animation.geometry.curves import interpolate
from generation.animation.geometry.jit import jit_kernel
from generation.animation.geometry.rasterize import EDGE, uintp

EDGE_SMOOTHING = 0.03  # of the aperture's width, standard deviation
# Radius of the aperture's corners, in parts of its greatest height, of plain and of rounded lips: what is
# narrower than that in a corner is flesh of the lips, no opening.
CORNER_RADIUS: Final = (0.16, 0.36)
ROUNDEST: Final = 0.75  # and the greatest, in radii of the largest disc inside of the aperture
FINE: Final = 0.02  # pixels to which that disc is measured
STEEPEST = 9.0  # square of the slope of an edge


@jit_kernel
def cover_lips(  # noqa: PLR0917 - compiled kernels take their arguments by position
    pixels: Float32Array, faces: Int32Array, x0: int, y0: int, samples: int, skin: UInt8Array
) -> None:
    """Set `skin` (h, w) where the triangles `faces` (F, 3) of `pixels` (N, 3) lie, from pixel x0, y0 on at
    `samples` a pixel and direction."""
    skin[:] = 0
    height, width = skin.shape
    half, many = np.float32(0.5), np.float32(samples)
    left, top = np.float32(x0), np.float32(y0)
    for f in range(faces.shape[0]):
        a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
        ax, ay = (pixels[a, 0] - left + half) * many - half, (pixels[a, 1] - top + half) * many - half
        bx, by = (pixels[b, 0] - left + half) * many - half, (pixels[b, 1] - top + half) * many - half
        cx, cy = (pixels[c, 0] - left + half) * many - half, (pixels[c, 1] - top + half) * many - half
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        if area > -1e-9 and area < 1e-9:
            continue
        first, last = max(0, int(np.ceil(min(ax, bx, cx)))), min(width - 1, int(np.floor(max(ax, bx, cx))))
        upper, lower = max(0, int(np.ceil(min(ay, by, cy)))), min(height - 1, int(np.floor(max(ay, by, cy))))
        inverse = 1.0 / area
        for y in range(upper, lower + 1):
            wa = ((by - cy) * (cx - first) - (bx - cx) * (cy - y)) * -inverse
            wb = ((cy - ay) * (ax - first) - (cx - ax) * (ay - y)) * -inverse
            for x in range(first, last + 1):
                if wa >= EDGE and wb >= EDGE and 1.0 - wa - wb >= EDGE:
                    skin[uintp(y), uintp(x)] = 1
                wa += (by - cy) * inverse
                wb += (cy - ay) * inverse


@jit_kernel
def edge_rows(lip_gap: Float64Array, x0: int, y0: int, upper: Float64Array, lower: Float64Array) -> None:
    """Fill `upper` and `lower` (w,) with the rows of the lips' edges, `lip_gap` (3, COLUMNS), from pixel x0,
    y0 on; both are their middle beyond the corners, and where the lips overlap."""
    last = lip_gap.shape[1] - 1
    for j in range(len(upper)):
        x = float(x0 + j)
        top, bottom = interpolate(x, lip_gap[0], lip_gap[1]), interpolate(x, lip_gap[0], lip_gap[2])
        if bottom < top or x < lip_gap[0, 0] or x > lip_gap[0, last]:
            top = bottom = (top + bottom) / 2
        upper[j], lower[j] = top - y0, bottom - y0


@jit_kernel
def uncover(  # noqa: PLR0917 - compiled kernels take their arguments by position
    upper: Float64Array,
    lower: Float64Array,
    skin: UInt8Array,
    samples: int,
    skin_upper: Float64Array,
    skin_lower: Float64Array,
) -> None:
    """Fill `skin_upper` and `skin_lower` (w,) with the edges `upper` and `lower` (w,), as far as they are not
    hidden by `skin` (h * samples, w * samples), which counts from the middle outwards."""
    half, rows = 0.5 / samples, skin.shape[0]
    for j in range(len(upper)):
        middle = (upper[j] + lower[j]) / 2
        over, under, shut = -1e3, 1e3, False
        centre = min(max(int(np.rint((middle + 0.5) * samples - 0.5)), 0), rows - 1)
        for i in range(rows):
            count = 0
            for k in range(samples):
                count += skin[i, j * samples + k]
            if 2 * count <= samples:
                continue
            at = float(np.float32(i + 0.5) / np.float32(samples) - np.float32(0.5))
            if at <= middle:
                over = max(over, at + half)
            if at >= middle:
                under = min(under, at - half)
            if i == centre:
                shut = True
        skin_upper[j] = middle if shut else max(upper[j], over)
        skin_lower[j] = middle if shut else min(lower[j], under)


@jit_kernel
def gaussian(sigma: float) -> Float64Array:
    """Weights (2r + 1,) of a Gaussian, cut off after four standard deviations, as OpenCV has them."""
    reach = (int(np.rint(sigma * 8 + 1)) | 1) // 2
    weights = np.empty(2 * reach + 1)
    for i in range(2 * reach + 1):
        weights[i] = np.exp(-0.5 * ((i - reach) / sigma) ** 2)
    total = weights.sum()
    for i in range(len(weights)):
        weights[i] /= total
    return weights


@jit_kernel
def smooth_edge(edge: Float64Array, sigma: float, out: Float64Array) -> None:
    """Fill `out` (w,) with a curve (w,), smoothed by a Gaussian of `sigma` pixels; its ends are kept."""
    last = len(edge) - 1
    weights = gaussian(sigma)
    reach = len(weights) // 2
    off = np.empty(last + 1)
    for i in range(last + 1):
        out[i] = edge[0] + (edge[last] - edge[0]) / last * i
        off[i] = edge[i] - out[i]
    for i in range(last + 1):
        for k in range(2 * reach + 1):
            at, sign = i + k - reach, 1.0
            # The curve goes on as its mirror image through either end.
            while at < 0 or at > last:
                at, sign = (-at if at < 0 else 2 * last - at), -sign
            out[i] += weights[k] * sign * off[at]


@jit_kernel
def _place_discs(  # noqa: PLR0917 - compiled kernels take their arguments by position
    top: Float64Array,
    bottom: Float64Array,
    radius: float,
    sag: Float64Array,
    first: Float64Array,
    last: Float64Array,
) -> bool:
    """Fill `first` and `last` (w,) with the rows between which the centre of a disc of `radius` pixels may
    lie in each column of the opening between `top` and `bottom` (w,), and `sag` with the disc's half heights
    beside its centre; whether one fits at all. `first` is below `last` where none does."""
    width, reach = len(top), int(radius)
    for d in range(reach + 1):
        sag[d] = np.sqrt(max(radius * radius - d * d, 0.0))
    found = False
    for c in range(width):
        first[c], last[c] = -1e9, 1e9
        if c < reach or c >= width - reach:
            first[c], last[c] = 1e9, -1e9
            continue
        for d in range(-reach, reach + 1):
            first[c] = max(first[c], top[c + d] + sag[abs(d)])
            last[c] = min(last[c], bottom[c + d] - sag[abs(d)])
        found = found or last[c] >= first[c]
    return found


@jit_kernel
def round_corners(top: Float64Array, bottom: Float64Array, radius: float) -> None:
    """Take from the opening between `top` and `bottom` (w,), in place, what no disc of `radius` pixels that
    lies inside of it covers: its corners get round, and what is narrower closes along its middle. Where the
    opening is too narrow for such a disc, `radius` is ROUNDEST of the greatest that fits.

    The lips' mesh has few vertices: as it is drawn, an opening ends in two straight lines."""
    width = len(top)
    first, last, sag = np.empty(width), np.empty(width), np.empty(int(radius / ROUNDEST) + 2)
    if not _place_discs(top, bottom, radius / ROUNDEST, sag, first, last):
        # The greatest disc grows with the opening, without a step: so does what is left of it.
        fits, too_great = 0.0, radius / ROUNDEST
        while too_great - fits > FINE:
            middle = (fits + too_great) / 2
            if _place_discs(top, bottom, middle, sag, first, last):
                fits = middle
            else:
                too_great = middle
        radius = fits * ROUNDEST
    _place_discs(top, bottom, radius, sag, first, last)
    reach = int(radius)
    for j in range(width):
        over, under = 1e9, -1e9
        for c in range(max(j - reach, 0), min(j + reach + 1, width)):
            if last[c] >= first[c]:
                over = min(over, first[c] - sag[abs(c - j)])
                under = max(under, last[c] + sag[abs(c - j)])
        if under <= over:
            top[j] = bottom[j] = (top[j] + bottom[j]) / 2
        else:
            top[j], bottom[j] = max(top[j], over), min(bottom[j], under)


@jit_kernel
def outline(  # noqa: PLR0917 - compiled kernels take their arguments by position
    skin_upper: Float64Array,
    skin_lower: Float64Array,
    sigma: float,
    corner_radius: float,
    edges: Float32Array,
    below: Float32Array,
    above: Float32Array,
) -> None:
    """Fill `edges` (4, w) with the smooth edges of an aperture and the skin's own, and `below` and `above`
    (h, w) with the distances from the smooth ones inwards, from the skin's edges (w,). `corner_radius` is in
    parts of the greatest height."""
    width = len(skin_upper)
    top, bottom = np.empty(width), np.empty(width)
    smooth_edge(skin_upper, sigma, top)
    smooth_edge(skin_lower, sigma, bottom)
    for j in range(width):
        if bottom[j] < top[j]:
            top[j] = bottom[j] = (top[j] + bottom[j]) / 2
    radius = (bottom - top).max() * corner_radius
    # Corners below half a pixel are as they are; from one pixel on they are round in full.
    radius = min(radius, 2 * radius - 1)
    if radius > 0:
        round_corners(top, bottom, radius)
    for j in range(width):
        edges[0, j], edges[1, j] = top[j], bottom[j]
        edges[2, j], edges[3, j] = min(skin_upper[j], top[j]), max(skin_lower[j], bottom[j])
        slant_top, slant_bottom = _slant(top, j), _slant(bottom, j)
        for i in range(below.shape[0]):
            below[i, j] = (i - top[j]) / slant_top
            above[i, j] = (bottom[j] - i) / slant_bottom


@jit_kernel
def outline_of(  # noqa: PLR0917 - compiled kernels take their arguments by position
    upper: Float64Array,
    lower: Float64Array,
    skin: UInt8Array,
    samples: int,
    rounded: float,
    edges: Float32Array,
    below: Float32Array,
    above: Float32Array,
) -> None:
    """`outline` of the aperture between edges `upper` and `lower` (w,), which start and end at the mouth's
    corners, minus the lip `skin` (h * samples, w * samples) in front of it, of lips that are `rounded`
    0..1."""
    width = len(upper)
    skin_upper, skin_lower = np.empty(width), np.empty(width)
    uncover(upper, lower, skin, samples, skin_upper, skin_lower)
    radius = CORNER_RADIUS[0] + (CORNER_RADIUS[1] - CORNER_RADIUS[0]) * rounded
    outline(skin_upper, skin_lower, max(EDGE_SMOOTHING * width, 0.6), radius, edges, below, above)


@jit_kernel
def measure_aperture(  # noqa: PLR0917 - compiled kernels take their arguments by position
    pixels: Float32Array,
    lips: Int32Array,
    gap: Float64Array,
    x0: int,
    y0: int,
    samples: int,
    rounded: float,
    edges: Float32Array,
    below: Float32Array,
    above: Float32Array,
    heights: Float32Array,
) -> float:
    """`outline_of` the aperture of the lips, triangles `lips` (F, 3) of `pixels` (N, 3) with the opening
    `gap` (3, COLUMNS) between them, in a box from pixel x0, y0 on, `rounded` 0..1; and its `heights` (w,), of
    which the greatest is returned."""
    height, width = below.shape
    skin = np.empty((height * samples, width * samples), np.uint8)
    cover_lips(pixels, lips, x0, y0, samples, skin)
    upper, lower = np.empty(width), np.empty(width)
    edge_rows(gap, x0, y0, upper, lower)
    outline_of(upper, lower, skin, samples, rounded, edges, below, above)
    tallest = 0.0
    for j in range(width):
        heights[j] = max(edges[1, j] - edges[0, j], np.float32(0))
        tallest = max(tallest, float(heights[j]))
    return tallest


@jit_kernel
def _slant(edge: Float64Array, j: int) -> float:
    """The ratio of the vertical distance from a curve to the perpendicular distance."""
    last = len(edge) - 1
    if j == 0:
        slope = edge[1] - edge[0]
    elif j == last:
        slope = edge[last] - edge[last - 1]
    else:
        slope = (edge[j + 1] - edge[j - 1]) / 2
    return float(np.sqrt(1 + min(slope**2, STEEPEST)))
