"""Measures whether the watermark is read where the picture moves within the frame, or lies aslant in it.

    python -m benchmarks.watermark.moving FOLDER [--draws N] [--clips NAME ...] [--kinds NAME ...] [--kept]

Two seconds of every talking head, as the product delivers them, are moved as an editor, a camera or a hand
would, with amounts drawn anew for each of N draws, encoded again, and read, searched and decided as
verification does it. One line for each kind, with the lower end of the one-sided 95 % interval (Clopper and
Pearson). Clips and results are kept in FOLDER.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from benchmarks.watermark.attacks.changes import Frames, blurred, encoded, noisy, scaled, toned
from benchmarks.watermark.clips import FPS, first, load_clips, of_video
from benchmarks.watermark.robustness import KEYS, MOST_FRAMES, product_file, spread
from benchmarks.watermark.tables import lower_end
from generation.pipeline.encode import luma_of, to_yuv
from generation.pipeline.strength import choose_strength
from provenance.watermark import Embedder, Extractor, WatermarkPayload
from provenance.watermark.content.fingerprint import fingerprint_of_marked
from provenance.watermark.content.fingerprint_match import RECORD_FINGERPRINTS, is_same
from provenance.watermark.identification.decision import decide
from provenance.watermark.identification.registry import Issued, Registry

ISSUED, SECONDS = 100_000, 2
NOT_TALKING = {"cartoon", "title", "dark", "pan", "texture"}
FILMED_SIDE = 620
Draw = np.random.Generator
Matrices = Iterator[np.ndarray]  # a homography for each frame


def window(share: float, x: float, y: float, side: int) -> np.ndarray:
    """What shows a window of a share of the frame, centred at x and y, over the whole frame."""
    return np.array([[1 / share, 0, side / 2 - x / share], [0, 1 / share, side / 2 - y / share], [0, 0, 1.0]])


def warped(frames: Frames, matrices: Matrices, border: int = cv2.BORDER_CONSTANT) -> Frames:
    size = (frames.shape[2], frames.shape[1])
    return np.stack(
        [
            cv2.warpPerspective(frame, matrix, size, flags=cv2.INTER_CUBIC, borderMode=border)
            for frame, matrix in zip(frames, matrices, strict=True)
        ]
    )


def ken_burns(frames: Frames, rng: Draw) -> Frames:
    """A window of 0.8 of the picture travels 50 pixels, and closes in or opens a little."""
    side, angle = frames.shape[1], rng.uniform(0, 2 * np.pi)
    begin, end = 0.8, rng.uniform(0.75, 0.85)

    def matrices() -> Matrices:
        for way in np.linspace(-0.5, 0.5, len(frames)):
            share = begin + (end - begin) * (way + 0.5)
            reach = (1 - share) * side / 2
            x = np.clip(50 * way * np.cos(angle), -reach, reach)
            y = np.clip(50 * way * np.sin(angle), -reach, reach)
            yield window(share, side / 2 + x, side / 2 + y, side)

    return encoded(warped(frames, matrices()), 23)


def pan_and_zoom(frames: Frames, rng: Draw) -> Frames:
    """From the whole picture to a window of 1 / 1.3 of it, or back, towards any side."""
    side = frames.shape[1]
    to_x, to_y = rng.uniform(-1, 1, 2)
    ways = np.linspace(0, 1, len(frames))
    ways = ways if rng.random() < 0.5 else ways[::-1]

    def matrices() -> Matrices:
        for way in ways:
            share = 1 / (1 + 0.3 * way)
            reach = (1 - share) * side / 2
            yield window(share, side / 2 + to_x * reach, side / 2 + to_y * reach, side)

    return encoded(warped(frames, matrices()), 23)


def slant(rng: Draw, share: float, side: int) -> np.ndarray:
    """A view from aside: the picture's corners move by up to `share` of its side, each otherwise."""
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], float)
    moves = np.array([[1, 0.5], [-0.3, 0], [0, -0.4], [0.6, 0]]) * share
    seen = corners + moves
    flip = np.array([rng.random() < 0.5, rng.random() < 0.5])
    corners, seen = np.where(flip, 1 - corners, corners), np.where(flip, 1 - seen, seen)
    if rng.random() < 0.5:
        corners, seen = corners[:, ::-1], seen[:, ::-1]
    return np.asarray(
        cv2.getPerspectiveTransform((corners * side).astype(np.float32), (seen * side).astype(np.float32))
    )


def tilted(frames: Frames, rng: Draw) -> Frames:
    """Seen from aside so that the corners move by up to 15 % of the side; black around."""
    matrix = slant(rng, 0.15, frames.shape[1])
    return encoded(warped(frames, iter([matrix] * len(frames))), 23)


def shake(rng: Draw, count: int, side: int) -> Matrices:
    """A hand's drift and tremor: some one and a half per cent of the picture, half a degree, one per cent."""
    t = np.arange(count) / FPS

    def sway(size: float) -> np.ndarray:
        total = np.zeros(count)
        for hertz, part in ((0.3, 1.0), (0.9, 0.6), (2.3, 0.25), (6.0, 0.06)):
            total += part * np.sin(2 * np.pi * (hertz * rng.uniform(0.8, 1.2) * t + rng.random()))
        return size * total

    x, y, turn, zoom = sway(0.012 * side), sway(0.012 * side), sway(0.5), 1 + sway(0.008)
    for number in range(count):
        matrix = np.eye(3)
        matrix[:2] = cv2.getRotationMatrix2D((side / 2, side / 2), float(turn[number]), float(zoom[number]))
        matrix[:2, 2] += x[number], y[number]
        yield matrix


