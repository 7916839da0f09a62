"""Portrait crop: the square of the portrait that becomes the frame, with a margin for what may move in."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.animation.geometry.camera import FRAME

FACE_WIDTHS = 2.6  # side of the frame in face widths: head and shoulders
MARGIN = 0.125  # of the frame's side, kept on every side of it
MIN_SIDE, MAX_SIDE = 512, 1080  # pixels at which the frame is kept

SHOULDER_SLOPE = 0.35
TIGHTEST = 1.3  # face heights: least side of the frame
# Both cheeks at the ears, whose distance is the width of the face.
CHEEKS = (234, 454)


def frame_square(points: NDArray[np.floating], width: int, height: int) -> tuple[float, float, float]:
    """Left edge, top edge and side, in picture pixels, of the frame around the face with landmarks `points`.

    The square stays inside the picture where the picture is large enough.
    """
    face = points[:468, :2]
    side = float(np.linalg.norm(points[CHEEKS[0], :2] - points[CHEEKS[1], :2])) * FACE_WIDTHS
    face_height = float(np.ptp(face[:, 1]))
    # A closer crop is preferred to one that exceeds the picture, as long as the whole face fits.
    side = min(max(side, 1.75 * face_height), max(min(width, height), TIGHTEST * face_height))
    centre_x = float(face[:, 0].min() + face[:, 0].max()) / 2
    centre_y = float(face[:, 1].min() + face[:, 1].max()) / 2 - 0.01 * side
    left, top = centre_x - side / 2, centre_y - side / 2
    left = min(max(left, 0.0), width - side) if side <= width else (width - side) / 2
    top = min(max(top, 0.0), height - side) if side <= height else (height - side) / 2
    return left, top, side


def cut_frame(
    image: NDArray[np.uint8], square: tuple[float, float, float]
) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """Sample the frame with its margin: (S, S, 3), and the matrix (2, 3) from picture pixels to frame units.

    S is 1.25 times the side of the frame. Beyond the picture's sides its edge pixels are repeated along a
    downward slope, as shoulders fall; beyond its top they are repeated straight, and beyond its bottom it is
    mirrored.
    """
    left, top, side = square
    inner = int(np.clip(round(side / 8) * 8, MIN_SIDE, MAX_SIDE))
    margin = round(inner * MARGIN)
    total = inner + 2 * margin
    height, width = image.shape[:2]
    factor = min(1.0, inner / side)
    small = image
    if factor < 1.0:  # average before sampling: no moire from fine texture
        size = (max(1, round(width * factor)), max(1, round(height * factor)))
        small = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    axis = (np.arange(total) - margin + 0.5) / inner * side
    x, y = left + axis, (top + axis)[:, None]
    beyond = np.maximum(-x, 0) + np.maximum(x - width, 0)
    # Inside the frame edge pixels are repeated horizontally, to avoid visible slanted streaks.
    slope = SHOULDER_SLOPE * ((x < 0) * (left >= -1) + (x > width) * (left + side <= width + 1))
    y = y - slope * beyond
    y = np.where(y > height, 2 * height - y, y)
    kx, ky = small.shape[1] / width, small.shape[0] / height
    canvas = cv2.remap(
        small,
        np.tile((np.clip(x, 0, width) * kx - 0.5).astype(np.float32), (total, 1)),
        (np.clip(y, 0, height) * ky - 0.5).astype(np.float32),
        cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    scale = FRAME / side
    to_frame = np.array([[scale, 0, (0.5 - left) * scale - 0.5], [0, scale, (0.5 - top) * scale - 0.5]])
    return np.asarray(canvas, np.uint8), to_frame
