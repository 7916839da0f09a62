"""The watermark and the colours of videos that are not the 512-pixel square.

    python -m benchmarks.watermark.shapes [PORTRAIT ...] [--shapes 16:9,1080 ...]

Each portrait, the bundled cast where none is named, speaks a second in every shape. The file is read as
delivered, compressed again (CRF 28), at 360 lines, and cropped by 10 and 25 %; the mark counts as found when
its id is decoded. Colour is the mean error of each channel over the clip, frames as rendered against the
delivered file as decoded, in levels.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import defaultdict
from pathlib import Path

import cv2
import numpy as np

from benchmarks.watermark.attacks.changes import Attack, cropped, scaled, then, x264
from benchmarks.watermark.clips import CAST, SAMPLES, SPEECH, picture
from generation.animation import Animator
from generation.animation.framing.video_format import VideoFormat
from generation.animation.framing.view import VideoFormatRefused
from generation.animation.track.motion_track import MotionTrack
from generation.pipeline.audio import read_audio
from generation.pipeline.decode import read_frames
from generation.pipeline.encode import encode_video
from generation.pipeline.strength import choose_strength
from provenance.watermark import Embedder, Extractor, WatermarkKey, WatermarkPayload

KEY = WatermarkKey(b"a key of the benchmark, not in use")
FRAMES = 25
SHAPES = (
    ("1:1", 360), ("1:1", 512), ("1:1", 1080), ("picture", 512), ("9:16", 512), ("16:9", 512),
    ("picture", 1080), ("9:16", 1080), ("16:9", 1080),
)  # fmt: skip


def lines_360(frames: np.ndarray) -> np.ndarray:
    """The clip with 360 pixels on its shorter side."""
    height, width = frames.shape[1:3]
    factor = 360 / min(height, width)
    made: np.ndarray = scaled(frames, round(width * factor / 2) * 2, round(height * factor / 2) * 2)
    return made


CHANGES: dict[str, Attack] = {
    "as delivered": lambda frames: frames,
    "CRF 28": x264(28),
    "360 lines": then(lines_360, 24),
    "crop 10 %": then(lambda frames: cropped(frames, 0.1)),
    "crop 25 %": then(lambda frames: cropped(frames, 0.25)),
}


def rendered(animator: Animator, path: Path, video: VideoFormat, number: int) -> np.ndarray:
    """(FRAMES, H, W, 3) of one portrait that speaks."""
    audio, rate = read_audio(SAMPLES / "speech" / f"{SPEECH[number % len(SPEECH)]}.wav")
    passage = audio[rate : 2 * rate] if audio.ndim == 1 else audio[rate : 2 * rate].mean(1)
    whole = animator.drive(passage, rate, seed=number, fps=video.fps)
    track = MotionTrack(whole.fps, whole.actions[:FRAMES], whole.head_pose[:FRAMES], whole.gaze[:FRAMES])
    fitted = animator.fit(picture(path))
    if video.is_square:
        return np.stack(list(animator.render(fitted, track, size=video.size)))
    return np.stack(list(animator.render_in_picture(fitted, track, size=video.size, aspect=video.aspect)))


def delivered(frames: np.ndarray, payload: WatermarkPayload) -> np.ndarray:
    """The frames as anybody gets them: marked, encoded, decoded."""
    strength = choose_strength(list(frames), payload, KEY)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.mp4"
        encode_video(
            frames, fps=25, audio=np.zeros(25_000, np.float32), sample_rate=25_000, destination=path,
            mark=Embedder(payload, KEY, strength).mark, on_frame=lambda done: None,
        )  # fmt: skip
        return np.stack(list(read_frames(path)))


def is_found(frames: np.ndarray, payload: WatermarkPayload) -> bool:
    """Whether the id is decoded from the clip's luma."""
    extractor = Extractor()
    for frame in frames:
        extractor.add(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY))
    return any(reading.payload == payload for reading in extractor.read([KEY]).readings)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("portraits", nargs="*", type=Path)
    parser.add_argument("--shapes", nargs="*", default=[",".join(map(str, shape)) for shape in SHAPES])
    arguments = parser.parse_args()
    paths = arguments.portraits or [SAMPLES / "portraits" / f"{one}.jpg" for one in CAST]
    cv2.setNumThreads(1)
    animator = Animator.load("cpu")
    print(f"| shape | n | {' | '.join(CHANGES)} | colour, worst mean error |")
    print(f"|---|---|{'---|' * len(CHANGES)}---|")
    for shape_asked in arguments.shapes:
        aspect, size = shape_asked.split(",")[0], int(shape_asked.split(",")[1])
        found: dict[str, int] = defaultdict(int)
        count, worst, shape = 0, 0.0, ""
        for number, path in enumerate(paths):
            payload = WatermarkPayload(1000 + number)
            try:
                frames = rendered(animator, path, VideoFormat(aspect=aspect, size=size), number)
            except VideoFormatRefused:
                continue
            count += 1
            shape = f"{frames.shape[2]}x{frames.shape[1]}"
            seen = delivered(frames, payload)
            error = seen.mean((0, 1, 2), dtype=np.float64) - frames.mean((0, 1, 2), dtype=np.float64)
            worst = max(worst, float(np.abs(error).max()))
            for title, change in CHANGES.items():
                found[title] += is_found(change(seen), payload)
        cells = " | ".join(str(found[title]) for title in CHANGES)
        print(f"| {aspect}, {size} ({shape}) | {count} | {cells} | {worst:.2f} |", flush=True)


if __name__ == "__main__":
    main()
