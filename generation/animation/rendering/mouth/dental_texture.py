"""Paints both dental arches, unrolled along their arc, as one texture: crowns, gaps between them, gums."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import Float32Array
from generation.animation.geometry.smoothstep import smoothstep
from generation.animation.rendering.mouth.mouth_colours import MouthColours

# From the middle outwards, in mm: incisors, canine, premolars, molars (Wheeler's Dental Anatomy, rounded).
UPPER_WIDTHS, UPPER_HEIGHTS = (8.5, 6.6, 7.5, 7.0, 6.8, 10.0), (9.8, 8.5, 9.9, 8.6, 8.0, 7.6)
LOWER_WIDTHS, LOWER_HEIGHTS = (5.3, 5.8, 6.9, 7.0, 7.0, 10.0), (9.0, 9.2, 10.2, 8.6, 8.0, 7.6)
UPPER_EDGES = (0.0, 0.3, 0.1, 0.4, 0.8, 1.4)  # mm by which a crown's edge stays behind the middle one's
LOWER_EDGES = (0.0, 0.1, 0.0, 0.6, 1.0, 1.3)
# mm by which a crown's edge rises from its tip to its far side; to the near one it rises half as far.
UPPER_POINTS = (0.15, 0.4, 1.7, 1.1, 0.8, 0.5)
LOWER_POINTS = (0.0, 0.2, 1.2, 1.0, 0.7, 0.4)
# Brightness of crowns: canines are the darkest and yellowest of them (O'Brien et al. 1997), and no two of
# one row are alike. Of the picture's right side as of the left, but for the last digits.
CROWN_LIGHT = (1.0, 0.97, 0.90, 0.94, 0.92, 0.90)
UNLIKE_LIGHT, UNLIKE_EDGE = 0.025, 0.18  # most by which crowns of both sides differ in brightness, and in mm
HALF_ARC, ROW = 40.0, 18.0  # mm from the middle to a side of the texture, and height of an arch in it
ROOM = 1.0  # mm of nothing below the middle crown's edge
UPPER_ROUND, LOWER_ROUND = 1.0, 0.8  # mm, radius of the corners of a crown's edge
GAP = 0.10  # mm between crowns
SCALLOP = 1.5  # mm by which gums come down between two crowns
SIDE_SHADE, GAP_SHADE, NECK_SHADE, EDGE_SHADE = 0.12, 0.10, 0.12, 0.12  # darkening of a crown towards them
BACK_FROM, BACK_FADE = 10.0, 17.0  # mm of arc from which crowns darken backwards, and over which
LOWER_LIGHT = 0.84  # brightness of the lower row, which stands behind the upper one and in its shade
OVERSAMPLING = 4


def paint_arches(colours: MouthColours, pixels_per_mm: float) -> Float32Array:
    """Both arches (2 * h, w, 4), premultiplied alpha: the upper one above, each with its cutting edges down.

    Position s (mm of arc), v (mm above the middle crown's edge) lies at the pixel that `texture_at` says."""
    fine = pixels_per_mm * OVERSAMPLING
    arches = [
        _paint_arch(colours, fine, np.array(rows), rounding, light)
        for *rows, rounding, light in (
            (UPPER_WIDTHS, UPPER_HEIGHTS, UPPER_EDGES, UPPER_POINTS, UPPER_ROUND, 1.0),
            (LOWER_WIDTHS, LOWER_HEIGHTS, LOWER_EDGES, LOWER_POINTS, LOWER_ROUND, LOWER_LIGHT),
        )
    ]
    width, height = round(2 * HALF_ARC * pixels_per_mm), round(ROW * pixels_per_mm)
    return np.concatenate([cv2.resize(a, (width, height), interpolation=cv2.INTER_AREA) for a in arches])


def texture_at(
    s: NDArray[np.floating], v: NDArray[np.floating], lower: bool, shape: tuple[int, int]
) -> Float32Array:
    """Pixels (N, 2) of a texture of `shape` (2 * h, w) for arc `s` and height `v`, both (N,) in mm."""
    height, width = shape[0] / 2, shape[1]
    x = (s + HALF_ARC) / (2 * HALF_ARC) * width - 0.5
    # Half a pixel away from the other arch, which must not bleed in.
    y = np.clip((ROW - ROOM - v) / ROW * height - 0.5, 0.5, height - 1.5) + (height if lower else 0)
    return np.stack([x, y], 1).astype(np.float32)


def _paint_arch(
    colours: MouthColours, per_mm: float, rows: Float32Array, rounding: float, light: float
) -> Float32Array:
    widths, heights, edges, points = rows
    s = (np.arange(round(2 * HALF_ARC * per_mm)) + 0.5) / per_mm - HALF_ARC
    v = ROW - ROOM - (np.arange(round(ROW * per_mm)) + 0.5) / per_mm
    ends = np.concatenate([[0], np.cumsum(widths)])
    crown = np.clip(np.searchsorted(ends, np.abs(s), side="right") - 1, 0, len(widths) - 1)
    half = widths[crown] / 2
    across = np.abs(s) - (ends[crown] + half)  # mm from the crown's axis, positive towards the back
    beyond = np.abs(s) > ends[-1]
    # The outline is a rounded box; its far corner is rounder than its near one.
    radius = np.where(across > 0, 1.35 * rounding, rounding)[None]
    unlike = _unlike(np.sign(s), crown)
    slope = np.where(across > 0, 1.0, 0.5) * points[crown] * np.abs(across / half) ** 1.5
    low = v[:, None] - (edges[crown] + slope + UNLIKE_EDGE * np.maximum(unlike, 0))[None]
    dx = np.maximum(np.abs(across)[None] - (half - GAP / 2 - radius), 0)
    dy = np.maximum(radius - low, 0)
    inside = radius - np.hypot(dx, dy)
    inside[:, beyond] = -1
    cover = np.clip(inside * per_mm + 0.5, 0, 1)
    t = np.abs(across / half)[None]
    gum_line = (heights[crown] - SCALLOP * np.abs(across / half) ** 2.2)[None]
    gum = smoothstep(-0.25, 0.25, v[:, None] - gum_line)
    gum[:, beyond] = 0
    # Between crowns one sees the sides of both, not through them, except near the edge.
    seen = smoothstep(1.2, 2.6, low)
    height = heights[crown][None]
    shade = 1 - SIDE_SHADE * t**3 - GAP_SHADE * smoothstep(0.86, 1.0, t)
    shade = (
        shade - NECK_SHADE * smoothstep(0.55, 1.0, low / height) - EDGE_SHADE * (1 - smoothstep(0, 1.6, low))
    )
    shade = shade + 0.05 * np.exp(-(((low / height - 0.45) / 0.22) ** 2)) * (1 - t**2)
    shade = shade * (light * (np.array(CROWN_LIGHT)[crown] + UNLIKE_LIGHT * unlike))[None]
    back = np.exp(-np.maximum(np.abs(s) - BACK_FROM, 0) / BACK_FADE)[None]
    alpha = np.maximum(np.maximum(cover, seen * ~beyond[None]), gum)
    # Enamel in the shade is lit by the flesh around it.
    enamel = colours.enamel * np.maximum(shade * back, 0.02)[..., None] ** ((1 + colours.darkening) / 2)
    relief = (0.92 - 0.20 * smoothstep(0.5, 1.0, t)) * back
    flesh = colours.gum * np.maximum(relief, 0.05)[..., None] ** colours.darkening
    mixed = enamel + (flesh - enamel) * gum[..., None]
    return np.dstack([mixed * alpha[..., None], alpha]).astype(np.float32)


def _unlike(side: NDArray[np.floating], crown: NDArray[np.integer]) -> NDArray[np.floating]:
    """How much the crowns (N,) on a `side` (N,), -1 or 1, differ from usual ones, -1..1, as on everybody."""
    return np.asarray(np.sin(7.3 * crown + 2.1 * side + 1.0), np.float64)
