"""Eye motion: blinks, wide eyes and gaze of one performer, measured from lids and irises.

Lids are compared with where the landmark model has them open, at the same pose; the direction of an eye is
that from the point that it turns about to its iris.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from generation.animation.arrays import Float64Array
from generation.animation.capture.landmark_model import LandmarkModel
from generation.animation.geometry.camera import CENTRE, unproject
from generation.animation.geometry.rig import ACTION_INDEX
from generation.animation.rendering.eyes.eye_control import LID_FOLLOWS_DOWN, LOOK_DOWN

# Of the picture's left eye first, which is the subject's right.
SIDES: Final = ("Right", "Left")
IRISES: Final = (468, 473)
RIMS: Final = ((469, 470, 471, 472), (474, 475, 476, 477))
CORNERS: Final = ((33, 133), (263, 362))
LIDS: Final = (((159, 145), (158, 153), (160, 144)), ((386, 374), (385, 380), (387, 373)))
BLINK: Final = tuple(ACTION_INDEX[f"eyeBlink{side}"] for side in SIDES)
WIDE: Final = tuple(ACTION_INDEX[f"eyeWide{side}"] for side in SIDES)

# The iris lies 10.4 mm in front of the point that an eye turns about, and its radius is 5.85 mm.
REACH: Final = 1.78
IRIS_GAIN: Final = 0.8  # of an eye's deviation from the middle of its lids is what the mesh network measures
STILL_OPEN: Final = 0.13  # of the opening at rest is measured on a closed eye
LOOSE_LIDS: Final = 0.08  # of the opening at rest: how far lids may come down without it being a blink
MAX_DEVIATION: Final = 45.0  # degrees that an eye turns in its socket
# By how much less open the mesh network finds an eye that looks outwards by so many degrees, its lids
# unmoved: the mean over rendered people.
ASIDE: Final = (0.08, 35.0)


@dataclass(frozen=True, eq=False)
class RestingEyes:
    """A performer's eyes at rest: the points (2, 3) that they turn about, in camera space, and the distance
    from there to the iris; all in frame units."""

    centres: Float64Array
    reach: float

    @classmethod
    def of(cls, model: LandmarkModel, points: Float64Array) -> RestingEyes:
        """The eyes of the performer with landmarks `points` (478, 3) at rest, who looks at the camera."""
        radius = np.mean(
            [
                np.linalg.norm(points[list(rim), :2] - points[i, :2], axis=1)
                for i, rim in zip(IRISES, RIMS, strict=True)
            ]
        )
        reach = REACH * float(radius)
        depth = np.array([model.rest[list(corners), 2].mean() for corners in CORNERS])
        irises = unproject(points[list(IRISES), :2], depth, model.distance).astype(np.float64)
        return cls(irises + np.array([0.0, 0.0, reach]), reach)


def openings(points: Float64Array) -> Float64Array:
    """Distance of the lids (2,) in widths of the eye, from landmarks (468+, 2+)."""
    out = np.empty(2)
    for eye, (pairs, (outer, inner)) in enumerate(zip(LIDS, CORNERS, strict=True)):
        heights = [np.linalg.norm(points[upper, :2] - points[lower, :2]) for upper, lower in pairs]
        out[eye] = np.mean(heights) / max(float(np.linalg.norm(points[outer, :2] - points[inner, :2])), 1e-6)
    return out


def gaze_of(
    eyes: RestingEyes, model: LandmarkModel, points: Float64Array, head_pose: Float64Array
) -> Float64Array:
    """Yaw and pitch (2,) in degrees of both eyes together, relative to the camera."""
    turn = model.head_transform(head_pose)
    predicted = model.project(np.zeros(len(ACTION_INDEX)), head_pose)
    found = []
    for eye, corners in enumerate(CORNERS):
        ids = list(corners)
        x, y, z = turn[:, :3] @ eyes.centres[eye] + turn[:, 3]
        # Where the corners are seen corrects what is left of the pose's error.
        x, y = np.array([x, y]) + (points[ids, :2] - predicted[ids]).mean(0) * (1 + z / model.distance)
        seen = (points[IRISES[eye], :2] - CENTRE) * (1 + (z - eyes.reach) / model.distance)
        found.append(np.degrees(np.arcsin(np.clip((seen - (x, y)) / eyes.reach, -0.9, 0.9))))
    in_head = (np.mean(found, axis=0) - head_pose[:2]) / IRIS_GAIN
    return np.asarray(head_pose[:2] + np.clip(in_head, -MAX_DEVIATION, MAX_DEVIATION))


def lid_actions(
    model: LandmarkModel,
    points: Float64Array,
    actions: Float64Array,
    head_pose: Float64Array,
    gaze: Float64Array,
) -> tuple[Float64Array, Float64Array]:
    """eyeBlink (2,) and eyeWide (2,), in the order of SIDES, for lids at `points` (478, 3).

    `actions` (52,), fitted without the lids, and `head_pose` (6,) say where the lids would be open. What lids
    do by themselves because the eyes look down is not a blink."""
    still = actions.copy()
    still[[*BLINK, *WIDE]] = 0.0
    wide = still.copy()
    wide[list(WIDE)] = 1.0
    at_rest, widest = openings(model.project(still, head_pose)), openings(model.project(wide, head_pose))
    aside = np.clip(np.array([-1.0, 1.0]) * (gaze[0] - head_pose[0]) / ASIDE[1], 0.0, 1.0)
    ratio = openings(points) / np.maximum(at_rest * (1 - ASIDE[0] * aside), 1e-6)
    closed = np.clip((1 - LOOSE_LIDS - ratio) / (1 - LOOSE_LIDS - STILL_OPEN), 0.0, 1.0)
    lowered = LID_FOLLOWS_DOWN * min(max(float(gaze[1] - head_pose[1]), 0.0) / LOOK_DOWN, 1.0)
    opened = np.clip((ratio - 1 - LOOSE_LIDS) / np.maximum(widest / at_rest - 1, 0.1), 0.0, 1.0)
    return np.clip((closed - lowered) / (1 - lowered), 0.0, 1.0), opened
