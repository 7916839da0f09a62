"""Compiled loop of the lashes: multiplies their layer onto a frame along the upper lid's edge."""

from __future__ import annotations

from typing import Final

import numpy as np

from generation.animation.arrays import Float32Array, Float64Array, UInt8Array
from generation.animation.geometry.curves import bilinear, interpolate, ramp
from generation.animation.geometry.jit import jit_kernel
from generation.animation.geometry.light import LUMA

COLUMNS: Final = 96  # of the layer, from corner to corner
ABOVE: Final = 15.0  # frame units above the resting edge that the layer covers
TURN: Final = (0.15, 0.65)  # closure over which lashes turn from up to down
FALLEN: Final = (0.7, 0.97)  # closure over which they come to lie on the skin below the eye
SHORTER: Final = 0.75  # length of lashes that are seen from above
ENDS: Final = 0.09  # of the lid's width at each corner over which line and lashes fade in
OWN_ENDS: Final = 0.03  # and over which the open eye's own do
# Strength, in parts of the line's darkness, and width in frame units, in a picture without blur.
PLAIN_LINE, PLAIN_WIDTH = 1.25, 1.15
SHADE: Final = 0.10  # darkening of the skin under the edge of a closed lid
SHADE_LENGTH: Final = 2.5  # frame units
TINT: Final = (0.82, 1.0, 1.06)  # exponents: what is dark on skin is warm
DARKEST: Final = 0.12  # least brightness that lashes leave of the skin


@jit_kernel
def draw_lashes(  # noqa: PLR0917 - compiled kernels take their arguments by position
    frame: UInt8Array,
    edge_x: Float64Array,
    edge_y: Float64Array,
    own: Float32Array,
    line: Float32Array,
    lashes: Float32Array,
    fringe: Float32Array,
    per_unit: float,
    darkness: float,
    darkest: float,
    width: float,
    closed: float,
    strength: float,
) -> None:
    """Multiply an open eye's `own` lashes (rows, COLUMNS, 3) onto `frame` (S, S, 3), those of a closing one,
    `line` and `lashes` (rows, COLUMNS, 1), and the `fringe` where it is nearly closed.

    `edge_x` and `edge_y` (N,) are the upper lid's edge from left to right; the rest is as in `LashLayer`."""
    pad, last = ABOVE * per_unit, len(edge_x) - 1
    along = max(edge_x[last] - edge_x[0], 1e-3)
    x0, x1 = max(int(np.ceil(edge_x[0])), 0), min(int(np.floor(edge_x[last])) + 1, frame.shape[1])
    y0 = max(int(edge_y.min() - pad), 0)
    y1 = min(int(np.ceil(edge_y.max() + SHORTER * pad)) + 1, frame.shape[0])
    if x1 - x0 < 2 or y1 - y0 < 2:
        return
    turned, fallen = ramp(TURN[0], TURN[1], closed), ramp(FALLEN[0], FALLEN[1], closed)
    found, kept = np.empty(1, np.float32), np.ones(3, np.float32)
    for x in range(x0, x1):
        at = interpolate(float(x), edge_x, edge_y)
        column = (x - edge_x[0]) / along * COLUMNS - 0.5
        ends = max(min(x - edge_x[0], edge_x[last] - x), 0.0)
        fade = ramp(0.0, ENDS, ends / along) * strength
        fade_own = ramp(0.0, OWN_ENDS, ends / along) * strength
        if fade_own == 0:
            continue
        for y in range(y0, y1):
            up = (at - y) / per_unit
            if turned == 0 and up < -1:
                break
            if turned < 1:
                bilinear(own, column, (ABOVE - up) * per_unit, 1.0, kept)
            factor = 1.0
            if turned > 0:
                bilinear(line, column, (ABOVE - up) * per_unit, 1.0, found)
                factor = float(found[0])
                shade = SHADE * np.exp(up / SHADE_LENGTH) if up < 0 else 0.0
                shade = max(shade, PLAIN_LINE * darkness * np.exp(-((up / width) ** 2)))
                # The line of a closing lid is the darker one of the portrait's own and the plain one.
                bilinear(lashes, column, (ABOVE + up / SHORTER) * per_unit, 1.0, found)
                factor = min(factor, 1 - shade) * found[0]
                if fallen > 0:
                    bilinear(fringe, column, (ABOVE + up / SHORTER) * per_unit, 1.0, found)
                    factor = min(factor, 1 - fallen * (1 - found[0]))
                factor = 1 - (1 - max(factor, DARKEST)) * fade
            if factor == 1 and kept[0] == 1 and kept[1] == 1 and kept[2] == 1:
                continue
            # Before a dark eye a line is no darker than the open eye's own or a plain one on skin.
            level = LUMA[0] * frame[y, x, 0] + LUMA[1] * frame[y, x, 1] + LUMA[2] * frame[y, x, 2]
            least = min(darkest / max(level, 1.0), 1.0)
            factor = max(factor, least)
            for k in range(3):
                share = 1 - (1 - float(kept[k])) * fade_own
                if up < 0:
                    share = max(share, least)
                share += turned * (factor ** TINT[k] - share)
                frame[y, x, k] = np.uint8(frame[y, x, k] * share + 0.5)
