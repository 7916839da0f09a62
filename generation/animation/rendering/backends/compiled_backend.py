"""The CPU back end: rasterisation, resampling and compositing compiled by numba."""

from __future__ import annotations

import cv2
import numpy as np

from generation.animation.arrays import Float32Array, Int32Array, UInt8Array
from generation.animation.rendering.backends.behind import Behind
from generation.animation.rendering.backends.surface_kernels import composite, draw_person


class CompiledBackend:
    """See `SurfaceBackend`. Reuses its buffers: not thread-safe."""

    def __init__(self, faces: Int32Array, size: int) -> None:
        self._faces, self._size = faces, size
        self._alpha = np.empty((size, size), np.uint8)
        self._gaps = np.empty((size * (size // 2 + 1), 3), np.int32)
        self._soft = np.empty((size * size, 2), np.int32)
        self._pixels, self._lights = np.empty(size * size, np.uint32), np.empty(size * size, np.float32)
        self._beside, self._places = np.zeros((size, size), np.uint8), np.empty((size * size, 2), np.int32)
        self._bytes = np.zeros(0, np.uint8)  # of the person, which frames change: a view, no copy
        self._shown = np.zeros((0, 0), np.uint8)

    def draw(
        self,
        points: Float32Array,
        sources: Float32Array,
        shade: Float32Array,
        person: UInt8Array,
        behind: Behind,
    ) -> UInt8Array:
        """One frame (S, S, 3), a new array."""
        if self._bytes.base is not person:  # as after a deep copy, which copies what views show
            self._bytes, self._shown = person.reshape(-1), _any_of_window(person[..., 3])
        out = np.empty((self._size, self._size, 3), np.uint8)
        try:
            gaps, soft, beside = draw_person(
                points, sources, shade, self._faces, self._bytes, self._shown, self._alpha, self._gaps,
                self._soft, self._pixels, self._lights, self._beside, self._places, out,
            )  # fmt: skip
            composite(
                behind(self._alpha), self._gaps[:gaps], self._soft[:soft], self._pixels, self._lights,
                self._beside, self._places[:beside], out,
            )  # fmt: skip
        except BaseException:
            self._beside[:] = 0  # which only a whole frame leaves as it found it
            raise
        return out


def _any_of_window(alpha: UInt8Array) -> UInt8Array:
    """1 where any of the 4 x 4 pixels to the right and below of `alpha` (M, M) is not 0."""
    reached = cv2.dilate(alpha, np.ones((4, 4), np.uint8), anchor=(0, 0), borderValue=0)
    return np.asarray(reached > 0, np.uint8)
