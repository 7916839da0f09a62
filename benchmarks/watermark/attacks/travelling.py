"""Pictures that travel inside another picture: moved across it, slid in, dragged.

Each takes a clip (T, H, W, 3) uint8 RGB, other clips as long, and a generator of the amounts, and gives the
frames and where the clip's picture is in each, (T, 4, 2) pixels.
"""

from __future__ import annotations

import cv2
import numpy as np

from benchmarks.watermark.attacks.changes import Frames, scaled
from benchmarks.watermark.attacks.platforms import wandering_scene

Draw = np.random.Generator
Shown = tuple[Frames, np.ndarray]


def over_moving_picture(own: Frames, others: list[Frames], rng: Draw) -> Shown:
    """Over a moving picture, travelling and growing."""
    width, height = 1280, 720
    sheet = wandering_scene(len(own), width, height).copy()
    sides = np.linspace(rng.uniform(340, 480), rng.uniform(420, 620), len(own))
    begin, end = (rng.uniform(0, 1, 2) * (width - 620, height - 620) for _ in range(2))
    ways = np.arange(len(own))[:, None] / len(own)
    return sheet, laid_along(sheet, own, begin + (end - begin) * ways, sides)


def across_page(own: Frames, others: list[Frames], rng: Draw) -> Shown:
    """A small picture that floats across a page of words, which stands still."""
    width, height = 1280, 900
    sheet = np.full((len(own), height, width, 3), 244, np.uint8)
    for line in range(40, height, 28):
        words = ("what was said and what was shown in the hall that evening " * 3)[line % 20 :]
        cv2.putText(sheet[0], words[: width // 11], (16, line), 0, 0.55, (60, 60, 60), 1, cv2.LINE_AA)
    sheet[1:] = sheet[0]
    side = rng.uniform(330, 520)
    begin, end = (rng.uniform(0, 1, 2) * (width - side, height - side) for _ in range(2))
    ways = np.linspace(0, 1, len(own))[:, None]
    return sheet, laid_along(sheet, own, begin + (end - begin) * ways, np.full(len(own), side))


def slid_in(own: Frames, others: list[Frames], rng: Draw) -> Shown:
    """A telephone's duet: somebody else above, and our tile slides in from a side, then stays."""
    width, height, side = 720, 1280, 640
    sheet = np.full((len(own), height, width, 3), 10, np.uint8)
    sheet[:, : height // 2, (width - side) // 2 : (width + side) // 2] = scaled(others[0], side, side)
    taken = int(rng.uniform(0.4, 1.2) * 25)
    ways = np.clip(np.arange(len(own)) / taken, 0, 1)[:, None]
    ways = 1 - (1 - ways) ** 2  # fast at first
    from_side = np.array([float(rng.choice([-side, width])), height / 2])
    places = from_side + (np.array([(width - side) / 2, height / 2]) - from_side) * ways
    return sheet, laid_along(sheet, own, places, np.full(len(own), float(side)))


def dragged(own: Frames, others: list[Frames], rng: Draw) -> Shown:
    """A picture in picture over somebody who talks: it stays, is dragged elsewhere, and stays there."""
    width, height = 1280, 720
    upper = scaled(others[0], width, width)[:, 100 : 100 + height]
    sheet = np.ascontiguousarray(upper)
    side = rng.uniform(330, 460)
    begin, end = (rng.uniform(0, 1, 2) * (width - side, height - side) for _ in range(2))
    start, taken = rng.uniform(5, 15), rng.uniform(12, 25)
    ways = np.clip((np.arange(len(own)) - start) / taken, 0, 1)[:, None]
    ways = ways * ways * (3 - 2 * ways)
    return sheet, laid_along(sheet, own, begin + (end - begin) * ways, np.full(len(own), side))


def laid_along(sheet: Frames, own: Frames, places: np.ndarray, sides: np.ndarray) -> np.ndarray:
    """Lay a clip over `sheet`, in place, with its top left at (T, 2) `places`, `sides` (T,) pixels wide."""
    size = (sheet.shape[2], sheet.shape[1])
    quads = []
    for frame, picture, (left, top), side in zip(sheet, own, places, sides, strict=True):
        scale = side / own.shape[2]
        cv2.warpAffine(
            picture,
            np.array([[scale, 0, left], [0, scale, top]]),
            size,
            dst=frame,
            flags=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC,
            borderMode=cv2.BORDER_TRANSPARENT,
        )
        quads.append([[left, top], [left + side, top], [left + side, top + side], [left, top + side]])
    return np.array(quads)
