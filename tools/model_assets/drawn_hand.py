"""Draw a hand over a face, made of rounded strokes: for measuring the probe for hands, which never saw one.

The training pictures of that probe are made by `rendered_hands.py`.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.model_assets.face_frame import FaceFrame, Image, Points

Random = np.random.Generator

# Landmarks whose mean is the middle of the hand.
PLACES: Final = {"left cheek": (50, 187), "right cheek": (280, 411), "mouth": (13, 17)}
# Offset across the palm and length of each finger, in longer sides of the face.
FINGERS: Final = ((-0.14, 0.30), (-0.05, 0.36), (0.05, 0.34), (0.13, 0.27))
BRIGHTNESS: Final = (0.75, 1.2)  # against the face's own skin
SHADOW: Final = 0.25


def draw_hand(image: Image, points: Points, random: Random, place: str) -> Image:
    """`image` ((H, W, 3) uint8 RGB) with a drawn hand over the `place` (a key of PLACES) of the face with
    landmarks `points` (478, 2+)."""
    face = FaceFrame(image, points)
    longer = float(np.ptp(face.points[:468], axis=0).max())
    colour = face.skin * random.uniform(*BRIGHTNESS)
    lean = random.uniform(-0.6, 0.6)
    if place == "mouth":
        lean += random.choice([-0.9, 0.9])
    up = np.array([np.sin(lean), -np.cos(lean)])
    across = np.array([-up[1], up[0]])
    palm = face.points[list(PLACES[place])].mean(0) - 0.12 * longer * up
    strokes = [
        (palm - 0.2 * longer * up, palm, 0.17),
        (palm - 0.9 * longer * up, palm - 0.25 * longer * up, 0.11),
    ]
    for offset, length in FINGERS:
        root = palm + (offset * across + 0.08 * up) * longer
        tip = root + (length * random.uniform(0.7, 1.0) * up + 0.3 * offset * across) * longer
        strokes.append((root, tip, 0.046))
    thumb = palm - (0.16 * across + 0.12 * up) * longer
    strokes.append((thumb, thumb + (0.16 * up - 0.16 * across) * longer, 0.05))
    out = image.astype(np.float64)
    for start, end, radius in strokes:
        out = _stroke(out, (start, end), radius * longer, colour, 0.02 * longer)
    return np.asarray(np.clip(out, 0, 255), np.uint8)


def _stroke(
    image: NDArray[np.float64],
    line: tuple[NDArray[np.floating], NDArray[np.floating]],
    radius: float,
    colour: NDArray[np.floating],
    shadow: float,
) -> NDArray[np.float64]:
    """`image` with a rounded stroke along a line, lighter in its middle, and the shadow it casts."""
    mask = np.zeros(image.shape[:2], np.uint8)
    ends = [tuple(int(v) for v in point) for point in line]
    cv2.line(mask, ends[0], ends[1], 255, max(1, int(2 * radius)), cv2.LINE_AA)
    alpha = cv2.GaussianBlur(mask / 255.0, (0, 0), 1)[..., None]
    depth = cv2.distanceTransform((mask > 127).astype(np.uint8), cv2.DIST_L2, 5) / max(radius, 1)
    shade = 0.72 + 0.33 * np.sqrt(np.clip(depth, 0, 1))
    cast = 1 - SHADOW * cv2.GaussianBlur(alpha[..., 0], (0, 0), shadow)
    return np.asarray(image * cast[..., None] * (1 - alpha) + colour * shade[..., None] * alpha)
