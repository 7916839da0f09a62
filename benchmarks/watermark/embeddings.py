"""Measures what is said of a marked video that is shown inside something else, and where it is seen.

    python -m benchmarks.watermark.embeddings FOLDER [--draws N] [--clips NAME ...] [--kinds NAME] [--kept]

Two seconds of every talking head, as the product delivers them, are laid into pages, beside other pictures,
into grids, over moving pictures, into halves of a duet, under somebody else's reaction, made to travel, slid
in, dragged, cut out, and recorded from a telephone; places, sizes and neighbours are drawn anew for each of N
draws, and all is encoded again (CRF 20 to 28). Half of the neighbours carry marks of their own. Then it is
read, searched and decided as verification does it.
One answer is counted for each draw, about the clip: whether it is named, whether its content is called
another, and how well the region fits (intersection over union, in the frame's pixels, mean of all seconds).
A withdrawn video is told by its name alone, so that a name that is missing is a withdrawal that is missed;
it is counted as lost where the mark was found. Clips and results are kept in FOLDER.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from benchmarks.watermark.attacks.changes import Frames, encoded, scaled
from benchmarks.watermark.attacks.platforms import head_mask, played_on_telephone, wandering_scene
from benchmarks.watermark.attacks.travelling import across_page, dragged, over_moving_picture, slid_in
from benchmarks.watermark.clips import FPS, load_clips
from benchmarks.watermark.moving import NOT_TALKING, delivered, issued_by_others
from benchmarks.watermark.robustness import KEYS, MOST_FRAMES
from benchmarks.watermark.tables import lower_end
from provenance.watermark import Extractor, WatermarkPayload
from provenance.watermark.content.fingerprint_match import is_same
from provenance.watermark.identification.decision import decide
from provenance.watermark.identification.reading import MarkedRegion
from provenance.watermark.identification.registry import Registry

Draw = np.random.Generator
Quad = np.ndarray  # (4, 2) pixels
STILL_FRAMES = 12
GOOD_IOU = 0.8


@dataclass(frozen=True, eq=False)
class Scene:
    """What is shown, and where the clip's picture is in each frame: (T, 4, 2)."""

    frames: Frames
    quads: np.ndarray


def rectangle(left: float, top: float, width: float, height: float) -> Quad:
    return np.array([[left, top], [left + width, top], [left + width, top + height], [left, top + height]])


def standing(frames: Frames, quad: Quad) -> Scene:
    return Scene(frames, np.repeat(quad[None], len(frames), 0))


def laid(sheet: Frames, picture: Frames, left: int, top: int) -> None:
    height, width = picture.shape[1:3]
    sheet[:, top : top + height, left : left + width] = picture


