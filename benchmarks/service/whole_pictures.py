"""Whole pictures: how still the background is, how fast each shape is made, and with how much memory.

    python -m benchmarks.service.whole_pictures [PORTRAIT ...] [--shapes 16:9,1080 ...]

Each portrait, the bundled cast where none is named, says two seconds in every shape; each shape is made in a
process of its own, whose peak memory is told. Still background: PSNR against the first frame, over all
frames, of the pixels that are surely background (matte under 1/255, and so is all around them) or outside of
the frame; the lowest of all portraits. Speeds are frames for each
second of CPU time, with one thread that renders.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from benchmarks.rendering.portraits import CAST, read_picture
from benchmarks.rendering.render_speed import SPEECH, read_speech
from generation.animation import Animator, FittedPortrait
from generation.animation.framing.paste_back import frames_in_picture
from generation.animation.framing.video_format import VideoFormat
from generation.animation.framing.view import VideoFormatRefused, View, view_of
from generation.animation.portrait.portrait_crop import MARGIN
from generation.animation.rendering.backends.backend import backend_for
from generation.animation.rendering.threaded import frames_ahead
from generation.pipeline.encode import encode_video
from provenance.watermark import Embedder, WatermarkKey, WatermarkPayload

SECONDS, FPS = 2, 25
NEAR = 0.06  # of the frame's side: around the person, where hair that moves may cover and uncover
SHAPES = (
    ("1:1", 512), ("picture", 512), ("9:16", 512), ("16:9", 512), ("1:1", 1080), ("picture", 1080),
    ("9:16", 1080), ("16:9", 1080),
)  # fmt: skip


def background(fitted: FittedPortrait, view: View) -> np.ndarray:
    """(height, width) bool: what is surely not the person."""
    size = fitted.matte.shape[0]
    margin = round(size * MARGIN / (1 + 2 * MARGIN))
    person = (fitted.matte > 1 / 255).astype(np.uint8)[margin : size - margin, margin : size - margin]
    person = cv2.resize(person, (view.frame, view.frame), interpolation=cv2.INTER_NEAREST)
    reach = 2 * round(NEAR * view.frame) + 1
    person = cv2.dilate(person, np.ones((reach, reach), np.uint8))
    out = np.ones((view.height, view.width), bool)
    y0, x0 = max(view.frame_y, 0), max(view.frame_x, 0)
    part = out[y0 : view.frame_y + view.frame, x0 : view.frame_x + view.frame]
    top, left = y0 - view.frame_y, x0 - view.frame_x
    part[:] = person[top : top + part.shape[0], left : left + part.shape[1]] == 0
    return out


def measure(aspect: str, size: int, paths: list[Path]) -> None:
    """Print the row of one shape."""
    cv2.setNumThreads(1)
    animator, video = Animator.load("cpu"), VideoFormat(aspect=aspect, size=size)
    speech, rate = read_speech(SPEECH)
    audio = speech[: SECONDS * rate]
    track = animator.drive(audio, rate, seed=1, fps=FPS)
    key = WatermarkKey(b"a key of the benchmark, not in use")
    stillness, render, whole, shape = [], [], [], ""
    for path in paths:
        picture = read_picture(path)
        fitted = animator.fit(picture)
        try:
            view = view_of(video, picture.shape[1], picture.shape[0], fitted.square)
        except VideoFormatRefused:
            continue

        def frames(fitted: FittedPortrait = fitted, view: View = view) -> Iterator[np.ndarray]:
            if video.is_square:
                return frames_ahead(fitted, size, backend_for("cpu"), [track], 1)
            return frames_in_picture(fitted, view, "blur", backend_for("cpu"), [track], 1)

        mask, first, error = background(fitted, view), None, 0.0
        for frame in frames():
            first = frame if first is None else first
            error += float(((frame[mask].astype(np.float32) - first[mask]) ** 2).mean())
        stillness.append(99.0 if error == 0 else 10 * np.log10(255**2 * len(track) / error))
        begin = time.process_time()
        for frame in frames():
            shape = f"{frame.shape[1]}x{frame.shape[0]}"
        render.append(len(track) / (time.process_time() - begin))
        with tempfile.TemporaryDirectory() as folder:
            begin = time.process_time()
            encode_video(
                frames(), fps=FPS, audio=audio, sample_rate=rate, destination=Path(folder) / "a.mp4",
                mark=Embedder(WatermarkPayload(1), key).mark, on_frame=lambda done: None,
            )  # fmt: skip
            whole.append(len(track) / (time.process_time() - begin))
    if not render:
        return
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    speeds = f"{np.median(render):.0f} | {np.median(whole):.0f}"
    print(
        f"| {aspect}, {size} ({shape}) | {len(render)} | {min(stillness):.1f} | {speeds} | {peak:.0f} |",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("portraits", nargs="*", type=Path)
    parser.add_argument("--shapes", nargs="*", default=[",".join(map(str, shape)) for shape in SHAPES])
    arguments = parser.parse_args()
    paths = arguments.portraits or sorted(CAST.glob("*.jpg"))
    print("| shape | n | still background, dB | render | render, mark, encode | peak, MB |")
    print("|---|---|---|---|---|---|", flush=True)
    for shape in arguments.shapes:
        aspect, size = shape.split(",")[0], int(shape.split(",")[1])
        worker = multiprocessing.get_context("spawn").Process(target=measure, args=(aspect, size, paths))
        worker.start()
        worker.join()


if __name__ == "__main__":
    main()
