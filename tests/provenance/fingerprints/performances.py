"""Motion as a face and its shoulders give it: a few things that move, seen in many cells at once."""

from __future__ import annotations

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from provenance.fingerprints.motion.fingerprint import (
    GRID,
    MotionFingerprint,
    MouthBox,
    blocks_of,
    cells_filled,
)
from provenance.fingerprints.motion.measuring import FOUND_RATE, FoundMotion, found_motion, motion_fingerprint

MOUTH = MouthBox(0.375, 0.5, 0.625, 0.7)
CELLS = GRID * GRID
Rows = NDArray[np.float32]


def performance(seconds: float, seed: int, *, portrait: int = 0) -> Rows:
    """(T, CELLS) brightness at FOUND_RATE: head and shoulders in most cells, another motion in the mouth."""
    count = round(seconds * FOUND_RATE)
    draw = np.random.default_rng(seed)
    ways = np.random.default_rng(1000 + portrait).normal(0, 1, (6, CELLS))
    motion = scipy.ndimage.gaussian_filter1d(draw.normal(0, 1, (count, 6)), 4, axis=0) * 12
    cells = motion @ ways
    speech = scipy.ndimage.gaussian_filter1d(draw.normal(0, 1, (count, 2)), 2.5, axis=0) * 30
    everywhere = MotionFingerprint(np.arange(CELLS, dtype=np.uint8), np.zeros((0, CELLS), np.int8), MOUTH)
    lips = everywhere.mouth_cells
    cells[:, lips] = 0.3 * cells[:, lips] + speech @ np.random.default_rng(portrait).normal(
        0, 1, (2, lips.sum())
    )
    cells[:, np.arange(CELLS) % GRID < 2] = 0  # a wall behind
    return np.asarray(np.clip(120 + cells, 0, 255), np.float32)


def recorded(rows: Rows) -> MotionFingerprint:
    """The fingerprint of a performance."""
    return motion_fingerprint(list(rows), FOUND_RATE, MOUTH)


def seen(
    rows: Rows, *, noise: float = 0.5, wide: tuple[int, int] = (1, 1), block: tuple[int, int] = (0, 0)
) -> FoundMotion:
    """A performance as a file shows it, `wide` by as much tall, whose mark is read as about a block of it."""
    noisy = rows + np.random.default_rng(9).normal(0, noise, rows.shape).astype(np.float32)
    times = np.arange(len(rows)) / FOUND_RATE
    blocks = [(column - block[0], row - block[1]) for column, row in blocks_of(*wide)]
    order = sorted(range(len(blocks)), key=lambda number: blocks[number] != (0, 0))
    places = np.concatenate([np.arange(CELLS) + number * CELLS for number in order])
    return found_motion(
        list(times),
        list(noisy[:, places]),
        len(rows) / FOUND_RATE,
        cells_filled(wide)[places],
        tuple(blocks[number] for number in order),
    )


def piece(rows: Rows, start_s: float, end_s: float) -> Rows:
    """The rows from one second to another."""
    return rows[round(start_s * FOUND_RATE) : round(end_s * FOUND_RATE)]
