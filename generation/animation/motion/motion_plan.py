"""The motion plan: the columns of what MotionFlow generates, 20 rows a second, and `kinematics` evaluates.

A row holds control points of smooth curves (brows, eyes, cheeks, nose, head) and events (gaze target, blink).
The shape of fast movements is fixed by anatomy, so the plan says only when they happen and how large they
are.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

PLAN_RATE: Final = 20  # rows a second; row i stands for the time (i + 0.5) / PLAN_RATE

# Face columns and the actions that each drives, with their weights. The mouth is not among them: it depends
# on the speech alone, not on the seed.
FACE_COLUMNS: Final[dict[str, dict[str, float]]] = {
    "brow_inner_up": {"browInnerUp": 1.0},
    "brow_outer_up": {"browOuterUpLeft": 1.0, "browOuterUpRight": 1.0},
    "brow_lean": {"browOuterUpLeft": 1.0, "browOuterUpRight": -1.0},
    "brow_down": {"browDownLeft": 1.0, "browDownRight": 1.0},
    "eye_squint": {"eyeSquintLeft": 1.0, "eyeSquintRight": 1.0},
    "eye_wide": {"eyeWideLeft": 1.0, "eyeWideRight": 1.0},
    "lid_droop": {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0},
    "cheek_squint": {"cheekSquintLeft": 1.0, "cheekSquintRight": 1.0},
    "nose_sneer": {"noseSneerLeft": 1.0, "noseSneerRight": 1.0},
}
# Head in degrees and head widths, gaze target in degrees relative to the commanded gaze, and blinks: a
# Gaussian bump of standard deviation BLINK_SPREAD_S around the time of full closure.
COLUMNS: Final = (
    *FACE_COLUMNS,
    "yaw", "pitch", "roll", "x", "y", "z", "gaze_yaw", "gaze_pitch", "blink",
)  # fmt: skip
WIDTH: Final = len(COLUMNS)
FACE: Final = slice(0, len(FACE_COLUMNS))
HEAD: Final = slice(FACE.stop, FACE.stop + 6)
SMOOTH: Final = slice(0, HEAD.stop)  # columns that are control points of a cubic B-spline
GAZE: Final = slice(HEAD.stop, HEAD.stop + 2)
BLINK: Final = WIDTH - 1
BLINK_SPREAD_S: Final = 0.11

Plan = NDArray[np.float32]  # (T, WIDTH)


def row_times(count: int, first: int = 0) -> NDArray[np.float64]:
    """The times (count,) in seconds of the rows from number `first` on."""
    return (np.arange(first, first + count) + 0.5) / PLAN_RATE
