"""Measures how the brightness of the cells of a picture changes over time: for records and found files.

A cell is a sixteenth of the marked video's side across. Of a found file the same cells are measured where its
frames show them, whatever the file was scaled, cropped or turned to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.fingerprints.motion_fingerprint import (
    GRID,
    MOST_CELLS,
    ROW_RATE,
    MotionFingerprint,
    MouthBox,
    quantised,
)

FOUND_RATE: Final = 25.0  # rows a second in which a found file is measured
_LEAST_MOTION = 0.25  # grey levels of standard deviation about a second's mean, below which a cell is still
_SECOND_ROWS = 13
_FINENESS = 64  # parts of a grey level
_LONGEST_SHOWN_S = 0.5  # by one frame, beyond which nobody knows what else was shown


def motion_fingerprint(
    cells: Sequence[NDArray[np.float32]],
    fps: float,
    mouth: MouthBox | None = None,
    size: tuple[int, int] = (1, 1),
) -> MotionFingerprint:
    """The fingerprint of a video of some width and height from the cells of all its frames, `fps` a second.

    It keeps the cells that move most, and those of the mouth.
    """
    if not cells:
        return MotionFingerprint(np.zeros(0, np.uint8), np.zeros((0, 0), np.int8), mouth, size)
    levels = np.stack(cells)
    edges = np.arange(len(levels) + 1) / fps
    count = max(1, int(len(levels) / fps * ROW_RATE))
    rows = averaged(levels, edges, np.arange(count) / ROW_RATE, np.arange(1, count + 1) / ROW_RATE)
    motion = np.sqrt(np.square(rows - smoothed(rows, _SECOND_ROWS)).mean(axis=0))
    motion[motion < _LEAST_MOTION] = 0
    everywhere = MotionFingerprint(
        np.arange(GRID * GRID, dtype=np.uint8), np.zeros((0, GRID * GRID), np.int8), mouth
    )
    rank = motion + 1e6 * (everywhere.mouth_cells & (motion > 0))
    kept = np.sort(np.argsort(-rank, kind="stable")[:MOST_CELLS])
    kept = kept[motion[kept] > 0].astype(np.uint8)
    return MotionFingerprint(kept, quantised(rows[:, kept]), mouth, size)


@dataclass(frozen=True, eq=False)
class FoundMotion:
    """`levels` (T, GRID * GRID) float32, the mean brightness of each cell, a row each 40 ms of the file.

    `is_inside` (GRID * GRID,): which cells its frames show. `is_seen` (T,): of which rows frames were read.
    """

    levels: NDArray[np.float32]
    is_inside: NDArray[np.bool_]
    is_seen: NDArray[np.bool_]

    def __post_init__(self) -> None:
        if self.levels.shape != (len(self.is_seen), GRID * GRID) or self.is_inside.shape != (GRID * GRID,):
            raise ValueError(f"levels must be ({len(self.is_seen)}, {GRID * GRID}), not {self.levels.shape}.")

    def __len__(self) -> int:
        return len(self.is_seen)

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return len(self) / FOUND_RATE

    def packed_levels(self) -> bytes:
        """The levels in sixty-fourths of a grey level, each less the one before it, for `unpacked_levels`."""
        scaled = np.rint(self.levels * _FINENESS).astype("<u2")
        return np.ascontiguousarray(np.diff(scaled, axis=0, prepend=scaled.dtype.type(0))).tobytes()


def unpacked_levels(data: bytes, rows: int) -> NDArray[np.float32]:
    """(rows, GRID * GRID) levels that `FoundMotion.packed_levels` wrote. ValueError for anything else."""
    steps = np.frombuffer(data, "<u2").reshape(rows, GRID * GRID)
    return np.asarray(np.cumsum(steps, axis=0, dtype=np.uint16) / np.float32(_FINENESS), np.float32)


def found_motion(
    times: Sequence[float],
    cells: Sequence[NDArray[np.float32]],
    duration_s: float,
    is_inside: NDArray[np.bool_],
) -> FoundMotion:
    """The motion of a file from cells of its frames, each shown from its time (seconds) to the next one's.

    A frame that is shown for longer than half a second counts as a gap that nobody looked into.
    """
    count = max(0, round(duration_s * FOUND_RATE))
    if not cells or not count:
        empty = np.zeros((count, GRID * GRID), np.float32)
        return FoundMotion(empty, is_inside, np.zeros(count, np.bool_))
    edges = np.append(np.asarray(times, np.float64), max(duration_s, times[-1] + 1e-3))
    order = np.argsort(edges[:-1], kind="stable")
    edges[:-1] = edges[:-1][order]
    levels = np.stack(cells)[order]
    begins = np.arange(count) / FOUND_RATE
    rows = averaged(levels, edges, begins, begins + 1 / FOUND_RATE)
    shown = np.clip(np.searchsorted(edges, begins + 0.5 / FOUND_RATE, side="right") - 1, 0, len(levels) - 1)
    is_seen = np.diff(edges)[shown] <= _LONGEST_SHOWN_S
    return FoundMotion(rows, is_inside, np.asarray(is_seen))


def averaged(
    levels: NDArray[np.float32],
    edges: NDArray[np.float64],
    begins: NDArray[np.float64],
    ends: NDArray[np.float64],
) -> NDArray[np.float32]:
    """(n, cells): the mean over each interval of levels (T, cells) that hold from each edge to the next.

    Beyond the first and last edge the nearest level holds.
    """
    widths = np.maximum(np.diff(edges), 0)[:, None]
    total = np.concatenate(
        [np.zeros((1, levels.shape[1])), np.cumsum(levels * widths, axis=0, dtype=np.float64)]
    )

    def integral(at: NDArray[np.float64]) -> NDArray[np.float64]:
        inside = np.clip(at, edges[0], edges[-1])
        left = np.clip(np.searchsorted(edges, inside, side="right") - 1, 0, len(levels) - 1)
        value = total[left] + levels[left] * (inside - edges[left])[:, None]
        before = np.minimum(at - edges[0], 0)[:, None] * levels[0]
        return np.asarray(value + before + np.maximum(at - edges[-1], 0)[:, None] * levels[-1])

    return np.asarray((integral(ends) - integral(begins)) / (ends - begins)[:, None], np.float32)


def smoothed(rows: NDArray[np.float32], width: int) -> NDArray[np.float32]:
    """(T, cells): the mean of the `width` rows about each, fewer at the ends."""
    total = np.concatenate([np.zeros((1, rows.shape[1])), np.cumsum(rows, axis=0, dtype=np.float64)])
    places = np.arange(len(rows))
    first, last = np.maximum(0, places - width // 2), np.minimum(len(rows), places + width // 2 + 1)
    return np.asarray((total[last] - total[first]) / (last - first)[:, None], np.float32)
