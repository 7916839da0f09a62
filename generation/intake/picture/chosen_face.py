"""Cuts a picture of several people to the one face that the sender chose by a box."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.animation.face.face_detection import overlap
from generation.animation.face.landmarks import FaceLandmarks, detect_faces
from generation.animation.portrait.portrait_check import MIN_PRESENCE
from generation.animation.portrait.portrait_crop import MARGIN, frame_square
from generation.intake.limits import PORTRAIT_MIN_SIDE, PORTRAIT_STORED_SIDE
from generation.intake.picture.face_places import places_for
from generation.intake.places import Box, PictureFrame
from generation.intake.refusals import IntakeCode, IntakeRefused
from provenance.common.errors import gettext_noop as _

SAME_FACE_OVERLAP = 0.3  # intersection over union from which a box means a face
ROOM = 0.12  # of the face's height, kept around the chosen face whatever is beside it
OTHER_ROOM = 0.1  # of another face's height, cut away with it


@dataclass(frozen=True, eq=False)
class _Part:
    """A part of the picture in its pixels: edges, the last two exclusive."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def area(self) -> float:
        return max(self.right - self.left, 0.0) * max(self.bottom - self.top, 0.0)

    def holds(self, other: _Part) -> bool:
        return (
            self.left <= other.left
            and self.top <= other.top
            and self.right >= other.right
            and self.bottom >= other.bottom
        )

    def meets(self, other: _Part) -> bool:
        across = min(self.right, other.right) > max(self.left, other.left)
        return across and min(self.bottom, other.bottom) > max(self.top, other.top)


def cut_to_face(
    image: NDArray[np.uint8], frame: PictureFrame, box: Box
) -> tuple[NDArray[np.uint8], PictureFrame]:
    """The part of (H, W, 3) uint8 RGB with the face in `box`, without the others', and where it lies.

    `box` is in pixels of `frame`, which may be smaller than `image`. The part has at most
    PORTRAIT_STORED_SIDE pixels a side. A face that lies partly before the chosen one stays in it. Raises
    IntakeRefused where there is no face in the box, or where its part has too few pixels.
    """
    size = (frame.width, frame.height)
    small = image
    if image.shape[1::-1] != size:
        small = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    faces = [face for face in detect_faces(small) if face.presence >= MIN_PRESENCE]
    chosen = _meant(faces, box)
    if chosen is None:
        places = places_for("face_not_there", small, faces)
        raise IntakeRefused.because(IntakeCode.FACE_NOT_THERE, places=places)
    part = _without_others(chosen, [face for face in faces if face is not chosen], *size)
    left, top = int(np.ceil(part.left)), int(np.ceil(part.top))
    inside = frame.part(left, top, int(part.right) - left, int(part.bottom) - top)
    finer = image.shape[1] / frame.width
    rows = slice(round(top * finer), round((top + inside.height) * finer))
    columns = slice(round(left * finer), round((left + inside.width) * finer))
    cut = np.ascontiguousarray(image[rows, columns])
    shrink = PORTRAIT_STORED_SIDE / max(cut.shape[:2])
    if shrink < 1:
        to = (round(cut.shape[1] * shrink), round(cut.shape[0] * shrink))
        cut = np.asarray(cv2.resize(cut, to, interpolation=cv2.INTER_AREA), np.uint8)
    if min(cut.shape[:2]) < PORTRAIT_MIN_SIDE:
        raise IntakeRefused.because(
            IntakeCode.IMAGE_TOO_SMALL,
            detail=_("That is so of the part around the chosen face."),
            places=places_for("face", small, [chosen]),
        )
    return cut, inside.scaled(cut.shape[1], cut.shape[0])


def _meant(faces: Sequence[FaceLandmarks], box: Box) -> FaceLandmarks | None:
    """The face that the box means best; None where it means none."""
    if not faces:
        return None
    corners = np.array([(x, y, x + w, y + h) for x, y, w, h in (box, *(face.box for face in faces))])
    overlaps = overlap(corners[0].astype(np.float32), corners[1:].astype(np.float32))
    best = int(np.argmax(overlaps))
    return faces[best] if overlaps[best] >= SAME_FACE_OVERLAP else None


def _without_others(chosen: FaceLandmarks, others: Sequence[FaceLandmarks], width: int, height: int) -> _Part:
    """The frame around the chosen face with its margin, cut on the sides where other faces are."""
    left, top, side = frame_square(chosen.points, width, height)
    margin = side * MARGIN
    whole = _Part(
        max(left - margin, 0.0),
        max(top - margin, 0.0),
        min(left + side + margin, float(width)),
        min(top + side + margin, float(height)),
    )
    x, y, wide, high = chosen.box
    room = ROOM * high
    needed = _Part(
        max(x - room, 0.0),
        max(y - room, 0.0),
        min(x + wide + room, float(width)),
        min(y + high + room, float(height)),
    )
    for other in others:
        x, y, wide, high = other.box
        room = OTHER_ROOM * high
        away = _Part(x - room, y - room, x + wide + room, y + high + room)
        if not whole.meets(away):
            continue
        cuts = (
            _Part(away.right, whole.top, whole.right, whole.bottom),
            _Part(whole.left, away.bottom, whole.right, whole.bottom),
            _Part(whole.left, whole.top, away.left, whole.bottom),
            _Part(whole.left, whole.top, whole.right, away.top),
        )
        possible = [cut for cut in cuts if cut.holds(needed)]
        if possible:
            whole = max(possible, key=lambda cut: cut.area)
    return whole
