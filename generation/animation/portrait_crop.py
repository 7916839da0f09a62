"""The square of the portrait that becomes the frame, with a margin around it for what moves into view."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.animation.camera import FRAME

FACE_WIDTHS = 2.6  # side of the frame in face widths: head and shoulders
MARGIN = 0.125  # of the frame's side, kept on every side of it
MIN_SIDE, MAX_SIDE = 512, 1024  # pixels at which the frame is kept

# Both cheeks at the ears, whose distance is the width of the face.
CHEEKS = (234, 454)


def frame_square(points: NDArray[np.floating], width: int, height: int) -> tuple[float, float, float]:
    """Left edge, top edge and side, in picture pixels, of the frame around the face with landmarks `points`.

    The square stays inside the picture where the picture is large enough.
    """
    face = points[:468, :2]
    side = float(np.linalg.norm(points[CHEEKS[0], :2] - points[CHEEKS[1], :2])) * FACE_WIDTHS
    face_height = float(np.ptp(face[:, 1]))
    side = min(max(side, 1.75 * face_height), max(width, height))
    centre_x = float(face[:, 0].min() + face[:, 0].max()) / 2
    centre_y = float(face[:, 1].min() + face[:, 1].max()) / 2 - 0.01 * side
    left, top = centre_x - side / 2, centre_y - side / 2
    left = min(max(left, 0.0), width - side) if side <= width else (width - side) / 2
    top = min(max(top, 0.0), height - side) if side <= height else (height - side) / 2
    return left, top, side


def cut_frame(
    image: NDArray[np.uint8], square: tuple[float, float, float]
) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """Sample the frame with its margin: an (S, S, 3) picture and the matrix (2, 3) from picture pixels to frame units.

    S is 1.25 times the side of the frame. What lies outside of the picture is its mirror image.
    """
    left, top, side = square
    inner = int(np.clip(round(side / 8) * 8, MIN_SIDE, MAX_SIDE))
    total = inner + 2 * round(inner * MARGIN)
    scale = inner / side
    # Pixel centres at whole numbers on both sides.
    to_canvas = np.array([[scale, 0, (0.5 - left) * scale - 0.5], [0, scale, (0.5 - top) * scale - 0.5]])
    to_canvas[:, 2] += (total - inner) // 2
    small = image
    if scale < 0.75:  # average before sampling: no moire from fine texture
        factor = scale * 1.0
        size = (max(1, round(image.shape[1] * factor)), max(1, round(image.shape[0] * factor)))
        small = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
        back = np.array([[image.shape[1] / size[0], 0], [0, image.shape[0] / size[1]]])
        matrix = np.column_stack(
            [to_canvas[:, :2] @ back, to_canvas[:, 2] + to_canvas[:, :2] @ (np.diag(back) - 1) / 2]
        )
    else:
        matrix = to_canvas
    canvas = cv2.warpAffine(
        small, matrix, (total, total), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101
    )
    to_frame = np.array(
        [
            [FRAME / side, 0, (0.5 - left) * FRAME / side - 0.5],
            [0, FRAME / side, (0.5 - top) * FRAME / side - 0.5],
        ]
    )
    return np.asarray(canvas, np.uint8), to_frame
