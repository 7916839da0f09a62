"""Compiled loops of the lip aperture: the skin in front of it, its outline, its shading, its blending."""

from __future__ import annotations

import numpy as np

from generation.animation.arrays import Float32Array, Float64Array, Int32Array, UInt8Array
from generation.animation.geometry.curves import interpolate, ramp
from generation.animation.geometry.jit import jit_kernel
from generation.animation.geometry.rasterize import EDGE, uintp

EDGE_SMOOTHING = 0.03  # of the aperture's width, standard deviation
COVER = (1.8, 0.7)  # pixels outside of the edges at which the layer starts, and is opaque
SAMPLE = 2.4  # frame units outside of the edges at which the lips' own colour is sampled
BESIDE = 0.7  # frame units above and below that row that are sampled too
ALONG = 3.0  # frame units over which that colour is averaged
UPPER_ROLL, LOWER_ROLL = 0.005, 0.008  # head widths of inner lip that are visible below and above the edges
UPPER_SHARE, LOWER_SHARE = 0.08, 0.10  # of the aperture's height, their limits
UPPER_DARK, LOWER_DARK = 0.58, 0.36  # darkening of the inner lip at its inner end
WET, WET_LIGHT = 0.10, 120.0  # strength of the specular line along the lower lip, and its level
# Of the aperture's width at each end: beside its corners lips that are less than so many frame units apart
# are seen as touching, not as a dark line.
CORNER, CORNER_GAP = 0.16, 3.0
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
def outline(  # noqa: PLR0917 - compiled kernels take their arguments by position
    skin_upper: Float64Array,
    skin_lower: Float64Array,
    sigma: float,
    edges: Float32Array,
    below: Float32Array,
    above: Float32Array,
) -> None:
    """Fill `edges` (4, w) with the smooth edges of an aperture and the skin's own, and `below` and `above`
    (h, w) with the distances from the smooth ones inwards, from the skin's edges (w,)."""
    width = len(skin_upper)
    top, bottom = np.empty(width), np.empty(width)
    smooth_edge(skin_upper, sigma, top)
    smooth_edge(skin_lower, sigma, bottom)
    for j in range(width):
        if bottom[j] < top[j]:
            top[j] = bottom[j] = (top[j] + bottom[j]) / 2
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
    edges: Float32Array,
    below: Float32Array,
    above: Float32Array,
) -> None:
    """`outline` of the aperture between edges `upper` and `lower` (w,), which start and end at the mouth's
    corners, minus the lip `skin` (h * samples, w * samples) in front of it."""
    width = len(upper)
    skin_upper, skin_lower = np.empty(width), np.empty(width)
    uncover(upper, lower, skin, samples, skin_upper, skin_lower)
    outline(skin_upper, skin_lower, max(EDGE_SMOOTHING * width, 0.6), edges, below, above)


@jit_kernel
def measure_aperture(  # noqa: PLR0917 - compiled kernels take their arguments by position
    pixels: Float32Array,
    lips: Int32Array,
    gap: Float64Array,
    x0: int,
    y0: int,
    samples: int,
    edges: Float32Array,
    below: Float32Array,
    above: Float32Array,
    heights: Float32Array,
) -> float:
    """`outline_of` the aperture of the lips, triangles `lips` (F, 3) of `pixels` (N, 3) with the opening
    `gap` (3, COLUMNS) between them, in a box from pixel x0, y0 on; and its `heights` (w,), of which the
    greatest is returned."""
    height, width = below.shape
    skin = np.empty((height * samples, width * samples), np.uint8)
    cover_lips(pixels, lips, x0, y0, samples, skin)
    upper, lower = np.empty(width), np.empty(width)
    edge_rows(gap, x0, y0, upper, lower)
    outline_of(upper, lower, skin, samples, edges, below, above)
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


@jit_kernel
def _level(under: UInt8Array, row: float, column: int, channel: int) -> float:
    """A channel of `under` (h, w, 3) between two rows, in whole levels; beyond its border as at it."""
    last = under.shape[0] - 1
    first = int(np.floor(row))
    share = row - first
    top, bottom = min(max(first, 0), last), min(max(first + 1, 0), last)
    level = under[top, column, channel] * (1 - share) + under[bottom, column, channel] * share
    return float(np.rint(level))


