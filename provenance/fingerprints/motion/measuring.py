"""Measures how the brightness of the cells of a picture changes over time: for records and found files.

A cell is a sixteenth of the marked video's shorter side across. Of a found file the same cells are measured
where its frames show them, whatever the file was scaled, cropped or turned to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.fingerprints.motion.fingerprint import (
    BLOCK,
    MOST_CELLS,
    ROW_RATE,
    Block,
    MotionFingerprint,
    MouthBox,
    blocks_of,
    cells_filled,
    quantised,
)

FOUND_RATE: Final = 25.0  # rows a second in which a found file is measured
_LEAST_MOTION = 0.25  # grey levels of standard deviation about a second's mean, below which a cell is still
_SECOND_ROWS = 13
_FINENESS = 64  # parts of a grey level
BESIDE: Final = ((1, 0), (0, 1), (-1, 0), (0, -1))  # blocks about the one of a watermark's reading
_HELD_LEVELS = 0.02  # grey levels by which no cell of a frame that is held changes
_HELD_SHARE = 0.05  # the same, where it is encoded again, in parts of what changes when another frame comes
_FEW_FRAMES_S = 0.11
_STANDS_S, _STANDS_FRAMES = 0.32, 2.5  # for which a frame is shown, and how many could be meanwhile
_STANDS_SHARE = 0.15  # as _HELD_SHARE: encoders in a hurry go on improving a picture that stands still
_SPEAKS_SHARE = (
    0.4  # of a mouth's usual change, by which it moves away in all while a frame is held: it speaks
)
_SELDOM_S = 0.9  # between two changes, on the average, from which they are cuts and no frames that come
_LONGEST_SHOWN_S = 0.5  # by one frame, beyond which nobody knows what else was shown


def motion_fingerprint(
    cells: Sequence[NDArray[np.float32]],
    fps: float,
    mouth: MouthBox | None = None,
    size: tuple[int, int] = (1, 1),
) -> MotionFingerprint:
    """The fingerprint of a video of some width and height from the cells of all its frames, `fps` a second.

    `cells`: as `cells_of_marked` gives them. It keeps those that move most, and those of the mouth.
    """
    if not cells:
        return MotionFingerprint(np.zeros(0, np.uint8), np.zeros((0, 0), np.int8), mouth, size)
    levels = np.stack(cells)
    edges = np.arange(len(levels) + 1) / fps
    count = max(1, int(len(levels) / fps * ROW_RATE))
    rows = averaged(levels, edges, np.arange(count) / ROW_RATE, np.arange(1, count + 1) / ROW_RATE)
    motion = np.sqrt(np.square(rows - smoothed(rows, _SECOND_ROWS)).mean(axis=0))
    motion[(motion < _LEAST_MOTION) | ~cells_filled(size)] = 0
    count = len(blocks_of(*size)) * BLOCK
    everywhere = MotionFingerprint(
        np.arange(count, dtype=np.uint16), np.zeros((0, count), np.int8), mouth, size
    )
    rank = motion + 1e6 * (everywhere.mouth_cells & (motion > 0))
    kept = np.sort(np.argsort(-rank, kind="stable")[:MOST_CELLS])
    kept = kept[motion[kept] > 0].astype(np.uint16)
    return MotionFingerprint(kept, quantised(rows[:, kept]), mouth, size)


@dataclass(frozen=True, eq=False)
class FoundMotion:
    """`levels` (T, n) float32, the mean brightness of each cell, a row each 40 ms of the file.

    `is_inside` (n,): which cells its frames show. `is_seen` (T,): of which rows frames were read. `blocks`:
    those that were measured, 256 cells each, counted from the one that the watermark's reading is about.
    Which of a wide or tall video's blocks that is, is not known, as the watermark's pattern repeats.
    """

    levels: NDArray[np.float32]
    is_inside: NDArray[np.bool_]
    is_seen: NDArray[np.bool_]
    blocks: tuple[Block, ...] = ((0, 0),)

    def __post_init__(self) -> None:
        count = len(self.blocks) * BLOCK
        if self.levels.shape != (len(self.is_seen), count) or self.is_inside.shape != (count,):
            raise ValueError(f"levels must be ({len(self.is_seen)}, {count}), not {self.levels.shape}.")

    def __len__(self) -> int:
        return len(self.is_seen)

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return len(self) / FOUND_RATE

    @cached_property
    def held_s(self) -> float:
        """For how long a frame stays, in the middle of the time: of a file with few frames a second, or in
        which frames repeat. A frame that stays for over half a second is no measure of that.
        """
        if len(self) < 2:
            return 1 / FOUND_RATE
        runs = np.diff(self._frame_ends(_HELD_SHARE))
        # The mean of two frames between them is a row of its own, and belongs to the one that comes.
        is_mixed = (runs[:-1] == 1) & (runs[1:] > 1)
        runs[1:] += is_mixed
        runs = np.concatenate([runs[:-1][~is_mixed], runs[-1:]])
        rows = np.sort(runs[runs <= _LONGEST_SHOWN_S * FOUND_RATE])
        if not len(rows):
            return 1 / FOUND_RATE
        return float(rows[np.abs(rows - _in_the_middle(rows, rows)) <= 1].mean()) / FOUND_RATE

    def stands(self, mouth: NDArray[np.intp]) -> NDArray[np.intp]:
        """(T,): in which rows the whole picture stands still: one frame is shown, or the same one again and
        again, for much longer than others, as in a call that falters. 0 where it does not, and the number of
        such a span, from 1 on, where it does. `mouth`: which cells are the mouth's, that may speak on in a
        picture whose frames hardly differ.
        """
        spans = np.zeros(len(self), np.intp)
        if len(self) < 2:
            return spans
        least_s = max(_STANDS_S, _STANDS_FRAMES * self.held_s)
        speaks = self._speaks_alone(mouth)
        number = 0
        for first, end in pairwise(self._frame_ends(_STANDS_SHARE)):
            if (end - first) / FOUND_RATE >= least_s and not speaks[first:end].any():
                number += 1
                spans[first:end] = number
        return spans

    def _speaks_alone(self, mouth: NDArray[np.intp]) -> NDArray[np.bool_]:
        """(T,): in which rows all but the mouth stands still, and the mouth moves away from where it was."""
        speaks = np.zeros(len(self), np.bool_)
        if not len(mouth):
            return speaks
        lips = self.levels[:, mouth]
        most = max(_HELD_LEVELS, _SPEAKS_SHARE * _usual_step(_root_mean_square(np.diff(lips, axis=0))))
        for first, end in pairwise(self._frame_ends(_STANDS_SHARE, but=mouth)):
            away = _root_mean_square(lips[first:end] - lips[first])
            speaks[first:end] = float(away.max()) > most
        return speaks

    @property
    def held(self) -> tuple[tuple[float, float], ...]:
        """The spans (start_s, end_s) in which one frame is shown for so long that it tells no motion."""
        ends = np.flatnonzero(np.diff(self.is_seen, prepend=True, append=True)) / FOUND_RATE
        return tuple(zip(ends[::2].tolist(), ends[1::2].tolist(), strict=True))

    def _frame_ends(self, share: float, but: NDArray[np.intp] | None = None) -> NDArray[np.intp]:
        """The rows at which another frame comes, with the first one and the end. One that comes changes a
        cell by this `share` of what is usual. `but`: cells that are not looked at.
        """
        changes = np.abs(np.diff(self.levels, axis=0))
        steps = (changes if but is None else np.delete(changes, but, axis=1)).max(axis=1)
        is_new = steps > max(_HELD_LEVELS, share * _usual_step(steps))
        return np.flatnonzero(np.concatenate([[True], is_new, [True]]))

    @property
    def has_few_frames(self) -> bool:
        """Whether frames stay for so long that a mouth opens and closes unseen."""
        return self.held_s > _FEW_FRAMES_S

    @property
    def between_frames(self) -> FoundMotion:
        """The same with the levels going straight from each frame to the next.

        The mean over the time that a frame is held, from each moment on, is just that.
        """
        begins = np.arange(len(self)) / FOUND_RATE
        edges = np.arange(len(self) + 1) / FOUND_RATE
        return replace(self, levels=averaged(self.levels, edges, begins, begins + self.held_s))

    def beginning(self, rows: int) -> FoundMotion:
        """The first rows of it."""
        return replace(self, levels=self.levels[:rows], is_seen=self.is_seen[:rows])

    def packed_levels(self) -> bytes:
        """The levels in sixty-fourths of a grey level, each less the one before it, for `unpacked_levels`."""
        scaled = np.rint(self.levels * _FINENESS).astype("<u2")
        return np.ascontiguousarray(np.diff(scaled, axis=0, prepend=scaled.dtype.type(0))).tobytes()


def _root_mean_square(cells: NDArray[np.float32]) -> NDArray[np.float32]:
    """(T,): of cells (T, n)."""
    return np.asarray(np.sqrt(np.square(cells).mean(axis=1)), np.float32)


def _usual_step(steps: NDArray[np.float32]) -> float:
    """By how much cells change when another frame comes. What comes more seldom than any frame is a cut, as
    from a title to the picture, and no measure of that.
    """
    largest_first = -np.sort(-steps)
    of_all = usual = _in_the_middle(largest_first, np.square(largest_first))
    while (largest_first >= usual / 2).sum() <= len(steps) / FOUND_RATE / _SELDOM_S:
        largest_first = largest_first[largest_first < usual / 2]
        if not len(largest_first):
            return of_all
        usual = _in_the_middle(largest_first, np.square(largest_first))
    return usual


def _in_the_middle(values: NDArray[Any], weights: NDArray[Any]) -> float:
    """The one of some sorted values before and behind which half of the weight lies."""
    passed = np.cumsum(weights)
    return float(values[np.searchsorted(passed, passed[-1] / 2)])


def unpacked_levels(data: bytes, rows: int, blocks: int = 1) -> NDArray[np.float32]:
    """(rows, 256 * blocks) levels that `FoundMotion.packed_levels` wrote. ValueError for anything else."""
    steps = np.frombuffer(data, "<u2").reshape(rows, blocks * BLOCK)
    return np.asarray(np.cumsum(steps, axis=0, dtype=np.uint16) / np.float32(_FINENESS), np.float32)


def found_motion(
    times: Sequence[float],
    cells: Sequence[NDArray[np.float32]],
    duration_s: float,
    is_inside: NDArray[np.bool_],
    blocks: tuple[Block, ...] = ((0, 0),),
) -> FoundMotion:
    """The motion of a file from the cells of blocks of its frames.

    Each frame is shown from its time (seconds) to the next one's. One that is shown for longer than half a
    second counts as a gap that nobody looked into.
    """
    count = max(0, round(duration_s * FOUND_RATE))
    if not cells or not count:
        empty = np.zeros((count, len(is_inside)), np.float32)
        return FoundMotion(empty, is_inside, np.zeros(count, np.bool_), blocks)
    edges = np.append(np.asarray(times, np.float64), max(duration_s, times[-1] + 1e-3))
    order = np.argsort(edges[:-1], kind="stable")
    edges[:-1] = edges[:-1][order]
    levels = np.stack(cells)[order]
    begins = np.arange(count) / FOUND_RATE
    # A block at a time, whose sums need several times the memory of its levels.
    starts = range(0, levels.shape[1], BLOCK)
    parts = [averaged(levels[:, i : i + BLOCK], edges, begins, begins + 1 / FOUND_RATE) for i in starts]
    rows = np.concatenate(parts, axis=1)
    shown = np.clip(np.searchsorted(edges, begins + 0.5 / FOUND_RATE, side="right") - 1, 0, len(levels) - 1)
    is_seen = np.diff(edges)[shown] <= _LONGEST_SHOWN_S
    return FoundMotion(rows, is_inside, np.asarray(is_seen), blocks)


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
