"""Lip shadow: removes the dark line between a portrait's closed lips from its texture where the lips part."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import Float32Array, Int32Array, UInt8Array
from generation.animation.geometry.light import LUMA
from generation.animation.geometry.pixel_fill import SUBPIXEL, extrapolate
from generation.animation.geometry.smoothstep import smoothstep
from generation.animation.rendering.mouth.lip_gap import LipGap
from generation.animation.rendering.mouth.lip_kernels import clear_lip_shadow

HALF = 4.0  # frame units above and below the seam in which the shadow is searched
DARKER = (0.18, 0.45)  # relative darkening over which a pixel counts as shadow
PLAIN = 0.65  # of the lips' median brightness: darker pixels are not sampled as plain lip colour
CORNER = 0.04  # of the mouth's width beyond the corners over which the correction fades


class LipShadow:
    """The patch of a person layer around the seam of closed lips, with and without its shadow."""

    def __init__(
        self, person: UInt8Array, seam: Float32Array, lips: NDArray[np.floating], scale: float
    ) -> None:
        """`seam` (N, 2) runs along the closed lips, `lips` (M, 2) around them, both in pixels of `person` (S,
        S, 4); `scale` is pixels per frame unit."""
        pad = int(np.ceil((HALF + 4) * scale))
        x0, y0 = np.maximum(np.floor(seam.min(0)).astype(int) - pad, 0)
        x1, y1 = np.ceil(seam.max(0)).astype(int) + pad + 1
        self._rows, self._x = slice(int(y0), int(y1)), np.arange(int(x0), int(x1))
        patch = person[y0:y1, x0:x1, :3].astype(np.float32)

        def corners(points: NDArray[np.floating]) -> Int32Array:
            return np.asarray(np.rint((points - (x0, y0)) * 2**SUBPIXEL), np.int32)

        near = np.zeros(patch.shape[:2], np.uint8)
        thickness = max(1, round(2 * HALF * scale))
        cv2.polylines(near, [corners(seam)], False, 1, thickness, shift=SUBPIXEL)
        lip = np.zeros_like(near)
        cv2.fillPoly(lip, [corners(lips)], 1, shift=SUBPIXEL)
        core = np.zeros_like(near)
        cv2.polylines(core, [corners(seam)], False, 1, max(1, round(2 * scale)), shift=SUBPIXEL)
        luma = patch @ LUMA
        plain = (lip > 0) & (core == 0)
        if plain.any():
            plain &= luma > PLAIN * np.median(luma[plain])
        ground = extrapolate(patch, plain.astype(np.float32))
        ground = cv2.GaussianBlur(ground, (0, 0), 1.0 * scale)
        level = np.maximum(ground @ LUMA, 1.0)
        dark = smoothstep(*DARKER, (level - luma) / level) * near
        dark = cv2.GaussianBlur(dark.astype(np.float32), (0, 0), 0.8 * scale)
        left, right = float(seam[:, 0].min()), float(seam[:, 0].max())
        beyond = np.maximum(left - self._x, self._x - right) / (CORNER * (right - left))
        share = (dark * (1 - smoothstep(0, 1, beyond)))[..., None]
        self._closed, self._change = patch, ((ground - patch) * share).astype(np.float32)
        self._alpha = person[y0:y1, x0:x1, 3:].astype(np.float32)
        self._share, self._scale = np.zeros(len(self._x)), scale

    @property
    def patch(self) -> tuple[slice, slice]:
        """Rows and columns of the person layer that parted lips change."""
        return self._rows, slice(int(self._x[0]), int(self._x[-1]) + 1)

    def update(
        self,
        person: UInt8Array,
        upper: Int32Array,
        pixels: Float32Array,
        sources: Float32Array,
        lip_gap: LipGap,
    ) -> None:
        """Update `person`, in place, for parted lips: their `lip_gap` at the vertices `upper` (N,) of
        `pixels` (V, 3) counts where these are in the person layer, at `sources` (V, 2)."""
        clear_lip_shadow(
            upper, pixels, sources, lip_gap.curves, self._scale, self._x, self._share, self._closed,
            self._change, self._alpha, person[self._rows, self._x[0] : self._x[-1] + 1],
        )  # fmt: skip
