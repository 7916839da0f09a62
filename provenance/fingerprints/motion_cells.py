"""Measures the brightness of the cells of frames: as they were marked, and where a file shows them."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.fingerprints.motion_fingerprint import GRID

CANONICAL: Final = 512.0  # canonical pixels to the shorter side, as watermark readings count them
_SAMPLES = 4  # to a cell's side

Geometry = NDArray[np.float64]  # (3, 3)


def cells_of_marked(luma: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(GRID * GRID,) the mean brightness of each cell of a frame as it was marked, (H, W) uint8."""
    side = min(luma.shape)
    square = luma[:side, :side].astype(np.float32)
    return np.asarray(cv2.resize(square, (GRID, GRID), interpolation=cv2.INTER_AREA), np.float32).ravel()


def cells_at(luma: NDArray[np.uint8], geometry: Geometry) -> NDArray[np.float32]:
    """(GRID * GRID,) the mean brightness of each cell in an (H, W) uint8 frame, where `geometry` takes
    canonical pixels to the frame's.
    """
    step = CANONICAL / GRID / _SAMPLES
    to_samples = geometry @ np.array([[step, 0, step / 2 - 0.5], [0, step, step / 2 - 0.5], [0, 0, 1.0]])
    side = GRID * _SAMPLES
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    seen = cv2.warpPerspective(luma, to_samples, (side, side), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    cells = cv2.resize(seen.astype(np.float32), (GRID, GRID), interpolation=cv2.INTER_AREA)
    return np.asarray(cells, np.float32).ravel()


def cells_inside(shape: tuple[int, int], geometry: Geometry) -> NDArray[np.bool_]:
    """(GRID * GRID,) which cells lie within frames of `shape` (height, width)."""
    corners = np.arange(GRID + 1) * CANONICAL / GRID
    x, y = np.meshgrid(corners, corners)
    place = geometry @ np.stack([x.ravel(), y.ravel(), np.ones(x.size)])
    place = place[:2] / place[2]
    slack = 1.5 + 0.002 * max(shape)
    inside = (
        (place[0] > -slack)
        & (place[0] < shape[1] + slack)
        & (place[1] > -slack)
        & (place[1] < shape[0] + slack)
    ).reshape(GRID + 1, GRID + 1)
    return np.asarray(inside[1:, 1:] & inside[:-1, :-1] & inside[1:, :-1] & inside[:-1, 1:]).ravel()
