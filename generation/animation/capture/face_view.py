"""Face view: the parts of a frame around face and head, small and grey, for comparison with rendered ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import Float32Array, Float64Array, UInt8Array

SIDE: Final = 192  # pixels; 37 kB a frame
AROUND: Final = 1.3  # side of a view in heights (or widths) of the landmarks
# The same of the view around the whole head, and how much higher than the landmarks its middle lies.
HEAD_SIDE: Final = 128  # 16 kB a frame
AROUND_HEAD, HIGHER = 1.9, 0.15


@dataclass(frozen=True, eq=False)
class FaceView:
    """A square of a frame: `grey` (S, S) uint8, and its `left`, `top` and `side` in picture pixels."""

    grey: UInt8Array
    left: float
    top: float
    side: float

    @classmethod
    def of(cls, image: UInt8Array, points: Float32Array) -> FaceView:
        """The view (SIDE, SIDE) of `image` (H, W, 3) RGB around landmarks `points` (478, 2+); beyond the
        picture's edges its edge pixels are repeated."""
        return cls._cut(image, points, AROUND, 0.0, SIDE)

    @classmethod
    def of_head(cls, image: UInt8Array, points: Float32Array) -> FaceView:
        """The same of the whole head with its hair, (HEAD_SIDE, HEAD_SIDE)."""
        return cls._cut(image, points, AROUND_HEAD, HIGHER, HEAD_SIDE)

    @classmethod
    def _cut(
        cls, image: UInt8Array, points: Float32Array, around: float, higher: float, pixels: int
    ) -> FaceView:
        low, high = points[:, :2].min(0), points[:, :2].max(0)
        size = float((high - low).max())
        side = max(int(np.ceil(around * size)), 2)
        left, top = (int(v) for v in np.floor((low + high - side) / 2 - (0, higher * size)))
        height, width = image.shape[:2]
        (up, down), (before, after) = (
            (min(max(first, 0), length - 1), min(max(first + side, 1), length))
            for first, length in ((top, height), (left, width))
        )
        grey = cv2.cvtColor(image[up:down, before:after], cv2.COLOR_RGB2GRAY)
        if grey.shape != (side, side):
            grey = _repeated(grey, (top - up, left - before), side)
        way = cv2.INTER_AREA if side > pixels else cv2.INTER_LINEAR
        small = cv2.resize(grey, (pixels, pixels), interpolation=way)
        return cls(np.asarray(small, np.uint8), left, top, side)

    def to_pixels(self, square: tuple[float, float, float], frame: float) -> Float64Array:
        """The matrix (2, 3) from pixels of a frame of `frame` pixels to those of this view. `square` is the
        frame's left, top and side in picture pixels."""
        left, top, side = square
        pixels = len(self.grey) / self.side
        scale = side / frame * pixels
        shift = (np.array([left - self.left, top - self.top])) * pixels
        return np.column_stack([np.eye(2) * scale, 0.5 * scale + shift - 0.5])


def _repeated(grey: UInt8Array, first: tuple[int, int], side: int) -> UInt8Array:
    """The square of `side` pixels of `grey` (H, W) that begins at its row and column `first`; its edges are
    repeated beyond it."""
    (above, before), (high, wide) = (-first[0], -first[1]), grey.shape
    added = above, side - above - high, before, side - before - wide
    if min(added) >= 0:
        return np.asarray(cv2.copyMakeBorder(grey, *added, cv2.BORDER_REPLICATE), np.uint8)
    rows, columns = (
        np.clip(np.arange(start, start + side), 0, length - 1)
        for start, length in zip(first, grey.shape, strict=True)
    )
    return grey[np.ix_(rows, columns)]  # all of it lies beyond an edge


def convex(points: NDArray[np.floating]) -> NDArray[np.bool_]:
    """The convex hull (SIDE, SIDE) of `points` (N, 2) in pixels of a view."""
    inside = np.zeros((SIDE, SIDE), np.uint8)
    cv2.fillConvexPoly(inside, cv2.convexHull(points.astype(np.float32)).astype(np.int32), 1)
    return inside > 0
