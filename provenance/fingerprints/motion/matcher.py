"""One record beside a found file: the lines on which their motion agrees, and the stretches along them.

Row by row, the change of all cells is compared: 1 where both change alike, 0 where neither moves, below 0
where they change otherwise. Under each supposed change (tempo, direction), lines through the two times are
followed on which agreement gathers; then one course through the found file is chosen, along those lines or
beside them, that has the greatest agreement, each beginning of a line at a price (Viterbi's algorithm).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from provenance.fingerprints.motion.course import best_run, best_runs, course, runs
from provenance.fingerprints.motion.fingerprint import (
    BLOCK,
    ROW_RATE,
    STEP,
    Block,
    MotionFingerprint,
    cells_filled,
)
from provenance.fingerprints.motion.measuring import FOUND_RATE, FoundMotion, averaged
from provenance.fingerprints.motion.rows import (
    QUIET,
    MovingRows,
    changes_between,
    smoothness,
    without_flicker,
)
from provenance.fingerprints.stretch import Change, Nearness, Stretch, joined

LEAST_STRETCH_S: Final = 0.8
LEAST_CHANGED_S: Final = 1.6  # the same backwards or at another tempo: more is supposed
_STILL = 1.0  # grey levels of change from row to row that count as one standard deviation at least
_PRICE = 1.5  # of the beginning of a line, in rows of full agreement
_LINE_GAIN = 1.8  # that a line must gather to be tried
_REVERSED_GAIN = 4.5  # the same under a change: more is supposed
_SURE = 2.5  # that all lines together gather before any of it counts as ours
_MOST_LINES = 10
_ROUNDS = 4  # in which runs that are too short are taken out
_REFINING = (0.02, 0.01, 0.005)
_DRIFTS = np.arange(-1.5, 1.6, 0.5)  # rows beside a line, at which its first and last part may lie
_LEAST_PART_S = 0.9  # of a line, of which it can be said where it lies
_DRIFT_GAINS = 1.02  # times the gain of a line at the recorded speed
_PHASES = (-0.5, -0.25, 0.0, 0.25, 0.5)  # rows by which a line is moved to fit best
_NEAR = Nearness(gap_s=0.6, off_s=0.3, tempo=0.03)
_LEAST_CELLS = 12  # that the file shows
_SMOOTH = 0.25  # likeness of changes to the next, below which nothing but noise moves
_MOVING_S = 2.5  # of motion in both, from which it can be said to be another


@dataclass(frozen=True)
class Alignment:
    """Times of the found file that go along with times of the record.

    `offset`: rows of the record behind those of the found file under the change, perhaps in parts.
    """

    change: Change
    offset: float
    gain: float

    @property
    def whole_offset(self) -> int:
        """The offset in whole rows; what is left of it moves the rows of the found file."""
        return int(np.floor(self.offset + 0.5))


class Matcher:
    """A record beside a found file, in which the watermark's reading is about `block` of the video. `few_s`:
    for how long each of its frames stays, if they are few; 0 otherwise."""

    def __init__(self, record: MotionFingerprint, found: FoundMotion, block: Block, few_s: float) -> None:
        self._found, self.few_s = found, few_s
        self.duration_s = found.duration_s
        self.block = block
        every, is_shown = _found_cells(record, found, block)
        self.is_whole = bool(is_shown[cells_filled(record.size)].all())
        inside = is_shown[record.cells]
        self._cells = every[record.cells[inside]]
        self.mouth_cells = record.mouth_cells[inside]
        levels = record.levels[:, inside].astype(np.float32) * STEP
        if few_s:
            levels = scipy.ndimage.uniform_filter1d(
                levels, max(1, round(few_s * ROW_RATE)), axis=0, mode="nearest"
            )
        steps = changes_between(levels)
        self._unit = (
            np.maximum(np.sqrt(np.square(steps).mean(axis=0)), _STILL)
            if len(steps)
            else np.ones(len(self._cells))
        )
        self.recorded = levels / self._unit
        self.record = MovingRows(without_flicker(steps) / self._unit, np.ones(len(steps), np.float32))
        self._mean = max(float(self.record.energy.mean()), 1e-6) if len(steps) else 1.0
        plain = self.rows(Change(), 0.0)
        self._plain_energy = plain.energy
        self.row_count = len(plain.energy)
        places = np.minimum(
            np.arange(len(found)) * ROW_RATE / FOUND_RATE, max(0, len(plain.weights) - 1)
        ).astype(int)
        self.moving = (
            (plain.energy / self._mean)[places] if len(plain.weights) else np.zeros(len(found), np.float32)
        )

    @property
    def is_comparable(self) -> bool:
        """Whether enough is seen, and recorded, to say anything."""
        return bool(
            len(self._cells) >= _LEAST_CELLS and len(self.record.weights) > 1 and self._found.is_seen.any()
        )

    @property
    def mouth_places(self) -> NDArray[np.intp]:
        """Which of the found cells are the mouth's."""
        return np.asarray(self._cells[self.mouth_cells])

    def shown(self, rows: Sequence[int]) -> NDArray[np.float32]:
        """(R, n): the cells in some of the found rows, in units of their usual change, as `recorded`."""
        return np.asarray(self._found.levels[np.asarray(rows)][:, self._cells] / self._unit, np.float32)

    def course(self, changes: Sequence[Change]) -> list[Stretch]:
        """The stretches of the best course along the lines of these changes."""
        lines = [line for change in changes for line in self._lines(change)]
        lines = sorted(lines, key=lambda line: -line.gain)[:_MOST_LINES]
        lines = [self._refined(line) for line in lines]
        return self._viterbi(lines)

    def unexplained_s(self, stretches: Sequence[Stretch]) -> float:
        """Seconds of the found file that move and lie in no stretch."""
        left = np.ones(self.row_count, np.bool_)
        for one in stretches:
            left[round(one.start_s * ROW_RATE) : round(one.end_s * ROW_RATE)] = False
        return float((left & (self._plain_energy > QUIET * self._mean)).sum() / ROW_RATE)

    @property
    def is_clearly_other(self) -> bool:
        """Whether both move enough for it to be said that none of it is ours, given that no stretch is."""
        moving = self._plain_energy > QUIET * self._mean
        if smoothness(self.rows(Change(), 0.0)) < _SMOOTH:
            return False  # a frame that shakes, or noise
        return bool(
            moving.sum() >= _MOVING_S * ROW_RATE
            and (self.record.energy > QUIET * self._mean).sum() >= _MOVING_S * ROW_RATE
        )

    def rows(self, change: Change, phase: float) -> MovingRows:
        """The found file as it was before a change, in rows of the record's time, moved by part of a row."""
        levels = self._found.levels[:, self._cells]
        seen = self._found.is_seen
        if change.is_reversed:
            levels, seen = levels[::-1], seen[::-1]
        count = int(len(levels) / FOUND_RATE * change.tempo * ROW_RATE)
        if count < 2:
            return MovingRows(np.zeros((0, len(self._cells)), np.float32), np.zeros(0, np.float32))
        edges = np.arange(len(levels) + 1) / FOUND_RATE
        begins = (np.arange(count, dtype=np.float64) + phase) / ROW_RATE / change.tempo
        width = max(1 / ROW_RATE / change.tempo, 1 / FOUND_RATE)
        middle = begins + 0.5 / ROW_RATE / change.tempo
        rows = averaged(levels, edges, middle - width / 2, middle + width / 2)
        places = np.clip((middle * FOUND_RATE).astype(int), 0, len(seen) - 1)
        weights = seen[places].astype(np.float32)
        weights[1:-1] = np.minimum(np.minimum(weights[1:-1], weights[:-2]), weights[2:])
        return MovingRows(without_flicker(changes_between(rows)) / self._unit, weights)

    def _lines(self, change: Change) -> Iterator[Alignment]:
        """The lines on which much agreement gathers in one run, the best of neighbours only."""
        found = self.rows(change, 0.0)
        if not len(found.weights):
            return
        scores = self.record.agreements(found)
        gains = best_runs(scores)
        needed = _LINE_GAIN if change == Change() else _REVERSED_GAIN
        peaks = (gains >= needed) & (gains == scipy.ndimage.maximum_filter1d(gains, 7))
        for place in np.flatnonzero(peaks):
            yield Alignment(change, float(place - (len(found.weights) - 1)), float(gains[place]))

    def _refined(self, line: Alignment) -> Alignment:
        """The line with the tempo and the part of a row that fit best."""
        best = self._moved(line)
        if line.change.tempo == 1.0:
            best = self._followed(best)
            if best.change.tempo == 1.0:
                return best
        for step in _REFINING:
            for sign in (1, -1):
                tempo = float(best.change.tempo * np.exp(sign * step))
                found = self.rows(replace(best.change, tempo=tempo), 0.0)
                if not len(found.weights):
                    continue
                gains = best_runs(self.record.agreements(found))
                place = int(gains.argmax())
                if gains[place] > best.gain:
                    best = Alignment(
                        replace(best.change, tempo=tempo),
                        float(place - len(found.weights) + 1),
                        float(gains[place]),
                    )
        return best

    def _followed(self, line: Alignment) -> Alignment:
        """A line at the recorded speed, or the one that drifts beside it, if its first and last part do.

        A file that is played a little faster or slower agrees with its record all along, but less and less
        where single things move, as a mouth does.
        """
        scores = np.stack([self.along(replace(line, offset=line.offset + drift)) for drift in _DRIFTS])
        _, run = best_run(scores[len(_DRIFTS) // 2])
        part = (run.stop - run.start) // 3
        if part < _LEAST_PART_S * ROW_RATE:
            return line
        ends = (slice(run.start, run.start + part), slice(run.stop - part, run.stop))
        first, last = (float(_DRIFTS[scores[:, rows].sum(axis=1).argmax()]) for rows in ends)
        if first == last:
            return line
        tempo = 1 + (last - first) / (run.stop - run.start - part)
        offset = line.offset + (first + last) / 2 + (run.start + run.stop) / 2 * (1 - tempo)
        drifting = self._moved(Alignment(replace(line.change, tempo=tempo), offset, 0.0))
        return drifting if drifting.gain > _DRIFT_GAINS * line.gain else line

    def _moved(self, line: Alignment) -> Alignment:
        best = line
        for phase in _PHASES:
            scores = self.along(replace(line, offset=line.offset - phase))
            gain, _ = best_run(scores)
            if gain > best.gain:
                best = Alignment(line.change, line.offset - phase, gain)
        return best

    def along(self, line: Alignment, cells: NDArray[np.bool_] | slice = slice(None)) -> NDArray[np.float32]:
        """(K,): the agreement along a line, in rows of the found file under its change."""
        whole = line.whole_offset
        return self.record.agreements_along(self.rows(line.change, whole - line.offset), whole, cells)

    def in_found_rows(self, values: NDArray[np.float32], change: Change) -> NDArray[np.float32]:
        """(T,): for each row of the found file as it is, the value of its row (K,) under a change."""
        places = np.arange(self.row_count)
        if change.is_reversed:
            places = self.row_count - 1 - places
        return np.asarray(
            values[np.clip((places * change.tempo).astype(int), 0, len(values) - 1)], np.float32
        )

    def _viterbi(self, lines: Sequence[Alignment]) -> list[Stretch]:
        if not lines or not self.row_count:
            return []
        scores = np.zeros((len(lines) + 1, self.row_count), np.float32)
        for number, line in enumerate(lines, start=1):
            scores[number] = self.in_found_rows(self.along(line), line.change) + 0.01
        for _ in range(_ROUNDS):
            found = [run for run in runs(course(scores, _PRICE)) if run[0]]
            short = [run for run in found if (run[2] - run[1]) / ROW_RATE < _least_s(lines[run[0] - 1])]
            if not short:
                break
            for number, start, end in short:
                scores[number, start:end] = -1
        long = [run for run in found if run not in short]
        gains = [float(scores[number, start:end].sum()) for number, start, end in long]
        if sum(gains) < _SURE:
            return []
        return joined(
            [
                self._stretch(lines[number - 1], start, end, gain / (end - start))
                for (number, start, end), gain in zip(long, gains, strict=True)
            ],
            _NEAR,
        )

    def _stretch(self, line: Alignment, start: int, end: int, gain: float) -> Stretch:
        change, duration_s = line.change, self.duration_s
        start_s, end_s = (
            start / ROW_RATE,
            min(duration_s, (end + 0.999) / ROW_RATE if end == self.row_count else end / ROW_RATE),
        )
        if change.is_reversed:
            first, last = (duration_s - end_s) * change.tempo, (duration_s - start_s) * change.tempo
        else:
            first, last = start_s * change.tempo, end_s * change.tempo
        behind = line.offset / ROW_RATE
        length = len(self.record.weights) / ROW_RATE
        return Stretch(
            round(start_s, 3),
            round(end_s, 3),
            round(max(0.0, first + behind), 3),
            round(min(length, last + behind), 3),
            change,
            round(float(gain), 3),
        )


def _found_cells(
    record: MotionFingerprint, found: FoundMotion, block: Block
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """(n,) where each cell of the record's blocks is in the found levels, and (n,) whether it is shown."""
    places = np.zeros(len(record.blocks) * BLOCK, np.intp)
    is_shown = np.zeros(len(places), np.bool_)
    for number, (column, row) in enumerate(record.blocks):
        there = (column - block[0], row - block[1])
        if there in found.blocks:
            own = slice(number * BLOCK, (number + 1) * BLOCK)
            places[own] = np.arange(BLOCK) + found.blocks.index(there) * BLOCK
            is_shown[own] = found.is_inside[places[own]]
    return places, is_shown


def _least_s(line: Alignment) -> float:
    return LEAST_STRETCH_S if line.change == Change() else LEAST_CHANGED_S
