"""MotionTrack: facial actions, head pose and gaze per frame, independent of any renderer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, TextIO

import numpy as np
from numpy.typing import NDArray

from generation.animation.track import live_link
from generation.animation.track.arkit import ARKIT_ACTIONS

# How far the camera is assumed to stand from the head: about 1.5 m, usual for a portrait. A head at
# `head_distance` d, seen 1/d as large, has z = (d - 1) times this many head widths.
CAMERA_DISTANCE_HEAD_WIDTHS = 10.0

# A blink is fully closed for a frame or two of a 60 Hz capture: less than a frame of a video lasts.
_BLINKS = (ARKIT_ACTIONS.index("eyeBlinkLeft"), ARKIT_ACTIONS.index("eyeBlinkRight"))


@dataclass(frozen=True, eq=False)
class MotionTrack:
    """One performance, frame by frame.

    `actions` is (T, 52) float32 in 0..1, columns as ACTIONS. `head_pose` is (T, 6) float32: yaw, pitch, roll
    in degrees, then x, y, z in head widths, all relative to the portrait's own pose. `gaze` is (T, 2)
    float32: yaw and pitch of the eyes in degrees relative to looking at the camera. Positive yaw turns
    towards the picture's right edge, positive pitch looks down, positive roll tips the crown towards the
    picture's right; x grows to the right, y down, z away from the camera.

    `confidence` (T,) float32, 0..1, says of motion captured from video how far each frame can be trusted; it
    is None where motion was not measured. Rendering does not depend on it.

    Raises ValueError when shapes disagree, a value is not finite or fps is outside 1..240.
    """

    fps: float
    actions: NDArray[np.float32]
    head_pose: NDArray[np.float32]
    gaze: NDArray[np.float32]
    confidence: NDArray[np.float32] | None = None

    ACTIONS: ClassVar[tuple[str, ...]] = ARKIT_ACTIONS

    def __post_init__(self) -> None:
        _check_rate(self.fps)
        frames = len(self.actions)
        for name, width in (("actions", len(ARKIT_ACTIONS)), ("head_pose", 6), ("gaze", 2)):
            values = np.ascontiguousarray(getattr(self, name), dtype=np.float32)
            if values.shape != (frames, width):
                raise ValueError(f"{name} must have shape ({frames}, {width}), not {values.shape}.")
            if not np.isfinite(values).all():
                raise ValueError(f"{name} holds values that are not finite.")
            object.__setattr__(self, name, values)
        object.__setattr__(self, "actions", np.clip(self.actions, 0.0, 1.0))
        if self.confidence is not None:
            confidence = np.ascontiguousarray(self.confidence, dtype=np.float32)
            if confidence.shape != (frames,) or not ((confidence >= 0) & (confidence <= 1)).all():
                raise ValueError(f"confidence must be ({frames},) values from 0 to 1.")
            object.__setattr__(self, "confidence", confidence)

    def __len__(self) -> int:
        return len(self.actions)

    @property
    def duration_s(self) -> float:
        """Length of the track in seconds."""
        return len(self) / self.fps

    def between(self, first: int, stop: int) -> MotionTrack:
        """The motion of the frames with the numbers `first` to before `stop`."""
        part = slice(first, stop)
        confidence = None if self.confidence is None else self.confidence[part]
        return MotionTrack(self.fps, self.actions[part], self.head_pose[part], self.gaze[part], confidence)

    def resampled(self, fps: float) -> MotionTrack:
        """The same performance at another frame rate, of the same duration to half a new frame.

        Frame i shows (i + 0.5) / fps seconds, in both tracks, so that nothing drifts; values are interpolated
        linearly, and held before the first frame and after the last. The peak of a blink keeps its height, in
        the frame whose span contains it. Raises ValueError when fps is outside 1..240.
        """
        _check_rate(fps)
        if fps == self.fps or not len(self):
            return MotionTrack(fps, self.actions, self.head_pose, self.gaze, self.confidence)
        frames = max(1, round(len(self) * fps / self.fps))
        before = (np.arange(len(self)) + 0.5) / self.fps
        after = (np.arange(frames) + 0.5) / fps
        actions, head_pose, gaze = (
            np.stack([np.interp(after, before, column) for column in values.T], axis=1)
            for values in (self.actions, self.head_pose, self.gaze)
        )
        for column in _BLINKS:
            peaks = _peaks(self.actions[:, column])
            containing = np.minimum((before[peaks] * fps).astype(int), frames - 1)
            np.maximum.at(actions[:, column], containing, self.actions[peaks, column])
        confidence = None
        if self.confidence is not None:
            confidence = np.interp(after, before, self.confidence).astype(np.float32)
        return MotionTrack(
            fps, actions.astype(np.float32), head_pose.astype(np.float32), gaze.astype(np.float32), confidence
        )

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
    def from_csv(cls, path: Path | str | TextIO) -> MotionTrack:
        """Read a take of Apple's Live Link Face, a path or an open file. Raises LiveLinkError, which is a
        ValueError."""
        take = live_link.read_csv(Path(path) if isinstance(path, str) else path)
        return cls(take.fps, take.actions, take.head_pose, take.gaze)

    def to_csv(self, path: Path | str) -> None:
        """Write this track as a take of Live Link Face. The position of the head is lost."""
        live_link.write_csv(self._take(), Path(path))

    def csv_text(self) -> str:
        """What `to_csv` writes."""
        return live_link.take_text(self._take())

    def _take(self) -> live_link.LiveLinkTake:
        return live_link.LiveLinkTake(self.fps, self.actions, self.head_pose, self.gaze)


def concatenate_tracks(pieces: list[MotionTrack]) -> MotionTrack:
    """Consecutive pieces, at least one and all at one frame rate, as one track."""
    columns = (
        np.concatenate([getattr(piece, name) for piece in pieces])
        for name in ("actions", "head_pose", "gaze")
    )
    return MotionTrack(pieces[0].fps, *columns)


def _check_rate(fps: float) -> None:
    if not 1 <= fps <= 240:
        raise ValueError(f"fps must be from 1 to 240, not {fps}.")


def _peaks(values: NDArray[np.float32]) -> NDArray[np.intp]:
    """Frames that are higher than the one before and not lower than the one after."""
    padded = np.concatenate([[-np.inf], values, [-np.inf]])
    return np.flatnonzero((values > padded[:-2]) & (values >= padded[2:]))
