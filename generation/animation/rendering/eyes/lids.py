"""Lid patches: the person layer around an eye with the eye inpainted, as open and as a closed lid."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from generation.animation.arrays import Float32Array, UInt8Array
from generation.animation.geometry.light import LUMA
from generation.animation.geometry.pixel_fill import SUBPIXEL, extrapolate

BELOW = 0.5  # weight of the skin below the eye in the colour of the closed upper lid
OVERLAP = 2.6  # frame units by which the eye's layer overlaps the edges of resting lids


def dilate_contour(contour: Float32Array, by: float) -> Float32Array:
    """A contour (N, 2) dilated by `by` pixels; negative values shrink it."""
    offset = contour - contour.mean(0)
    half = np.maximum(np.abs(offset).max(0), 1.0)
    direction = offset / half
    direction /= np.maximum(np.linalg.norm(direction, axis=1, keepdims=True), 1e-6)
    return np.asarray(contour + direction * by, np.float32)


@dataclass(frozen=True, eq=False)
class LidPatch:
    """The colours (h, w, 3) of the person layer around one eye, twice: with the eye itself inpainted
    (`open`), and as a closed lid (`closed`); `rows` and `columns` are its place."""

    rows: slice
    columns: slice
    open: Float32Array
    closed: Float32Array


def paint_lid_patch(person: UInt8Array, opening: Float32Array, scale: float) -> LidPatch:
    """Synthesise lid skin over the eye with contour `opening` (N, 2), in pixels of the person layer (M, M,
    4).

    `scale` is pixels per frame unit.
    """
    reach = int(np.ceil(16 * scale))
    x0, y0 = np.maximum(np.floor(opening.min(0)).astype(int) - reach, 0)
    x1, y1 = np.ceil(opening.max(0)).astype(int) + reach + 1
    patch = np.ascontiguousarray(person[y0:y1, x0:x1, :3])
    local = opening - (x0, y0)

    def area(by: float) -> UInt8Array:
        mask = np.zeros(patch.shape[:2], np.uint8)
        corners = np.rint(dilate_contour(local, by * scale) * 2**SUBPIXEL).astype(np.int32)
        cv2.fillPoly(mask, [corners], 255, shift=SUBPIXEL)
        return mask

    barely = cv2.inpaint(patch, area(0.6 * OVERLAP), 3, cv2.INPAINT_TELEA).astype(np.float32)
    around = (area(11.0) > 0) & (area(4.5) == 0)
    # A closed lid shows the skin of the upper lid, without the shade of its crease; below the eye skin is
    # often lighter.
    above = np.arange(patch.shape[0])[:, None] < local[:, 1].mean()
    luma = patch @ LUMA
    low, high = np.percentile(luma[around], (40, 88))
    usable = np.where(above, 1.0, BELOW) * (around & (luma >= low) & (luma <= high))
    smooth = extrapolate(
        cv2.GaussianBlur(patch, (0, 0), 1.0 * scale).astype(np.float32), usable.astype(np.float32)
    )
    smooth = cv2.GaussianBlur(smooth, (0, 0), 2.0 * scale)
    # The skin's grain is taken from below the eye, where there are no lashes or brows.
    fine = patch.astype(np.float32) - cv2.GaussianBlur(patch, (0, 0), 1.6 * scale)
    shift = round((local[:, 1].max() - local[:, 1].min()) + 4 * scale)
    grain = np.roll(fine, -shift, axis=0)
    bound = 2.5 * float(np.median(np.abs(fine[around]))) + 0.5
    grain = np.clip(grain, -bound, bound)
    soft = cv2.GaussianBlur(area(5.5), (0, 0), 1.2 * scale).astype(np.float32)[..., None] / 255
    closed = patch * (1 - soft) + (smooth + grain) * soft
    alpha = person[y0:y1, x0:x1, 3:].astype(np.float32)
    return LidPatch(slice(y0, y1), slice(x0, x1), np.clip(barely, 0, alpha), np.clip(closed, 0, alpha))
