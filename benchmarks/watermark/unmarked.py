"""Measures pilot scores in unmarked files: the tail that the threshold of "inconclusive" comes from.

Every content is treated as people treat files, and each of the results is read under many keys. What a key
finds in an unmarked file is chance, but the chance of that file: flat drawings, words, screens and patterns
that repeat are not noise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks.watermark.attacks.changes import cropped, encoded, scaled, turned
from benchmarks.watermark.attacks.platforms import framed, screen_recording
from benchmarks.watermark.clips import FPS, SIZE, first, picture
from provenance.watermark import Extractor, WatermarkKey
from provenance.watermark.identification.decision import decide
from provenance.watermark.identification.registry import Registry

Frames = np.ndarray  # (T, H, W, 3) uint8 RGB

COUNT = 24
ISSUED = 20_000
TREATMENTS: dict[str, Callable[[Frames], Frames]] = {
    "x264 CRF 23": lambda f: encoded(f, 23),
    "x264 CRF 32": lambda f: encoded(f, 32),
    "360 pixels": lambda f: encoded(scaled(f, 360, 360), 24),
    "1280x720": lambda f: encoded(framed(f, 1280, 720, is_blurred=True), 26),
    "crop 25 %": lambda f: encoded(cropped(f, 0.25), 23),
    "turned 5 degrees": lambda f: encoded(turned(f, 5), 23),
    "on a screen": screen_recording,
    "as it is": lambda f: f,
}
TREATMENTS_EACH = 3


def contents(clips: dict[str, Path], stills: list[Path]) -> dict[str, Callable[[], Frames]]:
    """Everything that is looked at, by name: clips, camera moves over stills, and what is drawn here."""
    some: dict[str, Callable[[], Frames]] = {
        name: (lambda path=path: first(path, 2)[::2][:COUNT])  # type: ignore[misc]
        for name, path in clips.items()
    }
    for number, path in enumerate(stills):
        some[f"journey-{path.stem}"] = lambda path=path, seed=number: _journey(path, seed)  # type: ignore[misc]
    for make in (_white_noise, _coarse_noise, _stripes, _tiles, _page, _chart, _desktop, _plasma, _halftone):
        some[make.__name__.strip("_")] = lambda make=make: np.stack(list(make()))  # type: ignore[misc]
    return some


def measure(frames: Frames, number: int, keys: int) -> list[dict[str, Any]]:
    """Of each treatment, drawn by `number`: pilots, best scores of issued ids and answers by key."""
    rng = np.random.default_rng(number)
    results = []
    for title in rng.permutation(list(TREATMENTS))[:TREATMENTS_EACH]:
        extractor = Extractor()
        for index, frame in enumerate(TREATMENTS[str(title)](frames)):
            luma = cv2.cvtColor(np.ascontiguousarray(frame), cv2.COLOR_RGB2GRAY)
            extractor.add(np.asarray(luma, np.uint8), index // FPS)
        pilots, scores, states = [], [], []
        for _ in range(keys):
            key = WatermarkKey(rng.bytes(32))
            found = extractor.read([key])
            registry = Registry(key)
            registry.add(int(value) for value in rng.integers(0, 1 << 48, ISSUED))
            hits = [registry.best(reading.soft_bits) for reading in found.readings]
            pilots.append(found.pilot)
            scores.append(max((hit[1] for hit in hits if hit), default=0.0))
            states.append(decide(found, [registry]).state.value)
        is_judged = bool(found.is_judged)
        results.append(
            {
                "treatment": str(title),
                "pilots": pilots,
                "scores": scores,
                "states": states,
                "judged": is_judged,
            }
        )
    return results


def _journey(path: Path, seed: int) -> Frames:
    """A camera that travels over a still picture, closes in and turns."""
    rng = np.random.default_rng(seed)
    still = picture(path)
    height, width = still.shape[:2]
    start, speed = rng.uniform(1.0, 2.5), rng.uniform(-0.01, 0.02)
    way, turn = rng.uniform(-3, 3, 2), rng.uniform(-0.3, 0.3)
    frames = []
    for frame in range(COUNT):
        zoom = SIZE / min(height, width) * (start + speed * frame)
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), turn * frame, zoom)
        matrix[:, 2] += SIZE / 2 - np.array([width / 2, height / 2]) + way * frame
        frames.append(cv2.warpAffine(still, matrix, (SIZE, SIZE), borderMode=cv2.BORDER_REFLECT))
    return np.stack(frames)


def _grey(planes: np.ndarray) -> np.ndarray:
    return np.repeat(np.clip(planes, 0, 255).astype(np.uint8)[..., None], 3, -1)


def _white_noise() -> Iterator[np.ndarray]:
    grain = np.random.default_rng(1).normal(0, 20, (SIZE, SIZE))
    yield from (_grey(120 + grain) for _ in range(COUNT))


def _coarse_noise() -> Iterator[np.ndarray]:
    grain = np.random.default_rng(2).normal(0, 1, (SIZE, SIZE)).astype(np.float32)
    cloud = sum(cv2.GaussianBlur(grain, (0, 0), sigma) * sigma for sigma in (1, 2, 4, 8, 16))
    for frame in range(COUNT):
        yield _grey(120 + 25 * np.roll(cloud, 2 * frame, 1))


def _stripes() -> Iterator[np.ndarray]:
    """Sinusoids of the watermark's own band, which fit its periods: the worst case of natural content."""
    y, x = np.mgrid[0:SIZE, 0:SIZE] * (2 * np.pi / SIZE)
    waves = [np.sin(a * x + b * y) for a, b in ((32, 8), (16, 24), (-28, 36), (44, 4), (-8, 20))]
    yield from (_grey(120 + 15 * sum(waves)) for _ in range(COUNT))