@jit_kernel
def lip_colour(under: UInt8Array, rows: Float32Array, off: float, scale: float, out: Float32Array) -> None:
    """Fill `out` (w, 3) with the colour of `under` (h, w, 3) at y `rows` (w,) + `off`, averaged along the
    lip."""
    width = len(rows)
    weights = gaussian(ALONG * scale)
    reach = len(weights) // 2
    found = np.empty(width)
    for k in range(3):
        for j in range(width):
            at = rows[j] + off
            found[j] = _level(under, at - BESIDE * scale, j, k) + _level(under, at + BESIDE * scale, j, k)
        for j in range(width):
            total = 0.0
            for i in range(2 * reach + 1):
                total += weights[i] * found[min(max(j + i - reach, 0), width - 1)]
            out[j, k] = total / 2


@jit_kernel
def paint_lips(  # noqa: PLR0917 - compiled kernels take their arguments by position
    under: UInt8Array,
    edges: Float32Array,
    below: Float32Array,
    above: Float32Array,
    scale: float,
    head_width: float,
    darkening: Float32Array,
    colour: Float32Array,
    cover: Float32Array,
) -> None:
    """Frame `colour` (h, w, 3), the inside of an aperture, with the shaded inner lips, in place, and fill
    `cover` (h, w) with its alpha. `under` (h, w, 3) is the frame, from which
    the lips' colour is sampled; `scale` is pixels per frame unit, `head_width` in pixels; `darkening` (3,)
    are the exponents of brightness on flesh; the rest is as in `outline`."""
    height, width = below.shape
    lip_above, lip_below = np.empty((width, 3), np.float32), np.empty((width, 3), np.float32)
    lip_colour(under, edges[2], -SAMPLE * scale, scale, lip_above)
    lip_colour(under, edges[3], SAMPLE * scale, scale, lip_below)
    for j in range(width):
        gap = max(edges[1, j] - edges[0, j], np.float32(0))
        thick_above = max(min(UPPER_ROLL * head_width, UPPER_SHARE * gap), 0.7)
        thick_below = max(min(LOWER_ROLL * head_width, LOWER_SHARE * gap), 0.7)
        inwards = min(j, width - 1 - j) / max(CORNER * width, 1.0)
        opens_over = 1.0 + CORNER_GAP * scale * (1 - ramp(0.0, 1.0, inwards))
        wet, open_share = WET * ramp(2.0, 6.0, gap), ramp(0.15, opens_over, gap)
        for i in range(height):
            alpha = ramp(-COVER[0], -COVER[1], i - edges[2, j]) * ramp(-COVER[0], -COVER[1], edges[3, j] - i)
            cover[i, j] = alpha * open_share
            if cover[i, j] == 0:
                continue
            for lower in range(2):
                t = above[i, j] / thick_below if lower else below[i, j] / thick_above
                share = 1 - ramp(0.45, 1.2, t)
                if share == 0:
                    continue
                light = 1 - (LOWER_DARK if lower else UPPER_DARK) * ramp(-0.3, 1.2, t)
                moist = wet * np.exp(-(((t - 0.35) / 0.2) ** 2)) * WET_LIGHT if lower else 0.0
                for k in range(3):
                    lip = lip_below[j, k] if lower else lip_above[j, k]
                    lip = lip * light ** darkening[k] + moist
                    colour[i, j, k] += share * (lip - colour[i, j, k])


@jit_kernel
def blend_in(colour: Float32Array, cover: Float32Array, strength: float, out: UInt8Array) -> None:
    """Blend `colour` (h, w, 3) into `out` (h, w, 3) by `cover` (h, w), 0..1, times `strength`."""
    for i in range(cover.shape[0]):
        for j in range(cover.shape[1]):
            share = cover[i, j] * strength
            if share > 0:
                for k in range(3):
                    value = out[i, j, k] * (1 - share) + colour[i, j, k] * share + 0.5
                    out[i, j, k] = np.uint8(min(max(value, 0.0), 255.0))
