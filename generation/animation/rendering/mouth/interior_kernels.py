"""Compiled drawing of a mouth's inside: teeth, tongue and cavity, framed by the inner lips."""

from __future__ import annotations

from typing import Final

import numpy as np

from generation.animation.arrays import Float32Array, Float64Array, Int32Array, UInt8Array
from generation.animation.geometry.curves import ramp
from generation.animation.geometry.jit import jit_kernel
from generation.animation.rendering.mouth.aperture_kernels import gaussian
from generation.animation.rendering.mouth.lip_kernels import draw_out_lip
from generation.animation.rendering.mouth.opening_kernels import between, place_tongue
from generation.animation.rendering.mouth.oral_flesh import paint_flesh_and_teeth
from generation.animation.rendering.mouth.teeth_kernels import COLUMNS, draw_arch

SHADOW = 0.035  # head widths, length of the upper lip's shadow
LIT_AREA = 0.022  # square head widths of aperture that are fully lit
CAVITY_LIGHT = (0.24, 0.46)  # of the light in front of the mouth, in the smallest and in a wide aperture
TEETH_LIGHT = (0.84, 1.0)  # the same on the incisors
_UPPER, _LOWER = COLUMNS // 2, 2 * COLUMNS + COLUMNS // 2  # the middle of the incisors' edges
COVER = (1.8, 0.7)  # pixels outside of the edges at which the layer starts, and is opaque
SAMPLE = 2.4  # frame units outside of the edges at which the lips' own colour is sampled
BESIDE = 0.7  # frame units above and below that row that are sampled too
ALONG = 3.0  # frame units over which that colour is averaged
UPPER_ROLL, LOWER_ROLL = 0.005, 0.008  # head widths of inner lip that are visible below and above the edges
UPPER_SHARE, LOWER_SHARE = 0.08, 0.10  # of the aperture's height, their limits
UPPER_DARK, LOWER_DARK = 0.46, 0.32  # darkening of the inner lip at its inner end
INNER: Final = (0.45, 1.2)  # of that thickness over which the inner lip ends
EDGE_WIDTH: Final = 1.0  # pixels to each side over which it passes into what is behind it, at least
CORNER_DEEP: Final = 1.5  # frame units inwards over which flesh in a corner gets as dark as the inner lip
LINE: Final = 5.0  # frame units between the skin's edges over which their line gets dark
FLESH_DARK: Final = 0.16  # darkening of what is drawn out, at its end
FLESH: Final = (0.15, 1.0)  # pixels between the edges of skin over which there is flesh of the lips between
STEEP: Final = (1.0, 3.0)  # rows from column to column over which an edge gets so steep that it is averaged
WET, WET_LIGHT = 0.10, 120.0  # strength of the specular line along the lower lip, and its level


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
    are the exponents of brightness on flesh; the rest is as in `aperture_kernels.outline`."""
    height, width = below.shape
    lip_above, lip_below = np.empty((width, 3), np.float32), np.empty((width, 3), np.float32)
    lip_colour(under, edges[2], -SAMPLE * scale, scale, lip_above)
    lip_colour(under, edges[3], SAMPLE * scale, scale, lip_below)
    drawn, share_of = np.zeros((2, height, width, 3), np.float32), np.empty((2, height, width), np.float32)
    deep = np.zeros((2, height, width), np.float32)
    for lower in range(2):
        draw_out_lip(under, edges, lower == 1, scale, drawn[lower], share_of[lower], deep[lower])
    for j in range(width):
        gap = max(edges[1, j] - edges[0, j], np.float32(0))
        thick_above = max(min(UPPER_ROLL * head_width, UPPER_SHARE * gap), 0.7)
        thick_below = max(min(LOWER_ROLL * head_width, LOWER_SHARE * gap), 0.7)
        bare = edges[3, j] - edges[2, j]
        wet, open_share = WET * ramp(2.0, 6.0, gap), ramp(FLESH[0], FLESH[1], bare)
        # Towards the corners, where the skin's edges meet, the line between the lips fades.
        line = ramp(0.0, LINE * scale, bare)
        for i in range(height):
            alpha = ramp(-COVER[0], -COVER[1], i - edges[2, j]) * ramp(-COVER[0], -COVER[1], edges[3, j] - i)
            cover[i, j] = alpha * open_share
            if below[i, j] < 0:
                cover[i, j] = max(cover[i, j], share_of[0, i, j])
            if above[i, j] < 0:
                cover[i, j] = max(cover[i, j], share_of[1, i, j])
            if cover[i, j] == 0:
                continue
            for lower in range(2):
                thick = thick_below if lower else thick_above
                inwards = above[i, j] if lower else below[i, j]
                ends, half = 0.5 * (INNER[0] + INNER[1]) * thick, 0.5 * (INNER[1] - INNER[0]) * thick
                half = max(half, EDGE_WIDTH)
                share = 1 - ramp(ends - half, ends + half, inwards)
                if share == 0:
                    continue
                # The flesh in a corner lies deeper than its lips' edges, unless they are drawn out over it.
                behind = edges[3, j] - i if lower else i - edges[2, j]
                bared = 1 - share_of[lower, i, j]
                t = max(inwards / thick, bared * behind / (CORNER_DEEP * scale))
                light = 1 - (LOWER_DARK if lower else UPPER_DARK) * line * ramp(-0.3, 1.2, t)
                moist = wet * np.exp(-(((t - 0.35) / 0.2) ** 2)) * WET_LIGHT if lower else 0.0
                light *= 1 - FLESH_DARK * deep[lower, i, j] * share_of[lower, i, j]
                for k in range(3):
                    lip = lip_below[j, k] if lower else lip_above[j, k]
                    lip += share_of[lower, i, j] * (drawn[lower, i, j, k] - lip)
                    lip = lip * light ** darkening[k] + moist
                    colour[i, j, k] += share * (lip - colour[i, j, k])


@jit_kernel
def soften_sides(edges: Float32Array, cover: Float32Array, colour: Float32Array) -> None:
    """Average `colour` (h, w, 3) across the steep sides of an opening, `edges` (4, w), in place, where
    `cover` (h, w) is 1: distances from its edges, which are measured up and down, leave steps there."""
    height, width = cover.shape
    steep = np.zeros(width, np.float32)
    for j in range(1, width):
        step = max(abs(edges[0, j] - edges[0, j - 1]), abs(edges[1, j] - edges[1, j - 1]))
        share = ramp(STEEP[0], STEEP[1], step)
        steep[j - 1], steep[j] = max(steep[j - 1], share), max(steep[j], share)
    before, old = np.empty((height, 3), np.float32), np.empty(3, np.float32)
    before[:] = colour[:, 0]
    for j in range(1, width - 1):
        for i in range(height):
            old[:] = colour[i, j]
            if steep[j] > 0 and cover[i, j - 1] >= 1 and cover[i, j] >= 1 and cover[i, j + 1] >= 1:
                for k in range(3):
                    even = (before[i, k] + 2 * old[k] + colour[i, j + 1, k]) / 4
                    colour[i, j, k] += steep[j] * (even - old[k])
            before[i] = old


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


@jit_kernel
def draw_interior(  # noqa: PLR0917 - compiled kernels take their arguments by position
    under: UInt8Array,
    x0: int,
    y0: int,
    gap: Float64Array,
    actions: Float32Array,
    head: Float32Array,
    rounded: float,
    edges: Float32Array,
    below: Float32Array,
    above: Float32Array,
    area: float,
    tallest: float,
    points: Float32Array,
    source: Float32Array,
    vertex_shade: Float32Array,
    upper_faces: Int32Array,
    lower_faces: Int32Array,
    texture: Float32Array,
    mm: float,
    unit: float,
    scale: float,
    flesh: Float32Array,
    darkening: Float32Array,
    grain: Float32Array,
    strength: float,
) -> None:
    """Draw the inside of a mouth into `under` (h, w, 3), a box of the frame from its pixel x0, y0 on, with
    `strength` 0..1.

    `gap` (3, COLUMNS) is the opening between the lips, which are `rounded` 0..1; `edges`, `below` and `above`
    are its outline in the box, `area` in square head widths and `tallest` in pixels its size. `points` to
    `texture` are the placed teeth; `mm` is pixels, `unit` the head's width in pixels, `scale` pixels a frame
    unit; `flesh`, `darkening` and `grain` are as in MouthColours."""
    height, width = below.shape
    reach = ramp(0.0, LIT_AREA, area)
    x, y, across_x, across_y, per_mm, half_width, tall, tip, back, before_teeth = place_tongue(
        gap, actions, head, points, _UPPER, _LOWER, mm, rounded, reach
    )
    tongue = (x - x0, y - y0, across_x, across_y, per_mm, half_width, tall, tip, back, before_teeth)
    upper_teeth = np.empty((height, width, 4), np.float32)
    lower_teeth = np.empty((height, width, 4), np.float32)
    draw_arch(points, source, vertex_shade, upper_faces, texture, x0, y0, upper_teeth)
    draw_arch(points, source, vertex_shade, lower_faces, texture, x0, y0, lower_teeth)
    shadow = min(SHADOW * unit, max(0.6 * tallest, 1.0))
    colour = np.zeros((height, width, 3), np.float32)
    paint_flesh_and_teeth(
        tongue, between(CAVITY_LIGHT, reach), between(TEETH_LIGHT, reach), shadow, below, above, upper_teeth,
        lower_teeth, flesh, darkening, grain, x0 - int(np.rint(float(points[_UPPER, 0]))),
        y0 - int(np.rint(float(points[_UPPER, 1]))), colour,
    )  # fmt: skip
    cover = np.empty((height, width), np.float32)
    paint_lips(under, edges, below, above, scale, unit, darkening, colour, cover)
    soften_sides(edges, cover, colour)
    blend_in(colour, cover, strength, under)
