"""Where the visible label stands: in the corner that was asked for, or in another one where it would cover
eyes or mouth."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, get_args

import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import Float64Array
from generation.animation.face.face_topology import FACE_OVAL, LEFT_EYE, LIPS_OUTER, RIGHT_EYE
from generation.animation.face.landmarks import detect_faces
from generation.animation.track.motion_track import CAMERA_DISTANCE_HEAD_WIDTHS, MotionTrack
from generation.disclosure.choice import Disclosure
from generation.disclosure.label import Label
from provenance.common.visible_label import PlaceName

# In a square frame, which is cut around the head, no turn brings eyes or mouth under a label while the head
# stays within these, in head widths: nearer to the camera, and to any side (tests/generation/disclosure).
USUAL_NEARER, USUAL_ASIDE = 1.0, 0.1
_FEATURES: Final = [*LEFT_EYE, *RIGHT_EYE, *LIPS_OUTER]
_MARGIN: Final = 0.12  # of the head's width around each feature: turns are followed roughly
_MOST_FRAMES: Final = 400  # that are looked at, evenly spread


def placed(
    disclosure: Disclosure, first: NDArray[np.uint8], track: MotionTrack, *, is_square: bool
) -> Disclosure:
    """The disclosure with its label where it stands clear over all of a track, whose first frame is `first`:
    (H, W, 3) uint8 RGB without a label."""
    if not disclosure.has_label or is_usual(track, is_square=is_square):
        return disclosure
    seconds = disclosure.first_seconds
    return placed_clear(disclosure, first, track, None if seconds is None else round(seconds * track.fps))


def is_usual(track: MotionTrack, *, is_square: bool) -> bool:
    """Whether the label of such a video stands clear in every corner, without a look."""
    pose = track.head_pose
    aside = np.abs(pose[:, 3:5]).max(initial=0.0)
    return is_square and aside <= USUAL_ASIDE and pose[:, 5].min(initial=0.0) >= -USUAL_NEARER


def placed_clear(
    disclosure: Disclosure, first: NDArray[np.uint8], track: MotionTrack, shown: int | None
) -> Disclosure:
    """The disclosure with the first corner, the one it asks for before others, that eyes and mouth keep clear
    of in all frames with a label; where there is none, with the one they come under least.

    `first` is the first frame of the track, (H, W, 3) uint8 RGB without a label; the label is on the first
    `shown` frames, None for all.
    """
    faces = detect_faces(first)
    if not faces:
        return disclosure
    height, width = first.shape[:2]
    moving = features_over(faces[0].points[:, :2].astype(np.float64), track, shown)
    margin = _MARGIN * _head_width(faces[0].points)
    covered: dict[PlaceName, int] = {}
    for place in _from(disclosure.place):
        left, top, right, bottom = Label(replace(disclosure, place=place), width, height).facts.box
        x, y = moving[..., 0], moving[..., 1]
        inside = (x > left * width - margin) & (x < right * width + margin)
        inside &= (y > top * height - margin) & (y < bottom * height + margin)
        covered[place] = int(inside.any(1).sum())
    return replace(disclosure, place=min(covered, key=lambda place: covered[place]))


def features_over(points: Float64Array, track: MotionTrack, shown: int | None) -> Float64Array:
    """Eyes and mouth in pixels (T, 72, 2) over the frames of a track, about: `points` (478, 2) are the
    landmarks in its first."""
    pose = track.head_pose[:shown].astype(np.float64)
    pose = pose[:: max(len(pose) // _MOST_FRAMES, 1)]
    head = _head_width(points)
    centre = points[list(FACE_OVAL)].mean(0)
    away = CAMERA_DISTANCE_HEAD_WIDTHS + pose[:, 5]
    scale = (away[0] / away)[:, None, None]
    tilt = np.radians(pose[:, 2] - pose[0, 2])
    turn = np.stack(
        [np.stack([np.cos(tilt), -np.sin(tilt)], 1), np.stack([np.sin(tilt), np.cos(tilt)], 1)], 1
    )
    # The front of the head lies half a width before its axis, so turns move it as well.
    front = np.sin(np.radians(pose[:, :2])) / 2 + pose[:, 3:5]
    moved = (front - front[0]) * head
    around = np.einsum("tij,nj->tni", turn, points[_FEATURES] - centre)
    return np.asarray(centre + moved[:, None] * scale + around * scale, np.float64)


def _head_width(points: NDArray[np.floating]) -> float:
    return 1.1 * float(np.ptp(points[list(FACE_OVAL), 0]))  # with the ears


def _from(wanted: PlaceName) -> list[PlaceName]:
    """The corners in the order in which they are taken: the other side first, then the other end."""
    up, _, side = wanted.partition("_")
    return sorted(get_args(PlaceName), key=lambda place: (not place.startswith(up), not place.endswith(side)))
