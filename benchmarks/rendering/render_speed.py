"""Measures the speed of fitting, of rendering, and of rendering with watermark and encoding.

    python -m benchmarks.rendering.render_speed [PORTRAIT] [SPEECH.wav]

Prints a table of medians over rounds: one thread and two, 512x512 at 40 frames/s of video. The last row gives
the ratio to LivePortrait's network on such a machine (15 to 30 s a frame on two cores with PyTorch).
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
import wave
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from benchmarks.rendering.portraits import CAST, read_picture
from generation.animation import Animator, MotionControls, MotionTrack
from generation.animation.rendering.backends.backend import backend_for
from generation.animation.rendering.threaded import frames_ahead
from generation.pipeline.encode import encode_video
from provenance.watermark import Embedder, WatermarkKey, WatermarkPayload

SPEECH = CAST.parent / "speech" / "sample1_female_calm.wav"
SIZE, FPS, ROUNDS, FRAMES = 512, 40, 5, 160
LIVEPORTRAIT_S = (15.0, 30.0)  # seconds a frame, two cores


def read_speech(path: Path) -> tuple[np.ndarray, int]:
    """Samples (N,) float32 and sample rate of a 16-bit mono WAV file."""
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)
        return samples.astype(np.float32) / 32768, file.getframerate()


def median_s(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Median wall seconds of `work` after one round that is not counted."""
    work()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main() -> None:
    portrait = read_picture(Path(sys.argv[1]) if len(sys.argv) > 1 else CAST / "amara.jpg")
    speech, rate = read_speech(Path(sys.argv[2]) if len(sys.argv) > 2 else SPEECH)
    animator = Animator.load("cpu")
    fitted = animator.fit(portrait)
    whole = animator.drive(speech, rate, controls=MotionControls(), seed=1, fps=FPS)
    track = MotionTrack(FPS, whole.actions[:FRAMES], whole.head_pose[:FRAMES], whole.gaze[:FRAMES])
    audio = speech[: int(len(track) / FPS * rate)]
    key = WatermarkKey(b"a key of the benchmark, not in use")

    def rendered(threads: int) -> None:
        for _ in frames_ahead(fitted, SIZE, backend_for("cpu"), [track], threads):
            pass

    def encoded(threads: int) -> None:
        with tempfile.TemporaryDirectory() as folder:
            frames = frames_ahead(fitted, SIZE, backend_for("cpu"), [track], threads)
            encode_video(
                frames, fps=FPS, audio=audio, sample_rate=rate, destination=Path(folder) / "video.mp4",
                mark=Embedder(WatermarkPayload(1), key).mark, on_frame=lambda _: None,
            )  # fmt: skip

    print("| what | one thread | two threads |\n|---|---|---|")
    cv2.setNumThreads(1)
    one = median_s(lambda: animator.fit(portrait))
    cv2.setNumThreads(2)
    print(f"| fit a portrait, s | {one:.2f} | {median_s(lambda: animator.fit(portrait)):.2f} |")
    cv2.setNumThreads(1)
    speed = {}
    for name, work in (("render", rendered), ("render, mark, encode", encoded)):
        speed[name] = [len(track) / median_s(lambda w=work, n=n: w(n)) for n in (1, 2)]
        print(f"| {name}, frames/s | {speed[name][0]:.0f} | {speed[name][1]:.0f} |")
    slow, fast = (s * speed["render"][1] for s in LIVEPORTRAIT_S)
    print(f"| render, times as fast as LivePortrait's network | | {slow:.0f} to {fast:.0f} |")


if __name__ == "__main__":
    main()
