"""A LiveAnimator whose portrait only sways, and the sound of nobody in particular."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from generation.animation.track.motion_track import MotionTrack
from tests.generation.pipeline.moving_portrait import SwayingAnimator, sway

RATE = 16_000


class CountedMotion:
    """Neutral motion, as many frames as the samples last."""

    delay_s = 0.1

    def __init__(self, fps: float) -> None:
        self._fps, self._samples, self._frames = fps, 0, 0
        self.directed: list[Mapping[str, float | str]] = []

    def push(self, samples: NDArray[np.float32]) -> MotionTrack:
        self._samples += len(samples)
        until = int((self._samples / RATE - self.delay_s) * self._fps)
        count = max(until - self._frames, 0)
        self._frames += count
        return MotionTrack.neutral(count, self._fps)

    def direct(self, values: Mapping[str, float | str]) -> None:
        self.directed.append(values)


class SwayingLiveAnimator(SwayingAnimator):
    """The swaying portrait, live."""

    def live_motion(self, sample_rate: int, *, controls: object, seed: int, fps: float) -> CountedMotion:
        return CountedMotion(fps)

    def render_live(
        self, fitted: NDArray[np.uint8], pieces: Iterable[MotionTrack], *, size: int
    ) -> Iterator[NDArray[np.uint8]]:
        frames = sway(fitted[:size, :size], 10_000)
        for piece in pieces:
            for _ in range(len(piece)):
                yield next(frames)
