"""Compiled loop of the mouth's interior: cavity, tongue, and the shadows of lips on them and on teeth."""

from __future__ import annotations

import numpy as np

from generation.animation.arrays import Float32Array
from generation.animation.geometry.jit import jit_kernel

CORNER_FROM, TEETH_CORNER_FROM = 0.50, 0.66  # of the half width from which flesh and teeth darken sideways
CORNER_DARK, CORNER_DARK_TEETH = 0.48, 0.72  # how much of its light it loses there
UPPER_SHADOW, LOWER_SHADOW = 0.42, 0.12  # darkening of flesh next to the lips' edges
TEETH_SHADOW = 0.16  # darkening of teeth next to the upper lip's edge
DOME, DOME_ROUND = 2.2, 0.48  # exponents of the tongue's outline, across and up
EDGE_SOFT = 2.6  # mm over which the tongue's outline fades into the cavity
SIDE_DARK = 0.36  # darkening of the tongue towards its sides
GROOVE, GROOVE_WIDTH = 0.06, 2.4  # darkening along its middle, and half width in mm
CREVICE, CREVICE_DEPTH = 0.45, 2.2  # darkening between lower teeth and tongue, and its depth in mm
WET, WET_AT, WET_SIZE = 0.13, 0.42, 0.20  # a broad highlight: strength, place and size along the tongue


@jit_kernel
def _ramp(low: float, high: float, x: float) -> float:
    t = min(max((x - low) / (high - low), 0.0), 1.0)
    return t * t * (3 - 2 * t)


@jit_kernel
def paint_flesh_and_teeth(  # noqa: PLR0917 - compiled kernels take their arguments by position
    tongue: tuple[float, ...],
    cavity_light: float,
    teeth_light: float,
    shadow: float,
    below: Float32Array,
    above: Float32Array,
    upper_teeth: Float32Array,
    lower_teeth: Float32Array,
    flesh: Float32Array,
    darkening: Float32Array,
    grain: Float32Array,
    grain_x: int,
    grain_y: int,
    out: Float32Array,
) -> None:
    """Fill `out` (h, w, 3) with the interior of a mouth.

    `tongue` is as `place_tongue` gives it, in pixels of `out`; lights are relative to the light in front of
    the mouth; `shadow` is the length of the upper lip's shadow in pixels; `below` and `above` (h, w) are
    pixels from the lips' edges inwards; teeth (h, w, 4) are premultiplied; `flesh`, `darkening` and `grain`
    are as in MouthColours, with `grain_x`, `grain_y` its offset."""
    x, y, ax, ay, unit, half_width, height, tip_light, back_light, before_teeth = tongue
    rows, columns = below.shape
    half = 0.5 * max(columns - 1, 1)
    for i in range(rows):
        for j in range(columns):
            if below[i, j] < -2 or above[i, j] < -2:
                continue
            side = abs(j - half) / half
            corner = _ramp(CORNER_FROM, 1.0, side)
            cavity = cavity_light * (1 - CORNER_DARK * corner)
            dx, dy = (j - x) / unit, (i - y) / unit
            across, up = dx * ax + dy * ay, dx * ay - dy * ax
            t = abs(across) / half_width
            part = 0.0
            light = cavity
            if t < 1:
                dome = height * (1 - t**DOME) ** DOME_ROUND
                part = _ramp(-EDGE_SOFT, 0.35 * EDGE_SOFT, dome - up)
                along = min(max(up / height, 0.0), 1.2)
                lit = tip_light + (back_light - tip_light) * _ramp(0.12, 1.05, along)
                lit *= 1 - SIDE_DARK * _ramp(0.45, 1.0, t)
                lit *= 1 - GROOVE * np.exp(-((across / GROOVE_WIDTH) ** 2)) * _ramp(0.2, 0.6, along)
                lit *= 1 - CREVICE * (1 - before_teeth) * np.exp(-max(up, 0.0) / CREVICE_DEPTH)
                lit *= 1 + WET * np.exp(-(((along - WET_AT) / WET_SIZE) ** 2)) * np.exp(-((t / 0.55) ** 2))
                lit *= 1 - 0.5 * CORNER_DARK * corner
                light = cavity + part * (max(lit, 0.6 * cavity) - cavity)
            near_upper = 1 - _ramp(0.0, shadow, below[i, j])
            near_lower = 1 - _ramp(0.0, 0.5 * shadow, above[i, j])
            light *= (1 - UPPER_SHADOW * near_upper) * (1 - LOWER_SHADOW * near_lower)
            on_teeth = (
                teeth_light
                * (1 - TEETH_SHADOW * near_upper)
                * (1 - CORNER_DARK_TEETH * _ramp(TEETH_CORNER_FROM, 1.0, side))
            )
            hidden = 1 - part * before_teeth
            over = upper_teeth[i, j, 3] * hidden
            beneath = lower_teeth[i, j, 3] * hidden
            # What stands behind the upper teeth is in their shade.
            shade = 1 + grain[(i + grain_y) % grain.shape[0], (j + grain_x) % grain.shape[1]]
            for k in range(3):
                colour = flesh[k] * light ** darkening[k]
                colour += hidden * on_teeth * lower_teeth[i, j, k] - beneath * colour
                colour += hidden * on_teeth * upper_teeth[i, j, k] - over * colour
                out[i, j, k] = colour * shade
