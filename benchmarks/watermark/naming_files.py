"""Carries the cases of `naming` through files: pixels, the product's encoder, and the whole reader.

Clips are camera moves over the bundled portraits, two seconds each. Every case is made for every portrait and
draw, each of which has other ids and another beginning.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from benchmarks.watermark.attacks.changes import cropped, turned
from benchmarks.watermark.clips import CAST, FPS, SAMPLES, Frames, of_video, pan
from benchmarks.watermark.robustness import product_file
from provenance.verify.evidence.signals import MarkReading, MarkState
from provenance.verify.reader.watermark_search import search_watermark
from provenance.verify.watermark_answer import BundledWatermarks, IssuedWatermark, interpret_extraction
from provenance.watermark import Embedder, WatermarkKey, WatermarkPayload
from provenance.watermark.coding.payload import VERSION, format_watermark_id
from provenance.watermark.identification.registry import Registry

SECRET, YEAR = bytes(range(32)), 2026
KEY = WatermarkKey(SECRET).for_year(YEAR)
OTHER_KEY = WatermarkKey(SECRET).for_year(YEAR - 1)
KNOWN, UNKNOWN, UNKNOWN_TOO = 0x8F3A_51C7_02E9, 0x27D4_9B60_E813, 0xC15E_06B2_7A94  # random, as all ids are
ISSUED = 100_000


@dataclass(frozen=True)
class Delivered:
    """One portrait's clip as it leaves the service with the mark of each id, (T, 512, 512, 3) uint8 RGB."""

    known: Frames
    unknown: Frames
    unknown_too: Frames
    other_key: Frames


CASES: dict[str, Callable[[Delivered], Frames]] = {
    "not on record": lambda d: d.unknown,
    "inverted, not on record": lambda d: 255 - d.unknown,
    "inverted and cut, not on record": lambda d: 255 - cropped(d.unknown, 0.1),
    "inverted, on record": lambda d: 255 - d.known,
    "inverted, turned 3 degrees, on record": lambda d: turned(255 - d.known, 3),
    "spliced, neither on record": lambda d: np.concatenate([d.unknown[:FPS], d.unknown_too[FPS:]]),
    "spliced, the shorter on record": lambda d: np.concatenate([d.unknown, d.known[:FPS]]),
    "averaged, neither on record": lambda d: _averaged(d.unknown, d.unknown_too),
    "averaged, one on record": lambda d: _averaged(d.known, d.unknown),
    "quarters exchanged, not on record": lambda d: np.roll(d.unknown, (256, 256), (1, 2)),
    "side by side, neither on record": lambda d: np.concatenate([d.unknown, d.unknown_too], 2),
    "of another key": lambda d: d.other_key,
    "with the evidence of another video": lambda d: d.unknown,
}


def through_files(draws: int = 1, keep: Path | None = None) -> dict[str, Counter[str]]:
    """What is said of every case, counted as right, wrong, unknown (ours, no record) or none.

    What is in the file `keep` is not made again, and what is made is added to it.
    """
    kept = dict(map(json.loads, keep.read_text().splitlines())) if keep and keep.exists() else {}
    outcomes: dict[str, Counter[str]] = {case: Counter() for case in CASES}
    for draw in range(draws):
        for name in CAST:
            labels = {case: f"{name}, {draw}: {case}" for case in CASES}
            missing = [case for case in CASES if labels[case] not in kept]
            for case, said in _said_of(name, draw, missing):
                kept[labels[case]] = said
                if keep:
                    with keep.open("a") as file:
                        file.write(json.dumps([labels[case], said]) + "\n")
            for case, label in labels.items():
                outcomes[case][kept[label]] += 1
    return outcomes


def _said_of(name: str, draw: int, cases: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What is said of some cases of one portrait and draw."""
    if not cases:
        return
    ids: tuple[int, ...] = (KNOWN, UNKNOWN, UNKNOWN_TOO)
    if draw:
        ids = tuple(int(one) for one in np.random.default_rng(draw).integers(0, 1 << 48, 3))
    known, *_ = ids
    registry = Registry(KEY)
    registry.add(int(value) for value in np.random.default_rng(0).integers(0, 1 << 48, ISSUED))
    registry.add([known])
    bundle = BundledWatermarks(SECRET, [IssuedWatermark(format_watermark_id(known), YEAR, VERSION, b"")])
    delivered = _delivered(SAMPLES / "portraits" / f"{name}.jpg", 7 * draw % FPS, ids)
    for case in cases:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "a.mp4"
            product_file(np.ascontiguousarray(CASES[case](delivered)), path, lambda luma: luma)
            report = search_watermark(path, [KEY.secret])
        if case == "with the evidence of another video":
            said = bundle.interpret(report)
        else:
            said = interpret_extraction(report, [registry], lambda *_: None)
        yield case, _outcome(said, format_watermark_id(known))


def _outcome(said: MarkReading, known: str) -> str:
    names = {said.watermark_id, *said.others} - {None}
    if names:
        return "right" if names == {known} else "wrong"
    return "unknown" if said.state is MarkState.FOUND else "none"


def _delivered(portrait: Path, begin: int, ids: tuple[int, ...]) -> Delivered:
    frames = np.stack(list(islice(pan(portrait), begin, begin + 2 * FPS)))

    def marked(watermark_id: int, key: WatermarkKey = KEY) -> Frames:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "a.mp4"
            product_file(frames, path, Embedder(WatermarkPayload(watermark_id), key).mark)
            return of_video(path)

    known, unknown, unknown_too = ids
    return Delivered(marked(known), marked(unknown), marked(unknown_too), marked(unknown, OTHER_KEY))


def _averaged(one: Frames, other: Frames) -> Frames:
    return ((one.astype(np.uint16) + other) // 2).astype(np.uint8)
