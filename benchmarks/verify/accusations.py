"""Measures whether honest edits are called transplanted, and whether transplants are.

    python -m benchmarks.verify.accusations edits FOLDER [--pictures DIR ...] [--only NAME ...] [--edits NAME]
    python -m benchmarks.verify.accusations transplants FOLDER [--pictures DIR ...] [--pairs N]
    python -m benchmarks.verify.accusations compared FOLDER [--pictures DIR ...]
    python -m benchmarks.verify.accusations tables FOLDER

Two seconds of every picture, the bundled portraits and those of the folders, whose head sways, marked and
encoded as the product does it. `edits`: each goes through the edits of `attacks/destructive.py`, which leave
light and dark in no order or cover much, and is encoded again. `transplants`: the mark of each picture's
record is laid over the clip of another picture, as somebody could who has the key; each pair is changed in
one of six ways. All are read, searched and decided as verification does it, and those whose content is
another are asked whether they move as the record does, for then they are not called transplanted. All heads
sway in the same way, which is the hardest case. There is no sound. Results are kept in FOLDER. `compared`
asks about the content alone, of two frames where they lie, without a mark: of each edit that covers nothing,
and of each picture under every other's record. The limits were chosen on every other one of these pictures.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

import cv2
import numpy as np

from benchmarks.watermark.attacks.changes import Attack, Frames, cropped, encoded, scaled, toned
from benchmarks.watermark.attacks.destructive import COVERING, EDITS
from benchmarks.watermark.clips import FPS, SAMPLES, SIZE, of_video, picture
from benchmarks.watermark.robustness import KEYS, product_file
from benchmarks.watermark.tables import lower_end
from generation.pipeline.encode import luma_of, to_yuv
from provenance.fingerprints.motion.cells import cells_at, cells_inside, cells_of_marked
from provenance.fingerprints.motion.match import compare_motion
from provenance.fingerprints.motion.measuring import found_motion, motion_fingerprint
from provenance.watermark import Embedder, Extractor, WatermarkPayload
from provenance.watermark.content.fingerprint import fingerprint_of_found, fingerprint_of_marked
from provenance.watermark.content.fingerprint_match import (
    FINGERPRINT_BYTES,
    RECORD_FINGERPRINTS,
    best_agreement,
    is_same,
    resemblance,
)
from provenance.watermark.identification.decision import decide
from provenance.watermark.identification.registry import Registry

KEY, PAYLOAD = KEYS[0], WatermarkPayload(0x5EED_0000_1234)
STRENGTH, FRAMES, ISSUED = 71, 2 * FPS, 100_000
CHANGES: list[tuple[str, Attack]] = [
    ("encoded again, CRF 23", lambda frames: encoded(frames, 23)),
    ("CRF 28", lambda frames: encoded(frames, 28)),
    ("360 pixels", lambda frames: encoded(scaled(frames, 360, 360), 23)),
    ("crop 10 %", lambda frames: encoded(cropped(frames, 0.1), 23)),
    ("mirrored", lambda frames: encoded(frames[:, :, ::-1], 23)),
    ("darker", lambda frames: encoded(toned(frames, lambda v: 0.8 * v), 23)),
]


def square(path: Path) -> np.ndarray:
    """The largest square of a picture, its upper one if it is tall, (SIZE, SIZE, 3) uint8 RGB."""
    whole = picture(path)
    height, width = whole.shape[:2]
    side = min(height, width)
    left, top = (width - side) // 2, 0 if height > width else (height - side) // 2
    part = np.ascontiguousarray(whole[top : top + side, left : left + side])
    return np.asarray(cv2.resize(part, (SIZE, SIZE), interpolation=cv2.INTER_AREA), np.uint8)


def swaying(still: np.ndarray) -> Frames:
    """(FRAMES, SIZE, SIZE, 3): the middle of a picture sways, its edges stand still."""
    y, x = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32)
    head = np.exp(-((x - SIZE / 2) ** 2 + (y - SIZE * 0.45) ** 2) / (2 * (SIZE * 0.2) ** 2))
    frames = []
    for number in range(FRAMES):
        t = number / FPS
        right, down = 7 * np.sin(1.9 * t) + 3 * np.sin(3.7 * t + 1), 4 * np.sin(2.3 * t + 0.5)
        maps = (x + head * right).astype(np.float32), (y + head * down).astype(np.float32)
        frames.append(cv2.remap(still, *maps, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT))
    return np.stack(frames)


def delivered(name: str, path: Path, folder: Path) -> tuple[Frames, bytes]:
    """The marked clip of a picture as the product encodes it, and its record's fingerprints."""
    target = folder / f"delivered-{name}.npz"
    if not target.exists():
        frames = swaying(square(path))
        with tempfile.TemporaryDirectory() as place:
            file = Path(place) / "a.mp4"
            product_file(frames, file, Embedder(PAYLOAD, KEY, STRENGTH).mark)
            clip = of_video(file)
        chosen = np.linspace(0, FRAMES - 1, RECORD_FINGERPRINTS).astype(int)
        prints = np.stack([fingerprint_of_marked(luma_of(to_yuv(frames[at]))) for at in chosen])
        np.savez(target, frames=clip, prints=prints)
    held = np.load(target)
    return held["frames"], held["prints"].tobytes()


