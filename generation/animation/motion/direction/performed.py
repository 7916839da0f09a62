"""A performer's motion for a recording, with the lips of the speech or their own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from generation.animation.motion.controls import RANGES, MotionControls
from generation.animation.motion.direction.control_curves import ControlCurves
from generation.animation.motion.direction.direction import Direction
from generation.animation.motion.direction.layer_curves import LayerCurves
from generation.animation.track.arkit import ARKIT_ACTIONS
from generation.animation.track.motion_track import CAMERA_DISTANCE_HEAD_WIDTHS, MotionTrack

LIPS_OF_SPEECH: Final = "speech"
LIPS_OF_PERFORMER: Final = "performer"
LIPS: Final = (LIPS_OF_SPEECH, LIPS_OF_PERFORMER)

# What the speech decides; a performer's smile, frown and dimples are theirs.
_EXPRESSIVE: Final = ("mouthSmile", "mouthFrown", "mouthDimple")
_LIP_ACTIONS: Final = [
    index
    for index, name in enumerate(ARKIT_ACTIONS)
    if name.startswith(("jaw", "mouth", "tongue")) and not name.startswith(_EXPRESSIVE)
]
_GAZE_RANGE: Final = np.array([RANGES["gaze_yaw"], RANGES["gaze_pitch"]]).T


@dataclass(frozen=True, eq=False)
class PerformedMotion:
    """The motion of a performer, and whose lips the face has: one of LIPS. Raises ValueError for another."""

    track: MotionTrack
    lips: str = LIPS_OF_SPEECH

    def __post_init__(self) -> None:
        if self.lips not in LIPS:
            raise ValueError(f"lips must be one of {', '.join(LIPS)}, not {self.lips!r}.")


def perform(
    spoken: MotionTrack,
    performed: PerformedMotion,
    *,
    controls: MotionControls | None = None,
    direction: Direction | None = None,
    lead_s: float = 0.0,
    first: int = 0,
) -> MotionTrack:
    """The performer's motion over a recording.

    `spoken` is what `drive` made of the recording with the same `controls` and `direction`; the result has
    its frames. The performance begins after `lead_s` seconds: before that its first frame is held, behind its
    end the last, and a longer one is cut. Head, gaze, brows, lids and cheeks are the performer's, the lips
    those of `performed.lips`. On top come the controls `head_distance`, `gaze_yaw` and `gaze_pitch`, and the
    direction's layer; other controls act on what the speech makes alone. `spoken` begins with the frame that
    has the number `first`.
    """
    frames = first + np.arange(len(spoken))
    track = _at(performed.track.resampled(spoken.fps), frames - round(lead_s * spoken.fps))
    times = np.asarray((frames + 0.5) / spoken.fps, np.float64)
    curves, added = ControlCurves(controls or MotionControls(), direction), LayerCurves(direction).at(times)
    actions = track.actions + added.actions
    if performed.lips == LIPS_OF_SPEECH:  # the layer is in them
        actions[:, _LIP_ACTIONS] = spoken.actions[:, _LIP_ACTIONS]
    head = track.head_pose + added.head_pose
    head[:, 5] += (curves.number("head_distance", times) - 1.0) * CAMERA_DISTANCE_HEAD_WIDTHS
    gaze = track.gaze + np.clip(curves.gaze(times) + added.gaze, *_GAZE_RANGE)
    return replace(
        spoken,
        actions=actions.astype(np.float32),
        head_pose=head.astype(np.float32),
        gaze=gaze.astype(np.float32),
    )


def _at(track: MotionTrack, frames: NDArray[np.int_]) -> MotionTrack:
    rows = np.clip(frames, 0, len(track) - 1)
    return MotionTrack(track.fps, track.actions[rows], track.head_pose[rows], track.gaze[rows])