def page_of_words(width: int, height: int, ground: int, free: tuple[int, int]) -> np.ndarray:
    """(H, W, 3) lines of words on a ground of this level, none between two rows."""
    sheet = np.full((height, width, 3), ground, np.uint8)
    ink = (60, 60, 60) if ground > 128 else (200, 200, 200)
    words = "what was said and what was shown in the hall that evening " * 3
    for line in range(40, height, 28):
        if not free[0] < line < free[1]:
            cv2.putText(sheet, words[line % 20 :][: width // 11], (16, line), 0, 0.55, ink, 1, cv2.LINE_AA)
    return sheet


def page(own: Frames, others: list[Frames], rng: Draw) -> Scene:
    """An article with the video in it, on a telephone or a desk; a still picture of that in half of them."""
    width, height = [(390, 844), (780, 1688), (1280, 900), (1440, 1100), (1080, 1920)][int(rng.integers(5))]
    smallest = max(0.3, (0.08 * height / width) ** 0.5)
    side = int(width * rng.uniform(max(smallest, 300 / width), 1.0)) & ~1
    side = min(side, int(0.8 * height) & ~1)
    ground = int(rng.choice([24, 245]))
    left, top = int(rng.integers(0, width - side + 1)), int(rng.integers(60, height - side - 10))
    words = page_of_words(width, height, ground, (top - 10, top + side + 24))
    if rng.random() < 0.5:
        own = np.repeat(own[:1], STILL_FRAMES, 0)
    sheet = np.repeat(words[None], len(own), 0)
    laid(sheet, scaled(own, side, side), left, top)
    return standing(sheet, rectangle(left, top, side, side))


def side_by_side(own: Frames, others: list[Frames], rng: Draw) -> Scene:
    side = int(rng.choice([360, 480, 512, 640]))
    pictures = [own, others[0]]
    at = int(rng.integers(2))
    pictures = pictures if at == 0 else pictures[::-1]
    sheet = np.concatenate([scaled(one, side, side) for one in pictures], axis=2)
    return standing(sheet, rectangle(at * side, 0, side, side))


def grid(own: Frames, others: list[Frames], rng: Draw) -> Scene:
    """Two or three to a side."""
    count = int(rng.choice([2, 2, 3]))
    side = int(rng.choice([400, 480, 512] if count == 2 else [360, 420]))
    at = int(rng.integers(count * count))
    sheet = np.zeros((len(own), count * side, count * side, 3), np.uint8)
    for cell in range(count * count):
        picture = own if cell == at else others[cell % len(others)]
        laid(sheet, scaled(picture, side, side), cell % count * side, cell // count * side)
    return standing(sheet, rectangle(at % count * side, at // count * side, side, side))


def picture_in_picture(own: Frames, others: list[Frames], rng: Draw) -> Scene:
    """Over a larger moving picture."""
    width, height = (1280, 720) if rng.random() < 0.5 else (1920, 1080)
    side = int(height * rng.uniform((0.08 * width / height) ** 0.5, 1.0)) & ~1
    sheet = wandering_scene(len(own), width, height).copy()
    left, top = int(rng.integers(0, width - side + 1)), int(rng.integers(0, height - side + 1))
    laid(sheet, scaled(own, side, side), left, top)
    return standing(sheet, rectangle(left, top, side, side))


def duet(own: Frames, others: list[Frames], rng: Draw) -> Scene:
    """Two halves of a telephone's picture, above one another or beside; what does not fit is cut off."""
    width, height = 720, 1280
    if rng.random() < 0.5:
        cell_w, cell_h = width, height // 2
    else:
        cell_w, cell_h = width // 2, height // 2
    sheet = np.full((len(own), height, width, 3), 10, np.uint8)
    side = max(cell_w, cell_h)
    off_x, off_y = (side - cell_w) // 2, (side - cell_h) // 2
    places = [(0, 0), (width - cell_w, height - cell_h)] if cell_w == width else [(0, 320), (cell_w, 320)]
    at = int(rng.integers(2))
    for number, picture in enumerate([own, others[0]]):
        left, top = places[at if number == 0 else 1 - at]
        part = scaled(picture, side, side)[:, off_y : off_y + cell_h, off_x : off_x + cell_w]
        laid(sheet, part, left, top)
    return standing(sheet, rectangle(*places[at], cell_w, cell_h))


def reaction(own: Frames, others: list[Frames], rng: Draw) -> Scene:
    """Somebody else's picture over a corner of it."""
    side = int(rng.choice([512, 640, 720]))
    sheet = scaled(own, side, side).copy()
    small = int(side * rng.uniform(0.25, 0.4))
    left, top = (int(rng.choice([8, side - small - 8])) for _ in range(2))
    laid(sheet, scaled(others[0], small, small), left, top)
    return standing(sheet, rectangle(0, 0, side, side))


def cut_out(own: Frames, others: list[Frames], rng: Draw) -> Scene:
    """Head and shoulders alone over a moving picture, at 0.7 to 1.1 of their pixels."""
    width, height = 1280, 720
    sheet = wandering_scene(len(own), width, height).copy()
    side = int(own.shape[1] * rng.uniform(0.7, 1.1)) & ~1
    left, top = int(rng.integers(0, width - side + 1)), height - side
    small, mask = scaled(own, side, side), head_mask(side, side)
    place = sheet[:, top:, left : left + side]
    place[:] = (small * mask + place * (1 - mask) + 0.5).astype(np.uint8)
    x, y, wide, high = cv2.boundingRect((mask[..., 0] > 0.5).astype(np.uint8))
    return standing(sheet, rectangle(left + x, top + y, wide, high))


def telephone(own: Frames, others: list[Frames], rng: Draw) -> Scene:
    """480 pixels at CRF 30, played in a telephone's app, whose screen of 1080x1920 is recorded."""
    return standing(played_on_telephone(own), rectangle(0, 300, 1080, 1080))


KINDS: dict[str, Callable[[Frames, list[Frames], Draw], Scene]] = {
    "page": page,
    "side by side": side_by_side,
    "grid": grid,
    "picture in picture": picture_in_picture,
    "duet": duet,
    "reaction": reaction,
    "travelling": lambda *drawn: Scene(*over_moving_picture(*drawn)),
    "head cut out": cut_out,
    "480 pixels on a telephone, recorded": telephone,
    "travelling across a page": lambda *drawn: Scene(*across_page(*drawn)),
    "slid in": lambda *drawn: Scene(*slid_in(*drawn)),
    "dragged": lambda *drawn: Scene(*dragged(*drawn)),
}


def overlap(quad: Quad, found: Quad, width: int, height: int) -> float:
    """Intersection over union of two convex polygons, as far as they lie in the frame."""
    scale = min(1.0, 480 / max(width, height))
    masks = []
    for one in (quad, found):
        mask = np.zeros((round(height * scale), round(width * scale)), np.uint8)
        cv2.fillConvexPoly(mask, np.rint(np.clip(one * scale, -9999, 9999)).astype(np.int32), 1)
        masks.append(mask.astype(bool))
    both, either = (masks[0] & masks[1]).sum(), (masks[0] | masks[1]).sum()
    return float(both / either) if either else 0.0


def fit(regions: tuple[MarkedRegion, ...], scene: Scene, chosen: list[int]) -> float:
    """How well regions fit, mean of all seconds that were read; 0 for a second without one."""
    height, width = scene.frames.shape[1:3]
    by_second = {one.second: np.array(one.corners) * (width, height) for one in regions}
    fits = []
    for second in sorted({index // FPS for index in chosen}):
        own = [index for index in chosen if index // FPS == second]
        quad = scene.quads[own[len(own) // 2]]
        fits.append(overlap(quad, by_second[second], width, height) if second in by_second else 0.0)
    return float(np.mean(fits))


def measured(scene: Scene, number: int, prints: np.ndarray) -> dict[str, object]:
    """The answer about one clip in one scene."""
    key, payload = KEYS[0], WatermarkPayload(0x5EED_0000_0000 + number)
    registry = Registry(key, issued_by_others(0))
    registry.add(0x5EED_0000_0000 + one for one in range(len(KEYS) * 12))
    count = len(scene.frames)
    chosen = [int(at) for at in np.unique(np.linspace(0, count - 1, min(MOST_FRAMES, count)).astype(int))]
    extractor = Extractor()
    for index in chosen:
        luma = cv2.cvtColor(np.ascontiguousarray(scene.frames[index]), cv2.COLOR_RGB2GRAY)
        extractor.add(np.asarray(luma, np.uint8), index // FPS)
    found = extractor.read([key])
    decision = decide(found, [registry])
    named = dict(decision.others)
    if decision.watermark_id is not None and decision.reading is not None:
        named[decision.watermark_id] = decision.reading
    reading = named.get(payload.watermark_id)
    height, width = scene.frames.shape[1:3]
    quad = scene.quads[0]
    return {
        "state": decision.state.value,
        "is_named": reading is not None,
        "named": sorted(number for number in range(len(KEYS) * 12) if 0x5EED_0000_0000 + number in named),
        "strangers": sum(not 0 <= one - 0x5EED_0000_0000 < len(KEYS) * 12 for one in named),
        "content": None if reading is None else is_same(reading.fingerprints, prints.tobytes()),
        "iou": None if reading is None else fit(reading.regions, scene, chosen),
        "share": float(cv2.contourArea(quad.astype(np.float32)) / (width * height)),
        "side": float(min(np.linalg.norm(quad[1] - quad[0]), np.linalg.norm(quad[3] - quad[0]))),
    }


def print_table(results: dict[str, list[dict[str, object]]]) -> None:
    heads = [
        "shown",
        "n",
        "named",
        "at least, 95 %",
        "of these with a region of IoU >= 0.8",
        "at least, 95 %",
    ]
    heads += ["called transplanted", "at most, 95 %", "inconclusive", "mark found, not named", "not found"]
    heads += ["wrong record"]
    print("| " + " | ".join(heads) + " |\n" + "|---" * len(heads) + "|")
    everything = [cell for cells in results.values() for cell in cells]
    for kind, cells in [*results.items(), ("**all**", everything)]:
        count = len(cells)
        if not count:
            continue
        named = [cell for cell in cells if cell["is_named"]]
        placed = sum(isinstance(cell["iou"], float) and cell["iou"] >= GOOD_IOU for cell in named)
        other = sum(cell["content"] is False for cell in named)
        states = [cell["state"] for cell in cells if not cell["is_named"]]
        row = [
            kind,
            count,
            f"{len(named)} ({len(named) / count:.0%})",
            f"{lower_end(len(named), count):.0%}",
            f"{placed} ({placed / max(1, len(named)):.0%})",
            f"{lower_end(placed, max(1, len(named))):.0%}",
            other,
            f"{1 - lower_end(count - other, count):.1%}",
            states.count("inconclusive"),
            states.count("found"),
            states.count("not_found"),
            sum(cell["strangers"] != 0 for cell in cells),
        ]
        print("| " + " | ".join(map(str, row)) + " |")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--draws", type=int, default=6)
    parser.add_argument("--clips", nargs="*", default=[])
    parser.add_argument("--kinds", nargs="*", default=list(KINDS))
    parser.add_argument("--kept", action="store_true", help="only the table of what was measured so far")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    paths = {
        name: path
        for name, path in load_clips(arguments.folder / "clips", []).items()
        if name not in NOT_TALKING
    }
    cache = arguments.folder / "delivered one key"

    @lru_cache(maxsize=6)  # 40 MB each
    def clip(number: int) -> tuple[Frames, np.ndarray]:
        name = list(paths)[number]
        # All under the first of the keys, as videos of one year are.
        frames, prints, _ = delivered(name, number * len(KEYS), paths[name], cache)
        return frames, prints

    results: dict[str, list[dict[str, object]]] = {kind: [] for kind in arguments.kinds}
    for number, name in enumerate(paths):
        if arguments.clips and name not in arguments.clips:
            continue
        for kind in arguments.kinds:
            for draw in range(arguments.draws):
                target = arguments.folder / f"embedding-{name}-{list(KINDS).index(kind)}-{draw}.json"
                if not target.exists() and arguments.kept:
                    continue
                if not target.exists():
                    frames, prints = clip(number)
                    rng = np.random.default_rng([number, list(KINDS).index(kind), draw])
                    strangers = [one for one in range(len(paths)) if one != number]
                    others = []
                    for stranger in rng.permutation(strangers)[:4]:
                        is_marked = rng.random() < 0.5
                        plain = np.load(paths[list(paths)[stranger]], mmap_mode="r")
                        others.append(clip(int(stranger))[0] if is_marked else np.array(plain[: len(frames)]))
                    scene = KINDS[kind](frames, others, rng)
                    shown = Scene(encoded(scene.frames, int(rng.integers(20, 29))), scene.quads)
                    target.write_text(json.dumps(measured(shown, number * len(KEYS), prints)))
                results[kind].append(json.loads(target.read_text()))
    print_table(results)


if __name__ == "__main__":
    main()
