"""Face view: the part of a frame around the face, small and grey, which the picture fit compares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import Float32Array, Float64Array, UInt8Array

SIDE: Final = 192  # pixels; 37 kB a frame
AROUND: Final = 1.3  # side of a view in heights (or widths) of the landmarks


@dataclass(frozen=True, eq=False)
class FaceView:
    """A square of a frame: `grey` (SIDE, SIDE) uint8, and its `left`, `top` and `side` in picture pixels."""

    grey: UInt8Array
    left: float
    top: float
    side: float

    @classmethod
    def of(cls, image: UInt8Array, points: Float32Array) -> FaceView:
        """The view of `image` (H, W, 3) RGB around landmarks `points` (478, 2+); beyond the picture's edges
        its edge pixels are repeated."""
        low, high = points[:, :2].min(0), points[:, :2].max(0)
        side = max(int(np.ceil(AROUND * float((high - low).max()))), 2)
        left, top = (int(v) for v in np.floor((low + high - side) / 2))
        height, width = image.shape[:2]
        rows, columns = (
            np.clip(np.arange(first, first + side), 0, size - 1)
            for first, size in ((top, height), (left, width))
        )
        grey = cv2.cvtColor(image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], cv2.COLOR_RGB2GRAY)
        if grey.shape != (side, side):
            grey = grey[np.ix_(rows - rows[0], columns - columns[0])]
        way = cv2.INTER_AREA if side > SIDE else cv2.INTER_LINEAR
        return cls(np.asarray(cv2.resize(grey, (SIDE, SIDE), interpolation=way), np.uint8), left, top, side)

    def to_pixels(self, square: tuple[float, float, float], frame: float) -> Float64Array:
        """The matrix (2, 3) from pixels of a frame of `frame` pixels to those of this view. `square` is the
        frame's left, top and side in picture pixels."""
        left, top, side = square
        scale = side / frame * SIDE / self.side
        shift = (np.array([left - self.left, top - self.top])) * SIDE / self.side
        return np.column_stack([np.eye(2) * scale, 0.5 * scale + shift - 0.5])


def convex(points: NDArray[np.floating]) -> NDArray[np.bool_]:
    """The convex hull (SIDE, SIDE) of `points` (N, 2) in pixels of a view."""
    inside = np.zeros((SIDE, SIDE), np.uint8)
    cv2.fillConvexPoly(inside, cv2.convexHull(points.astype(np.float32)).astype(np.int32), 1)
    return inside > 0
