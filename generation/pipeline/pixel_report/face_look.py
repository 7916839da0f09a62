"""One look at the face in one frame: the gap between its lips, and its skin beside the portrait's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.animation.face.face_topology import CHIN, FOREHEAD, LEFT_EYE, RIGHT_EYE
from generation.animation.face.landmarks import follow_face, locate_face

Points = NDArray[np.float32]
Image = NDArray[np.uint8]
View = NDArray[np.float32]

LONGEST_PX: Final = 768  # of the portrait, in which its face is looked for
VIEW_PX: Final = 48
# Parts of the face that are compared as pictures: the landmarks around each. Mouth, eyes and brows move, and
# are left out; the first RIGID of them move least.
PARTS: Final = (
    (54, 284, 107, 336, 10, 151, 9),  # forehead
    (117, 50, 205, 187, 147, 123, 101, 36),  # cheek at the picture's left
    (346, 280, 425, 411, 376, 352, 330, 266),  # the other cheek
    (6, 197, 195, 5, 48, 278, 129, 358, 122, 351),  # nose
    (205, 214, 138, 213, 187, 207, 192),  # jaw at the picture's left
    (425, 434, 367, 433, 411, 427, 416),  # the other side of the jaw
    (18, 200, 199, 152, 148, 377, 204, 424),  # chin
)
RIGID: Final = 4
# Landmarks that hardly move with expression: corners of the eyes, the nose but for its tip, temples.
STEADY: Final = (33, 133, 362, 263, 168, 6, 197, 195, 2, 98, 327, 127, 356, 234, 454, 10, 54, 284)
_LIP_PAIRS: Final = ((13, 14), (82, 87), (312, 317))
_GREY: Final = np.array([0.299, 0.587, 0.114], np.float32)
# Edges of a part: grey levels a pixel, beyond those that the portrait has within a few pixels.
_EDGE, _EDGE_GROWTH, _REACH = 5.0, 1.3, np.ones((11, 11), np.uint8)
# The details that are compared: between these two widths of a blur, in pixels of a view.
_FINE, _COARSE = 1.5, 8.0
_BORDER: Final = 4


@dataclass(frozen=True, eq=False)
class SkinLook:
    """How the skin of one frame compares with the portrait's.

    `new_edges` (PARTS,) is the part of each view that has edges where the portrait has none, `apart` (PARTS,)
    one minus the correlation of the details, `proportions_apart` the distance of the steady landmarks in
    parts of the face's size.
    """

    new_edges: NDArray[np.float64]
    apart: NDArray[np.float64]
    proportions_apart: float


@dataclass(frozen=True, eq=False)
class FaceLook:
    """What was seen in a frame: the gap between the lips in parts of the face's size, and the skin."""

    lip_gap: float
    skin: SkinLook | None


class LocatedPortrait:
    """A portrait (H, W, 3) uint8 RGB as its frames are compared with it: reduced, its face located once."""

    def __init__(self, portrait: Image) -> None:
        self.picture = _resized(portrait, min(LONGEST_PX / max(portrait.shape[:2]), 1.0))
        self.points = locate_face(self.picture)


class FaceWatcher:
    """Follows the face through frames in order, and compares it with the portrait it was rendered from."""

    def __init__(self, portrait: LocatedPortrait) -> None:
        """Of a portrait without a face, lips are still looked at."""
        self._portrait, self._portrait_points = portrait.picture, portrait.points
        self._reference: _Reference | None = None
        self._points: Points | None = None

    def look(self, frame: Image, *, at_skin: bool) -> FaceLook | None:
        """The face in a frame, (H, W, 3) uint8 RGB, or None where there is none."""
        found = None if self._points is None else follow_face(frame, self._points)
        self._points = locate_face(frame) if found is None else found
        if self._points is None:
            return None
        skin = self._skin(frame, self._points) if at_skin else None
        return FaceLook(lip_gap(self._points), skin)

    def _skin(self, frame: Image, points: Points) -> SkinLook | None:
        if self._portrait_points is None:
            return None
        if self._reference is None:  # at the size that the face has in the frames, so that both are as sharp
            scale = face_size(points) / face_size(self._portrait_points)
            resized = _resized(self._portrait, scale)
            self._reference = _Reference(resized, (self._portrait_points * scale).astype(np.float32))
        return self._reference.compare(frame, points)


