"""Draw on a portrait in face coordinates.

Their origin is the middle between the irises, their axes run along the irises and down the face, and their
unit is the distance of the irises.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

Image = NDArray[np.uint8]
Points = NDArray[np.floating]
Outline = NDArray[np.float64]

CHEEKS = (50, 280, 101, 330, 205, 425)
_SHIFT = 4  # bits of a pixel's fraction that OpenCV is given


class FaceFrame:
    """A face in `image` ((H, W, 3) uint8 RGB) with its (478, 2 or 3) landmarks; outlines are (N, 2)."""

    def __init__(self, image: Image, points: Points) -> None:
        self.image, self.points = image, points[:, :2].astype(np.float64)
        left, right = self.points[468], self.points[473]
        self.distance = float(np.linalg.norm(right - left))
        self._origin = (left + right) / 2
        self._across = (right - left) / self.distance
        self._down = np.array([-self._across[1], self._across[0]])
        last = np.array(image.shape[1::-1]) - 1
        cheeks = np.clip(self.points[list(CHEEKS)].astype(int), 0, last)
        self.skin = np.median(image[cheeks[:, 1], cheeks[:, 0]], axis=0)

    def at(self, index: int) -> Outline:
        """A landmark in face coordinates, (2,)."""
        offset = (self.points[index] - self._origin) / self.distance
        return np.array([offset @ self._across, offset @ self._down])

    def fill(
        self, image: Image, outline: Outline, paint: ArrayLike, opacity: float = 1.0, soft: float = 0.0
    ) -> Image:
        """`image` with an outline filled with a colour or a picture; `soft` is the width of its edge."""
        mask = np.zeros(image.shape[:2], np.uint8)
        cv2.fillPoly(mask, [_fixed(self._place(outline))], 255, cv2.LINE_AA, _SHIFT)
        return self._blend(image, paint, mask / 255 * opacity, soft)

    def stroke(
        self,
        image: Image,
        lines: list[Outline],
        paint: ArrayLike,
        *,
        width: float,
        closed: bool = False,
        opacity: float = 1.0,
        soft: float = 0.0,
    ) -> Image:
        """`image` with lines of one width, drawn four times as large so that thin ones stay thin."""
        scale = 4
        mask = np.zeros((image.shape[0] * scale, image.shape[1] * scale), np.uint8)
        placed = [_fixed((self._place(line) + 0.5) * scale - 0.5) for line in lines]
        thickness = max(1, round(width * self.distance * scale))
        cv2.polylines(mask, placed, closed, 255, thickness, cv2.LINE_AA, _SHIFT)
        small = cv2.resize(mask, image.shape[1::-1], interpolation=cv2.INTER_AREA)
        return self._blend(image, paint, np.asarray(small, np.float64) / 255 * opacity, soft)

    def _place(self, outline: Outline) -> Outline:
        across, down = outline[:, :1] * self._across, outline[:, 1:] * self._down
        return np.asarray(self._origin + self.distance * (across + down), np.float64)

    def _blend(self, image: Image, paint: ArrayLike, alpha: Outline, soft: float) -> Image:
        if soft:
            alpha = np.asarray(cv2.GaussianBlur(alpha, (0, 0), max(soft * self.distance, 0.1)), np.float64)
        opacity = alpha[..., None]
        mixed = image * (1 - opacity) + np.asarray(paint, np.float64) * opacity
        return np.asarray(np.clip(mixed + 0.5, 0, 255), np.uint8)


def superellipse(
    centre: tuple[float, float], half: tuple[float, float], power: float, turn: float = 0.0
) -> Outline:
    """(60, 2): an ellipse at `power` 2, the squarer the higher, turned clockwise by `turn` radians."""
    angle = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    x, y = (
        np.sign(part) * np.abs(part) ** (2 / power) * size
        for part, size in zip((np.cos(angle), np.sin(angle)), half, strict=True)
    )
    cos, sin = np.cos(turn), np.sin(turn)
    return np.stack([centre[0] + cos * x - sin * y, centre[1] + sin * x + cos * y], axis=1)


def _fixed(points: Outline) -> NDArray[np.int32]:
    return np.asarray(np.round(points * 2**_SHIFT), np.int32)
