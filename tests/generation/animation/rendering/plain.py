"""The same drawing in NumPy and OpenCV, one whole-frame step after the other: what the kernels must match."""

from __future__ import annotations

import cv2
import numpy as np

from generation.animation.geometry.rasterize import EDGE, FAR, FOLD, NOWHERE

Array = np.ndarray


def plain_map(points: Array, sources: Array, shade: Array, faces: Array, size: tuple[int, int]):
    """Depth (H, W), sources (2, H, W) and shade (H, W) of the nearest triangle at every pixel."""
    depth, light = np.full(size, FAR), np.ones(size, np.float32)
    drawn = np.full((2, *size), NOWHERE)
    for corners in faces:
        (ax, ay, az), (bx, by, bz), (cx, cy, cz) = points[corners].astype(np.float64)
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        x0, x1 = max(int(np.ceil(min(ax, bx, cx))), 0), min(int(np.floor(max(ax, bx, cx))), size[1] - 1)
        y0, y1 = max(int(np.ceil(min(ay, by, cy))), 0), min(int(np.floor(max(ay, by, cy))), size[0] - 1)
        if abs(area) < 1e-9 or x1 < x0 or y1 < y0:
            continue
        y, x = np.mgrid[y0 : y1 + 1, x0 : x1 + 1]
        wa = ((bx - x) * (cy - y) - (by - y) * (cx - x)) / area
        wb = ((cx - x) * (ay - y) - (cy - y) * (ax - x)) / area
        weights = np.stack([wa, wb, 1 - wa - wb])
        z = weights[0] * az + weights[1] * bz + weights[2] * cz
        box = np.s_[y0 : y1 + 1, x0 : x1 + 1]
        nearer = (weights >= EDGE).all(0) & (z < depth[box])
        depth[box][nearer] = z[nearer]
        for k in range(2):
            drawn[k][box][nearer] = np.tensordot(sources[corners, k], weights, 1)[nearer]
        light[box][nearer] = np.tensordot(shade[corners], weights, 1)[nearer]
    return depth, drawn, light


def plain_softened(frame: Array, drawn: Array, shown: Array) -> Array:
    """`frame` (H, W, 3), averaged beside jumps of `drawn` (2, H, W) where `shown` (H, W) is."""
    beside = np.zeros(shown.shape, bool)
    for here, there in ((np.s_[:-1, :-1], np.s_[:-1, 1:]), (np.s_[:-1, :-1], np.s_[1:, :-1])):
        jump = sum(np.abs(plane[here] - plane[there]) for plane in drawn) > FOLD
        jump &= shown[here] | shown[there]
        beside[here] |= jump
        beside[there] |= jump
    tent = np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]], np.float64)
    mean = np.floor((cv2.filter2D(frame.astype(np.float64), -1, tent) + 8) / 16)
    beside[[0, -1]] = beside[:, [0, -1]] = False
    return np.where(beside[..., None], mean, frame).astype(np.uint8)


class PlainBackend:
    """A `SurfaceBackend` that draws the whole plate and the whole person."""

    def __init__(self, faces: Array, size: int) -> None:
        self._faces, self._size = faces, size

    def draw(self, points: Array, sources: Array, shade: Array, person: Array, behind) -> Array:
        _, drawn, light = plain_map(points, sources, shade, self._faces, (self._size, self._size))
        warped = cv2.remap(
            person, drawn[0].astype(np.float32), drawn[1].astype(np.float32), cv2.INTER_CUBIC,
            borderMode=cv2.BORDER_CONSTANT,
        )  # fmt: skip
        plate = behind(np.zeros((self._size, self._size), np.uint8))  # nothing of it is covered
        alpha = warped[..., 3:].astype(np.float32)
        mixed = plate * ((255 - alpha) / 255) + warped[..., :3] * light[..., None] + 0.5
        frame = np.where(alpha == 0, plate, np.clip(mixed, 0, 255).astype(np.uint8))
        return plain_softened(frame, drawn, warped[..., 3] > 0)
