"""Measures the brightness of the cells of frames: as they were marked, and where a file shows them."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.fingerprints.motion.fingerprint import GRID, Block, blocks_of

CANONICAL: Final = 512.0  # canonical pixels to the shorter side, as watermark readings count them
_SAMPLES = 4  # to a cell's side

Geometry = NDArray[np.float64]  # (3, 3)


def cells_of_marked(luma: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(256 or 512,) the mean brightness of each cell of a frame as it was marked, (H, W) uint8."""
    side, (height, width) = min(luma.shape), luma.shape
    cells = []
    for column, row in blocks_of(width, height):
        block = luma[row * side : (row + 1) * side, column * side : (column + 1) * side].astype(np.float32)
        missing = side - block.shape[0], side - block.shape[1]
        if any(missing):
            block = np.pad(block, ((0, missing[0]), (0, missing[1])), mode="edge")
        cells.append(cv2.resize(block, (GRID, GRID), interpolation=cv2.INTER_AREA).ravel())
    return np.asarray(np.concatenate(cells), np.float32)


def in_block(geometry: Geometry, block: Block) -> Geometry:
    """What takes canonical pixels, counted from the top left of a block, to those of a frame."""
    moved = np.eye(3)
    moved[:2, 2] = np.array(block) * CANONICAL
    return np.asarray(geometry @ moved)


def cells_at(luma: NDArray[np.uint8], geometry: Geometry) -> NDArray[np.float32]:
    """(256,) the mean brightness of each cell of a block in an (H, W) uint8 frame, where `geometry` takes
    canonical pixels to the frame's.
    """
    step = CANONICAL / GRID / _SAMPLES
    luma, geometry = _evened(luma, geometry, step / 2)
    to_samples = geometry @ np.array([[step, 0, step / 2 - 0.5], [0, step, step / 2 - 0.5], [0, 0, 1.0]])
    side = GRID * _SAMPLES
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    seen = cv2.warpPerspective(luma, to_samples, (side, side), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    cells = cv2.resize(seen.astype(np.float32), (GRID, GRID), interpolation=cv2.INTER_AREA)
    return np.asarray(cells, np.float32).ravel()


def _evened(luma: NDArray[np.uint8], geometry: Geometry, reach: float) -> tuple[NDArray[np.uint8], Geometry]:
    """A frame of which squares of some `reach` in canonical pixels are averaged, and the geometry in it.

    A dithered picture has its grey in the mean of many pixels only; sampled, it shows its dots.
    """
    width = float(np.sqrt(abs(np.linalg.det(geometry[:2, :2]))) * reach)  # of a square, in pixels
    halvings = max(0, int(np.log2(max(width, 1.0))))
    step = 1 << halvings
    height, across = (side // step * step for side in luma.shape)
    if not halvings or min(height, across) < GRID * step:
        return luma, geometry
    even = luma[:height, :across]
    for _ in range(halvings):  # faster than all at once
        even = np.asarray(cv2.resize(even, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
    middle = (step - 1) / 2 / step
    to_even = np.array([[1 / step, 0, -middle], [0, 1 / step, -middle], [0, 0, 1.0]])
    return even, to_even @ geometry


def cells_inside(shape: tuple[int, int], geometry: Geometry) -> NDArray[np.bool_]:
    """(256,) which cells of a block lie within frames of `shape` (height, width)."""
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
