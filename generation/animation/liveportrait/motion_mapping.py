"""What a MotionTrack asks of LivePortrait: pose, expression, and the openings of eyes and lips.

The table is in docs/liveportrait.md. LivePortrait has 21 keypoints without names. Which of them move with a
smile, the brows and the gaze, how far, and how far its authors let them, they published as the sliders of
their demonstration (August 2024); `KEYPOINT_MOVES` states these as displacements of a full action.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from generation.animation.track.motion_track import MotionTrack

# Degrees of yaw, pitch and roll beyond which pictures of the published demonstration come apart.
POSE_LIMITS: Final = np.array([30.0, 20.0, 25.0], np.float32)
DISTANCE_HEAD_WIDTHS: Final = 10.0  # of the camera, as MotionTrack counts
WIDEST_LIPS: Final = 0.6  # opening over width that a full jawOpen adds
WIDE_EYES: Final = 0.25  # of the eye's own opening, that eyeWide adds
SQUINTING: Final = 0.35  # and that eyeSquint takes


class Move(NamedTuple):
    """What moves keypoints: the mean of `actions` times each displacement (keypoint, axis, amount)."""

    actions: tuple[str, ...]
    displacements: tuple[tuple[int, int, float], ...]


_X, _Y, _Z = 0, 1, 2
KEYPOINT_MOVES: Final = (
    Move(  # "smile" at 1.3
        ("mouthSmileLeft", "mouthSmileRight"),
        (
            (20, _Y, -0.013), (14, _Y, -0.026), (17, _Y, 0.00845), (17, _Z, 0.0039), (13, _Y, -0.003575),
            (16, _Y, -0.003575), (3, _Y, -0.00455), (7, _Y, -0.00455),
        ),
    ),
    Move(  # "eyebrow" at 30
        ("browInnerUp", "browOuterUpLeft", "browOuterUpRight"), ((1, _Y, 0.03), (2, _Y, -0.03)),
    ),
    Move(  # "eyebrow" at -30
        ("browDownLeft", "browDownRight"),
        ((1, _X, 0.03), (2, _X, -0.03), (1, _Y, -0.009), (2, _Y, 0.009)),
    ),
    Move(  # "pursing" at 15
        ("mouthPucker",), ((14, _Y, 0.015), (3, _Y, -0.0075), (7, _Y, -0.0075), (17, _Z, -0.0075)),
    ),
    Move(("mouthFunnel",), ((19, _X, 0.09),)),  # "pouting" at .09
    Move(  # "grin" at 15
        ("mouthUpperUpLeft", "mouthUpperUpRight", "mouthLowerDownLeft", "mouthLowerDownRight"),
        ((20, _Z, -0.015), (20, _Y, -0.015), (14, _Y, -0.015)),
    ),
)  # fmt: skip
# A degree of gaze moves both eyes' keypoints; looking down lowers the lids with them.
GAZE_YAW: Final = ((11, _X, 0.00085), (15, _X, 0.00085))
GAZE_PITCH: Final = ((11, _Y, 0.0005), (15, _Y, 0.0005), (13, _Y, 0.00015), (16, _Y, 0.00015))
# What a track may ask and this renderer does not do; eyes and mouths move alike on both sides.
UNUSED: Final = (
    "jawForward", "jawLeft", "jawRight", "mouthLeft", "mouthRight", "mouthFrownLeft", "mouthFrownRight",
    "mouthDimpleLeft", "mouthDimpleRight", "mouthStretchLeft", "mouthStretchRight", "mouthRollLower",
    "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper", "mouthPressLeft", "mouthPressRight", "cheekPuff",
    "cheekSquintLeft", "cheekSquintRight", "noseSneerLeft", "noseSneerRight", "tongueOut",
    "eyeLookUpLeft", "eyeLookDownLeft", "eyeLookInLeft", "eyeLookOutLeft",
    "eyeLookUpRight", "eyeLookDownRight", "eyeLookInRight", "eyeLookOutRight",
)  # fmt: skip
BY_OPENINGS: Final = (
    "jawOpen", "mouthClose", "eyeBlinkLeft", "eyeBlinkRight", "eyeWideLeft", "eyeWideRight", "eyeSquintLeft",
    "eyeSquintRight",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class DrivenMotion:
    """For each frame (T, ...), beside what the source shows.

    `angles` (T, 3) are added to pitch, yaw and roll in degrees; `expression` (T, K, 3) to the expression;
    `shift` (T, 2) to x and y, in head widths; `scale` (T,) multiplies. `eyes` (T,) is the part of their own
    opening that eyes keep, `lips` (T,) what is added to the opening of the lips, in widths of the mouth.
    """

    angles: NDArray[np.float32]
    expression: NDArray[np.float32]
    shift: NDArray[np.float32]
    scale: NDArray[np.float32]
    eyes: NDArray[np.float32]
    lips: NDArray[np.float32]


def driven_motion(track: MotionTrack, keypoints: int) -> DrivenMotion:
    """What a track asks of a face with so many keypoints."""
    yaw, pitch, roll = np.clip(track.head_pose[:, :3], -POSE_LIMITS, POSE_LIMITS).T
    expression = np.zeros((len(track), keypoints, 3), np.float32)
    for move in KEYPOINT_MOVES:
        _displace(expression, _mean(track, *move.actions), move.displacements)
    _displace(expression, track.gaze[:, 0], GAZE_YAW)
    _displace(expression, track.gaze[:, 1], GAZE_PITCH)
    open_eyes = 1 - _mean(track, "eyeBlinkLeft", "eyeBlinkRight")
    open_eyes *= 1 + WIDE_EYES * _mean(track, "eyeWideLeft", "eyeWideRight")
    open_eyes *= 1 - SQUINTING * _mean(track, "eyeSquintLeft", "eyeSquintRight")
    opened = _mean(track, "jawOpen") - _mean(track, "mouthClose")
    return DrivenMotion(
        # LivePortrait turns to the picture's left with positive yaw; the other two as MotionTrack has them.
        angles=np.stack([pitch, -yaw, roll], 1),
        expression=expression,
        shift=track.head_pose[:, 3:5],
        scale=np.asarray(1 / (1 + track.head_pose[:, 5] / DISTANCE_HEAD_WIDTHS), np.float32),
        eyes=open_eyes,
        lips=WIDEST_LIPS * np.maximum(opened, 0),
    )


def _mean(track: MotionTrack, *names: str) -> NDArray[np.float32]:
    columns = [MotionTrack.ACTIONS.index(name) for name in names]
    return np.asarray(track.actions[:, columns].mean(1), np.float32)


def _displace(
    expression: NDArray[np.float32],
    amounts: NDArray[np.float32],
    displacements: tuple[tuple[int, int, float], ...],
) -> None:
    for keypoint, axis, displacement in displacements:
        if keypoint < expression.shape[1]:
            expression[:, keypoint, axis] += amounts * displacement
