"""Whether the mark is found in 2 s of a viewer's recording after a platform's re-encode.

`python -m benchmarks.live.windows [SECONDS [SIZE [PORTRAIT]]]`: a session in the session's own code, as
fast as it goes; its stream is encoded again as platforms do, cut into windows of 2 s that begin
anywhere, and each window is read without knowing what it holds. A window counts where exactly the
session's id is decoded.
"""

from __future__ import annotations

import io
import json
import sys
import time
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from benchmarks.live.staged import ROOT, speech
from generation.animation.composition import load_live_animator
from generation.animation.motion.controls import MotionControls
from generation.animation.registry import FACE_RIG, MOTION_FLOW
from generation.disclosure.choice import Disclosure
from generation.disclosure.label import Label
from generation.live.marked_stream import MarkedStream
from generation.live.performance import warm_up_frames
from generation.live.sound_inbox import SAMPLE_RATE
from generation.pipeline.encode import luma_of
from provenance.watermark import Extractor, WatermarkKey, WatermarkPayload

FPS: Final = 25
WINDOW_S: Final = 2.0
LEAST_WINDOWS: Final = 16  # of a short session; they overlap
KEY: Final = WatermarkKey(b"benchmark key of thirty-two bytes"[:32])
# A platform's upload of a screen recording: another size, constant rate, its own key frames.
PLATFORMS: Final = {
    "H.264, 480 px, crf 28": ("libx264", 480, {"crf": "28", "preset": "veryfast"}),
    "H.264, 360 px, 400 kbit/s": ("libx264", 360, {"b": "400000", "preset": "veryfast"}),
    "VP9, 512 px, crf 40": (
        "libvpx-vp9", 512, {"crf": "40", "b": "0", "deadline": "realtime", "cpu-used": "8"},
    ),
}  # fmt: skip


def streamed(seconds: float, size: int, portrait: str) -> tuple[bytes, WatermarkPayload]:
    """A session's stream of so many seconds, and the mark that it carries."""
    animator = load_live_animator(renderer=FACE_RIG, motion_source=MOTION_FLOW, device="cpu")
    assert animator is not None
    fitted = animator.fit(np.array(Image.open(ROOT / f"samples/portraits/{portrait}.jpg").convert("RGB")))

    def new_motion():
        return animator.live_motion(SAMPLE_RATE, controls=MotionControls(), seed=7, fps=FPS)

    payload, data = WatermarkPayload(0x1234), bytearray()
    stream = MarkedStream(
        size=size,
        fps=FPS,
        label=Label(Disclosure(), size, size),
        payload=payload,
        key=KEY,
        warm_up=warm_up_frames(animator, fitted, new_motion(), size=size),
        send=data.extend,
        on_segment=lambda number, digest: None,
        on_check=lambda check: None,
    )
    sound = speech(seconds).astype(np.float32) / 2**15
    motion, step = new_motion(), SAMPLE_RATE // 10

    def pieces():
        for start in range(0, len(sound), step):
            stream.write_sound(sound[start : start + step])
            piece = motion.push(sound[start : start + step])
            if len(piece):
                yield piece

    for frame in animator.render_live(fitted, pieces(), size=size):
        stream.write(frame)
    stream.finish()
    return bytes(data), payload


def encoded_again(stream: bytes, codec: str, size: int, options: dict[str, str]) -> list[NDArray[np.uint8]]:
    """The luma of a stream's frames after another encoder."""
    buffer = io.BytesIO()
    with av.open(io.BytesIO(stream)) as source, av.open(buffer, "w", format="matroska") as target:
        video = target.add_stream(codec, rate=FPS, options=options)
        video.width = video.height = size
        video.pix_fmt = "yuv420p"
        for number, frame in enumerate(source.decode(video=0)):
            smaller = frame.reformat(width=size, height=size, format="yuv420p")
            smaller.pts, smaller.time_base = number, Fraction(1, FPS)
            target.mux(video.encode(smaller))
        target.mux(video.encode(None))
    buffer.seek(0)
    with av.open(buffer) as container:
        return [luma_of(frame) for frame in container.decode(video=0)]


def found(frames: list[NDArray[np.uint8]], payload: WatermarkPayload) -> bool | None:
    """Whether a window is read as the session's; None where it is read as another's."""
    extractor = Extractor()
    for number, luma in enumerate(frames):
        extractor.add(luma, number // FPS)
    payloads = {reading.payload for reading in extractor.read([KEY]).readings if reading.payload is not None}
    return None if payloads - {payload} else payload in payloads


def main() -> None:
    """Measure and print."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 80.0
    size = int(sys.argv[2]) if len(sys.argv) > 2 else 512
    portrait = sys.argv[3] if len(sys.argv) > 3 else "amara"
    kept = Path(f"/tmp/likeness-live-{portrait}-{size}-{seconds:.0f}.mp4")  # noqa: S108 - a benchmark that goes on
    payload = WatermarkPayload(0x1234)
    if not kept.exists():
        data, payload = streamed(seconds, size, portrait)
        kept.write_bytes(data)
    starts = np.random.default_rng(1).uniform(
        0, seconds - WINDOW_S - 1, max(LEAST_WINDOWS, round(seconds / WINDOW_S))
    )
    for name, (codec, side, options) in PLATFORMS.items():
        frames = encoded_again(kept.read_bytes(), codec, side, options)
        begun, results = time.process_time(), []
        for start in sorted(starts):
            first = round(start * FPS)
            results.append(found(frames[first : first + round(WINDOW_S * FPS)], payload))
        print(
            json.dumps(
                {
                    "portrait": portrait,
                    "session_size": size,
                    "platform": name,
                    "windows": len(results),
                    "found": results.count(True),
                    "not_found_at_s": [
                        round(at, 1) for at, one in zip(sorted(starts), results, strict=True) if not one
                    ],
                    "wrong": results.count(None),
                    "processor_s_a_window": round((time.process_time() - begun) / len(results), 2),
                }
            ),
            flush=True,
        )  # fmt: skip


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
