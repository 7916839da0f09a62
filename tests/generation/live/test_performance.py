"""A performance ends whatever happens in one of its threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from generation.animation.track.motion_track import MotionTrack
from generation.live.performance import FellBehind, LivePerformance
from generation.live.sound_inbox import SoundInbox
from tests.generation.live.live_face import RATE, CountedMotion, SwayingLiveAnimator
from tests.generation.pipeline.moving_portrait import portrait

SIZE, FPS = 64, 25


class Broken(Exception):
    pass


class BrokenMotion(CountedMotion):
    """Goes well for a while."""

    def __init__(self, error: Exception) -> None:
        super().__init__(FPS)
        self._error = error

    def push(self, samples: NDArray[np.float32]) -> MotionTrack:
        if self._frames >= 3:
            raise self._error
        return super().push(samples)


class Stream:
    """Takes frames and sound, and may fail."""

    def __init__(self, error: Exception | None = None) -> None:
        self.frames = self.sound_samples = 0
        self._error = error

    def write(self, frame: NDArray[np.uint8]) -> None:
        if self._error is not None and self.frames >= 2:
            raise self._error
        self.frames += 1

    def repeat(self) -> None:
        self.frames += 1

    def write_sound(self, samples: NDArray[np.float32]) -> None:
        self.sound_samples += len(samples)


class SlowlyPrepared(SwayingLiveAnimator):
    """Says that it has what it draws with."""

    prepared = False

    def render_live(
        self, fitted: NDArray[np.uint8], pieces: Iterable[MotionTrack], *, size: int
    ) -> Iterator[NDArray[np.uint8]]:
        self.prepared = True
        return super().render_live(fitted, pieces, size=size)


def test_what_drawing_needs_is_there_before_time_runs() -> None:
    """Else its preparation, half a second, is lateness, and as much of the picture stands still."""
    animator, inbox = SlowlyPrepared(), SoundInbox()
    performance = LivePerformance(
        animator, portrait("maya", SIZE), CountedMotion(FPS), inbox, size=SIZE, fps=FPS, unsent=lambda: 0
    )
    assert animator.prepared
    performance.end()


@pytest.mark.parametrize("error", [FellBehind(), Broken()], ids=["fell behind", "broken"])
@pytest.mark.parametrize(
    ("motion", "stream"),
    [(BrokenMotion, lambda error: Stream()), (lambda error: CountedMotion(FPS), Stream)],
    ids=["motion", "encoder"],
)
def test_it_ends_with_what_went_wrong(
    error: Exception, motion: Callable[..., CountedMotion], stream: Callable[..., Stream]
) -> None:
    inbox = SoundInbox()
    inbox.put(np.zeros(RATE, "<i2").tobytes())
    performance = LivePerformance(
        SwayingLiveAnimator(),
        portrait("maya", SIZE),
        motion(error),
        inbox,
        size=SIZE,
        fps=FPS,
        unsent=lambda: 0,
    )
    raised: list[BaseException] = []

    def perform() -> None:
        try:
            performance.run(stream(error))  # type: ignore[arg-type]
        except (FellBehind, Broken) as wrong:
            raised.append(wrong)

    thread = threading.Thread(target=perform, daemon=True)
    thread.start()
    thread.join(timeout=20)
    assert not thread.is_alive()
    assert raised == [error]
