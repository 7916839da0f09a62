"""Measures attacks that make the order of frames, or every pixel, anew.

    python -m benchmarks.watermark.regeneration FOLDER [--clips NAME ...]

Speed, frame averaging, dropped and reordered frames are the changes in time that VideoSeal's grid names.
Strong still codecs and denoisers stand in for regeneration by a network, of which none was at hand with
weights and a licence; what they cost is given in dB of luma. Clips are those of `moving`, in whose FOLDER
they and the results are kept.
"""

from __future__ import annotations

import argparse
import io
import json
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from benchmarks.watermark.attacks import Attack, Frames, each, encoded, resampled, scaled
from benchmarks.watermark.clips import load_clips
from benchmarks.watermark.moving import NOT_TALKING, delivered, measured, print_table
from benchmarks.watermark.quality import luma_psnr
from benchmarks.watermark.removal import grey_of


def then(change: Attack, crf: int = 23) -> Attack:
    return lambda frames: encoded(change(frames), crf)


def averaged(frames: Frames, count: int) -> Frames:
    """Each frame the mean of `count` neighbours."""
    sums = np.cumsum(
        np.concatenate([np.zeros_like(frames[:1], np.float32), frames]), axis=0, dtype=np.float32
    )
    return np.rint((sums[count:] - sums[:-count]) / count).astype(np.uint8)


def median_in_time(frames: Frames, count: int) -> Frames:
    return np.stack(
        [np.median(frames[at : at + count], axis=0).astype(np.uint8) for at in range(len(frames) - count + 1)]
    )


def dropped(frames: Frames, share: float) -> Frames:
    return frames[np.random.default_rng(1).random(len(frames)) >= share]


def reordered(frames: Frames, window: int) -> Frames:
    """Frames shuffled within windows."""
    rng = np.random.default_rng(2)
    order = np.concatenate(
        [at + rng.permutation(min(window, len(frames) - at)) for at in range(0, len(frames), window)]
    )
    return frames[order]


def still_codec(kind: str, **options: object) -> Attack:
    def change(frame: np.ndarray) -> np.ndarray:
        memory = io.BytesIO()
        Image.fromarray(frame).save(memory, kind, **options)  # type: ignore[arg-type]
        return np.asarray(Image.open(memory).convert("RGB"))

    return lambda frames: each(frames, change)


def denoised(frames: Frames, strength: int) -> Frames:
    """Non-local means."""
    return each(
        frames[::2], lambda frame: cv2.fastNlMeansDenoisingColored(frame, None, strength, strength, 5, 11)
    )


def bilateral(frames: Frames, strength: float) -> Frames:
    return each(frames, lambda frame: cv2.bilateralFilter(frame, 9, strength, 5))


def small_and_sharpened(frames: Frames) -> Frames:
    """A third of the pixels to a side, and back with the edges drawn sharp, as an upscaler does."""
    back = scaled(scaled(frames, 170, 170), 512, 512)
    return each(back, lambda frame: cv2.addWeighted(frame, 2.5, cv2.GaussianBlur(frame, (0, 0), 2), -1.5, 0))


GROUPS: dict[str, dict[str, Attack]] = {
    "time": {
        "speed 0.5": then(lambda f: resampled(f, 2.0)),
        "speed 1.5": then(lambda f: resampled(f, 1 / 1.5)),
        "speed 2": then(lambda f: resampled(f, 0.5)),
        "mean of 3 frames": then(lambda f: averaged(f, 3)),
        "mean of 9 frames": then(lambda f: averaged(f, 9)),
        "median of 5 frames": then(lambda f: median_in_time(f, 5)),
        "half of all frames dropped": then(lambda f: dropped(f, 0.5)),
        "frames reordered within half a second": then(lambda f: reordered(f, 12)),
    },
    "made anew": {
        "JPEG 2000, 40 : 1": then(still_codec("JPEG2000", quality_mode="rates", quality_layers=[40])),
        "JPEG 2000, 80 : 1": then(still_codec("JPEG2000", quality_mode="rates", quality_layers=[80])),
        "WebP, Q30": then(still_codec("WEBP", quality=30, method=2)),
        "WebP, Q10": then(still_codec("WEBP", quality=10, method=2)),
        "non-local means, 5": then(lambda f: denoised(f, 5)),
        "non-local means, 10": then(lambda f: denoised(f, 10)),
        "bilateral, 30": then(lambda f: bilateral(f, 30)),
        "bilateral, 60": then(lambda f: bilateral(f, 60)),
        "170 pixels and sharpened back": then(small_and_sharpened),
    },
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--clips", nargs="*", default=[])
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    titles = [title for group in GROUPS.values() for title in group]
    cells: dict[str, list[dict[str, object]]] = {title: [] for title in titles}
    for number, (name, source) in enumerate(load_clips(arguments.folder / "clips", []).items()):
        if name in NOT_TALKING or (arguments.clips and name not in arguments.clips):
            continue
        target = arguments.folder / f"regeneration-{name}.json"
        if not target.exists():
            frames, prints, _ = delivered(name, number, source, arguments.folder / "delivered")
            found = {}
            for group in GROUPS.values():
                for title, attack in group.items():
                    seen = attack(frames)
                    cell = measured(seen, number, prints)
                    if group is GROUPS["made anew"]:
                        before = frames[:: len(frames) // len(seen)][:10]
                        pairs = zip(before, seen[:10], strict=True)
                        cell["cost"] = luma_psnr(
                            *zip(*((grey_of(one), grey_of(other)) for one, other in pairs), strict=True)
                        )
                    found[title] = cell
            target.write_text(json.dumps(found))
        for title, cell in json.loads(target.read_text()).items():
            cells[title].append(cell)
    print_table(cells)
    for title, column in cells.items():
        costs = [float(str(cell["cost"])) for cell in column if "cost" in cell]
        if costs:
            print(f"{title}: {min(costs):.1f} to {max(costs):.1f} dB")


if __name__ == "__main__":
    main()
