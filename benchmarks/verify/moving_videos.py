"""How the picture of a video is compared where it moves within the frame: edits named, and honest copies.

    python -m benchmarks.verify.moving_videos FOLDER ROWS [--videos 20] [--seconds S]

FOLDER keeps renditions as `renditions` makes them, ROWS what was found, so that a run that ends after S
seconds is gone on with by the next. Each video is left as it is, loses a piece, or has a piece of another
video of the same portrait put in, and is then moved as an editor or a hand would
(`benchmarks.watermark.moving`) and encoded twice.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from benchmarks.verify.renditions import FPS, SECRET, YEAR, KeptRendition, renditions
from benchmarks.watermark.attacks.changes import Frames
from benchmarks.watermark.clips import of_video
from benchmarks.watermark.moving import Draw, handheld, ken_burns, pan_and_zoom
from provenance.verify.evidence.signals import PictureReading
from provenance.verify.picture_answer import compare_picture
from provenance.verify.reader.watermark_search import search_watermark
from provenance.watermark import WatermarkKey
from tests.provenance.clips import write_clip

MOVES: dict[str, Callable[[Frames, Draw], Frames]] = {
    "Ken Burns": ken_burns,
    "pan and zoom": pan_and_zoom,
    "handheld": handheld,
}
EDITS = ("none", "cut", "inserted")
CLOSE_S = 0.5


def main() -> None:
    """Measure what is left and print the table of all."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("rows", type=Path)
    parser.add_argument("--videos", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    chosen = parser.parse_args()
    until = time.monotonic() + chosen.seconds
    cv2.setNumThreads(1)
    kept = renditions(chosen.folder, chosen.videos)
    lines = chosen.rows.read_text().splitlines() if chosen.rows.exists() else []
    known = {tuple(key): row for key, row in map(json.loads, lines)}
    for number, video in enumerate(kept):
        for move in MOVES:
            for edit in EDITS:
                key = (number, move, edit)
                if key in known or time.monotonic() > until:
                    continue
                known[key] = measured(video, _beside(kept, video), move, edit, number)
                with chosen.rows.open("a") as file:
                    file.write(json.dumps((key, known[key])) + "\n")
                print(key, known[key], flush=True)
    print("| moved | edit | n | compared | named | within .5 s |\n|---|---|---|---|---|---|")
    for move in MOVES:
        for edit in EDITS:
            rows = [row for key, row in known.items() if key[1:] == (move, edit)]
            figures = (sum(row[name] for row in rows) for name in ("compared", "named", "placed"))
            print("|", " | ".join(map(str, (move, edit, len(rows), *figures))), "|")


def measured(
    video: KeptRendition, other: KeptRendition, move: str, edit: str, number: int
) -> dict[str, bool]:
    """Whether the picture of one moved video was compared, what was done named, and placed."""
    draw = random.Random(f"{number}/{move}/{edit}")
    frames, at, length = of_video(video.path), draw.randrange(60, 150), draw.randrange(20, 50)
    if edit == "cut":
        frames = np.concatenate([frames[:at], frames[at + length :]])
    elif edit == "inserted":
        piece = of_video(other.path)[at : at + length]
        frames = np.concatenate([frames[:at], piece, frames[at:]])
    moved = MOVES[move](frames, np.random.default_rng(draw.randrange(1 << 32)))
    with tempfile.TemporaryDirectory() as name:
        path = write_clip(Path(name) / "moved.mp4", list(moved))
        report = search_watermark(path, [WatermarkKey(SECRET).for_year(YEAR).secret])
    reading = compare_picture(report.motion, video.record)
    return judged(reading, edit, at / FPS)


def judged(reading: PictureReading, edit: str, at_s: float) -> dict[str, bool]:
    """What is right in a reading of a picture that was edited at a moment."""
    found = [one.kind.value for one in reading.edits] + ["mouth"] * len(reading.mouths)
    is_named = found == ([] if edit == "none" else [edit])
    is_placed = is_named and all(abs(one.start_s - at_s) <= CLOSE_S for one in reading.edits)
    is_compared = reading.state.value != "not_compared"
    return {"compared": is_compared, "named": is_compared and is_named, "placed": is_compared and is_placed}


def _beside(kept: list[KeptRendition], video: KeptRendition) -> KeptRendition:
    """Another video of the same portrait, or of another where there is none."""
    others = [one for one in kept if one is not video]
    return next((one for one in others if one.portrait == video.portrait), others[0])


if __name__ == "__main__":
    main()
