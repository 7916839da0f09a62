"""Where in a rendered frame the mouth moves, for the fingerprint of its motion."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generation.animation.face.face_topology import LIPS_OUTER
from generation.animation.face.landmarks import detect_faces
from provenance.fingerprints.motion.fingerprint import MouthBox

_BESIDE, _ABOVE, _BELOW = 0.15, 0.15, 0.4  # of the lips' width: an open mouth takes the chin down


def mouth_box(frame: NDArray[np.uint8]) -> MouthBox | None:
    """The box about the largest face's mouth, open or shut, in a (H, W, 3) uint8 RGB frame; None without one.

    In parts of the frame's width and height, as `MouthBox` counts.
    """
    faces = detect_faces(frame)
    if not faces:
        return None
    lips = faces[0].points[list(LIPS_OUTER), :2]
    (left, top), (right, bottom) = lips.min(axis=0), lips.max(axis=0)
    lips_width = right - left
    beside, above, below = (part * lips_width for part in (_BESIDE, _ABOVE, _BELOW))
    sides = np.array([left - beside, top - above, right + beside, bottom + below])
    height, width = frame.shape[:2]
    box = np.clip(sides / (width, height, width, height), 0, 1)
    return MouthBox(*map(float, box)) if box[0] < box[2] and box[1] < box[3] else None