def moves_as(seen: Frames, geometry: np.ndarray, own: Frames) -> bool:
    """Whether frames move at least half of the time as a record's (T, SIZE, SIZE, 3) do."""
    record = motion_fingerprint([cells_of_marked(luma_of(to_yuv(frame))) for frame in own], FPS)
    greys = [cv2.cvtColor(np.ascontiguousarray(frame), cv2.COLOR_RGB2GRAY) for frame in seen]
    cells = [cells_at(np.asarray(grey, np.uint8), geometry) for grey in greys]
    inside = cells_inside((greys[0].shape[0], greys[0].shape[1]), geometry)
    times, length = [at / FPS for at in range(len(cells))], len(cells) / FPS
    found = compare_motion(record, found_motion(times, cells, length, inside))
    return sum(one.end_s - one.start_s for one in found.stretches) >= length / 2


def answer(seen: Frames, prints: bytes, own: Path) -> dict[str, object]:
    """What is said of a file, and how its content was compared with that of a record of a picture."""
    registry = Registry(KEY)
    registry.add([PAYLOAD.watermark_id])
    registry.add(int(one) for one in np.random.default_rng(1).integers(0, 1 << 48, ISSUED - 1))
    begun, extractor = time.process_time(), Extractor()
    for number, frame in enumerate(seen[:48]):
        grey = cv2.cvtColor(np.ascontiguousarray(frame), cv2.COLOR_RGB2GRAY)
        extractor.add(np.asarray(grey, np.uint8), number // FPS)
    decision = decide(extractor.read([KEY]), [registry])
    is_named = decision.watermark_id == PAYLOAD.watermark_id and decision.reading is not None
    said: dict[str, object] = {"is_named": is_named, "read_s": time.process_time() - begun}
    if is_named and decision.reading is not None:
        found = decision.reading.fingerprints
        record = np.frombuffer(prints, np.uint8).reshape(-1, FINGERPRINT_BYTES)
        like = resemblance(found, record)
        said |= {"content": is_same(found, prints), "agrees": best_agreement(found, record)}
        said |= {"like": like and list(like)}
        if said["content"] is False and moves_as(seen, decision.reading.geometry, swaying(square(own))):
            said["content"] = None
    return said


def files_of(
    task: str, paths: dict[str, Path], folder: Path, most: int, edits: list[str]
) -> Iterator[tuple[str, str, Frames, bytes, Path]]:
    """A label, its kind, the frames of a file, and the fingerprints and the picture of its mark's record."""
    if task == "edits":
        for name, path in paths.items():
            for edit, change in EDITS.items():
                if edit in edits and not (folder / f"edits-{name}-{list(EDITS).index(edit)}.json").exists():
                    frames, prints = delivered(name, path, folder)
                    yield f"{name}-{list(EDITS).index(edit)}", edit, encoded(change(frames), 23), prints, path
        return
    pairs = list(permutations(paths, 2))
    for number in np.random.default_rng(0).permutation(len(pairs))[:most]:
        own, other = pairs[number]
        kind, change = CHANGES[number % len(CHANGES)]
        if not (folder / f"transplants-{own}-{other}.json").exists():
            _, prints = delivered(own, paths[own], folder)
            frames, _ = delivered(other, paths[other], folder)
            yield f"{own}-{other}", kind, change(frames), prints, paths[own]


def of_content(paths: dict[str, Path]) -> Iterator[tuple[str, str, bool | None]]:
    """A kind, the picture of the record, and whether two frames show what it shows: no mark is read."""
    records, copies = {}, {}
    for name, path in paths.items():
        frames = swaying(square(path))[:: FRAMES // RECORD_FINGERPRINTS][:RECORD_FINGERPRINTS]
        records[name] = b"".join(fingerprint_of_marked(luma_of(to_yuv(one))).tobytes() for one in frames)
        copies[name] = encoded(frames, 20)[[1, 5]]
    for name, clip in copies.items():
        for kind, change in [(kind, change) for kind, change in EDITS.items() if kind not in COVERING]:
            yield kind, name, is_same(_seen(encoded(change(clip), 23)), records[name])
        for own in [own for own in records if own != name]:
            yield "another picture", own, is_same(_seen(clip), records[own])


def _seen(frames: Frames) -> np.ndarray:
    greys = [cv2.cvtColor(np.ascontiguousarray(frame), cv2.COLOR_RGB2GRAY) for frame in frames]
    return np.stack([fingerprint_of_found(np.asarray(grey, np.uint8), np.eye(3)) for grey in greys])


def print_compared(paths: dict[str, Path]) -> None:
    answers = list(of_content(paths))
    print("| compared as it is | n | content the same | undecided | called another | 95 % |")
    print("|---" * 6 + "|")
    seen = {name for number, name in enumerate(paths) if number % 2 == 0}
    for title, some in [("limits chosen on them", seen), ("the others", set(paths) - seen)]:
        for is_edit in (True, False):
            said = [
                one for kind, name, one in answers if name in some and (kind != "another picture") == is_edit
            ]
            row = [len(said), *(said.count(one) for one in (True, None, False))]
            another = row[-1]
            bound = (
                f"at most {1 - lower_end(len(said) - another, len(said)):.1%}"
                if is_edit
                else f"at least {lower_end(another, len(said)):.1%}"
            )
            print(f"| {'edits' if is_edit else 'another picture'}, {title} | ", end="")
            print(" | ".join(map(str, row)) + f" | {bound} |")


def print_table(folder: Path, task: str) -> None:
    cells = [json.loads(file.read_text()) for file in sorted(folder.glob(f"{task}-*.json"))]
    print("| file | n | named | content the same | undecided | called another |\n" + "|---" * 6 + "|")
    kinds = [*(EDITS if task == "edits" else dict(CHANGES))]
    for kind in [*kinds, "**all**"]:
        some = [cell for cell in cells if kind in {cell["kind"], "**all**"}]
        contents = [cell["content"] for cell in some if cell["is_named"]]
        row = [kind, len(some), len(contents), *(contents.count(one) for one in (True, None, False))]
        print("| " + " | ".join(map(str, row)) + " |")
    named = [cell for cell in cells if cell["is_named"]]
    accused = sum(cell["content"] is False for cell in named)
    if named:
        least, most = lower_end(accused, len(named)), 1 - lower_end(len(named) - accused, len(named))
        print(f"Called another: {accused} of {len(named)}, at least {least:.1%}, at most {most:.1%}.")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("task", choices=["edits", "transplants", "compared", "tables"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pictures", type=Path, nargs="*", default=[])
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--edits", nargs="*", default=list(EDITS))
    parser.add_argument("--pairs", type=int, default=1000, help="at most, drawn by lot")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    arguments.folder.mkdir(parents=True, exist_ok=True)
    if arguments.task == "tables":
        for task in ("edits", "transplants"):
            print_table(arguments.folder, task)
        return
    places = [SAMPLES / "portraits", *arguments.pictures]
    paths = {
        path.stem: path
        for place in places
        for path in sorted(place.iterdir())
        if path.suffix in {".jpg", ".png"} and (not arguments.only or path.stem in arguments.only)
    }
    if arguments.task == "compared":
        print_compared(paths)
        return
    files = files_of(arguments.task, paths, arguments.folder, arguments.pairs, arguments.edits)
    for label, kind, seen, prints, own in files:
        said = {"kind": kind} | answer(seen, prints, own)
        (arguments.folder / f"{arguments.task}-{label}.json").write_text(json.dumps(said))
    print_table(arguments.folder, arguments.task)


if __name__ == "__main__":
    main()
