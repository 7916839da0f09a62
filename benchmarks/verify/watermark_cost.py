"""Measures what marking and looking cost, in processor seconds.

    python -m benchmarks.verify.watermark_cost embedding FOLDER
    python -m benchmarks.verify.watermark_cost looking FOLDER

`embedding`: milliseconds a frame of three sizes. `looking`: an unmarked clip of ten seconds of two sizes,
still and moving, is decoded and searched as verification does, under the keys of one, two and ten years. The
least of ROUNDS.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np

from benchmarks.watermark.clips import FPS, load_clips
from generation.pipeline.encode import encode_video
from provenance.verify.reader.frames import frame_facts, sampled
from provenance.watermark import Embedder, Extractor, WatermarkKey, WatermarkPayload

SIZES = ((512, 512), (1280, 720), (1920, 1080))
MASTER = WatermarkKey(bytes(range(32)))
SECONDS, ROUNDS = 10, 2
TALKING, MOVING = "kenji-0", "pan"


def fitted(frame: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A square frame scaled to a size, cut at top and bottom."""
    height = round(frame.shape[1] * size[1] / size[0])
    top = (frame.shape[0] - height) // 2
    return np.asarray(cv2.resize(frame[top : top + height], size, interpolation=cv2.INTER_CUBIC), np.uint8)


def embedding(clip: Path) -> None:
    frames = np.load(clip, mmap_mode="r")[:16]
    print("| frame | CPU ms |\n|---|---|")
    for size in SIZES:
        lumas = [fitted(cv2.cvtColor(np.ascontiguousarray(one), cv2.COLOR_RGB2GRAY), size) for one in frames]
        embedder = Embedder(WatermarkPayload(5), MASTER)
        embedder.mark(lumas[0])
        spent = []
        for _ in range(5 * ROUNDS):
            begin = time.process_time()
            for luma in lumas:
                embedder.mark(luma)
            spent.append((time.process_time() - begin) / len(lumas))
        print(f"| {size[0]}x{size[1]} | {min(spent) * 1e3:.2f} |")


def looking(clips: dict[str, Path]) -> None:
    print("| unmarked file | one year's key | two | ten | ten to one | looked at everywhere under ten |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        for size in (SIZES[0], SIZES[2]):
            for clip in (TALKING, MOVING):
                path = Path(name) / "plain.mp4"
                frames = np.load(clips[clip], mmap_mode="r")
                there_and_back = [*range(len(frames)), *range(len(frames) - 2, 0, -1)]
                order = [there_and_back[number % len(there_and_back)] for number in range(SECONDS * FPS)]
                encode_video(
                    (fitted(frames[number], size) for number in order),
                    fps=FPS,
                    audio=np.zeros(1, np.float32),
                    sample_rate=48_000,
                    destination=path,
                    mark=lambda luma: luma,
                    on_frame=lambda done: None,
                )
                spent, everywhere = [], True
                for years in (1, 2, 10):
                    keys = [MASTER.for_year(2035 - year) for year in range(years)]
                    rounds = []
                    for _ in range(ROUNDS):
                        begin = time.process_time()
                        everywhere = looked_at(path, keys)
                        rounds.append(time.process_time() - begin)
                    spent.append(min(rounds))
                print(
                    f"| {SECONDS} s of {size[0]}x{size[1]}, {clip} | "
                    f"{' | '.join(f'{one:.2f}' for one in spent)} | {spent[-1] / spent[0]:.2f} | "
                    f"{'yes' if everywhere else 'no'} |",
                    flush=True,
                )


def looked_at(path: Path, keys: list[WatermarkKey]) -> bool:
    """Decode and search a file; whether it was looked at everywhere."""
    facts = frame_facts(path)
    assert facts is not None
    extractor = Extractor()
    for second, luma in sampled(path, facts):
        extractor.add(luma, second)
    found = extractor.read(keys)
    assert not any(reading.payload for reading in found.readings)
    return found.is_everywhere


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("action", choices=("embedding", "looking"))
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    clips = load_clips(arguments.folder / "clips", [])
    if arguments.action == "embedding":
        embedding(clips[TALKING])
    else:
        looking(clips)


if __name__ == "__main__":
    main()
