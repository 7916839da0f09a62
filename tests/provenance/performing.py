"""Frames in which a head moves as no other performance has it, with a mouth that opens by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import cv2
import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from provenance.fingerprints.motion.fingerprint import MouthBox
from tests.provenance.clips import FPS

MOUTH = MouthBox(0.35, 0.52, 0.65, 0.75)


def in_shape(
    frames: Iterable[NDArray[np.uint8]], width: int, height: int, left: int, top: int
) -> Iterator[NDArray[np.uint8]]:
    """(height, width, 3) uint8 RGB: the frames as they move in a larger picture that stands still."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) / 320
    grain = np.random.default_rng(11).normal(0, 4, (height, width)).astype(np.float32)
    wall = np.stack([120 + 40 * np.sin(5 * x - 6 * y + phase) + grain for phase in (0, 1, 2)], -1)
    wall = np.clip(wall, 0, 255).astype(np.uint8)
    for frame in frames:
        picture = wall.copy()
        picture[top : top + len(frame), left : left + len(frame[0])] = frame
        yield picture


def performing_frames(seconds: float, *, seed: int, size: int = 320) -> Iterator[NDArray[np.uint8]]:
    """(size, size, 3) uint8 RGB: a drawn head before a grained wall; `seed` draws how it moves."""
    count = round(seconds * FPS)
    draw = np.random.default_rng(seed)
    walk = scipy.ndimage.gaussian_filter1d(draw.normal(0, 1, (count, 4)), 4, axis=0)
    walk *= np.array([26, 20, 24, 34]) * size / 320
    y, x = np.mgrid[0:size, 0:size].astype(np.float32) / size
    grain = np.random.default_rng(7).normal(0, 4, (size, size)).astype(np.float32)
    wall = np.stack([110 + 45 * np.sin(7 * x + 5 * y + phase) + grain for phase in (0, 1, 2)], -1)
    for dx, dy, turn, mouth in walk:
        frame = np.clip(wall, 0, 255).astype(np.uint8)
        middle = (round(size * 0.5 + dx), round(size * 0.47 + dy))
        shoulders = (round(size * 0.5 + dx / 3), size)
        cv2.ellipse(frame, shoulders, (size // 3, size // 5), 0, 0, 360, (60, 70, 120), -1, cv2.LINE_AA)
        cv2.ellipse(
            frame, middle, (size // 5, size * 27 // 100), turn, 0, 360, (214, 170, 140), -1, cv2.LINE_AA
        )
        for side in (-1, 1):
            eye = (middle[0] + side * size // 12, middle[1] - size // 14)
            cv2.circle(frame, eye, size // 40, (40, 30, 30), -1, cv2.LINE_AA)
        lips = (middle[0], middle[1] + size // 7)
        opening = max(2, round(size / 40 + mouth / 2))
        cv2.ellipse(frame, lips, (size // 14, opening), 0, 0, 360, (90, 20, 30), -1, cv2.LINE_AA)
        yield frame
