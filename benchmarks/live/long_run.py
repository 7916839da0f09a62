"""Sound and picture, and memory, over a long session that runs faster than time.

`python -m benchmarks.live.long_run [SECONDS]`: the session's own inbox, clockwork, mark and encoder are
used; its clock is driven, and its face is a grey picture that is white while a beep is spoken. Pieces come
late and in bursts, and now and then the machine stands still for a second. The stream is then decoded, and
each flash compared with its beep.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import av
import numpy as np
from numpy.typing import NDArray

from generation.animation.track.motion_track import MotionTrack
from generation.live import performance
from generation.live.marked_stream import MarkedStream
from generation.live.performance import TICK_S, LivePerformance
from generation.live.sound_inbox import PATIENCE_S, SAMPLE_RATE, SoundInbox
from generation.pipeline.encode import luma_of
from provenance.watermark import WatermarkKey, WatermarkPayload

FPS: Final = 25
SIZE: Final = 176
BEEP_EVERY_S: Final = 7.0
BEEP_S: Final = 0.2
LOUD: Final = 0.3
STALLS_EVERY_S: Final = 97.0
BEEP_DELAY_S: Final = 0.12


class DrivenClock:
    """Time that goes on when the session sleeps, as soon as what was due is encoded.

    `delay_s` is the motion's. The clock is ahead of pictures by that, the inbox's patience, a frame, a tick.
    """

    def __init__(self, speaker: Speaker, delay_s: float, tick_s: float = TICK_S) -> None:
        self.now, self._speaker, self._stalled, self._tick_s = 0.0, speaker, 0.0, tick_s
        self._ahead_s = delay_s + PATIENCE_S + 1 / FPS + tick_s
        self.stream: Any = None

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        """Stand for `time.sleep` in the session's motion thread."""
        waited = time.monotonic()
        while self.stream.frames < self._encoded_by_now() and time.monotonic() - waited < 5:
            time.sleep(0.0005)
        self.now += self._tick_s
        if self.now - self._stalled > STALLS_EVERY_S:
            self.now += 1.0
            self._stalled = self.now
        self._speaker.speak(self.now)

    def _encoded_by_now(self) -> float:
        """How many frames can be there. After a stall sound is taken in steps, and frames follow it."""
        inbox = self._speaker.inbox
        taken_s = inbox.taken / SAMPLE_RATE + PATIENCE_S if inbox is not None else 0.0
        return (min(self.now, taken_s) - self._ahead_s) * FPS


def beeps(begin: int, end: int) -> NDArray[np.float32]:
    """Samples `begin` to `end` of a beep every seven seconds."""
    times = np.arange(begin, end) / SAMPLE_RATE
    tone = np.sin(2 * np.pi * 1000 * times) * ((times % BEEP_EVERY_S) < BEEP_S) * 0.6
    return tone.astype(np.float32)


class Speaker:
    """Sends `sound`, which it is asked for by sample numbers, in pieces of 20 ms, late and in bursts."""

    def __init__(self, sound: Callable[[int, int], NDArray[np.float32]]) -> None:
        self._sound = sound
        self._random = np.random.default_rng(1)
        self._sent = 0
        self.inbox: SoundInbox | None = None
        self._silent_until = 0.0

    def speak(self, now: float) -> None:
        """Send what a speaker would have by now."""
        if now < self._silent_until or self.inbox is None:
            return
        if self._random.random() < 0.003:
            self._silent_until = now + float(self._random.uniform(0.1, 0.6))
        samples = self._sound(self._sent, round(now * SAMPLE_RATE))
        self._sent += len(samples)
        self.inbox.put((samples * 2**15).astype("<i2").tobytes())


