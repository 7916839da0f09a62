"""What a second of a live session costs: `python -m benchmarks.live.cost [SIZE [FPS]]`.

Speech goes through motion, rendering, label, mark, encoder and the reading back of the mark in pieces of
20 ms, as fast as it goes and in the session's own code. Processor seconds depend little on what else runs, so
this can be measured on a busy machine; `measure` has the latency, which cannot.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from benchmarks.live.staged import ROOT, speech
from generation.animation.composition import load_live_animator
from generation.animation.motion.controls import MotionControls
from generation.animation.registry import FACE_RIG, MOTION_FLOW
from generation.disclosure.choice import Disclosure
from generation.disclosure.label import Label
from generation.live.marked_stream import MarkCheck, MarkedStream
from generation.live.performance import warm_up_frames
from generation.live.sound_inbox import SAMPLE_RATE
from provenance.watermark import WatermarkKey, WatermarkPayload

SECONDS = 12.0
PIECE = SAMPLE_RATE // 50


def cost(size: int, fps: int) -> dict[str, object]:
    """Processor seconds for a second of a session, by stage."""
    animator = load_live_animator(renderer=FACE_RIG, motion_source=MOTION_FLOW, device="cpu")
    assert animator is not None
    portrait = Path(ROOT / "samples/portraits/amara.jpg")
    fitted = animator.fit(np.array(Image.open(portrait).convert("RGB")))

    def new_motion():
        return animator.live_motion(SAMPLE_RATE, controls=MotionControls(), seed=7, fps=fps)

    checks: list[MarkCheck] = []
    stream = MarkedStream(
        size=size,
        fps=fps,
        label=Label(Disclosure(), size, size),
        payload=WatermarkPayload(0x1234),
        key=WatermarkKey(b"benchmark key of thirty-two bytes"[:32]),
        warm_up=warm_up_frames(animator, fitted, new_motion(), size=size),
        send=lambda data: None,
        on_segment=lambda number, digest: None,
        on_check=checks.append,
    )
    sound = speech(SECONDS).astype(np.float32) / 2**15
    spent = {"motion": 0.0, "rendering": 0.0, "mark_and_encoder": 0.0}

    def charged(stage: str, since: float) -> float:
        now = time.process_time()
        spent[stage] += now - since
        return now

    motion = new_motion()
    begun = at = time.process_time()

    def pieces():
        nonlocal at
        for start in range(0, len(sound), PIECE):
            at = time.process_time()
            samples = sound[start : start + PIECE]
            piece = motion.push(samples)
            at = charged("motion", at)
            stream.write_sound(samples)
            at = charged("mark_and_encoder", at)
            if len(piece):
                yield piece

    for frame in animator.render_live(fitted, pieces(), size=size):
        at = charged("rendering", at)
        stream.write(frame)
        at = charged("mark_and_encoder", at)
    stream.finish()
    total = (time.process_time() - begun) / SECONDS
    return {
        "size": size,
        "fps": fps,
        "processor_s_per_s": round(total, 2),
        **{stage: round(value / SECONDS, 3) for stage, value in spent.items()},
        "frames_per_s_on_two_cores_at_most": round(2 / total * fps, 1),
        "mark_score_least": round(min(check.score for check in checks), 1),
    }


if __name__ == "__main__":
    torch.set_num_threads(1)
    print(json.dumps(cost(*(int(word) for word in (*sys.argv[1:], *("512", "25")[len(sys.argv) - 1 :])))))
