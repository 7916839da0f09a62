"""Lid fold: the skin between eye and brow as it lies when the eye is shut.

Above an open eye the lid is folded under the skin below the brow: the picture shows a dark crease there, and
light on the fold above it. A closed lid pulls that skin smooth. What is left is a shallow crease, an eyeball
under the skin, and the skin's own grain. So the picture's shading there is replaced by one that runs evenly
from the skin around, and the outline of the open eye goes with it.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import Float32Array
from generation.animation.geometry.light import LUMA
from generation.animation.geometry.pixel_fill import extrapolate
from generation.animation.geometry.smoothstep import smoothstep

# Of the room between eye and brow: how far up skin is smoothed, and from where on less and less.
UP = (0.42, 0.90)
HIGHEST = 15.0  # frame units that it is at most
BESIDE = (2.0, 8.0)  # frame units beside the corners over which that fades
BELOW = (1.0, 5.0)  # frame units below the lower edge over which it does
FINE, MIDDLE = 1.6, 6.0  # frame units: what is finer is grain, what is coarser shading
KEPT = 0.30  # of the picture's own lines that stay: those of age and the fold's own
KEPT_DARK, KEPT_LIGHT = 0.05, 0.012  # most of their change of brightness
GRAIN_BOUND = 2.5  # medians of the grain beyond which it is an edge
PULL = 7.0  # frame units by which the colours from around are blurred
# Shading of the closed lid: the crease, its height above the open eye's edge in parts of the room and frame
# units, and its width; the light on the eyeball's middle, and the lid's lower part, which looks down.
CREASE, CREASE_AT, CREASE_LIMITS, CREASE_WIDTH = 0.05, 0.22, (1.5, 5.0), 1.7
CREASE_ENDS = (
    2.5  # exponent of its strength from the middle to the corners: it does not come down beside the eye
)
BALL_LIGHT, BALL_SHADE = 0.035, 0.06


@dataclass(frozen=True, eq=False)
class LidFold:
    """The skin over one eye: how much each pixel (h, w) is pulled `smooth`, 0..1, and the `shading` (h, w) of
    the shut lid and how much of the picture's own `lines` (h, w) stays, 0..1; `scale` is pixels a frame
    unit."""

    smooth: Float32Array
    shading: Float32Array
    lines: Float32Array
    scale: float

    def unfolded(self, skin: Float32Array, known: NDArray[np.bool_]) -> Float32Array:
        """The colours (h, w, 3) of the shut lid without grain, continued from the `skin` (h, w, 3) around it
        as far as that is `known` (h, w)."""
        around = (self.smooth < 0.02) & known
        luma = skin @ LUMA
        dark = np.percentile(luma[around], 12)  # brow, hair, the shade of the nose
        around &= luma > dark
        even = extrapolate(skin, around.astype(np.float32))
        even = cv2.GaussianBlur(even, (0, 0), PULL * self.scale)
        return np.asarray(even * self.shading[..., None], np.float32)

    def shut(self, closed: Float32Array, smooth: Float32Array) -> Float32Array:
        """The colours (h, w, 3) of the shut lid: `smooth` (h, w, 3) with the grain and the faint lines of
        `closed` (h, w, 3), which passes into what is around."""
        coarse = cv2.GaussianBlur(closed, (0, 0), FINE * self.scale)
        fine = closed - coarse
        bound = GRAIN_BOUND * float(np.median(np.abs(fine))) + 0.5
        lines = coarse - cv2.GaussianBlur(closed, (0, 0), MIDDLE * self.scale)
        level = np.maximum(smooth, 8)
        lines = np.clip(self.lines[..., None] * lines, -KEPT_DARK * level, KEPT_LIGHT * level)
        shut = smooth + np.clip(fine, -bound, bound) + lines
        return np.asarray(closed + (shut - closed) * self.smooth[..., None], np.float32)


def lid_fold(
    upper: Float32Array, lower: Float32Array, brow: Float32Array, shape: tuple[int, int], scale: float
) -> LidFold:
    """The skin between the edges `upper` (N, 2) and `lower` (M, 2) of an open eye and the lower edge of its
    `brow` (K, 2), in pixels of a patch of `shape` (h, w); `scale` pixels a frame unit."""
    x, y = np.arange(shape[1]), np.arange(shape[0])[:, None]
    top, bottom, limit = (_row(line, x) for line in (upper, lower, brow))
    left, right = float(upper[:, 0].min()), float(upper[:, 0].max())
    at = np.clip((x - left) / max(right - left, 1.0), 0, 1)
    arch = np.sin(np.pi * at)
    room = np.maximum(top - limit, 4 * scale)
    above = (top - y) / np.minimum(room, HIGHEST / UP[1] * scale)
    smooth = 1 - smoothstep(*UP, above)
    smooth = smooth * (1 - smoothstep(*BELOW, (y - bottom) / scale))
    outside = np.maximum(np.maximum(left - x, x - right), 0) / scale
    smooth = smooth * (1 - smoothstep(*BESIDE, outside))
    crease = np.clip(CREASE_AT * room, CREASE_LIMITS[0] * scale, CREASE_LIMITS[1] * scale)
    down = (y - (top - crease)) / np.maximum(bottom - top + crease, 2 * scale)
    ends = arch**CREASE_ENDS
    shading = -CREASE * ends * np.exp(-(((y - top + crease) / (CREASE_WIDTH * scale)) ** 2))
    shading = shading + arch**1.5 * BALL_LIGHT * np.exp(-(((down - 0.45) / 0.3) ** 2))
    shading = shading - arch**1.5 * BALL_SHADE * smoothstep(0.55, 1.1, down) * (
        1 - smoothstep(1.1, 1.5, down)
    )
    return LidFold(
        np.asarray(smooth, np.float32),
        np.asarray(1 + shading, np.float32),
        np.asarray(np.broadcast_to(KEPT * ends, shape), np.float32),
        scale,
    )


def _row(line: NDArray[np.floating], x: NDArray[np.integer]) -> NDArray[np.floating]:
    """y (w,) of a line (N, 2) at the columns `x` (w,); beyond its ends it runs on level."""
    order = np.argsort(line[:, 0])
    return np.asarray(np.interp(x, line[order, 0], line[order, 1]))
