"""The motion plan: what MotionFlow writes, twenty times a second, and the kinematics carry out.

A row holds control points of smooth curves (brows, eyes, cheeks, nose, head) and events (where the eyes rest,
whether the lids fall). Fast movements have a shape that anatomy gives them, so the plan says only when and
how far.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

PLAN_RATE: Final = 20  # rows a second; row i stands for the time (i + 0.5) / PLAN_RATE

# Columns that move the face and the actions that each drives, with its share. The mouth is not among them:
# what is said depends on the speech alone, whatever the seed.
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
# Head in degrees and head widths, the eyes' resting place in degrees off the commanded gaze, and the height
# of a blink, spread over BLINK_SPREAD_S around its deepest moment.
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
    """The times (count,) in seconds that rows from `first` on stand for."""
    return (np.arange(first, first + count) + 0.5) / PLAN_RATE
