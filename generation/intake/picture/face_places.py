"""Where in a face each code of the portrait check belongs."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.animation.face.face_topology import (
    CHIN,
    FACE_OVAL,
    LEFT_BROW,
    LEFT_EYE,
    LIPS_OUTER,
    NOSE_TIP,
    RIGHT_BROW,
    RIGHT_EYE,
)
from generation.animation.face.landmarks import FaceLandmarks
from generation.animation.portrait.portrait_check import covered_region
from generation.animation.portrait.portrait_crop import frame_square
from generation.intake.places import Place, PlaceName, boxed, outline

EDGE = 0.03  # of the picture's shorter side: how wide the mark along a tight edge is
ROOM = 0.15  # of the face's height: less than this between face and edge is tight
_LOWER_FACE = FACE_OVAL[10:27]  # from below one ear around the chin to below the other
_MIDDLE = (10, 9, NOSE_TIP, 17, CHIN)


def places_for(code: str, image: NDArray[np.uint8], faces: Sequence[FaceLandmarks]) -> tuple[Place, ...]:
    """Places in (H, W, 3) uint8 RGB for a code of the portrait check, whose `faces` it is about.

    Empty for codes that are about no place.
    """
    if not faces:
        return ()
    height, width = image.shape[:2]
    if code in {"several_faces", "face_not_there"}:
        return tuple(boxed("face", face.box, width, height) for face in faces)
    face = faces[0]
    flat = face.points[:, :2]

    def around(what: PlaceName, *groups: Sequence[int]) -> tuple[Place, ...]:
        return tuple(outline(what, hull(flat[list(group)]), width, height) for group in groups)

    if code == "tight_frame":
        return _tight_edges(face, width, height)
    if code == "face_covered":
        region = covered_region(image, face)
        code = {"eyes": "glasses", "mouth": "mouth_open_wide"}.get(region, code)
    match code:
        case "eyes_closed" | "may_be_sculpture":
            return around("eyes", LEFT_EYE, RIGHT_EYE)
        case "glasses":
            return around("eyes", LEFT_EYE + LEFT_BROW + RIGHT_EYE + RIGHT_BROW)
        case "beard" | "chin_outside":
            return around("lower_face", _LOWER_FACE)
        case "teeth_showing" | "mouth_open_wide":
            return around("mouth", LIPS_OUTER)
        case "strong_shadow":
            return around("dark_side", _dark_side(image, flat))
        case _:
            return around("face", FACE_OVAL)


def hull(points: NDArray[np.floating]) -> NDArray[np.float64]:
    """(N, 2) corners of the convex outline around (M, 2) points, a twentieth wider than they are."""
    corners = cv2.convexHull(points.astype(np.float32))[:, 0].astype(np.float64)
    centre = corners.mean(0)
    return np.asarray(centre + (corners - centre) * 1.05, np.float64)


def _tight_edges(face: FaceLandmarks, width: int, height: int) -> tuple[Place, ...]:
    """Strips along the picture's edges that the face comes near to, or beyond which the frame reaches."""
    x, y, wide, high = face.box
    left, top, side = frame_square(face.points, width, height)
    room, strip = ROOM * high, EDGE * min(width, height)
    edges = (
        (min(x - room, left + 1), (0.0, 0.0, strip, float(height))),
        (min(y - room, top + 1), (0.0, 0.0, float(width), strip)),
        (width - max(x + wide + room, left + side - 1), (width - strip, 0.0, strip, float(height))),
        (height - max(y + high + room, top + side - 1), (0.0, height - strip, float(width), strip)),
    )
    return tuple(boxed("edge", box, width, height) for space, box in edges if space < 0)


def _dark_side(image: NDArray[np.uint8], flat: NDArray[np.float32]) -> tuple[int, ...]:
    """Landmarks around the half of the face that reflects less light."""
    oval = flat[list(FACE_OVAL)]
    middle = float(flat[list(_MIDDLE), 0].mean())
    halves = [
        [point for point, (x, _) in zip(FACE_OVAL, oval, strict=True) if (x < middle) == is_left]
        for is_left in (True, False)
    ]
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    light = []
    for half in halves:
        mask = np.zeros(grey.shape, np.uint8)
        corners = hull(flat[[*half, *_MIDDLE]])
        cv2.fillConvexPoly(mask, np.round(corners).astype(np.int32), 1)
        light.append(float(grey[mask > 0].mean()) if mask.any() else 255.0)
    return (*halves[int(np.argmin(light))], *_MIDDLE)
