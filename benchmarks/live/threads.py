"""Where a live session's processor time goes: `python -m benchmarks.live.threads [SIZE [FPS [SECONDS]]]`.

One session in this process, in real time and with the session's own threads; nobody watches. Prints processor
seconds for a second of the session by thread, the frames that were repeated, and how long after its time each
frame was encoded. With OPENBLAS_NUM_THREADS=1 in the environment it is as in a session's process.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.live.staged import ROOT, speech
from generation.animation.composition import load_live_animator
from generation.animation.motion.controls import MotionControls
from generation.animation.protocols import LiveMotion
from generation.animation.registry import FACE_RIG, MOTION_FLOW
from generation.disclosure.choice import Disclosure
from generation.disclosure.label import Label
from generation.live.marked_stream import MarkedStream
from generation.live.performance import LivePerformance, warm_up_frames
from generation.live.sound_inbox import SAMPLE_RATE, SoundInbox
from generation.services.live.session_process import one_thread_each
from provenance.watermark import WatermarkKey, WatermarkPayload

PIECE_S: Final = 0.02
TICKS: Final = os.sysconf("SC_CLK_TCK")


class Inbox(SoundInbox):
    """Says when time begins."""

    def __init__(self) -> None:
        super().__init__()
        self.has_begun = threading.Event()

    def begin(self) -> None:
        """As any inbox."""
        super().begin()
        self.has_begun.set()

    def speak(self, sound: NDArray[np.int16]) -> None:
        """Put speech in as it is said."""
        self.has_begun.wait()
        step = round(PIECE_S * SAMPLE_RATE)
        for number in range(len(sound) // step):
            time.sleep(max(0.0, (number + 1) * PIECE_S - self.time_s))
            self.put(sound[number * step : (number + 1) * step].tobytes())


class Spent:
    """Processor seconds of each thread of this process, whoever started it."""

    def __init__(self) -> None:
        self._before = self._now()
        self.names: dict[int, str] = {}

    def _now(self) -> dict[int, float]:
        found = {}
        for folder in Path("/proc/self/task").iterdir():
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            found[int(folder.name)] = (int(fields[11]) + int(fields[12])) / TICKS
        return found

    def since(self) -> Counter[str]:
        """What was spent since this object was made, by the threads that still run."""
        names = {one.native_id or 0: one.name for one in threading.enumerate()}
        spent: Counter[str] = Counter()
        for thread_id, total in self._now().items():
            name = names.get(thread_id, "threads of libraries").split("_")[0].split(" (")[0]
            spent[name] += total - self._before.get(thread_id, 0.0)  # type: ignore[assignment]
        return spent


def run(size: int, fps: int, seconds: float) -> dict[str, object]:
    """Hold one session."""
    animator = load_live_animator(renderer=FACE_RIG, motion_source=MOTION_FLOW, device="cpu")
    assert animator is not None
    fitted = animator.fit(np.array(Image.open(ROOT / "samples/portraits/amara.jpg").convert("RGB")))

    def new_motion() -> LiveMotion:
        return animator.live_motion(SAMPLE_RATE, controls=MotionControls(), seed=7, fps=fps)

    warm_up = warm_up_frames(animator, fitted, new_motion(), size=size)
    inbox = Inbox()
    session = LivePerformance(animator, fitted, new_motion(), inbox, size=size, fps=fps, unsent=lambda: 0)
    late: list[float] = []

    class Stream(MarkedStream):
        def _encode(self) -> None:
            super()._encode()
            late.append(inbox.time_s - self.frames / fps)

    stream = Stream(
        size=size,
        fps=fps,
        label=Label(Disclosure(), size, size),
        payload=WatermarkPayload(0x1234),
        key=WatermarkKey(b"benchmark key of thirty-two bytes"[:32]),
        warm_up=warm_up,
        send=lambda data: None,
        on_segment=lambda number, digest: None,
        on_check=lambda check: None,
    )
    spent, of_threads = Spent(), Counter[str]()

    def speak() -> None:
        inbox.speak(speech(seconds).astype("<i2"))
        of_threads.update(spent.since())
        session.end()

    threading.Thread(target=speak, name="speaker").start()
    session.run(stream)
    stream.finish()
    by_thread = {name: round(value / seconds, 3) for name, value in of_threads.most_common()}
    return {
        "size": size,
        "fps": fps,
        "frames": stream.frames,
        "repeated_percent": round(100 * stream.repeated / stream.frames, 2),
        "late_ms": {at: round(1000 * float(np.percentile(late, at))) for at in (50, 99)},
        "first_ms": round(1000 * late[0]),
        "processor_s_per_s": round(sum(of_threads.values()) / seconds, 3),
        "by_thread": {name: value for name, value in by_thread.items() if value >= 0.01},
    }


if __name__ == "__main__":
    one_thread_each()
    words = [*sys.argv[1:], *("512", "30", "20")[len(sys.argv) - 1 :]]
    print(json.dumps(run(int(words[0]), int(words[1]), float(words[2]))))
