"""Lid patches: the person layer around an eye without the eye, for an open and for a moving lid."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import Float32Array, UInt8Array, greatest_channel
from generation.animation.geometry.light import LUMA
from generation.animation.geometry.pixel_fill import SUBPIXEL, extrapolate
from generation.animation.geometry.smoothstep import smoothstep
from generation.animation.rendering.eyes.lash_kernel import ABOVE
from generation.animation.rendering.eyes.lashes import LashLayer, lift_lashes
from generation.animation.rendering.eyes.lid_fold import lid_fold
from generation.animation.rendering.eyes.lid_kernels import OVERLAP

# Frame units: what is dark, narrower and not shorter than this above the edge is a lash, not the crease.
LASH_WIDTH, LASH_LENGTH = 7.0, 3.0
LONGEST, BELOW_BROW = (
    21.0,
    0.75,
)  # the furthest above the edge that lashes are looked for, also in parts of the room
LASHES_BESIDE = (3.0, 8.0)  # frame units beside the corners over which they are no longer looked for
LINE = 3.6  # frame units above the upper edge that lash line and eyeliner take at most
RING = 2.6  # frame units around the eye above its middle that the open eye darkens
RIM = 1.6  # frame units around the eye: the lids' wet rims, which a shut eye hides
SOFT = 1.1  # frame units over which the lid's synthesised skin passes into the picture's
GRAIN = 1.6  # frame units: what is finer is the skin's grain
BELOW = 0.15  # weight of the skin below the eye in the colour of the closed upper lid
CORNER = 0.22  # of the lid's width at its corners in which its colour passes into the picture's
# Percentiles of brightness of the skin that a closed lid continues, and of the lighter skin around the eye
# that has its FACING share in the lid's colour: below lies the crease, above are highlights.
CONTINUED, LIGHTER, FACING = (40, 85), (60, 88), 0.5
BALL_SHADE, BALL_LIGHT = 0.09, 0.05  # shading of a closed lid next to its edges, and on its middle


def dilate_contour(contour: Float32Array, by: float) -> Float32Array:
    """A contour (N, 2) dilated by `by` pixels; negative values shrink it."""
    offset = contour - contour.mean(0)
    half = np.maximum(np.abs(offset).max(0), 1.0)
    direction = offset / half
    direction /= np.maximum(np.linalg.norm(direction, axis=1, keepdims=True), 1e-6)
    return np.asarray(contour + direction * by, np.float32)


@dataclass(frozen=True, eq=False)
class LidPatch:
    """The colours (h, w, 3) of the person layer around one eye, three times: with the eye itself inpainted
    (`open`), as the skin of a lid that moves (`closed`), and unfolded up to the brow (`shut`); `rows` and
    `columns` are its place, `lashes` moves with the lid's edge."""

    rows: slice
    columns: slice
    open: Float32Array
    closed: Float32Array
    shut: Float32Array
    lashes: LashLayer


