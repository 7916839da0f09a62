"""Does a session with a real face take more memory the longer it lasts?

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.live.memory [SECONDS [SIZE]]

The variable is what the process of a session has; without it numpy's threads wait by spinning.
Speech and pauses for SECONDS (7,200 unless told otherwise) of a session's time, as fast as it goes,
through the session's own inbox, clockwork, motion, rendering, label, mark and encoder; pieces come late and
in bursts, the machine stands still for a second now and then, and the controls are changed every twenty
seconds. Prints the resident memory every five minutes, and its growth for an hour over the second half.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.live.long_run import DrivenClock, Speaker, resident_mb
from benchmarks.live.staged import ROOT, speech
from generation.animation.composition import load_live_animator
from generation.animation.motion.controls import MotionControls
from generation.animation.registry import FACE_RIG, MOTION_FLOW
from generation.disclosure.choice import Disclosure
from generation.disclosure.label import Label
from generation.live import performance
from generation.live.marked_stream import MarkCheck, MarkedStream
from generation.live.performance import LivePerformance, warm_up_frames
from generation.live.sound_inbox import SAMPLE_RATE, SoundInbox
from provenance.watermark import WatermarkKey, WatermarkPayload

FPS: Final = 25
SPOKEN_S: Final = 30.0
PAUSE_S: Final = 7.0
PIECE_S: Final = 0.08  # of speech: in pieces of 20 ms it takes half as long again
READ_EVERY_S: Final = 300
DIRECT_EVERY_S: Final = 20
DIRECTIONS: Final = ({"gaze_yaw": 12.0}, {"head_distance": 0.9}, {"gaze_yaw": -8.0}, {"head_distance": 1.1})
ROUND: Final = np.concatenate(
    [speech(SPOKEN_S).astype(np.float32) / 2**15, np.zeros(round(PAUSE_S * SAMPLE_RATE), np.float32)]
)


def spoken_over_and_over(begin: int, end: int) -> NDArray[np.float32]:
    """Samples `begin` to `end` of speech and pauses without end."""
    return ROUND[np.arange(begin, end) % len(ROUND)]


def run(seconds: float, size: int) -> dict[str, object]:
    """Hold the session; what it repeated, and the memory that it took."""
    animator = load_live_animator(renderer=FACE_RIG, motion_source=MOTION_FLOW, device="cpu")
    assert animator is not None
    with Image.open(Path(ROOT / "samples/portraits/amara.jpg")) as picture:
        fitted = animator.fit(np.array(picture.convert("RGB")))
    at_rest, motion = (
        animator.live_motion(SAMPLE_RATE, controls=MotionControls(), seed=7, fps=FPS) for _ in range(2)
    )
    speaker = Speaker(spoken_over_and_over)
    clock = DrivenClock(speaker, motion.delay_s, PIECE_S)
    speaker.inbox = inbox = SoundInbox(clock)
    performance.time = SimpleNamespace(sleep=clock.sleep)  # type: ignore[attr-defined]
    session = LivePerformance(
        animator, fitted, motion, inbox, size=size, fps=FPS, unsent=lambda: 0
    )  # fmt: skip
    memory: list[tuple[int, float]] = []
    checks: list[MarkCheck] = []

    def on_segment(number: int, digest: bytes) -> None:
        if number % READ_EVERY_S == READ_EVERY_S // 5:
            memory.append((number, resident_mb()))
            print(json.dumps({"at_s": number, "memory_mb": round(memory[-1][1], 1)}), flush=True)
        if number % DIRECT_EVERY_S == 0:
            session.direct(DIRECTIONS[number // DIRECT_EVERY_S % len(DIRECTIONS)])
        if number >= seconds:
            session.end()

    clock.stream = stream = MarkedStream(
        size=size,
        fps=FPS,
        label=Label(Disclosure(), size, size),
        payload=WatermarkPayload(1),
        key=WatermarkKey(bytes(32)),
        warm_up=warm_up_frames(animator, fitted, at_rest, size=size),
        send=lambda data: None,
        on_segment=on_segment,
        on_check=checks.append,
    )
    session.run(stream)
    stream.finish()
    later = np.array(memory[len(memory) // 2 :])
    return {
        "frames": stream.frames,
        "repeated_percent": round(100 * stream.repeated / stream.frames, 2),
        "memory_first_mb": round(memory[0][1], 1),
        "memory_last_mb": round(memory[-1][1], 1),
        "growth_of_second_half_mb_an_hour": round(3600 * float(np.polyfit(*later.T, 1)[0]), 2),
        "checks": len(checks),
        "mark_score_least": round(min(check.score for check in checks), 1),
    }


def main() -> None:
    """Measure and print."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 7200.0
    size = int(sys.argv[2]) if len(sys.argv) > 2 else 256
    print(json.dumps({"seconds": seconds, "size": size, **run(seconds, size)}))


if __name__ == "__main__":
    main()
