"""MotionTrack: what a face and head do over time, in units that any renderer can follow."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

# The 52 facial actions in the column order of Apple's Live Link Face CSV, spelled as in anny.
ARKIT_ACTIONS = (
    "eyeBlinkLeft", "eyeLookDownLeft", "eyeLookInLeft", "eyeLookOutLeft", "eyeLookUpLeft", "eyeSquintLeft",
    "eyeWideLeft", "eyeBlinkRight", "eyeLookDownRight", "eyeLookInRight", "eyeLookOutRight",
    "eyeLookUpRight", "eyeSquintRight", "eyeWideRight", "jawForward", "jawRight", "jawLeft", "jawOpen",
    "mouthClose", "mouthFunnel", "mouthPucker", "mouthRight", "mouthLeft", "mouthSmileLeft",
    "mouthSmileRight", "mouthFrownLeft", "mouthFrownRight", "mouthDimpleLeft", "mouthDimpleRight",
    "mouthStretchLeft", "mouthStretchRight", "mouthRollLower", "mouthRollUpper", "mouthShrugLower",
    "mouthShrugUpper", "mouthPressLeft", "mouthPressRight", "mouthLowerDownLeft", "mouthLowerDownRight",
    "mouthUpperUpLeft", "mouthUpperUpRight", "browDownLeft", "browDownRight", "browInnerUp",
    "browOuterUpLeft", "browOuterUpRight", "cheekPuff", "cheekSquintLeft", "cheekSquintRight",
    "noseSneerLeft", "noseSneerRight", "tongueOut",
)  # fmt: skip

# How far the camera is assumed to stand from the head: about 1.2 m, usual for a portrait. A head at
# `head_distance` d, seen 1/d as large, has z = (d - 1) times this many head widths.
CAMERA_DISTANCE_HEAD_WIDTHS = 8.0


@dataclass(frozen=True, eq=False)
class MotionTrack:
    """One performance, frame by frame.

    `actions` is (T, 52) float32 in 0..1, columns as ACTIONS. `head_pose` is (T, 6) float32: yaw, pitch, roll
    in degrees, then x, y, z in head widths, all relative to the portrait's own pose. `gaze` is (T, 2)
    float32: yaw and pitch of the eyes in degrees relative to looking at the camera. Positive yaw turns
    towards the picture's right edge, positive pitch looks down, positive roll tips the crown towards the
    picture's right; x grows to the right, y down, z away from the camera.

    Raises ValueError when shapes disagree, a value is not finite or fps is outside 1..240.
    """

    fps: float
    actions: NDArray[np.float32]
    head_pose: NDArray[np.float32]
    gaze: NDArray[np.float32]

    ACTIONS: ClassVar[tuple[str, ...]] = ARKIT_ACTIONS

    def __post_init__(self) -> None:
        if not 1 <= self.fps <= 240:
            raise ValueError(f"fps must be from 1 to 240, not {self.fps}.")
        frames = len(self.actions)
        for name, width in (("actions", len(ARKIT_ACTIONS)), ("head_pose", 6), ("gaze", 2)):
            values = np.ascontiguousarray(getattr(self, name), dtype=np.float32)
            if values.shape != (frames, width):
                raise ValueError(f"{name} must have shape ({frames}, {width}), not {values.shape}.")
            if not np.isfinite(values).all():
                raise ValueError(f"{name} holds values that are not finite.")
            object.__setattr__(self, name, values)
        object.__setattr__(self, "actions", np.clip(self.actions, 0.0, 1.0))

    def __len__(self) -> int:
        return len(self.actions)

    @property
    def duration_s(self) -> float:
        """Length of the track in seconds."""
        return len(self) / self.fps

    @classmethod
    def neutral(cls, frames: int, fps: float) -> MotionTrack:
        """A track of `frames` frames in which nothing moves."""
        return cls(
            fps=fps,
            actions=np.zeros((frames, len(ARKIT_ACTIONS)), np.float32),
            head_pose=np.zeros((frames, 6), np.float32),
            gaze=np.zeros((frames, 2), np.float32),
        )

    @classmethod
    def from_csv(cls, path: Path | str) -> MotionTrack:
        """Read a take of Apple's Live Link Face. Raises LiveLinkError, which is a ValueError."""
        from generation.animation import live_link  # noqa: PLC0415  (it imports this module)

        return live_link.read_csv(Path(path))

    def to_csv(self, path: Path | str) -> None:
        """Write this track in the columns of Apple's Live Link Face, at the nearest whole frame rate."""
        from generation.animation import live_link  # noqa: PLC0415  (it imports this module)

        live_link.write_csv(self, Path(path))
