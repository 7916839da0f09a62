"""Sculpture: tells whether a face is of one material with eyes that have no irises.

Statues and busts of stone, metal and clay are of one hue, and their eyes are blank or have an incised ring
where people have a dark iris. Both must hold: a grey photograph of a person shows the irises, and a person
whose irises cannot be seen has lips and whites of the eyes in other hues than the skin.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.animation.face.face_detection import sample_square
from generation.animation.face.face_topology import (
    FACE_OVAL,
    LEFT_EYE,
    LEFT_IRIS,
    RIGHT_EYE,
    RIGHT_IRIS,
)

EYE_PX, FACE_PX = 64, 96  # sides of the views of an eye, and of the face in its view
EYE_SHARE = 0.8  # of the view that the eye's width takes
PUPIL, IRIS, WHITE = 0.6, 0.8, 1.15  # radii of the iris up to which, and from which, each is looked at
LEAST_PIXELS = 8
# Light of pupil and iris as a part of the white's, mean over both eyes. People made grey (photographs,
# renders, paintings; blurred, pale-eyed and squinting among them) 0.15 to 0.77, modelled statues 0.89 up
BLANK = 0.83
ONE_HUE = 0.9  # distance in CIELAB; statues 0.3 to 0.8, colour pictures of people 1.1 to 7.4, grey ones 0.0


def looks_sculpted(image: NDArray[np.uint8], points: NDArray[np.float32]) -> bool:
    """Whether the face in (H, W, 3) uint8 RGB with (478, 3) landmarks may be a sculpture's.

    The eyes must be open. Line drawings have blank eyes too, and are for the caller to tell apart.
    """
    left = iris_light(image, points, LEFT_EYE, LEFT_IRIS)
    right = iris_light(image, points, RIGHT_EYE, RIGHT_IRIS)
    return (left + right) / 2 > BLANK and hue_spread(image, points) < ONE_HUE


def hue_spread(image: NDArray[np.uint8], points: NDArray[np.float32]) -> float:
    """How far the face's hues lie from a curve over its lightness, in CIELAB; 0 for one material."""
    flat = points[:, :2]
    low, high = flat.min(0), flat.max(0)
    side = round(1.5 * FACE_PX)
    scale = FACE_PX / max(float((high - low).max()), 1.0)
    matrix = np.column_stack([np.eye(2) * scale, side / 2 - scale * (low + high) / 2])
    view = cv2.GaussianBlur(sample_square(image, matrix, side), (0, 0), 1.2)
    face = _inside(flat * scale + matrix[:, 2], FACE_OVAL, side)
    colours = cv2.cvtColor(view.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)[face]
    if len(colours) < LEAST_PIXELS:
        return float("inf")
    curve = np.stack([(colours[:, 0] / 100) ** power for power in range(4)], axis=1)
    hues = colours[:, 1:]
    rest = hues - curve @ np.linalg.lstsq(curve, hues, rcond=None)[0]
    return float(np.sqrt(np.square(rest).sum(1).mean()))


def iris_light(
    image: NDArray[np.uint8], points: NDArray[np.float32], contour: tuple[int, ...], iris: tuple[int, ...]
) -> float:
    """Light of an eye's pupil and iris as a part of that of its white; 0 where too little of it is seen.

    `contour` are the landmarks of the lids, `iris` those of the iris, its centre first.
    """
    flat = points[:, :2].astype(np.float64)
    outline = flat[list(contour)]
    width = max(float(np.ptp(outline[:, 0])), 1.0)
    scale = EYE_SHARE * EYE_PX / width
    middle = (outline.min(0) + outline.max(0)) / 2
    matrix = np.column_stack([np.eye(2) * scale, EYE_PX / 2 - scale * middle])
    light = cv2.cvtColor(sample_square(image, matrix, EYE_PX), cv2.COLOR_RGB2GRAY).astype(np.float32)
    placed = flat * scale + matrix[:, 2]
    ring = placed[list(iris)]
    centre = ring[0]
    radius = max(float(np.linalg.norm(ring[1:] - centre, axis=1).mean()), 1e-6)
    rows, columns = np.mgrid[0:EYE_PX, 0:EYE_PX]
    away = np.hypot(columns - centre[0], rows - centre[1]) / radius
    between_lids = _inside(placed, contour, EYE_PX)
    pupil, whole, white = (light[between_lids & part] for part in (away < PUPIL, away < IRIS, away > WHITE))
    if min(pupil.size, whole.size, white.size) < LEAST_PIXELS:
        return 0.0
    beside = max(float(np.percentile(white, 60)), 1.0)
    return float(np.percentile(pupil, 10) + np.median(whole)) / (2 * beside)


def _inside(points: NDArray[np.floating], contour: tuple[int, ...], side: int) -> NDArray[np.bool_]:
    mask = np.zeros((side, side), np.uint8)
    cv2.fillPoly(mask, [np.round(points[list(contour)]).astype(np.int32)], 1)
    return mask.astype(bool)
