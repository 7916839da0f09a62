"""The face of a portrait as LivePortrait takes it: a square about it, and how far eyes and lips are open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

INPUT_PX: Final = 256
# Side of the square in sizes of the face, and how far its middle lies above the face's, as the authors crop.
SIDE, ABOVE = 2.3, 0.125
CHEEKS: Final = (234, 454)
# Upper lid, lower lid, outer and inner corner, of the eye at the picture's left and of the other.
_EYES: Final = ((159, 145, 33, 133), (386, 374, 263, 362))
_LIPS: Final = (13, 14, 61, 291)


@dataclass(frozen=True, eq=False)
class SourceFace:
    """`square` (256, 256, 3) uint8 RGB; `eyes` (2,) and `lips` their openings over their widths; `width` of
    the head in the square, as a part of its side."""

    square: NDArray[np.uint8]
    eyes: NDArray[np.float32]
    lips: float
    width: float


def source_face(image: NDArray[np.uint8], points: NDArray[np.float32]) -> SourceFace:
    """The face with landmarks `points` (478, 3) in an (H, W, 3) uint8 RGB picture."""
    low, high = points[:468, :2].min(0), points[:468, :2].max(0)
    side = SIDE * float((high - low).max())
    left, top = (low + high) / 2 - side / 2 - np.array([0, ABOVE * side])
    scale = INPUT_PX / side
    matrix = np.array([[scale, 0, -left * scale], [0, scale, -top * scale]], np.float32)
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    picture = image
    if scale < 0.5:  # averaged before it is sampled
        small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        picture, how = np.asarray(small, np.uint8), cv2.INTER_LINEAR
        matrix[:, :2] = np.eye(2)
    square = cv2.warpAffine(picture, matrix, (INPUT_PX, INPUT_PX), flags=how, borderMode=cv2.BORDER_REPLICATE)
    width = float(np.linalg.norm(points[CHEEKS[0], :2] - points[CHEEKS[1], :2])) / side
    eyes = np.array([_opening(points, *eye) for eye in _EYES], np.float32)
    return SourceFace(np.asarray(square, np.uint8), eyes, _opening(points, *_LIPS), width)


def _opening(points: NDArray[np.float32], above: int, below: int, one: int, other: int) -> float:
    height = np.linalg.norm(points[above, :2] - points[below, :2])
    return float(height / (np.linalg.norm(points[one, :2] - points[other, :2]) + 1e-6))