class _Reference:
    """The portrait's own views, edges and details."""

    def __init__(self, portrait: Image, points: Points) -> None:
        self._points = points
        views = part_views(portrait, points, points)
        self._edges = [cv2.dilate(_edges(view), _REACH) * _EDGE_GROWTH for view in views]
        self._details = [_details(view) for view in views]

    def compare(self, frame: Image, points: Points) -> SkinLook:
        views = part_views(frame, points, self._points)
        inner = slice(_BORDER, -_BORDER)
        new = [
            float((np.maximum(_edges(view) - known, 0.0)[inner, inner] > _EDGE).mean())
            for view, known in zip(views, self._edges, strict=True)
        ]
        apart = [
            1.0 - float((a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum() + 1e-6))
            for a, b in zip(map(_details, views), self._details, strict=True)
        ]
        return SkinLook(np.array(new), np.array(apart), proportions_apart(points, self._points))


def face_size(points: Points) -> float:
    """Root of eye distance times height of the face, in pixels: changes little with the turn of the head."""
    across = np.linalg.norm(points[RIGHT_EYE[0]] - points[LEFT_EYE[0]])
    down = np.linalg.norm(points[CHIN] - points[FOREHEAD])
    return max(float(np.sqrt(across * down)), 1.0)


def lip_gap(points: Points) -> float:
    """The gap between the lips in the middle of the mouth, in parts of the face's size."""
    gaps = [float(np.linalg.norm(points[a, :2] - points[b, :2])) for a, b in _LIP_PAIRS]
    return float(np.mean(gaps)) / face_size(points)


def proportions_apart(points: Points, reference: Points) -> float:
    """How far the steady landmarks of two faces disagree, in parts of the face's size.

    The reference is turned, scaled and shifted in space to fit the other best; what is left is another shape
    of the face, or another lens.
    """
    steady = list(STEADY)
    flat = points[steady, :2].astype(np.float64)
    solid = reference[steady].astype(np.float64)
    flat, solid = flat - flat.mean(0), solid - solid.mean(0)
    affine = np.linalg.lstsq(solid, flat, rcond=None)[0].T
    u, sizes, v = np.linalg.svd(affine, full_matrices=False)  # the scaled rotation next to it: (u @ v) * size
    projected = solid @ (u @ v * sizes.mean()).T
    return float(np.sqrt(np.square(projected - flat).sum(1).mean())) / face_size(points)


def part_views(image: Image, points: Points, reference: Points) -> list[View]:
    """(VIEW_PX, VIEW_PX, 3) views 0..255 of PARTS of the face with `points` in `image`.

    Each part is laid over where it is in `reference` (the portrait's landmarks) by the affine map that fits
    its landmarks best.
    """
    views = []
    view_corners = np.array([[0, 0], [VIEW_PX, 0], [0, VIEW_PX]], np.float64)
    for part in PARTS:
        target = reference[list(part), :2].astype(np.float64)
        low, high = target.min(0), target.max(0)
        scale = VIEW_PX / max(float((high - low).max()), 1.0)
        in_reference = (view_corners - VIEW_PX / 2) / scale + (low + high) / 2
        padded = np.column_stack([target, np.ones(len(target))])
        back = np.linalg.lstsq(padded, points[list(part), :2].astype(np.float64), rcond=None)[0]
        in_image = np.column_stack([in_reference, np.ones(3)]) @ back
        matrix = cv2.getAffineTransform(view_corners.astype(np.float32), in_image.astype(np.float32))
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        view = cv2.warpAffine(image, matrix, (VIEW_PX, VIEW_PX), flags=flags, borderMode=cv2.BORDER_REPLICATE)
        views.append(view.astype(np.float32))
    return views


def _edges(view: View) -> View:
    grey = cv2.GaussianBlur(view @ _GREY, (0, 0), 0.8)
    return np.asarray(np.hypot(cv2.Sobel(grey, -1, 1, 0), cv2.Sobel(grey, -1, 0, 1)) / 8, np.float32)


def _details(view: View) -> View:
    fine = cv2.GaussianBlur(view @ _GREY, (0, 0), _FINE)
    inner = slice(_BORDER + 1, -_BORDER - 1)
    return np.asarray((fine - cv2.GaussianBlur(fine, (0, 0), _COARSE))[inner, inner], np.float32)


def _resized(image: Image, scale: float) -> Image:
    if scale == 1.0:
        return image
    way = cv2.INTER_AREA if scale < 1.0 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=way), np.uint8)
