"""Motion that is known: random curves of head and face from a seed, with blinks, all beginning at rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from generation.animation import MotionTrack
from generation.animation.geometry.rig import ACTION_INDEX

HEAD: Final = (15.0, 9.0, 8.0)  # largest yaw, pitch, roll in degrees
# Largest strength of actions that go together.
SIMPLE: Final = {
    ("jawOpen",): 0.5,
    ("mouthSmileLeft", "mouthSmileRight"): 0.8,
    ("browInnerUp",): 0.6,
}
MIXED: Final = {
    **SIMPLE,
    ("mouthPucker",): 0.5,
    ("mouthFunnel",): 0.3,
    ("mouthLowerDownLeft", "mouthLowerDownRight"): 0.3,
    ("mouthUpperUpLeft", "mouthUpperUpRight"): 0.3,
    ("browDownLeft", "browDownRight"): 0.5,
    ("browOuterUpLeft", "browOuterUpRight"): 0.4,
}
BLINK: Final = (0.35, 0.95, 1.0, 0.6, 0.25)  # eyeBlink, frame by frame at 25 a second
BLINK_EVERY: Final = 22  # frames
REST: Final = 8  # frames over which motion sets in
CURVE: Final = 4.0  # standard deviation in frames of the filter that makes curves of noise


def known_motion(
    seed: int, frames: int, actions: Mapping[tuple[str, ...], float] = MIXED, fps: float = 25.0
) -> MotionTrack:
    """A track of `frames` frames whose curves follow from `seed`; the eyes go with the head."""
    random = np.random.default_rng(seed)

    def curve() -> NDArray[np.float64]:
        values = gaussian_filter1d(random.normal(size=frames + 60), CURVE)[30 : 30 + frames]
        return np.asarray(values / np.abs(values).max() * np.clip(np.arange(frames) / REST, 0, 1))

    track = MotionTrack.neutral(frames, fps)
    pose, rows = track.head_pose.copy(), track.actions.copy()
    pose[:, :3] = np.stack([largest * curve() for largest in HEAD], 1)
    for names, strength in actions.items():
        values = np.clip(curve(), 0, 1)
        for name in names:
            rows[:, ACTION_INDEX[name]] = strength * values / max(float(values.max()), 1e-6)
    for middle in blink_frames(frames):
        for side in ("Left", "Right"):
            rows[middle - 2 : middle + 3, ACTION_INDEX[f"eyeBlink{side}"]] = BLINK
    return MotionTrack(fps, rows, pose, pose[:, :2].copy())


def blink_frames(frames: int) -> list[int]:
    """The frames in which the eyes are shut."""
    return list(range(16, frames - 6, BLINK_EVERY))
