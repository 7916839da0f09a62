"""Sample portraits, and changes to them that make them unusable."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.animation.face.landmarks import FaceLandmarks, detect_faces

PORTRAITS = Path(__file__).resolve().parents[3] / "samples" / "portraits"
NAMES = ("amara", "kenji", "maya", "tomas")

Image = NDArray[np.uint8]


@cache
def portrait(name: str) -> Image:
    """A sample portrait as (H, W, 3) uint8 RGB, not writable."""
    picture = cv2.imread(str(PORTRAITS / f"{name}.jpg"))
    assert picture is not None
    image: Image = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB).astype(np.uint8)
    image.setflags(write=False)
    return image


@cache
def face_of(name: str) -> FaceLandmarks:
    """The one face of a sample portrait."""
    (face,) = detect_faces(portrait(name))
    return face


def around_face(name: str, face_px: float, view: float = 2.6, turned: float = 0.0) -> Image:
    """A square `view` face sizes a side, made so large that the face's longer side has `face_px` pixels."""
    x, y, width, height = face_of(name).box
    scale = face_px / max(width, height)
    size = round(face_px * view)
    matrix = cv2.getRotationMatrix2D((x + width / 2, y + height / 2), turned, scale)
    matrix[:, 2] += (size / 2 - (x + width / 2), size / 2 - (y + height / 2))
    image: Image = portrait(name)
    if scale < 0.5:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), 0.4 / scale), np.uint8)
    square = cv2.warpAffine(image, matrix, (size, size), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(square, np.uint8)


@cache
def close_up(name: str) -> tuple[Image, NDArray[np.floating]]:
    """The portrait around its face, whose longer side has 200 pixels, and the landmarks in it, to draw on."""
    image = around_face(name, 200, view=2.2)
    (face,) = detect_faces(image)
    return image, face.points


def side_by_side(*images: Image) -> Image:
    """Pictures of one height in a row."""
    return np.concatenate(images, axis=1)


def with_bar(name: str, over: str, colour: tuple[int, int, int] | Image) -> Image:
    """The portrait with a rectangle of a colour, or out of a picture, over its `mouth` or `eyes`."""
    points = face_of(name).points[:, :2]
    distance = float(np.linalg.norm(points[468] - points[473]))
    if over == "mouth":
        centre, half = points[[13, 14]].mean(0), np.array([0.55, 0.45]) * distance
    else:
        centre, half = points[[468, 473]].mean(0), np.array([1.0, 0.3]) * distance
    image = portrait(name).copy()
    corner, opposite = (centre - half).astype(int), (centre + half).astype(int)
    paint = np.broadcast_to(np.asarray(colour, np.uint8), image.shape)
    rows, columns = slice(corner[1], opposite[1]), slice(corner[0], opposite[0])
    image[rows, columns] = paint[rows, columns]
    return image


def coloured_blocks(like: Image, side: int, seed: int) -> Image:
    """A mosaic of random colours, as large as `like`, of squares `side` pixels wide."""
    height, width = like.shape[:2]
    cells = np.random.default_rng(seed).integers(0, 256, (height // side + 1, width // side + 1, 3), np.uint8)
    return np.asarray(cells.repeat(side, 0).repeat(side, 1)[:height, :width], np.uint8)


def blurred(image: Image, sigma: float) -> Image:
    """Out of focus by a Gaussian of `sigma` pixels."""
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), np.uint8)


def brightened(image: Image, gain: float) -> Image:
    """All grey levels times `gain`, clipped as a camera clips."""
    return np.asarray(np.clip(image.astype(np.float32) * gain, 0, 255), np.uint8)


def pencil_drawing(image: Image) -> Image:
    """The picture as a pencil drawing on white paper."""
    grey, _ = cv2.pencilSketch(image, sigma_s=60, sigma_r=0.07, shade_factor=0.05)
    return np.repeat(grey[..., None], 3, 2)
