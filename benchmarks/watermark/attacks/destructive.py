"""Honest edits that destroy the order of light and dark, or cover much: looks, filters, dither and overlays.

The one kind of edit after which frames agree with a record no better than those of another picture.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from PIL import Image

from benchmarks.watermark.attacks.changes import Attack, Frames, each, sharpened, toned
from benchmarks.watermark.attacks.platforms import bannered, under_stickers

Picture = np.ndarray  # (H, W, 3) uint8 RGB


def grey_of(frame: Picture) -> np.ndarray:
    return np.asarray(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), np.uint8)


def as_rgb(plane: np.ndarray) -> Picture:
    return np.repeat(np.clip(plane, 0, 255).astype(np.uint8)[..., None], 3, -1)


def bayer(side: int) -> np.ndarray:
    """The threshold matrix of a side of a power of two, in grey levels."""
    matrix = np.zeros((1, 1))
    while len(matrix) < side:
        matrix = np.block([[4 * matrix, 4 * matrix + 2], [4 * matrix + 3, 4 * matrix + 1]])
    return np.asarray((matrix + 0.5) * 256 / side**2)


def ordered(side: int) -> Attack:
    """One bit a pixel, by a threshold matrix."""

    def change(frame: Picture) -> Picture:
        height, width = frame.shape[:2]
        thresholds = np.tile(bayer(side), (-(-height // side), -(-width // side)))[:height, :width]
        return as_rgb(np.where(grey_of(frame) > thresholds, 255, 0))

    return lambda frames: each(frames, change)


def error_diffused(frames: Frames) -> Frames:
    """One bit a pixel, by Floyd and Steinberg."""
    return each(
        frames, lambda frame: as_rgb(np.array(Image.fromarray(grey_of(frame)).convert("1"), np.uint8) * 255)
    )


def palette(colours: int) -> Attack:
    def change(frame: Picture) -> Picture:
        return np.asarray(Image.fromarray(frame).quantize(colours).convert("RGB"), np.uint8)

    return lambda frames: each(frames, change)


def posterised(levels: int) -> Attack:
    return lambda frames: toned(frames, lambda v: np.rint(v * (levels - 1)) / (levels - 1))


def locally_stretched(limit: float, tiles: int) -> Attack:
    """CLAHE of the luma."""
    clahe = cv2.createCLAHE(limit, (tiles, tiles))

    def change(frame: Picture) -> Picture:
        lab = cv2.cvtColor(frame, cv2.COLOR_RGB2LAB)
        lab[..., 0] = clahe.apply(np.ascontiguousarray(lab[..., 0]))
        return np.asarray(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), np.uint8)

    return lambda frames: each(frames, change)


def high_dynamic(frames: Frames) -> Frames:
    """Much local contrast, none in the large."""

    def change(frame: Picture) -> Picture:
        light = frame.astype(np.float32)
        away = light - cv2.GaussianBlur(light, (0, 0), 20)
        return np.asarray(np.clip(128 + 2.2 * away, 0, 255), np.uint8)

    return each(frames, change)


def sketched(frames: Frames) -> Frames:
    """Pencil on paper: light over its own blur."""

    def change(frame: Picture) -> Picture:
        grey = grey_of(frame)
        return as_rgb(cv2.divide(grey, 255 - cv2.GaussianBlur(255 - grey, (0, 0), 10), scale=256))

    return each(frames, change)


def embossed(frames: Frames) -> Frames:
    kernel = np.array([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]], np.float32)
    return each(frames, lambda frame: as_rgb(cv2.filter2D(grey_of(frame).astype(np.float32), -1, kernel)))


def outlined(frames: Frames) -> Frames:
    """Flat colours with dark outlines, as cartoon filters draw."""

    def change(frame: Picture) -> Picture:
        flat = cv2.bilateralFilter(frame, 9, 75, 75) // 48 * 48 + 24
        soft = cv2.medianBlur(grey_of(frame), 5)
        lines = cv2.adaptiveThreshold(soft, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, 11, 2)
        return np.where(lines[..., None] > 0, flat, 0).astype(np.uint8)

    return each(frames, change)


def solarised(threshold: int) -> Attack:
    return lambda frames: np.asarray(np.where(frames >= threshold, 255 - frames, frames), np.uint8)


def coloured(name: int) -> Attack:
    """Grey through a colour table."""
    return lambda frames: each(
        frames, lambda frame: np.ascontiguousarray(cv2.applyColorMap(grey_of(frame), name)[..., ::-1])
    )


def through_a_curve(seed: int, count: int = 6) -> Attack:
    """All colours through one curve of some points drawn by lot, which rises and falls."""
    points = np.random.default_rng(seed).uniform(0, 1, count)
    return lambda frames: toned(frames, lambda v: np.interp(v, np.linspace(0, 1, count), points))


def folded(folds: int, begin: float = 0.0) -> Attack:
    """All colours through a zigzag that turns so many times; `begin`: where in it black lies, 0 to 2."""

    def curve(v: np.ndarray) -> np.ndarray:
        way = (v * (folds + 1) + begin) % 2
        return np.minimum(way, 2 - way)

    return lambda frames: toned(frames, curve)


def curves_of_channels(seed: int, points: int) -> Attack:
    """Each colour through a curve of its own, drawn by lot."""
    drawn = np.random.default_rng(seed).uniform(0, 255, (3, points))
    tables = [np.interp(np.arange(256), np.linspace(0, 255, points), one).astype(np.uint8) for one in drawn]
    return lambda frames: np.stack([table[frames[..., at]] for at, table in enumerate(tables)], -1)


def curves_by_place(seed: int, points: int) -> Attack:
    """Through one curve drawn by lot at the left, which becomes another towards the right."""
    left, right = np.random.default_rng(seed).uniform(0, 255, (2, points))
    ends = np.linspace(0, 255, points)

    def change(frame: Picture) -> Picture:
        way = np.linspace(0, 1, frame.shape[1])[None, :, None]
        both = (1 - way) * np.interp(frame, ends, left) + way * np.interp(frame, ends, right)
        return np.asarray(both, np.uint8)

    return lambda frames: each(frames, change)


def hues_turned(degrees: float) -> Attack:
    """Colours turned about grey, by which their luma changes too."""
    turn = cv2.Rodrigues(np.full(3, np.deg2rad(degrees) / np.sqrt(3)))[0]
    return lambda frames: each(frames, lambda frame: np.clip(frame @ turn.T, 0, 255).astype(np.uint8))


def half_negative(frames: Frames) -> Frames:
    middle = frames.shape[2] // 2
    return np.concatenate([frames[:, :, :middle], 255 - frames[:, :, middle:]], 2)


def at_night(frames: Frames) -> Frames:
    """Green, lifted, with noise and lines."""
    rng = np.random.default_rng(0)

    def change(frame: Picture) -> Picture:
        light = 255 * (grey_of(frame).astype(np.float32) / 255) ** 0.5
        light = np.clip(light + rng.normal(0, 18, light.shape), 0, 255)
        light[::3] *= 0.75
        return np.stack([0.15 * light, light, 0.25 * light], -1).astype(np.uint8)

    return each(frames, change)


def darkened_around(strength: float) -> Attack:
    """A vignette: e to the minus `strength` at half a side from the middle."""

    def change(frame: Picture) -> Picture:
        height, width = frame.shape[:2]
        y, x = np.mgrid[0:height, 0:width]
        away = ((x - width / 2) ** 2 + (y - height / 2) ** 2) / (min(height, width) / 2) ** 2
        return np.asarray(frame * np.exp(-strength * away)[..., None]).astype(np.uint8)

    return lambda frames: each(frames, change)


def face_over_the_face(radius: float) -> Attack:
    """A round yellow face of a radius in parts of the height, over the head."""

    def change(frame: Picture) -> Picture:
        frame = frame.copy()
        height, width = frame.shape[:2]
        size, (x, y) = int(radius * height), (width // 2, int(0.45 * height))
        cv2.circle(frame, (x, y), size, (250, 205, 50), -1, cv2.LINE_AA)
        for side in (-1, 1):
            cv2.circle(frame, (x + side * size // 3, y - size // 4), size // 7, (40, 30, 30), -1)
        cv2.ellipse(frame, (x, y), (size // 2, size // 2), 0, 20, 160, (40, 30, 30), size // 12)
        return frame

    return lambda frames: each(frames, change)


def written_over(frames: Frames) -> Frames:
    """Lines of large words over all of it."""

    def change(frame: Picture) -> Picture:
        frame = frame.copy()
        for line in range(30, frame.shape[0], 60):
            cv2.putText(frame, "subscribe and follow", (5, line), 0, 1.3, (255, 255, 255), 3, cv2.LINE_AA)
        return frame

    return each(frames, change)


EDITS: dict[str, Callable[[Frames], Frames]] = {
    "one bit, matrix of 4": ordered(4),
    "one bit, matrix of 8": ordered(8),
    "one bit, error diffused": error_diffused,
    "16 colours": palette(16),
    "two levels a colour": posterised(2),
    "three levels a colour": posterised(3),
    "four levels a colour": posterised(4),
    "local contrast 4": locally_stretched(4, 8),
    "local contrast 40": locally_stretched(40, 16),
    "high dynamic range": high_dynamic,
    "sharpened": sharpened,
    "pencil sketch": sketched,
    "embossed": embossed,
    "cartoon": outlined,
    "negative": lambda frames: 255 - frames,
    "solarised at 64": solarised(64),
    "solarised at 128": solarised(128),
    "thermal, inferno": coloured(cv2.COLORMAP_INFERNO),
    "thermal, jet": coloured(cv2.COLORMAP_JET),
    "rainbow": coloured(cv2.COLORMAP_RAINBOW),
    "all hues": coloured(cv2.COLORMAP_HSV),
    "curve drawn by lot, 1": through_a_curve(1),
    "curve drawn by lot, 2": through_a_curve(2),
    "night vision": at_night,
    "vignette": darkened_around(2),
    "heavy vignette": darkened_around(5),
    "banner and words": bannered,
    "stickers": under_stickers,
    "face over the face": face_over_the_face(0.25),
    "large face over the face": face_over_the_face(0.4),
    "words all over": written_over,
    "folded 3 times": folded(3),
    "folded 4 times": folded(4),
    "folded 5 times": folded(5),
    "folded 5 times, shifted": folded(5, 0.5),
    "curve of ten points, 1": through_a_curve(1, 10),
    "curve of ten points, 2": through_a_curve(2, 10),
    "eight levels, folded 5 times": lambda frames: folded(5)(posterised(8)(frames)),
    "three levels, inverted": lambda frames: 255 - posterised(3)(frames),
    "red and blue exchanged": lambda frames: frames[..., ::-1],
    "colours passed on": lambda frames: frames[..., [1, 2, 0]],
    "hues turned by 120 degrees": hues_turned(120),
    "hues turned by 180 degrees": hues_turned(180),
    "a curve for each colour": curves_of_channels(1, 5),
    "curves by place": curves_by_place(1, 5),
    "half of it negative": half_negative,
}
# Of these, what lies over the picture and is left out where it is known where the mark is.
COVERING = {
    "banner and words",
    "stickers",
    "face over the face",
    "large face over the face",
    "words all over",
}