def _tiles() -> Iterator[np.ndarray]:
    """A random tile of 128 pixels, the pilot's period, on every wall."""
    tile = np.random.default_rng(3).normal(0, 1, (128, 128)).astype(np.float32)
    wall = np.tile(cv2.GaussianBlur(tile, (0, 0), 2, borderType=cv2.BORDER_REFLECT), (4, 4))
    yield from (_grey(120 + 100 * wall) for _ in range(COUNT))


def _page() -> Iterator[np.ndarray]:
    """Text that scrolls."""
    rng = np.random.default_rng(4)
    lines = ["".join(rng.choice(list("etaoinshrdlu    "), 60)) for _ in range(60)]
    for frame in range(COUNT):
        sheet = np.full((SIZE, SIZE, 3), 250, np.uint8)
        for row, line in enumerate(lines):
            at = (16, 24 + 18 * row - 3 * frame)
            cv2.putText(sheet, line, at, cv2.FONT_HERSHEY_SIMPLEX, 0.45, (30, 30, 30), 1, cv2.LINE_AA)
        yield sheet


def _chart() -> Iterator[np.ndarray]:
    """Bars, axes and a grid, as slides have them."""
    rng = np.random.default_rng(5)
    heights = rng.integers(60, 380, 12)
    for frame in range(COUNT):
        sheet = np.full((SIZE, SIZE, 3), 245, np.uint8)
        sheet[40:450:32, 40:480] = 210
        for bar, height in enumerate(heights):
            top = 450 - int(height * min(1, (frame + 6) / COUNT))
            cv2.rectangle(sheet, (50 + 35 * bar, top), (74 + 35 * bar, 450), (40, 90 + 10 * bar, 160), -1)
        yield sheet


def _desktop() -> Iterator[np.ndarray]:
    """Windows, buttons and icons with a pointer that moves."""
    rng = np.random.default_rng(6)
    sheet = np.full((SIZE, SIZE, 3), (70, 110, 150), np.uint8)
    for _ in range(9):
        left, top = rng.integers(0, 360, 2)
        right, bottom = left + rng.integers(80, 200), top + rng.integers(60, 180)
        cv2.rectangle(sheet, (int(left), int(top)), (int(right), int(bottom)), (238, 238, 238), -1)
        cv2.rectangle(sheet, (int(left), int(top)), (int(right), int(top) + 14), (60, 60, 70), -1)
        for row in range(int(top) + 24, int(bottom) - 6, 12):
            sheet[row : row + 2, int(left) + 8 : int(right) - 20 : 3] = 90
    for frame in range(COUNT):
        shown = sheet.copy()
        cv2.circle(shown, (60 + 14 * frame, 90 + 9 * frame), 6, (0, 0, 0), -1, cv2.LINE_AA)
        yield shown


def _plasma() -> Iterator[np.ndarray]:
    y, x = np.mgrid[0:SIZE, 0:SIZE] / SIZE
    for frame in range(COUNT):
        t = frame / FPS
        planes = [np.sin(9 * x + t + k) + np.sin(7 * y - t) + np.sin(6 * (x + y) + k) for k in range(3)]
        yield np.clip(128 + 40 * np.stack(planes, -1), 0, 255).astype(np.uint8)


def _halftone() -> Iterator[np.ndarray]:
    """A gradient printed in dots."""
    y, x = np.mgrid[0:SIZE, 0:SIZE]
    dots = np.sin(x * 2 * np.pi / 8) * np.sin(y * 2 * np.pi / 8)
    yield from (_grey(np.where(dots > np.linspace(-1, 1, SIZE), 235, 25)) for _ in range(COUNT))