def paint_lid_patch(  # noqa: PLR0917 - lines around one eye and how they are to be read
    person: UInt8Array,
    upper: Float32Array,
    lower: Float32Array,
    brow: Float32Array,
    scale: float,
    blur: float = 0.0,
) -> LidPatch:
    """Synthesise lid skin over the eye between the edges `upper` (N, 2) and `lower` (M, 2), each from left to
    right, below the lower edge of the `brow` (K, 2), in pixels of the person layer (S, S, 4).

    `scale` is pixels per frame unit; `blur` that of the picture in frame units.
    """
    opening = np.concatenate([upper, lower[-2:0:-1]])
    reach = int(np.ceil(18 * scale))
    x0, y0 = np.maximum(np.floor(opening.min(0)).astype(int) - reach, 0)
    x1, y1 = np.ceil(opening.max(0)).astype(int) + reach + 1
    patch = np.ascontiguousarray(person[y0:y1, x0:x1, :3])
    local = (opening - (x0, y0)).astype(np.float32)

    def area(by: float) -> NDArray[np.bool_]:
        mask = np.zeros(patch.shape[:2], np.uint8)
        corners = np.rint(dilate_contour(local, by * scale) * 2**SUBPIXEL).astype(np.int32)
        cv2.fillPoly(mask, [corners], 255, shift=SUBPIXEL)
        return mask > 0

    covered = area(0.6 * OVERLAP)
    barely = cv2.inpaint(patch, covered.astype(np.uint8), 3, cv2.INPAINT_TELEA).astype(np.float32)
    edge = (upper - (x0, y0)).astype(np.float32)
    above = _above(edge, patch.shape[:2]) / scale
    room = (_above(edge, patch.shape[:2]) - _above(brow - (x0, y0), patch.shape[:2]))[:1] / scale
    bare = _without_lashes(patch, above, _beside(edge, patch.shape[1]) / scale, room, scale)
    hole = area(0.3)
    hole |= (above > -0.5) & (above < LINE) & (_between(edge, patch.shape[1]) > 0)
    hole |= area(RING) & (above > -1.0) & (_between(edge, patch.shape[1]) > 0)
    around = area(11.0) & ~area(2.0) & ~hole
    grain = _grain(patch, around, float(np.ptp(local[:, 1])), scale)
    smooth = _continued(bare, around, above, local, scale)
    inpainted = cv2.inpaint(patch, area(1.8).astype(np.uint8), 3, cv2.INPAINT_TELEA).astype(np.float32)
    inpainted = cv2.GaussianBlur(inpainted, (0, 0), 1.0 * scale)
    smooth += _corners(edge, patch.shape[1])[..., None] * (inpainted - smooth)
    closed = bare + (smooth + grain - bare) * _softened(hole, scale)
    hidden = hole | area(RIM)
    fold = lid_fold(edge, lower - (x0, y0), brow - (x0, y0), patch.shape[:2], scale)
    unfolded = fold.unfolded(cv2.GaussianBlur(bare, (0, 0), 1.0 * scale), ~hidden)
    shut = fold.shut(bare + (unfolded + grain - bare) * _softened(hidden, scale), unfolded)
    alpha = person[y0:y1, x0:x1, 3:].astype(np.float32)
    return LidPatch(
        slice(y0, y1),
        slice(x0, x1),
        np.clip(barely, 0, alpha),
        np.clip(closed, 0, alpha),
        np.clip(shut, 0, alpha),
        lift_lashes(patch.astype(np.float32), closed, bare, edge, scale, blur),
    )


def _softened(hole: NDArray[np.bool_], scale: float) -> Float32Array:
    """A `hole` (h, w) as weights (h, w, 1), 1 in all of it and soft around."""
    grown = cv2.dilate(hole.astype(np.uint8), np.ones((3, 3), np.uint8)) * np.float32(1)
    return np.asarray(
        np.clip(1.6 * cv2.GaussianBlur(grown, (0, 0), SOFT * scale)[..., None], 0, 1), np.float32
    )


def _continued(
    bare: Float32Array, around: NDArray[np.bool_], above: Float32Array, opening: Float32Array, scale: float
) -> Float32Array:
    """The colours (h, w, 3) of a lid that moves over the `opening` (N, 2), without grain: it continues the
    skin above its edge, `bare` (h, w, 3), as far as that is plain (`around`, (h, w)), without the shade of
    the crease; below the eye skin is often lighter."""
    luma = bare @ LUMA
    low, high = np.percentile(luma[around & (above > 0)], CONTINUED)
    usable = np.where(above > 0, 1.0, BELOW) * (around & (luma >= low) & (luma <= high))
    smooth = extrapolate(cv2.GaussianBlur(bare, (0, 0), 1.0 * scale), usable.astype(np.float32))
    smooth = cv2.GaussianBlur(smooth, (0, 0), 1.6 * scale)
    # It faces more light than the hollow above it, and is not quite as light as the skin around.
    dark, light = np.percentile(luma[around], LIGHTER)
    facing = bare[around & (luma >= dark) & (luma <= light)].mean(0)
    smooth += FACING * (facing - smooth)
    return np.asarray(smooth * _ball_shading(opening, bare.shape[:2]), np.float32)


def _grain(patch: UInt8Array, around: NDArray[np.bool_], opening: float, scale: float) -> Float32Array:
    """The skin's grain (h, w, 3) for the lid of an eye whose `opening` is so many pixels high: taken from
    below the eye, where there are no lashes or brows. `around` (h, w) is plain skin."""
    plain = cv2.morphologyEx(patch, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8)).astype(np.float32)
    fine = patch - cv2.GaussianBlur(patch, (0, 0), GRAIN * scale).astype(np.float32)
    usual = float(np.median(np.abs(fine[around])))
    fine *= greatest_channel(np.abs(plain - patch))[..., None] < 4 * usual + 2
    grain = np.roll(fine, -round(opening + 4 * scale), axis=0)
    bound = 2.0 * usual + 0.5
    return np.asarray(np.clip(grain, -bound, bound), np.float32)


