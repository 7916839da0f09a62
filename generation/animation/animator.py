"""Animator: the library's front door. A portrait and speech in, frames out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from generation.animation.controls import MotionControls
from generation.animation.fit import FittedPortrait, fit_portrait
from generation.animation.motion_track import MotionTrack
from generation.animation.renderer import Renderer
from generation.animation.rig import FaceRig

DEVICES = ("auto", "cpu", "cuda")


@dataclass(frozen=True)
class Animator:
    """Fits portraits, turns speech into motion and motion into frames. Get one from `Animator.load`."""

    device: str

    @classmethod
    def load(cls, device: str = "auto") -> Self:
        """Load the rig and get ready. `device` is "auto", "cpu" or "cuda".

        This version renders on the CPU whatever the device: the compiled path needs no GPU. The parameter is
        part of the stable surface and is checked. Raises ValueError for any other name.
        """
        if device not in DEVICES:
            raise ValueError(f"device must be one of {', '.join(DEVICES)}, not {device!r}.")
        FaceRig.load()
        return cls(device=device)

    def fit(self, image: NDArray[np.uint8]) -> FittedPortrait:
        """Fit one portrait (H, W, 3) uint8 RGB. Raises PortraitRejected when it cannot be animated."""
        from generation.animation.portrait_check import check_portrait  # noqa: PLC0415

        return fit_portrait(image, check_portrait(image).landmarks)

    def drive(
        self,
        audio: NDArray[np.float32],
        sample_rate: int,
        *,
        controls: MotionControls | None = None,
        seed: int = 0,
        fps: float = 25,
    ) -> MotionTrack:
        """Turn speech (N,) float32 mono into motion; the same inputs and seed give the same track."""
        from generation.animation.drive import drive  # noqa: PLC0415

        return drive(audio, sample_rate, controls=controls or MotionControls(), seed=seed, fps=fps)

    def render(
        self, fitted: FittedPortrait, track: MotionTrack, size: int = 512
    ) -> Iterator[NDArray[np.uint8]]:
        """Iterate over (size, size, 3) uint8 RGB frames, one for each frame of the track, made on demand.

        `size` is an even number from 256 to 1024; ValueError otherwise, raised at once.
        """
        return Renderer(fitted, size).frames(track)
