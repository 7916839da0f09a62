"""Eye control: the direction of each eye and the lid actions that accompany it, from gaze and eye actions."""

from __future__ import annotations

import numpy as np

from generation.animation.arrays import Float32Array
from generation.animation.geometry.jit import jit_kernel
from generation.animation.geometry.rig import ACTION_INDEX

# Degrees of rotation for an eyeLook action of 1.
LOOK_OUT, LOOK_IN, LOOK_UP, LOOK_DOWN = 30.0, 30.0, 22.0, 28.0
LID_FOLLOWS_DOWN, LID_FOLLOWS_UP = 0.36, 0.35  # weight of eyeBlink at a full look down, of eyeWide at one up
# Weight of eyeBlink at a full squint and a fully raised cheek: the rig's actions move the lower lid alone.
SQUINT_LOWERS, CHEEK_LOWERS = 0.12, 0.06
LIMIT = (45.0, 28.0)
# Columns of each eye's actions, the picture's left eye (the subject's right) first.
_SIDES = ("Right", "Left")
_TO_RIGHT = (ACTION_INDEX["eyeLookInRight"], ACTION_INDEX["eyeLookOutLeft"])  # of the picture
_TO_LEFT = (ACTION_INDEX["eyeLookOutRight"], ACTION_INDEX["eyeLookInLeft"])
_DOWN, _UP, _BLINK, _WIDE, _SQUINT, _CHEEK = (
    tuple(ACTION_INDEX[f"{name}{side}"] for side in _SIDES)
    for name in ("eyeLookDown", "eyeLookUp", "eyeBlink", "eyeWide", "eyeSquint", "cheekSquint")
)


@jit_kernel
def eye_directions(actions: Float32Array, gaze: Float32Array) -> Float32Array:
    """Yaw and pitch (2, 2) in degrees of the picture's left eye (the subject's right), then the other.

    Directions come from `gaze` (2,) or, for captures that only have them, from the eyeLook columns of
    `actions` (52,): on each axis the source of larger magnitude counts, never the sum.
    """
    out = np.empty((2, 2), np.float32)
    for eye in range(2):
        # An eye's own inward is to the picture's right or left; both directions share no range.
        inwards = LOOK_IN if eye == 0 else LOOK_OUT
        outwards = LOOK_OUT if eye == 0 else LOOK_IN
        yaw = actions[_TO_RIGHT[eye]] * inwards - actions[_TO_LEFT[eye]] * outwards
        pitch = actions[_DOWN[eye]] * LOOK_DOWN - actions[_UP[eye]] * LOOK_UP
        yaw = gaze[0] if abs(gaze[0]) >= abs(yaw) else yaw
        pitch = gaze[1] if abs(gaze[1]) >= abs(pitch) else pitch
        out[eye, 0] = min(max(yaw, -LIMIT[0]), LIMIT[0])
        out[eye, 1] = min(max(pitch, -LIMIT[1]), LIMIT[1])
    return out


@jit_kernel
def lid_actions_for_gaze(
    actions: Float32Array, gaze_angles: Float32Array, head_pose: Float32Array
) -> Float32Array:
    """A copy of `actions` (52,) in which the lids follow the eyes: eyeLook, eyeBlink and eyeWide are set from
    the pitch of the eyes in the head, and narrow with a squint or a raised cheek.

    `gaze_angles` (2, 2) are directions relative to the camera; a head that nods under a steady gaze lowers or
    raises its lids."""
    out = actions.copy()
    for eye in range(2):
        pitch = gaze_angles[eye, 1] - head_pose[1]
        down, up = min(max(pitch, 0.0) / LOOK_DOWN, 1.0), min(max(-pitch, 0.0) / LOOK_UP, 1.0)
        out[_TO_RIGHT[eye]] = out[_TO_LEFT[eye]] = 0
        out[_DOWN[eye]], out[_UP[eye]] = down, up
        # The rig's own look-down action barely lowers the lid; a real one follows the iris closely.
        blink = out[_BLINK[eye]]
        blink += (1 - blink) * LID_FOLLOWS_DOWN * down
        narrow = SQUINT_LOWERS * out[_SQUINT[eye]] + CHEEK_LOWERS * out[_CHEEK[eye]]
        blink += (1 - blink) * narrow
        out[_BLINK[eye]] = blink
        out[_WIDE[eye]] = max(out[_WIDE[eye]], LID_FOLLOWS_UP * up * (1 - blink))
    return out
