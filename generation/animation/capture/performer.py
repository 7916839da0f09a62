"""Performer: which frame shows the performer at rest, and that frame as a portrait to compare others with."""

from __future__ import annotations

from typing import Final

import numpy as np

from generation.animation.capture.face_tracking import SEEN, TrackedFace, TrackedVideo, mean_opening
from generation.animation.face.face_topology import MESH_POINTS
from generation.animation.face.landmarks import FaceLandmarks
from generation.animation.portrait.fit import FittedPortrait, fit_portrait
from generation.animation.portrait.portrait_check import (
    CHIN,
    MAX_CHIN_BELOW,
    MAX_OUTSIDE,
    MAX_ROLL,
    MAX_YAW,
    head_roll,
    head_yaw,
)

OPEN_EYES: Final = 0.75  # of the performer's median opening; with less, a frame shows no face at rest


def frame_at_rest(video: TrackedVideo) -> int:
    """The number of the first frame of a face that is seen well and whose eyes are as open as usual; of any
    face where none is seen well."""
    seen = {i: face for i, face in enumerate(video.faces) if face is not None}
    well = {i: face for i, face in seen.items() if face.confidence >= SEEN}
    opening = {i: mean_opening(face.points) for i, face in (well or seen).items()}
    usual = OPEN_EYES * float(np.median(list(opening.values())))
    # The picture of the frame is needed, and only those that may be chosen are kept.
    return next(i for i in (video.pictures or opening) if opening[i] >= usual)


def performer_at_rest(video: TrackedVideo, rest: int) -> FittedPortrait | None:
    """The performer as a portrait: the frame with the number `rest`. None where it cannot be one, though its
    landmarks serve: the face is not seen well, turned far away or cut off."""
    face, picture = video.faces[rest], video.pictures.get(rest)
    if face is None or picture is None or not _can_be_portrait(face, picture.shape[1], picture.shape[0]):
        return None
    low, high = face.points[:, :2].min(0), face.points[:, :2].max(0)
    box = (*low.tolist(), *(high - low).tolist())
    found = FaceLandmarks(face.points, 1.0, box, face.confidence, np.zeros(len(face.points), np.float32))
    return fit_portrait(picture, found)


def _can_be_portrait(face: TrackedFace, width: int, height: int) -> bool:
    """Whether the portrait check would take this pose and place in a picture of this size."""
    flat = face.points[:, :2]
    outside = ((flat < 0) | (flat > (width - 1, height - 1))).any(1).mean()
    tall = float(np.ptp(flat[:MESH_POINTS, 1]))
    return (
        abs(head_yaw(face.points)) <= MAX_YAW
        and abs(head_roll(face.points)) <= MAX_ROLL
        and float(outside) <= MAX_OUTSIDE
        and float(flat[CHIN, 1]) <= height - 1 + MAX_CHIN_BELOW * tall
    )
