"""A renderer that takes no pixel from the portrait: it paints a pattern that moves with head and jaw."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from generation.animation import ModelIdentity, MotionTrack, PixelOrigin

WEIGHTS = np.random.default_rng(7).uniform(0, 255, (256, 256, 3)).astype(np.float32)  # in place of a file's
JAW_OPEN = MotionTrack.ACTIONS.index("jawOpen")


class PaintedRenderer:
    """See `generation.animation.PortraitRenderer`."""

    @property
    def identity(self) -> ModelIdentity:
        """Stated in the manifest of every video that this renderer makes."""
        digest = hashlib.sha256(WEIGHTS.tobytes()).hexdigest()
        return ModelIdentity("Painted pattern", "3.1", digest, PixelOrigin.GENERATED)

    def fit(self, image: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Nothing of the portrait is needed: the pattern, (256, 256, 3) float32 in 0..255."""
        return np.asarray(gaussian_filter(WEIGHTS, (3, 3, 0), mode="wrap") * 4 - 384, np.float32)

    def render(
        self, fitted: NDArray[np.float32], track: MotionTrack, *, size: int
    ) -> Iterator[NDArray[np.uint8]]:
        """One (size, size, 3) uint8 RGB frame for each frame of the track."""
        rows = np.arange(size) * len(fitted) // size
        for actions, pose in zip(track.actions, track.head_pose, strict=True):
            moved = np.roll(fitted, (round(pose[1]), round(pose[0])), (0, 1))[rows][:, rows]
            yield np.clip(moved + 40 * actions[JAW_OPEN], 0, 255).astype(np.uint8)


def load(device: str) -> PaintedRenderer:
    """The loader that the entry point names; `device` is "auto", "cpu" or "cuda"."""
    return PaintedRenderer()
