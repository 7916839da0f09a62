"""Pace, latency and end of live sessions on this machine: `python -m benchmarks.live.measure [SECONDS]`.

Starts a service on loopback, speaks a sample voice in pieces of 20 ms, and prints what docs/live.md says:
frames a second, frames repeated, sound in to frame out, the first frame, what a recording verifies as, and
how long after a withdrawal the viewer is told. Nothing else should run on the machine.
"""

from __future__ import annotations

import json
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

from benchmarks.live.staged import LiveStage, live_stage, speech
from benchmarks.live.stream_client import Streamed, stream

WITHDRAWN_AFTER_S = 5.0
WATCHED_S = 40.0


def report(streamed: Streamed, seconds: float) -> dict[str, float | int]:
    """The figures of one session."""
    latencies = streamed.latencies()
    came = np.array([at for _, at in streamed.frames])
    last = streamed.of("pace")[-1][1]
    return {
        "frames_per_s": round((len(came) - 1) / (came[-1] - came[0]), 2),
        "frames": len(came),
        "repeated_percent": round(100 * last["repeated"] / max(last["frames"], 1), 2),
        "latency_median_ms": round(1000 * float(np.median(latencies))),
        "latency_p99_ms": round(1000 * float(np.percentile(latencies, 99))),
        "first_frame_ms": round(1000 * (came[0] - streamed.sent[0])),
        "mark_score_least": min((note["score"] for _, note in streamed.of("checked")), default=0.0),
        "kbit_per_s": round(len(streamed.data) * 8 / 1000 / seconds),
    }


def withdrawal(stage: LiveStage) -> dict[str, float | str]:
    """How long after the subject's withdrawal the viewer was told, and when the last frame came after it."""
    opened = stage.open(size=256)
    asked: list[float] = []

    def withdraw() -> None:
        time.sleep(WITHDRAWN_AFTER_S)
        asked.append(time.perf_counter())
        stage.withdraw()
        asked.append(time.perf_counter())

    withdrawing = threading.Thread(target=withdraw)
    streamed = stream(
        opened["url"],
        opened["token"],
        speech(WATCHED_S),
        until_s=WATCHED_S,
        when_live=withdrawing.start,
    )
    withdrawing.join()
    told, note = streamed.of("ended")[0]
    return {
        "reason": note["code"],
        "page_answered_ms": round(1000 * (asked[1] - asked[0])),
        "told_after_asking_ms": round(1000 * (told - asked[0])),
        "last_frame_after_asking_ms": round(1000 * (streamed.frames[-1][1] - asked[0])),
    }


def main() -> None:
    """Measure and print."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 20.0
    with tempfile.TemporaryDirectory() as folder, live_stage(Path(folder) / "stack") as stage:
        for size, fps in ((512, 25), (512, 30), (512, 40), (256, 25)):
            opened = stage.open(size=size, fps=fps)
            streamed = stream(opened["url"], opened["token"], speech(seconds))
            print(json.dumps({"size": size, "fps": fps, **report(streamed, seconds)}), flush=True)
            session = stage.sealed(opened["id"])
            recording = Path(folder) / "recording.mp4"
            recording.write_bytes(bytes(streamed.data))
            verdict = stage.verdict(recording)
            print(json.dumps({"verdict": verdict["verdict"], "id": verdict["rendition_id"] == session["id"]}))
        print(json.dumps(withdrawal(stage)))


if __name__ == "__main__":
    main()
