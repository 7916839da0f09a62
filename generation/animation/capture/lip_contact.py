"""Lip contact: lips that the performer keeps closed are closed on every face.

An opened jaw behind pursed or pouting lips is found from the chin, and with it lips that would part. What the
mesh network makes of such lips tells the fit little, but whether they touch is plain to see: `mouthClose` is
then what the renderer's own geometry needs for them to touch.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from generation.animation.arrays import Float64Array
from generation.animation.capture.landmark_model import LandmarkModel
from generation.animation.geometry.rig import ACTION_INDEX
from generation.animation.geometry.smoothstep import smoothstep_scalar

# Pairs of landmarks on the inner edges of both lips, the upper one first.
BETWEEN_LIPS: Final = ((13, 14), (82, 87), (312, 317), (81, 178), (311, 402))
# Head widths between the lips, more than at rest, over which they count as parted.
PARTED: Final = (0.004, 0.012)
CLOSE, JAW = ACTION_INDEX["mouthClose"], ACTION_INDEX["jawOpen"]


def lip_opening(points: Float64Array) -> float:
    """Mean distance of the lips' inner edges in landmarks (468+, 2+); negative where they overlap."""
    upper, lower = np.transpose(BETWEEN_LIPS)
    return float((points[lower, 1] - points[upper, 1]).mean())


def close_lips(
    geometry: LandmarkModel,
    points: Float64Array,
    actions: Float64Array,
    head_pose: Float64Array,
    at_rest: float,
) -> float:
    """mouthClose for the `actions` (52,) that were fitted to landmarks `points` (478, 3) at `head_pose` (6,):
    as much more of it as closed lips need to touch. `geometry` is the performer's model without the mesh
    network's response, `at_rest` the lips' opening at rest; all in frame units."""
    seen = lip_opening(points)
    closed = 1 - smoothstep_scalar(*PARTED, (seen - at_rest) / geometry.head_width)
    most = actions.copy()
    most[CLOSE] = max(actions[CLOSE], actions[JAW])
    now, least = (lip_opening(geometry.project(weights, head_pose)) for weights in (actions, most))
    if closed == 0 or now <= seen or now - least < 1e-6:
        return float(actions[CLOSE])
    needed = min((now - seen) / (now - least), 1.0) * (most[CLOSE] - actions[CLOSE])
    return float(actions[CLOSE] + closed * needed)