def _above(edge: Float32Array, shape: tuple[int, int]) -> Float32Array:
    """Pixels (h, w) above the upper edge (N, 2), negative below it; beyond its ends it runs on level."""
    x, y = np.arange(shape[1]), np.arange(shape[0])
    order = np.argsort(edge[:, 0])
    at = np.interp(x, edge[order, 0], edge[order, 1])
    return np.asarray(at[None] - y[:, None], np.float32)


def _between(edge: Float32Array, width: int) -> Float32Array:
    """1 in columns (1, w) between the corners of the edge (N, 2), 0 elsewhere."""
    x = np.arange(width)
    return np.asarray((x >= edge[:, 0].min()) & (x <= edge[:, 0].max()), np.float32)[None]


def _corners(edge: Float32Array, width: int) -> Float32Array:
    """1 in columns (1, w) at the corners of the edge (N, 2) and beyond, 0 further inside."""
    low, high = float(edge[:, 0].min()), float(edge[:, 0].max())
    inwards = np.minimum(np.arange(width) - low, high - np.arange(width)) / max(high - low, 1.0)
    return np.asarray(1 - smoothstep(0.0, CORNER, inwards), np.float32)[None]


def _beside(edge: Float32Array, width: int) -> Float32Array:
    """How far columns (1, w) lie outside of the corners of the edge (N, 2), in pixels; 0 between them."""
    x = np.arange(width)
    return np.asarray(np.maximum(np.maximum(edge[:, 0].min() - x, x - edge[:, 0].max()), 0), np.float32)[None]


def _without_lashes(
    patch: UInt8Array, above: Float32Array, beside: Float32Array, room: Float32Array, scale: float
) -> Float32Array:
    """The patch (h, w, 3) without narrow upright dark strokes in the band above the upper edge: what a
    closing along the lid removes, and one across it does not. `above` (h, w) and `beside` (1, w) are frame
    units from the edge and its ends, `room` (1, w) those between it and the brow."""
    width = 2 * round(LASH_WIDTH * scale / 2) + 1
    length = 2 * round(LASH_LENGTH * scale / 2) + 1
    across, along = (
        cv2.morphologyEx(patch, cv2.MORPH_CLOSE, np.ones(size, np.uint8)).astype(np.float32)
        for size in ((1, width), (length, 1))
    )
    strokes = cv2.GaussianBlur(np.clip(across - along, 0, None), (0, 0), 0.8 * scale)
    filled = cv2.GaussianBlur(across, (0, 0), 1.2 * scale)
    top = np.clip(BELOW_BROW * room, ABOVE, LONGEST)
    band = smoothstep(0.0, 1.0, above) * (1 - smoothstep(0.8, 1.0, above / top))
    band = band * (1 - smoothstep(*LASHES_BESIDE, beside))
    gone = greatest_channel(strokes)
    share = band * smoothstep(0.015, 0.05, gone / 255)
    share = cv2.dilate(share.astype(np.float32), np.ones((3, 5), np.uint8)) * band
    share = cv2.GaussianBlur(share.astype(np.float32), (0, 0), 0.6 * scale)[..., None]
    return np.asarray(patch + (filled - patch) * share, np.float32)


def _ball_shading(opening: Float32Array, shape: tuple[int, int]) -> Float32Array:
    """Shading (h, w, 1) of the lid over the eyeball: lightest on the middle of the opening (N, 2)."""
    low, high = opening.min(0), opening.max(0)
    x = (np.arange(shape[1]) - (low[0] + high[0]) / 2) / max(float(high[0] - low[0]) / 2, 1.0)
    y = (np.arange(shape[0]) - (low[1] + high[1]) / 2) / max(float(high[1] - low[1]) / 2, 1.0)
    away = np.hypot(x[None], 0.8 * y[:, None])
    shade = BALL_LIGHT - (BALL_LIGHT + BALL_SHADE) * smoothstep(0.1, 1.1, away)
    return np.asarray(1 + shade * (1 - smoothstep(1.1, 1.6, away)), np.float32)[..., None]