class BeepMotion:
    """A mouth that is open while it is loud."""

    delay_s = BEEP_DELAY_S

    def __init__(self) -> None:
        self._sound, self._taken, self._frames = np.zeros(0, np.float32), 0, 0

    def push(self, samples: NDArray[np.float32]) -> MotionTrack:
        """The frames whose sound is known."""
        self._sound = np.concatenate([self._sound, samples])
        count = max(
            int(((self._taken + len(self._sound)) / SAMPLE_RATE - self.delay_s) * FPS) - self._frames, 0
        )
        track = MotionTrack.neutral(count, FPS)
        for row in range(count):
            end = round((self._frames + row + 1) / FPS * SAMPLE_RATE) - self._taken
            begin = max(end - SAMPLE_RATE // FPS, 0)
            track.actions[row, 0] = float(np.abs(self._sound[begin:end]).max(initial=0.0) > LOUD)
        self._frames += count
        done = max(round(self._frames / FPS * SAMPLE_RATE) - SAMPLE_RATE - self._taken, 0)
        self._sound, self._taken = self._sound[done:], self._taken + done
        return track

    def direct(self, values: object) -> None:
        """There is nothing to direct."""


class BeepAnimator:
    """Draws the beeps."""

    def __init__(self) -> None:
        noise = np.random.default_rng(2).normal(0, 2, (SIZE, SIZE, 1))
        self._pictures = [
            np.clip(level + noise, 0, 255).astype(np.uint8).repeat(3, axis=2) for level in (90, 200)
        ]

    @property
    def grey(self) -> NDArray[np.uint8]:
        """The picture at rest."""
        return self._pictures[0]

    def render_live(
        self, fitted: object, pieces: Iterable[MotionTrack], *, size: int
    ) -> Iterator[NDArray[np.uint8]]:
        """A picture for each frame of motion."""
        for piece in pieces:
            for opened in piece.actions[:, 0]:
                yield self._pictures[int(opened > 0.5)]


def resident_mb() -> float:
    """The memory that this process has now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def run(seconds: float, path: Path) -> dict[str, float]:
    """Hold the session and write its stream; what it repeated, and the memory that it took."""
    speaker = Speaker(beeps)
    clock = DrivenClock(speaker, BEEP_DELAY_S)
    speaker.inbox = inbox = SoundInbox(clock)
    animator = BeepAnimator()
    performance.time = SimpleNamespace(sleep=clock.sleep)  # type: ignore[attr-defined]
    session = LivePerformance(
        animator, None, BeepMotion(), inbox, size=SIZE, fps=FPS, unsent=lambda: 0  # type: ignore[arg-type]
    )  # fmt: skip
    memory: list[float] = []
    scores: list[float] = []
    with path.open("wb") as file:

        def on_segment(number: int, digest: bytes) -> None:
            if number % 300 == 60:
                memory.append(resident_mb())
                print(json.dumps({"at_s": number, "memory_mb": round(memory[-1], 1)}), flush=True)
            if number >= seconds:
                session.end()

        clock.stream = stream = MarkedStream(
            size=SIZE, fps=FPS, label=None, payload=WatermarkPayload(1), key=WatermarkKey(bytes(32)),
            warm_up=[animator.grey] * FPS, send=file.write, on_segment=on_segment,
            on_check=lambda check: scores.append(check.score),
        )  # fmt: skip
        session.run(stream)
        stream.finish()
    return {
        "frames": stream.frames,
        "repeated_percent": round(100 * stream.repeated / stream.frames, 2),
        "memory_first_mb": round(memory[0], 1),
        "memory_last_mb": round(memory[-1], 1),
        "checks": len(scores),
        "mark_score_least": round(min(scores), 1),
    }


def offsets_s(path: Path) -> NDArray[np.float64]:
    """How much later than its beep each flash is shown, in seconds."""
    with av.open(str(path)) as container:
        flashes, was_white = [], False
        for frame in container.decode(video=0):
            is_white = float(luma_of(frame)[::8, ::8].mean()) > 130
            if is_white and not was_white:
                flashes.append(float(frame.time))
            was_white = is_white
    with av.open(str(path)) as container:
        blocks = [(float(frame.time), frame.to_ndarray()[0]) for frame in container.decode(audio=0)]
    sound = np.concatenate([block for _, block in blocks])
    loud = np.flatnonzero(np.abs(sound) > LOUD)
    onsets = loud[np.flatnonzero(np.diff(loud, prepend=-(10**9)) > 48_000)] / 48_000 + blocks[0][0]
    found = [flash - onsets[np.abs(onsets - flash).argmin()] for flash in flashes]
    return np.array([one for one in found if abs(one) < 1.0])


def main() -> None:
    """Measure and print."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 3600.0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "stream.mp4"
        print(json.dumps({"seconds": seconds, **run(seconds, path)}), flush=True)
        offsets = offsets_s(path)
        half = len(offsets) // 2
        print(
            json.dumps(
                {
                    "flashes": len(offsets),
                    "frame_ms": 1000 / FPS,
                    "offset_ms_median": round(1000 * float(np.median(offsets)), 1),
                    "offset_ms_least": round(1000 * float(offsets.min()), 1),
                    "offset_ms_most": round(1000 * float(offsets.max()), 1),
                    "first_half_ms": round(1000 * float(np.median(offsets[:half])), 1),
                    "second_half_ms": round(1000 * float(np.median(offsets[half:])), 1),
                }
            )
        )


if __name__ == "__main__":
    main()
