"""Image quality of a face: exposure, sharpness, eye contrast, visible teeth, on a normalised view."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.animation.face.face_detection import sample_square
from generation.animation.face.face_topology import (
    FACE_OVAL,
    LEFT_EYE,
    LIPS_INNER,
    LIPS_OUTER,
    NOSE_TIP,
    RIGHT_EYE,
)

FACE_PX = 96  # longer side of the face in the standard view: what the smallest face accepted has
VIEW_PX = 144
OVEREXPOSED = 250
# Thresholds for a tooth pixel between the lips: brightness and saturation relative to the skin.
TOOTH_BRIGHTNESS = 0.75
TOOTH_SATURATION = 0.75
DIRECTIONS = ((1.0, 0.0), (0.7071, 0.7071), (0.0, 1.0), (-0.7071, 0.7071))  # right, down and both diagonals


class FaceAppearance:
    """Measures of one face, from `image` ((H, W, 3) uint8 RGB) and its (478, 3) landmarks."""

    def __init__(self, image: NDArray[np.uint8], points: NDArray[np.float32]) -> None:
        flat = points[:, :2]
        across = flat[RIGHT_EYE[0]] - flat[LEFT_EYE[0]]
        low, high = flat.min(0), flat.max(0)
        scale = FACE_PX / max(float((high - low).max()), 1.0) / max(float(np.hypot(*across)), 1e-6)
        turn = np.array([[across[0], across[1]], [-across[1], across[0]]], np.float64) * scale
        matrix = np.column_stack([turn, VIEW_PX / 2 - turn @ ((low + high) / 2)])
        self._colour = sample_square(image, matrix, VIEW_PX)
        self._grey = cv2.cvtColor(self._colour, cv2.COLOR_RGB2GRAY).astype(np.float32)
        self._points = (flat @ turn.T + matrix[:, 2]).astype(np.float32)
        self._face = self._inside(FACE_OVAL)

    @property
    def brightest(self) -> float:
        """The grey level (0..255) that one five hundredth of the face exceeds, its eyes included."""
        return float(np.percentile(self._grey[self._face], 99.8)) if self._face.any() else 0.0

    @property
    def overexposed(self) -> float:
        """The part of the face that is white in all channels, 0..1."""
        return float((self._colour[self._face].min(-1) >= OVEREXPOSED).mean()) if self._face.any() else 0.0

    @property
    def sharpness(self) -> float:
        """Energy of details of about one pixel to that of features of a few pixels; 0 is all blur."""
        fine, coarse = (cv2.GaussianBlur(self._grey, (0, 0), sigma) for sigma in (1.0, 4.0))
        details, features = (self._grey - fine)[self._face], (fine - coarse)[self._face]
        return float(np.sum(details**2) / max(float(np.sum(features**2)), 1e-6))

    @property
    def least_detail(self) -> float:
        """Energy of details of about a pixel along the direction that has least, as `sharpness` counts it.

        A camera that moved takes details from one direction only.
        """
        fine, coarse = (cv2.GaussianBlur(self._grey, (0, 0), sigma) for sigma in (1.0, 4.0))
        features = max(float(np.sum((fine - coarse)[self._face] ** 2)), 1e-6)
        return min(
            float(np.sum((self._grey - self._beside(right, down))[self._face] ** 2)) / features
            for right, down in DIRECTIONS
        )

    @property
    def eye_contrast(self) -> float:
        """Standard deviation of light between the lids to the mean light of the face; the flatter eye's."""
        mean = max(float(self._grey[self._face].mean()) if self._face.any() else 0.0, 1.0)
        eyes = (self._grey[self._inside(eye)] for eye in (LEFT_EYE, RIGHT_EYE))
        return min(float(eye.std()) if eye.size else 0.0 for eye in eyes) / mean

    @property
    def side_ratio(self) -> float:
        """How many times as much light the brighter half of the face reflects as the other, 1 and more."""
        # The halves meet on the line from brow to nose to chin.
        middle = self._points[[10, 9, NOSE_TIP, 17, 152]]
        rows = np.arange(VIEW_PX, dtype=np.float32)
        order = np.argsort(middle[:, 1])
        line = np.interp(rows, middle[order, 1], middle[order, 0])
        left = np.arange(VIEW_PX)[None, :] < line[:, None]
        light = (self._grey / 255.0) ** 2.2
        halves = [light[self._face & side] for side in (left, ~left)]
        if any(half.size < FACE_PX for half in halves):
            return 1.0
        dark, bright = sorted(float(np.median(half)) for half in halves)
        return bright / max(dark, 1e-4)

    @property
    def teeth(self) -> float:
        """Area between the lips that looks like teeth, relative to the area of the mouth, 0..1."""
        inner, mouth = self._inside(LIPS_INNER), self._inside(LIPS_OUTER)
        skin = self._face & ~mouth
        if not inner.any() or not skin.any():
            return 0.0
        light = float(np.median(self._grey[skin]))
        colour = self._colour.astype(np.float32)
        saturation = (colour.max(-1) - colour.min(-1)) / np.maximum(colour.max(-1), 1.0)
        pale = saturation < TOOTH_SATURATION * float(np.median(saturation[skin]))
        return float(
            (inner & pale & (self._grey > TOOTH_BRIGHTNESS * light)).sum() / max(int(mouth.sum()), 1)
        )

    def _beside(self, right: float, down: float) -> NDArray[np.float32]:
        """The mean of the view moved by (right, down) pixels and by as much the other way."""
        moved = [
            cv2.warpAffine(
                self._grey,
                np.array([[1, 0, sign * right], [0, 1, sign * down]], np.float64),
                (VIEW_PX, VIEW_PX),
                flags=cv2.INTER_LINEAR,
                borderMode=cv2.BORDER_REPLICATE,
            )
            for sign in (-1, 1)
        ]
        return np.asarray((moved[0] + moved[1]) / 2, np.float32)

    def _inside(self, contour: tuple[int, ...]) -> NDArray[np.bool_]:
        mask = np.zeros((VIEW_PX, VIEW_PX), np.uint8)
        cv2.fillPoly(mask, [np.round(self._points[list(contour)]).astype(np.int32)], 1)
        return mask.astype(bool)
