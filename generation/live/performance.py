"""A face that speaks live: motion, rendering and encoding side by side, in threads, in step with the clock.

Time goes on whatever happens: where rendering or the viewer cannot keep up, frames are left out and the one
before is shown again in their place, so that sound and picture stay together and nothing piles up.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from generation.animation.protocols import LiveAnimator, LiveMotion
from generation.animation.track.motion_track import MotionTrack
from generation.live.marked_stream import MarkedStream
from generation.live.sound_inbox import PATIENCE_S, SAMPLE_RATE, SoundInbox

TICK_S: Final = 0.02
LATE_S: Final = 0.1  # beyond the motion's own delay: frames that wait longer are not worth drawing any more
FELL_BEHIND_S: Final = 10.0  # behind the clock: the session cannot be held
MOST_UNSENT_BYTES: Final = 256 * 1024  # while more waits for the viewer, no new frame is drawn
DRAWN_AT_ONCE: Final = 2  # of the frames that wait, the newest so many are drawn
WARM_UP_S: Final = 1.0

Frame = NDArray[np.uint8]


class FellBehind(Exception):
    """The machine or the viewer is too slow for the speech."""


@dataclass(frozen=True)
class Pace:
    """Where a session is: its time in seconds, how much of it was received sound, and frames so far."""

    time_s: float
    received_s: float
    frames: int
    repeated: int


class LivePerformance:
    """One session's work from the sound in `inbox` to the fragments of its stream.

    `unsent` says how many bytes the viewer has not taken yet. What drawing needs is prepared here: once time
    runs, the first frame waits for nothing but its sound.
    """

    def __init__(
        self,
        animator: LiveAnimator,
        fitted: Any,
        motion: LiveMotion,
        inbox: SoundInbox,
        *,
        size: int,
        fps: int,
        unsent: Callable[[], int],
    ) -> None:
        self._motion, self._inbox, self._fps, self._unsent = motion, inbox, fps, unsent
        self._over = threading.Event()
        self._fault: BaseException | None = None
        self._directions: deque[Mapping[str, float | str]] = deque()
        self._moved: queue.Queue[MotionTrack | None] = queue.Queue()
        self._drawn: queue.Queue[tuple[int, Frame] | None] = queue.Queue(maxsize=4)
        self._sound: deque[NDArray[np.float32]] = deque()
        self._left_out: deque[int] = deque()  # before each frame that is drawn, how many are not
        self._indexed = 0
        self._frames = animator.render_live(fitted, self._pieces(), size=size)

    def direct(self, values: Mapping[str, float | str]) -> None:
        """Change controls, checked already, with the next sound."""
        self._directions.append(dict(values))

    def end(self) -> None:
        """End the performance; `run` returns soon after."""
        self._over.set()

    def run(self, stream: MarkedStream) -> None:
        """Perform until the end. Raises MarkLost, FellBehind, and what went wrong in any of the threads."""
        self._inbox.begin()
        threads = [
            threading.Thread(target=self._guarded, args=(work,), name=name, daemon=True)
            for name, work in (("motion", self._move), ("encoder", lambda: self._encode(stream)))
        ]
        for thread in threads:
            thread.start()
        try:
            for frame in self._frames:
                self._hand_on((self._left_out.popleft(), frame))
        finally:
            self._over.set()
            self._hand_on(None)
            for thread in threads:
                thread.join()
        if self._fault is not None:
            raise self._fault

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - raised again by `run`, in the thread that called it
            self._fault = self._fault or error
        finally:
            self._over.set()
            self._moved.put(None)

    def _move(self) -> None:
        while not self._over.is_set():
            while self._directions:
                self._motion.direct(self._directions.popleft())
            samples = self._inbox.take()
            if not len(samples):
                time.sleep(TICK_S / 4)
                continue
            self._sound.append(samples)
            piece = self._motion.push(samples)
            if len(piece):
                self._moved.put(piece)
            if self._inbox.time_s - self._inbox.taken / SAMPLE_RATE > FELL_BEHIND_S:
                raise FellBehind
            time.sleep(TICK_S / 4)

    def _pieces(self) -> Iterator[MotionTrack]:
        """What is to be drawn next: all that waits, or its newest frames where it waited for too long."""
        while not self._over.is_set():
            first = self._moved.get()
            if first is None:
                return
            waiting = [first]
            while True:
                try:
                    piece = self._moved.get_nowait()
                except queue.Empty:
                    break
                if piece is None:
                    return
                waiting.append(piece)
            yield self._worth_drawing(waiting)

    def _worth_drawing(self, pieces: list[MotionTrack]) -> MotionTrack:
        count = sum(len(piece) for piece in pieces)
        oldest_s = self._indexed / self._fps
        late_s = self._inbox.time_s - oldest_s - self._motion.delay_s - PATIENCE_S
        drawn = min(count, DRAWN_AT_ONCE) if late_s > LATE_S or count > self._fps else count
        if self._unsent() > MOST_UNSENT_BYTES:
            drawn = 1
        self._indexed += count
        self._left_out += [count - drawn, *[0] * (drawn - 1)]
        rows = slice(count - drawn, count)
        columns = (
            np.concatenate([getattr(piece, name) for piece in pieces])[rows]
            for name in ("actions", "head_pose", "gaze")
        )
        return MotionTrack(pieces[0].fps, *columns)

    def _hand_on(self, item: tuple[int, Frame] | None) -> None:
        while not (self._over.is_set() and self._fault is not None):
            try:
                self._drawn.put(item, timeout=0.5)
            except queue.Full:
                continue
            return

    def _encode(self, stream: MarkedStream) -> None:
        while (item := self._next_drawn()) is not None:
            left_out, frame = item
            for _ in range(left_out if stream.frames else 0):
                self._sound_for_next(stream)
                stream.repeat()
            self._sound_for_next(stream)
            stream.write(frame)
            for _ in range(left_out if stream.frames == 1 else 0):  # before the first there is none to repeat
                self._sound_for_next(stream)
                stream.repeat()

    def _next_drawn(self) -> tuple[int, Frame] | None:
        """The next frame; None at the end, which nobody announces where another thread failed."""
        while True:
            try:
                return self._drawn.get(timeout=0.5)
            except queue.Empty:
                if self._over.is_set() and self._fault is not None:
                    return None

    def _sound_for_next(self, stream: MarkedStream) -> None:
        """Write the sound up to the end of the next frame's time."""
        missing = round((stream.frames + 1) / self._fps * SAMPLE_RATE) - stream.sound_samples
        while missing > 0 and self._sound:
            samples = self._sound.popleft()
            if len(samples) > missing:
                self._sound.appendleft(samples[missing:])
                samples = samples[:missing]
            stream.write_sound(samples)
            missing -= len(samples)


def warm_up_frames(animator: LiveAnimator, fitted: Any, motion: LiveMotion, *, size: int) -> list[Frame]:
    """A second of the face at rest, which nobody is shown: it loads what the first frames need.

    `motion` is used up.
    """
    silence = np.zeros(round((WARM_UP_S + motion.delay_s) * SAMPLE_RATE), np.float32)
    return list(animator.render_live(fitted, [motion.push(silence)], size=size))
