"""Lay a rendered hand over a face: on a cheek, the mouth or the chin.

The mesh of `hand_mesh.npz` is turned, lit from the upper left, coloured as the face's own skin, and casts a
soft shadow. Palm and back of the hand, in many directions.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.model_assets.face_frame import FaceFrame, Image, Points

MESH: Final = Path(__file__).with_name("hand_mesh.npz")
# Landmarks whose mean is the middle of the hand.
PLACES: Final = {
    "left cheek": (50, 187),
    "right cheek": (280, 411),
    "mouth": (13, 17),
    "chin": (152, 17),
}
LIGHT: Final = np.array([-0.4, -0.6, 0.7]) / np.linalg.norm([-0.4, -0.6, 0.7])
# Brightness against the face's own skin: hands are lit otherwise, and may be another's.
BRIGHTNESS: Final = (0.65, 1.3)
CURL: Final = (0.0, 1.3)  # radians by which fingers are bent, around the knuckles
KNUCKLES: Final = 0.05  # of the hand's length from its middle towards the fingers
BREADTH: Final = (0.85, 1.2)
LENGTH: Final = (0.75, 0.95)  # of the hand, in longer sides of the face
_SHIFT: Final = 4  # bits of a pixel's fraction that OpenCV is given

Random = np.random.Generator
Floats = NDArray[np.float64]


def lay_hand(image: Image, points: Points, random: Random, place: str) -> Image:
    """`image` ((H, W, 3) uint8 RGB) with a hand over the `place` (a key of PLACES) of the face with landmarks
    `points` (478, 2+)."""
    face = FaceFrame(image, points)
    flat = face.points[:468]
    longer = float(np.ptp(flat, axis=0).max())
    colour = face.skin * random.uniform(*BRIGHTNESS) * random.uniform(0.94, 1.06, 3)
    hand, alpha = render_hand(longer * random.uniform(*LENGTH), colour, random)
    middle = face.points[list(PLACES[place])].mean(0) + random.uniform(-0.05, 0.05, 2) * longer
    corner = middle - len(hand) / 2
    matrix = np.array([[1, 0, corner[0]], [0, 1, corner[1]]])
    size = image.shape[1::-1]
    shown = cv2.warpAffine(hand, matrix, size).astype(np.float64)
    opacity = cv2.warpAffine(alpha, matrix, size).astype(np.float64)[..., None]
    shadow = 0.35 * cv2.GaussianBlur(opacity[..., 0], (0, 0), 0.02 * longer)[..., None]
    return np.asarray(np.clip(image * (1 - shadow) * (1 - opacity) + shown * opacity, 0, 255), np.uint8)


def render_hand(
    length: float, colour: NDArray[np.floating], random: Random
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """A hand `length` pixels long in a random attitude: colours (S, S, 3) 0..255 and opacity (S, S) 0..1."""
    vertices, triangles, size = *_hand(), int(3 * length)
    side = random.choice([1.0, -1.0])  # palm or back
    shaped = _curled(vertices, random.uniform(*CURL)) * (random.uniform(*BREADTH), 1.0, 1.0)
    points = shaped * (side, 1.0, side) @ _attitude(random).T * length
    points[:, :2] += size / 2
    corners = points[triangles]
    facing = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals = np.zeros_like(points)
    for k in range(3):
        np.add.at(normals, triangles[:, k], facing)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True) + 1e-9
    lit = 0.35 + 0.75 * np.clip(normals @ LIGHT, 0, 1)
    colours, alpha = np.zeros((size, size, 3), np.float32), np.zeros((size, size), np.uint8)
    for triangle in np.argsort(corners[..., 2].mean(1)):  # the farthest first
        outline = np.round(corners[triangle, :, :2] * 2**_SHIFT).astype(np.int32)
        shade = colour * float(lit[triangles[triangle]].mean())
        cv2.fillConvexPoly(colours, outline, shade.tolist(), cv2.LINE_8, _SHIFT)
        cv2.fillConvexPoly(alpha, outline, 255, cv2.LINE_8, _SHIFT)
    inside = cv2.GaussianBlur(cv2.erode(alpha, np.ones((3, 3))).astype(np.float32), (0, 0), 1.0)
    return cv2.GaussianBlur(colours, (0, 0), 0.8).astype(np.float32), (inside / 255).astype(np.float32)


@cache
def _hand() -> tuple[Floats, NDArray[np.int64]]:
    """Vertices (V, 3) with the middle of the hand as origin, its length as unit, fingers up, the palm towards
    the viewer or away from them; and triangles (T, 3)."""
    with np.load(MESH) as stored:
        vertices, is_hand = stored["vertices"].astype(np.float64), stored["hand"]
        triangles = stored["triangles"].astype(np.int64)
    vertices -= vertices[is_hand].mean(0)
    _, _, (along, _, normal) = np.linalg.svd(vertices[is_hand], full_matrices=False)
    if (vertices[~is_hand] @ along).mean() > 0:
        along = -along  # the arm is at the other end than the fingers
    axes = np.stack([np.cross(along, normal), -along, normal], axis=1)
    vertices = vertices @ axes / np.ptp(vertices[is_hand] @ along)
    a, b, c = (vertices[triangles[:, k]] for k in range(3))
    if (a * np.cross(b, c)).sum() < 0:  # triangles face outwards when they enclose a positive volume
        triangles = triangles[:, ::-1]
    return vertices, triangles


def _curled(vertices: Floats, angle: float) -> Floats:
    """The vertices (V, 3) of a hand with its fingers bent by up to `angle` radians towards the palm."""
    beyond = np.maximum(-vertices[:, 1] - KNUCKLES, 0)
    reach = beyond.max()
    bend = angle * np.minimum(beyond / reach, 1)
    run = np.where(bend > 1e-6, np.sin(bend) / np.maximum(bend, 1e-6), 1.0) * beyond
    drop = np.where(bend > 1e-6, (1 - np.cos(bend)) / np.maximum(bend, 1e-6), 0.0) * beyond
    out = vertices.copy()
    out[:, 1] += beyond - run
    out[:, 2] += drop
    return out


def _attitude(random: Random) -> Floats:
    """A rotation (3, 3): tilted by up to 35 degrees each way, turned in the picture by up to 50."""
    turns = []
    for axis, most in ((0, 0.5), (1, 0.6), (2, 0.9)):
        angle = random.uniform(-most, most)
        one, other = (k for k in range(3) if k != axis)
        turn = np.eye(3)
        turn[one, one] = turn[other, other] = np.cos(angle)
        turn[one, other], turn[other, one] = -np.sin(angle), np.sin(angle)
        turns.append(turn)
    return np.asarray(turns[2] @ turns[1] @ turns[0])