def handheld(frames: Frames, rng: Draw) -> Frames:
    """A telephone held before a screen: shaken, slanted by 2 %, soft, other contrast, noise."""
    shown = scaled(frames, FILMED_SIDE, FILMED_SIDE)
    aslant = slant(rng, 0.02, FILMED_SIDE)
    moves = (move @ aslant for move in shake(rng, len(frames), FILMED_SIDE))
    seen = warped(shown, moves)
    return encoded(noisy(toned(blurred(seen, 0.9), lambda v: 0.05 + 0.85 * v**1.1), 3), 26)


KINDS: dict[str, Callable[[Frames, Draw], Frames]] = {
    "Ken Burns": ken_burns,
    "pan and zoom 1.3": pan_and_zoom,
    "tilt 15 %": tilted,
    "handheld filming": handheld,
}


def delivered(name: str, number: int, source: Path, cache: Path) -> tuple[Frames, np.ndarray, int]:
    """The marked clip as the product delivers it, its fingerprints and its strength."""
    target = cache / f"{name}.npz"
    if not target.exists():
        key, payload = KEYS[number % len(KEYS)], WatermarkPayload(0x5EED_0000_0000 + number)
        frames = first(source, SECONDS)
        strength = choose_strength(list(frames[:FPS]), payload, key)
        with tempfile.TemporaryDirectory() as folder:
            product_file(frames, Path(folder) / "a.mp4", Embedder(payload, key, strength).mark)
            marked = of_video(Path(folder) / "a.mp4")
        prints = [fingerprint_of_marked(luma_of(to_yuv(one))) for one in spread(frames, RECORD_FINGERPRINTS)]
        cache.mkdir(parents=True, exist_ok=True)
        np.savez(target, frames=marked, prints=np.stack(prints), strength=strength)
    held = np.load(target)
    return held["frames"], held["prints"], int(held["strength"])


@lru_cache
def issued_by_others(key: int) -> Issued:
    """Ids that have nothing to do with a file, on record under the key of this number."""
    registry = Registry(KEYS[key])
    registry.add(int(value) for value in np.random.default_rng(key).integers(0, 1 << 48, ISSUED - 1))
    return registry.issued()


def measured(seen: Frames, number: int, prints: np.ndarray) -> dict[str, object]:
    """The answer to one file."""
    key, payload = KEYS[number % len(KEYS)], WatermarkPayload(0x5EED_0000_0000 + number)
    registry = Registry(key, issued_by_others(number % len(KEYS)))
    registry.add([payload.watermark_id])
    begin = time.process_time()
    extractor = Extractor()
    for index in np.unique(np.linspace(0, len(seen) - 1, min(MOST_FRAMES, len(seen))).astype(int)):
        luma = cv2.cvtColor(np.ascontiguousarray(seen[index]), cv2.COLOR_RGB2GRAY)
        extractor.add(np.asarray(luma, np.uint8), int(index) // FPS)
    found = extractor.read([key])
    cost = time.process_time() - begin
    decision = decide(found, [registry])
    same = None if decision.reading is None else is_same(decision.reading.fingerprints, prints.tobytes())
    return {
        "state": decision.state.value,
        "is_right": decision.watermark_id == payload.watermark_id,
        "is_wrong": decision.watermark_id not in {None, payload.watermark_id},
        "content": same,
        "seconds": 0 if decision.reading is None else len(decision.reading.seconds),
        "pilot": found.pilot,
        "score": max((one.score(payload, key) for one in found.readings), default=0.0),
        "read_s": cost,
    }


def print_table(results: dict[str, list[dict[str, object]]]) -> None:
    heads = ["picture", "n", "right record", "at least, 95 %", "inconclusive", "not found", "wrong record"]
    heads += ["content the same", "content another", "score: median", "CPU s: median / worst"]
    print("| " + " | ".join(heads) + " |\n" + "|---" * len(heads) + "|")
    for kind, cells in results.items():
        count = len(cells)
        if not count:
            continue
        right = sum(bool(cell["is_right"]) for cell in cells)
        states = [cell["state"] for cell in cells]
        contents = [cell["content"] for cell in cells if cell["is_right"]]
        costs = np.array([cell["read_s"] for cell in cells], float)
        row = [
            kind,
            count,
            f"{right} ({right / count:.0%})",
            f"{lower_end(right, count):.0%}",
            states.count("inconclusive"),
            states.count("not_found"),
            sum(bool(cell["is_wrong"]) for cell in cells),
            contents.count(True),
            contents.count(False),
            f"{np.median(np.array([cell['score'] for cell in cells], float)):.1f}",
            f"{np.median(costs):.1f} / {costs.max():.1f}",
        ]
        print("| " + " | ".join(map(str, row)) + " |")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--clips", nargs="*", default=[])
    parser.add_argument("--kinds", nargs="*", default=list(KINDS))
    parser.add_argument("--kept", action="store_true", help="only the table of what was measured so far")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    clips = load_clips(arguments.folder / "clips", [])
    results: dict[str, list[dict[str, object]]] = {kind: [] for kind in arguments.kinds}
    for number, (name, source) in enumerate(clips.items()):
        if name in NOT_TALKING or (arguments.clips and name not in arguments.clips):
            continue
        if not arguments.kept:
            frames, prints, _ = delivered(name, number, source, arguments.folder / "delivered")
        for kind in arguments.kinds:
            for draw in range(arguments.draws):
                target = arguments.folder / f"moving-{name}-{list(KINDS).index(kind)}-{draw}.json"
                if not target.exists() and arguments.kept:
                    continue
                if not target.exists():
                    rng = np.random.default_rng([number, list(KINDS).index(kind), draw])
                    target.write_text(json.dumps(measured(KINDS[kind](frames, rng), number, prints)))
                results[kind].append(json.loads(target.read_text()))
    print_table(results)


if __name__ == "__main__":
    main()
