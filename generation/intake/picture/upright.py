"""Sets a picture upright by its face: scans, screenshots and forwarded files lie on their sides."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.animation.face.landmarks import detect_faces
from generation.animation.portrait.portrait_check import MAX_ROLL, MIN_PRESENCE, head_roll

LOOKED_AT_SIDE = 800  # pixels: enough for a face that is large enough to be animated
# Scores of the largest face: upright 0.93 to 0.98, on its side 0.73 to 0.90, upside down 0.63 to 0.80.
CERTAIN_SCORE = 0.91
BETTER_BY = 0.04


def set_upright(image: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], int]:
    """(H, W, 3) uint8 RGB turned so that its largest face is upright, and the quarter turns it took.

    They are counted counter-clockwise, as by `np.rot90`. A picture without a face comes back as it is.
    """
    scale = LOOKED_AT_SIDE / max(image.shape[:2])
    small = image
    if scale < 1:
        size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
        small = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    as_it_is = _score(small)
    if as_it_is >= CERTAIN_SCORE:
        return image, 0
    scores = [as_it_is] + [_score(np.ascontiguousarray(np.rot90(small, turns))) for turns in (1, 2, 3)]
    best = int(np.argmax(scores))
    if best == 0 or scores[best] < as_it_is + BETTER_BY:
        return image, 0
    return np.ascontiguousarray(np.rot90(image, best)), best


def _score(image: NDArray[np.uint8]) -> float:
    """The detector's score of the largest face if it is more or less upright, 0 otherwise."""
    faces = detect_faces(image)
    if not faces or faces[0].presence < MIN_PRESENCE or abs(head_roll(faces[0].points)) > MAX_ROLL:
        return 0.0
    return faces[0].score
