"""Eye control: the direction of each eye and the lid actions that accompany it, from gaze and eye actions."""

from __future__ import annotations

import numpy as np

from generation.animation.arrays import Float32Array
from generation.animation.geometry.rig import ACTION_INDEX

# Degrees of rotation for an eyeLook action of 1.
LOOK_OUT, LOOK_IN, LOOK_UP, LOOK_DOWN = 30.0, 30.0, 22.0, 28.0
LID_FOLLOWS_DOWN, LID_FOLLOWS_UP = 0.36, 0.35  # weight of eyeBlink at a full look down, of eyeWide at one up
# Weight of eyeBlink at a full squint and a fully raised cheek: the rig's actions move the lower lid alone.
SQUINT_LOWERS, CHEEK_LOWERS = 0.12, 0.06
LIMIT = (38.0, 28.0)
LOOKS = tuple(
    ACTION_INDEX[f"eyeLook{way}{side}"] for way in ("In", "Out", "Up", "Down") for side in ("Left", "Right")
)


def eye_directions(actions: Float32Array, gaze: Float32Array) -> Float32Array:
    """Yaw and pitch (2, 2) in degrees of the picture's left eye (the subject's right), then the other.

    Directions come from `gaze` (2,) or, for captures that only have them, from the eyeLook columns of
    `actions` (52,): on each axis the source of larger magnitude counts, never the sum.
    """
    out = np.empty((2, 2), np.float32)
    for row, (side, right_of_picture) in enumerate((("Right", "In"), ("Left", "Out"))):
        left_of_picture = "Out" if right_of_picture == "In" else "In"
        yaw = (
            actions[ACTION_INDEX[f"eyeLook{right_of_picture}{side}"]] * LOOK_OUT
            - actions[ACTION_INDEX[f"eyeLook{left_of_picture}{side}"]] * LOOK_IN
        )
        pitch = (
            actions[ACTION_INDEX[f"eyeLookDown{side}"]] * LOOK_DOWN
            - actions[ACTION_INDEX[f"eyeLookUp{side}"]] * LOOK_UP
        )
        out[row, 0] = gaze[0] if abs(gaze[0]) >= abs(yaw) else yaw
        out[row, 1] = gaze[1] if abs(gaze[1]) >= abs(pitch) else pitch
    return np.clip(out, (-LIMIT[0], -LIMIT[1]), LIMIT)


def lid_actions_for_gaze(
    actions: Float32Array, gaze_angles: Float32Array, head_pose: Float32Array
) -> Float32Array:
    """A copy of `actions` (52,) in which the lids follow the eyes: eyeLook, eyeBlink and eyeWide are set from
    the pitch of the eyes in the head, and narrow with a squint or a raised cheek.

    `gaze_angles` (2, 2) are directions relative to the camera; a head that nods under a steady gaze lowers or
    raises its lids."""
    out = actions.copy()
    out[list(LOOKS)] = 0.0
    for row, side in enumerate(("Right", "Left")):
        pitch = float(gaze_angles[row, 1] - head_pose[1])
        down, up = min(max(pitch, 0.0) / LOOK_DOWN, 1.0), min(max(-pitch, 0.0) / LOOK_UP, 1.0)
        out[ACTION_INDEX[f"eyeLookDown{side}"]] = down
        out[ACTION_INDEX[f"eyeLookUp{side}"]] = up
        # The rig's own look-down action barely lowers the lid; a real one follows the iris closely.
        blink, wide = ACTION_INDEX[f"eyeBlink{side}"], ACTION_INDEX[f"eyeWide{side}"]
        out[blink] += (1 - out[blink]) * LID_FOLLOWS_DOWN * down
        narrow = SQUINT_LOWERS * out[ACTION_INDEX[f"eyeSquint{side}"]]
        narrow += CHEEK_LOWERS * out[ACTION_INDEX[f"cheekSquint{side}"]]
        out[blink] += (1 - out[blink]) * narrow
        out[wide] = max(out[wide], LID_FOLLOWS_UP * up * (1 - out[blink]))
    return out
