"""Lip aperture: the outline of the opening between parted lips, and the shading of their inner sides."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import Float32Array, UInt8Array
from generation.animation.rendering.mouth.aperture_kernels import (
    EDGE_SMOOTHING,
    outline,
    paint_lips,
    uncover,
)
from generation.animation.rendering.mouth.lip_gap import LipGap

SEAM = (0.15, 0.22, 0.26, 0.22, 0.15)  # weights of the rows that are averaged across the seam of closed lips


@dataclass(frozen=True, eq=False)
class LipAperture:
    """The aperture in a box of pixels: `edges` (4, w) are y of its smooth edges `upper` and `lower` and of
    the skin's own edges; `below` the upper lip and `above` the lower are distances (h, w) in pixels from the
    smooth ones inwards."""

    edges: Float32Array
    below: Float32Array
    above: Float32Array

    @property
    def upper(self) -> Float32Array:
        """y (w,) of the smooth upper edge."""
        return np.asarray(self.edges[0])

    @property
    def lower(self) -> Float32Array:
        """y (w,) of the smooth lower edge."""
        return np.asarray(self.edges[1])

    @property
    def height(self) -> Float32Array:
        """Height (w,) of the aperture in pixels."""
        return np.asarray(np.maximum(self.lower - self.upper, 0), np.float32)


def find_aperture(
    upper: NDArray[np.floating], lower: NDArray[np.floating], skin: NDArray[np.bool_], samples: int
) -> LipAperture:
    """The aperture between edges `upper`, `lower` (w,), which start and end at the mouth's corners, minus the
    lip skin in front of it, the mask `skin` (h * samples, w * samples)."""
    height, width = skin.shape[0] // samples, len(upper)
    skin_edges, edges = np.empty((2, width)), np.empty((4, width), np.float32)
    uncover(upper, lower, skin.view(np.uint8), samples, skin_edges[0], skin_edges[1])
    below, above = (np.empty((height, width), np.float32) for _ in range(2))
    outline(skin_edges[0], skin_edges[1], max(EDGE_SMOOTHING * width, 0.6), edges, below, above)
    return LipAperture(edges, below, above)


def paint_aperture(
    aperture: LipAperture,
    under: UInt8Array,
    inside: Float32Array,
    scale: float,
    head_width: float,
    *,
    darkening: Float32Array,
) -> tuple[Float32Array, Float32Array]:
    """Colour (h, w, 3) and alpha (h, w, 1) of the aperture: `inside` (h, w, 3) framed by the shaded inner
    lips.

    `under` (h, w, 3) is the frame, from which the lips' colour is sampled; `scale` is pixels per frame unit,
    `head_width` in pixels; `darkening` (3,) are the exponents of brightness on flesh."""
    colour, cover = inside.copy(), np.empty(aperture.below.shape, np.float32)
    paint_lips(
        under, aperture.edges, aperture.below, aperture.above, scale, head_width, darkening, colour, cover
    )
    return colour, cover[..., None]


def soften_seam(frame: UInt8Array, lip_gap: LipGap, strength: NDArray[np.floating]) -> None:
    """Average `frame` (H, W, 3), in place, across the line along which closed lips meet, with
    `strength` (COLUMNS,) 0..1.

    There the texture jumps from one lip to the other, and would show the steps of the pixels."""
    x = np.arange(int(np.ceil(lip_gap.x[0])), int(lip_gap.x[-1]) + 1)
    reach = len(SEAM) // 2
    middle = np.rint(np.interp(x, lip_gap.x, (lip_gap.upper + lip_gap.lower) / 2)).astype(int)
    inside = (x >= 0) & (x < frame.shape[1]) & (middle > 2 * reach) & (middle < len(frame) - 2 * reach - 1)
    x, middle = x[inside], middle[inside]
    band = frame[middle + np.arange(-2 * reach, 2 * reach + 1)[:, None], x].astype(np.float32)
    even = sum(weight * band[i : i + 2 * reach + 1] for i, weight in enumerate(SEAM))
    share = np.interp(x, lip_gap.x, strength).astype(np.float32)[None, :, None]
    mixed = band[reach:-reach] * (1 - share) + even * share
    frame[middle + np.arange(-reach, reach + 1)[:, None], x] = np.rint(mixed).astype(np.uint8)
