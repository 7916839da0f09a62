"""Compiled drawing of a mouth's inside: teeth, tongue and cavity, framed by the lips."""

from __future__ import annotations

import numpy as np

from generation.animation.arrays import Float32Array, Float64Array, Int32Array, UInt8Array
from generation.animation.geometry.curves import ramp
from generation.animation.geometry.jit import jit_kernel
from generation.animation.rendering.mouth.aperture_kernels import blend_in, paint_lips
from generation.animation.rendering.mouth.opening_kernels import between, place_tongue
from generation.animation.rendering.mouth.oral_flesh import paint_flesh_and_teeth
from generation.animation.rendering.mouth.teeth_kernels import COLUMNS, draw_arch

SHADOW = 0.035  # head widths, length of the upper lip's shadow
LIT_AREA = 0.022  # square head widths of aperture that are fully lit
CAVITY_LIGHT = (0.24, 0.46)  # of the light in front of the mouth, in the smallest and in a wide aperture
TEETH_LIGHT = (0.84, 1.0)  # the same on the incisors
_UPPER, _LOWER = COLUMNS // 2, 2 * COLUMNS + COLUMNS // 2  # the middle of the incisors' edges


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
    blend_in(colour, cover, strength, under)
