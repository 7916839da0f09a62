"""The CPU back end: rasterisation compiled by numba, resampling by OpenCV."""

from __future__ import annotations

import cv2
import numpy as np

from generation.animation.arrays import Float32Array, Int32Array, UInt8Array
from generation.animation.geometry.rasterize import FAR, NOWHERE, blend_over, draw_map, soften_folds


class CompiledBackend:
    """See `SurfaceBackend`. Reuses its buffers: not thread-safe."""

    def __init__(self, faces: Int32Array, size: int) -> None:
        self._faces, self._size = faces, size
        self._depth = np.empty((size, size), np.float32)
        self._sources = np.empty((size, size, 2), np.float32)
        self._shade = np.empty((size, size), np.float32)

    def draw(
        self,
        points: Float32Array,
        sources: Float32Array,
        shade: Float32Array,
        person: UInt8Array,
        plate: UInt8Array,
    ) -> UInt8Array:
        """One frame (S, S, 3), a new array."""
        self._sources.fill(NOWHERE)
        self._shade.fill(1.0)
        self._depth.fill(FAR)
        draw_map(points, sources, shade, self._faces, self._depth, self._sources, self._shade)
        warped = cv2.remap(
            person,
            self._sources,
            None,
            cv2.INTER_CUBIC,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=(0, 0, 0, 0),
        )
        out = np.empty((self._size, self._size, 3), np.uint8)
        blend_over(plate, warped, self._shade, out)
        soften_folds(self._sources, warped, out)
        return out
