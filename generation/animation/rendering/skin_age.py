"""Skin age: how deep expressions may fold the skin of a portrait, from the lines that it shows at rest."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import UInt8Array
from generation.animation.geometry.light import LUMA

# Landmarks on the brows and straight above them, from the picture's left to its right.
BROWS = (66, 107, 9, 336, 296)
HAIRLINE = (67, 109, 10, 338, 297)
ROWS, COLUMNS = 60, 40  # samples of the forehead
PART = (0.20, 0.75)  # of the way from brows to hairline that is sampled
FINE, COARSE, LEVEL = (
    1.0,
    3.0,
    6.0,
)  # frame units: standard deviations of the band of lines, and of brightness
SMOOTHEST = 0.40  # of a smooth, young or airbrushed face
DEEP = 0.006  # relative amplitude of forehead lines at rest on a face that folds fully


def skin_age(canvas: UInt8Array, points: NDArray[np.floating], scale: float) -> float:
    """SMOOTHEST..1 for a canvas (S, S, 3) with landmarks `points` (478, 2) in its pixels, `scale` pixels a
    frame unit.

    Lines across the forehead are coherent along it; grain, pores and brush strokes are not."""
    luma = canvas.astype(np.float32) @ LUMA
    low, wide, level = (cv2.GaussianBlur(luma, (0, 0), s * scale) for s in (FINE, COARSE, LEVEL))
    band = (low - wide) / np.maximum(level, 10)
    brow, hair = points[list(BROWS)], points[list(HAIRLINE)]
    down = np.linspace(*PART, ROWS)[:, None, None]
    grid = brow[None] + down * (hair - brow)[None]
    along = np.linspace(0, len(BROWS) - 1, COLUMNS)
    at = np.stack(
        [[np.interp(along, np.arange(len(BROWS)), row[:, k]) for row in grid] for k in range(2)]
    ).astype(np.float32)
    found = cv2.remap(band, at[0], at[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    lines, grain = float(found.mean(1).std()), float(found.std()) / np.sqrt(COLUMNS)
    excess = np.sqrt(max(lines * lines - grain * grain, 0.0))
    return float(np.clip(SMOOTHEST + (1 - SMOOTHEST) * excess / DEEP, SMOOTHEST, 1.0))
