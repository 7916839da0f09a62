"""A motion source that only opens the jaw with the loudness of the voice."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generation.animation import ModelIdentity, MotionControls, MotionTrack, PixelOrigin


class JawMotion:
    """See `generation.animation.MotionSource`."""

    @property
    def motion_identity(self) -> ModelIdentity:
        """Stated in the manifest, beside the renderer; it makes no pixels."""
        return ModelIdentity("Jaw only", "1", "0" * 64, PixelOrigin.NONE)

    def drive(
        self,
        audio: NDArray[np.float32],
        sample_rate: int,
        *,
        controls: MotionControls,
        seed: int,
        fps: float,
    ) -> MotionTrack:
        """The motion for (N,) float32 mono speech."""
        frames = round(len(audio) / sample_rate * fps)
        track = MotionTrack.neutral(frames, fps)
        loudness = [float(np.abs(piece).mean()) for piece in np.array_split(audio, frames)]
        actions = track.actions.copy()
        actions[:, MotionTrack.ACTIONS.index("jawOpen")] = np.clip(np.multiply(loudness, 4), 0, 1)
        return MotionTrack(fps, actions, track.head_pose, track.gaze)


def load(device: str) -> JawMotion:
    """The loader that the entry point names; `device` is "auto", "cpu" or "cuda"."""
    return JawMotion()
