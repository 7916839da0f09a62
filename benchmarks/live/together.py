"""How many live sessions does a server of this machine hold at once?

    python -m benchmarks.live.together [SECONDS]

One server that may take three; one, two and three viewers speak at the same time, in pieces of 20 ms, and
what each of them got is printed: frames a second, frames shown again, sound in to frame out, and how it
ended. Then one session more than the server may take is asked for. Nothing else should run on the machine.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import numpy as np
import requests

from benchmarks.live.staged import LiveStage, live_stage, speech
from benchmarks.live.stream_client import stream

MOST: Final = 3
KINDS: Final = ((512, 25), (256, 25))


def one_of_them(stage: LiveStage, size: int, fps: int, seconds: float) -> dict[str, object]:
    """Hold a session; what its viewer got."""
    opened = stage.open(size=size, fps=fps)
    streamed = stream(opened["url"], opened["token"], speech(seconds))
    ended = [note["code"] for _, note in streamed.of("ended")]
    if len(streamed.frames) < 2 or not streamed.of("pace"):
        return {"frames": len(streamed.frames), "ended": ended}
    came = np.array([at for _, at in streamed.frames])
    last = streamed.of("pace")[-1][1]
    latencies = streamed.latencies()
    return {
        "frames_per_s": round((len(came) - 1) / (came[-1] - came[0]), 1),
        "repeated_percent": round(100 * last["repeated"] / max(last["frames"], 1), 2),
        "latency_median_ms": round(1000 * float(np.median(latencies))),
        "latency_p99_ms": round(1000 * float(np.percentile(latencies, 99))),
        "ended": ended,
    }


def one_too_many(stage: LiveStage) -> dict[str, object]:
    """Ask for one session more than the server may take; the refusal."""
    for _ in range(MOST):
        stage.open(size=256)
    answer = requests.post(
        f"{stage.stack.base_url}/v1/live",
        headers={"Authorization": f"Bearer {stage.key}"},
        json={"portrait_id": stage.portrait_id, "voice": "synthetic"},
        timeout=60,
    )
    after = answer.headers.get("Retry-After")
    return {"status": answer.status_code, "code": answer.json()["code"], "retry_after": after}


def main() -> None:
    """Measure and print."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 20.0
    os.environ["LIKENESS_LIVE_SESSIONS"] = str(MOST)
    with tempfile.TemporaryDirectory() as folder, live_stage(Path(folder) / "stack") as stage:
        for size, fps in KINDS:
            for count in range(1, MOST + 1):
                with ThreadPoolExecutor(count) as viewers:
                    held = [viewers.submit(one_of_them, stage, size, fps, seconds) for _ in range(count)]
                    for session in held:
                        told = {"size": size, "fps": fps, "sessions": count, **session.result()}
                        print(json.dumps(told), flush=True)
        print(json.dumps(one_too_many(stage)))


if __name__ == "__main__":
    main()
