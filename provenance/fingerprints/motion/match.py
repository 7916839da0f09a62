"""Which stretches of a found picture move as those of a recorded video do, in which order, how fast, and
whether the mouth moves with the rest.

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

from provenance.fingerprints.motion.fingerprint import (
    BLOCK,
    ROW_RATE,
    STEP,
    Block,
    MotionFingerprint,
    cells_filled,
)
from provenance.fingerprints.motion.measuring import FOUND_RATE, FoundMotion, averaged
from provenance.fingerprints.stretch import Change, Stretch, joined

LEAST_STRETCH_S: Final = 0.8
LEAST_CHANGED_S: Final = 1.6  # the same backwards or at another tempo: more is supposed
_STILL = 1.0  # grey levels of change from row to row that count as one standard deviation at least
_AGREEMENT = 0.5  # where two changes agree by as much, a row counts for nothing
_QUIET = 0.2  # of the mean energy of a row, below which a row counts for little
_PRICE = 1.5  # of the beginning of a line, in rows of full agreement
_LINE_GAIN = 1.8  # that a line must gather to be tried
_REVERSED_GAIN = 4.5  # the same under a change: more is supposed
_SURE = 2.5  # that all lines together gather before any of it counts as ours
_MOST_LINES = 10
_ROUNDS = 4  # in which runs that are too short are taken out
_LEFT_S = 0.8  # of motion that may stay unexplained before a change is supposed
_FASTEST, _TEMPO_STEP = 2.0, 0.04  # in natural log
_REFINING = (0.02, 0.01, 0.005)
_PHASES = (-0.5, -0.25, 0.0, 0.25, 0.5)  # rows by which a line is moved to fit best
_LEAST_CELLS = 12  # that the file shows
_SMOOTH = 0.25  # likeness of changes to the next, below which nothing but noise moves
_MOVING_S = 2.5  # of motion in both, from which it can be said to be another
_MOUTH_CELLS = 2
_MOUTH_SHARE = 0.5  # of the agreement that is usual in the file, below which a row counts against the mouth
_MOUTH_MARGIN = 0.1  # below that, from which it does
_MOUTH_PRICE = 2.0  # of the beginning of a span of the mouth; honest copies gather 0.5
_USUAL, _LEAST_USUAL = 0.75, 12  # quantile of rows in which the mouth moves, and how many say what is usual
_MOUTH_MOVES = 0.2  # agreement that a mouth of ours would have in a row, from which it moves
_LEAST_MOUTH_S = 0.4
_MOST_HELD_S = 0.27  # by each frame of a file, beyond which its motion is not compared


@dataclass(frozen=True)
class MotionComparison:
    """`stretches` in the order of the found file. `is_other`: it moves, enough of it was seen, and none of
    it moves as the recorded video does. `mouths`: spans (start_s, end_s, record_start_s, record_end_s) in
    which the mouth moves otherwise while the rest moves as recorded. `moving` (T,): by how much each row of
    the found file (FOUND_RATE) moves, 1 in the mean of the record. `is_compared`: False where too little
    moves or is seen to say anything. `block`: which block of the video the reading of the file's watermark is
    about; (0, 0) in a square.
    """

    stretches: tuple[Stretch, ...]
    mouths: tuple[tuple[float, float, float, float], ...]
    is_other: bool
    is_compared: bool
    moving: NDArray[np.float32]
    block: Block = (0, 0)


@dataclass(frozen=True, eq=False)
class _Rows:
    """Changes from row to row, (T, n), with what each cell usually changes by as the unit, and a weight for
    each row: 0 where it was not seen."""

    changes: NDArray[np.float32]
    weights: NDArray[np.float32]

    @property
    def energy(self) -> NDArray[np.float32]:
        return np.asarray(np.square(self.changes).sum(axis=1) * self.weights, np.float32)


@dataclass(frozen=True)
class _Line:
    """`offset`: rows of the record behind those of the found file under the change, perhaps in parts."""

    change: Change
    offset: float
    gain: float


def compare_motion(record: MotionFingerprint, found: FoundMotion) -> MotionComparison:
    """Compare the motion of a found file with a recorded one.

    The reading of a watermark may be about any block of a wide or tall video. All that the frame can show are
    supposed, and the one counts under which most is ours. Another performance it is only if it is under every
    one of them; if under some of them the frame shows the whole video, those alone are supposed.
    """
    few_s = found.held_s if found.has_few_frames else 0.0
    if few_s > _MOST_HELD_S:
        return MotionComparison((), (), False, False, np.zeros(len(found), np.float32))
    found = found.between_frames if few_s else found
    placed = [_Matcher(record, found, block, few_s) for block in record.blocks]
    whole = [one for one in placed if one.is_whole] or placed
    compared = [_compared(one) for one in whole]
    best = max(compared, key=_agreement_of_all)
    if best.stretches or all(one.is_other for one in compared):
        return best
    return replace(best, is_other=False, is_compared=False)


def _agreement_of_all(comparison: MotionComparison) -> float:
    return sum(one.agreement * (one.end_s - one.start_s) for one in comparison.stretches)


def _compared(matcher: _Matcher) -> MotionComparison:
    if not matcher.is_comparable:
        return MotionComparison((), (), False, False, matcher.moving, matcher.block)
    stretches = matcher.course([Change(), Change(is_reversed=True)])
    if matcher.unexplained_s(stretches) > _LEFT_S:
        stretches = matcher.course([Change(), Change(is_reversed=True), *_tempos()])
    mouths = tuple(span for one in stretches for span in matcher.mouths(one))
    is_other = not stretches and matcher.is_clearly_other
    is_compared = bool(stretches) or is_other
    return MotionComparison(tuple(stretches), mouths, is_other, is_compared, matcher.moving, matcher.block)


def _tempos() -> Iterator[Change]:
    for i in range(1, int(np.log(_FASTEST) / _TEMPO_STEP) + 2):
        for sign in (1, -1):
            tempo = float(np.exp(sign * _TEMPO_STEP * i))
            yield Change(tempo=tempo)
            yield Change(tempo=tempo, is_reversed=True)


class _Matcher:
    """A record beside a found file, in which the watermark's reading is about `block` of the video. `few_s`:
    for how long each of its frames stays, if they are few; 0 otherwise."""

    def __init__(self, record: MotionFingerprint, found: FoundMotion, block: Block, few_s: float) -> None:
        self._found, self._few_s = found, few_s
        self.block = block
        every, is_shown = _found_cells(record, found, block)
        self.is_whole = bool(is_shown[cells_filled(record.size)].all())
        inside = is_shown[record.cells]
        self._cells = every[record.cells[inside]]
        self._mouth = record.mouth_cells[inside]
        levels = record.levels[:, inside].astype(np.float32) * STEP
        if few_s:
            levels = scipy.ndimage.uniform_filter1d(
                levels, max(1, round(few_s * ROW_RATE)), axis=0, mode="nearest"
            )
        steps = _changes(levels)
        self._unit = (
            np.maximum(np.sqrt(np.square(steps).mean(axis=0)), _STILL)
            if len(steps)
            else np.ones(len(self._cells))
        )
        self._record = _Rows(_without_flicker(steps) / self._unit, np.ones(len(steps), np.float32))
        self._mean = max(float(self._record.energy.mean()), 1e-6) if len(steps) else 1.0
        plain = self._rows(Change(), 0.0)
        self._plain_energy = plain.energy
        places = np.minimum(
            np.arange(len(found)) * ROW_RATE / FOUND_RATE, max(0, len(plain.weights) - 1)
        ).astype(int)
        self.moving = (
            (plain.energy / self._mean)[places] if len(plain.weights) else np.zeros(len(found), np.float32)
        )

    @property
    def is_comparable(self) -> bool:
        return bool(
            len(self._cells) >= _LEAST_CELLS and len(self._record.weights) > 1 and self._found.is_seen.any()
        )

    def course(self, changes: Sequence[Change]) -> list[Stretch]:
        """The stretches of the best course along the lines of these changes."""
        lines = [line for change in changes for line in self._lines(change)]
        lines = sorted(lines, key=lambda line: -line.gain)[:_MOST_LINES]
        lines = [self._refined(line) for line in lines]
        return self._viterbi(lines)

    def unexplained_s(self, stretches: Sequence[Stretch]) -> float:
        """Seconds of the found file that move and lie in no stretch."""
        left = np.ones(len(self._plain_energy), np.bool_)
        for one in stretches:
            left[round(one.start_s * ROW_RATE) : round(one.end_s * ROW_RATE)] = False
        return float((left & (self._plain_energy > _QUIET * self._mean)).sum() / ROW_RATE)

    @property
    def is_clearly_other(self) -> bool:
        moving = self._plain_energy > _QUIET * self._mean
        if _smoothness(self._rows(Change(), 0.0)) < _SMOOTH:
            return False  # a frame that shakes, or noise
        return bool(
            moving.sum() >= _MOVING_S * ROW_RATE
            and (self._record.energy > _QUIET * self._mean).sum() >= _MOVING_S * ROW_RATE
        )

    def _rows(self, change: Change, phase: float) -> _Rows:
        """The found file as it was before a change, in rows of the record's time, moved by part of a row."""
        levels = self._found.levels[:, self._cells]
        seen = self._found.is_seen
        if change.is_reversed:
            levels, seen = levels[::-1], seen[::-1]
        count = int(len(levels) / FOUND_RATE * change.tempo * ROW_RATE)
        if count < 2:
            return _Rows(np.zeros((0, len(self._cells)), np.float32), np.zeros(0, np.float32))
        edges = np.arange(len(levels) + 1) / FOUND_RATE
        begins = (np.arange(count, dtype=np.float64) + phase) / ROW_RATE / change.tempo
        width = max(1 / ROW_RATE / change.tempo, 1 / FOUND_RATE)
        middle = begins + 0.5 / ROW_RATE / change.tempo
        rows = averaged(levels, edges, middle - width / 2, middle + width / 2)
        places = np.clip((middle * FOUND_RATE).astype(int), 0, len(seen) - 1)
        weights = seen[places].astype(np.float32)
        weights[1:-1] = np.minimum(np.minimum(weights[1:-1], weights[:-2]), weights[2:])
        return _Rows(_without_flicker(_changes(rows)) / self._unit, weights)

    def _scores(self, found: _Rows, cells: NDArray[np.bool_] | slice = slice(None)) -> NDArray[np.float32]:
        """(K, T): the agreement of each found row with each of the record."""
        theirs, ours = found.changes[:, cells], self._record.changes[:, cells]
        e_theirs, e_ours = np.square(theirs).sum(1)[:, None], np.square(ours).sum(1)[None]
        floor = _QUIET * max(float(np.square(ours).sum(1).mean()), 1e-6)
        both = e_theirs + e_ours
        return np.asarray(
            (2 * theirs @ ours.T - _AGREEMENT * both) / (both + floor) * found.weights[:, None], np.float32
        )

    def _lines(self, change: Change) -> Iterator[_Line]:
        """The lines on which much agreement gathers in one run, the best of neighbours only."""
        found = self._rows(change, 0.0)
        if not len(found.weights):
            return
        scores = self._scores(found)
        gains = _best_runs(scores)
        needed = _LINE_GAIN if change == Change() else _REVERSED_GAIN
        peaks = (gains >= needed) & (gains == scipy.ndimage.maximum_filter1d(gains, 7))
        for place in np.flatnonzero(peaks):
            yield _Line(change, float(place - (len(found.weights) - 1)), float(gains[place]))

    def _refined(self, line: _Line) -> _Line:
        """The line with the tempo and the part of a row that fit best."""
        best = self._moved(line)
        if line.change.tempo != 1.0:
            for step in _REFINING:
                for sign in (1, -1):
                    tempo = float(best.change.tempo * np.exp(sign * step))
                    found = self._rows(replace(best.change, tempo=tempo), 0.0)
                    if not len(found.weights):
                        continue
                    gains = _best_runs(self._scores(found))
                    place = int(gains.argmax())
                    if gains[place] > best.gain:
                        best = _Line(
                            replace(best.change, tempo=tempo),
                            float(place - len(found.weights) + 1),
                            float(gains[place]),
                        )
        return best

    def _moved(self, line: _Line) -> _Line:
        best = line
        for phase in _PHASES:
            scores = self._along(replace(line, offset=line.offset - phase))
            gain = float(_best_run(scores))
            if gain > best.gain:
                best = _Line(line.change, line.offset - phase, gain)
        return best

    def _along(self, line: _Line, cells: NDArray[np.bool_] | slice = slice(None)) -> NDArray[np.float32]:
        """(K,): the agreement along a line, in rows of the found file under its change."""
        whole = int(np.floor(line.offset + 0.5))
        found = self._rows(line.change, whole - line.offset)
        scores = np.zeros(len(found.weights), np.float32)
        places = np.arange(len(found.weights)) + whole
        here = (places >= 0) & (places < len(self._record.weights))
        theirs, ours = found.changes[here][:, cells], self._record.changes[places[here]][:, cells]
        e_theirs, e_ours = np.square(theirs).sum(1), np.square(ours).sum(1)
        floor = _QUIET * max(float(np.square(self._record.changes[:, cells]).sum(1).mean()), 1e-6)
        both = e_theirs + e_ours
        scores[here] = (2 * (theirs * ours).sum(1) - _AGREEMENT * both) / (both + floor) * found.weights[here]
        scores[~here] = -1
        return scores

    def _viterbi(self, lines: Sequence[_Line]) -> list[Stretch]:
        count = len(self._plain_energy)
        if not lines or not count:
            return []
        scores = np.zeros((len(lines) + 1, count), np.float32)
        for number, line in enumerate(lines, start=1):
            along = self._along(line)
            places = np.arange(count)
            if line.change.is_reversed:
                places = count - 1 - places
            under = np.clip((places * line.change.tempo).astype(int), 0, len(along) - 1)
            scores[number] = along[under] + 0.01
        for _ in range(_ROUNDS):
            runs = [run for run in _runs(_course(scores, _PRICE)) if run[0]]
            short = [run for run in runs if (run[2] - run[1]) / ROW_RATE < _least_s(lines[run[0] - 1])]
            if not short:
                break
            for number, start, end in short:
                scores[number, start:end] = -1
        long = [run for run in runs if run not in short]
        gains = [float(scores[number, start:end].sum()) for number, start, end in long]
        if sum(gains) < _SURE:
            return []
        return joined(
            [
                self._stretch(lines[number - 1], start, end, gain / (end - start))
                for (number, start, end), gain in zip(long, gains, strict=True)
            ]
        )

    def _stretch(self, line: _Line, start: int, end: int, gain: float) -> Stretch:
        change, duration_s = line.change, self._found.duration_s
        start_s, end_s = (
            start / ROW_RATE,
            min(duration_s, (end + 0.999) / ROW_RATE if end == len(self._plain_energy) else end / ROW_RATE),
        )
        if change.is_reversed:
            first, last = (duration_s - end_s) * change.tempo, (duration_s - start_s) * change.tempo
        else:
            first, last = start_s * change.tempo, end_s * change.tempo
        behind = line.offset / ROW_RATE
        length = len(self._record.weights) / ROW_RATE
        return Stretch(
            round(start_s, 3),
            round(end_s, 3),
            round(max(0.0, first + behind), 3),
            round(min(length, last + behind), 3),
            change,
            round(float(gain), 3),
        )

    def _mouth_of_ours(self, line: _Line) -> NDArray[np.float32]:
        """(K,): the agreement of the mouth in the rows along a line, if it moves just as recorded."""
        energy = np.square(self._record.changes[:, self._mouth]).sum(1)
        floor = _QUIET * max(float(energy.mean()), 1e-6)
        weights = self._rows(line.change, 0.0).weights
        places = np.arange(len(weights)) + int(np.floor(line.offset + 0.5))
        here = (places >= 0) & (places < len(energy))
        expected = np.zeros(len(weights), np.float32)
        expected[here] = (energy / (2 * energy + floor))[places[here]] * weights[here]
        return expected

    def mouths(self, stretch: Stretch) -> Iterator[tuple[float, float, float, float]]:
        """Spans of a stretch in which the mouth moves otherwise than recorded."""
        if self._mouth.sum() < _MOUTH_CELLS or self._few_s:
            return
        change = stretch.change
        if change.is_reversed:
            offset = stretch.record_start_s - (self._found.duration_s - stretch.end_s) * change.tempo
        else:
            offset = stretch.record_start_s - stretch.start_s * change.tempo
        line = _Line(change, offset * ROW_RATE, 0.0)
        along = self._along(line, self._mouth)
        count = len(self._plain_energy)
        places = np.arange(count)
        if change.is_reversed:
            places = count - 1 - places
        first, last = round(stretch.start_s * ROW_RATE), min(count, round(stretch.end_s * ROW_RATE))
        under = np.clip((places * change.tempo).astype(int), 0, len(along) - 1)[first:last]
        scores, expected = along[under], self._mouth_of_ours(line)[under]
        against = _MOUTH_SHARE * _usual(scores, expected) * expected - scores
        state = _course(np.stack([np.zeros_like(against), against - _MOUTH_MARGIN]), _MOUTH_PRICE)
        for number, start, end in _runs(state):
            if number == 1 and (end - start) / ROW_RATE >= _LEAST_MOUTH_S:
                start_s, end_s = (first + start) / ROW_RATE, (first + end) / ROW_RATE
                record = sorted(
                    (stretch.record_end_s - (one - stretch.start_s) * change.tempo)
                    if change.is_reversed
                    else (stretch.record_start_s + (one - stretch.start_s) * change.tempo)
                    for one in (start_s, end_s)
                )
                yield round(start_s, 3), round(end_s, 3), round(record[0], 3), round(record[1], 3)


def _usual(scores: NDArray[np.float32], expected: NDArray[np.float32]) -> float:
    """Which share of the expected agreement is usual in a file, 0..1; 0 where too little says so."""
    moves = expected > _MOUTH_MOVES
    if moves.sum() < _LEAST_USUAL:
        return 0.0
    return float(np.clip(np.quantile(scores[moves] / expected[moves], _USUAL), 0, 1))


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


def _least_s(line: _Line) -> float:
    return LEAST_STRETCH_S if line.change == Change() else LEAST_CHANGED_S


def _changes(levels: NDArray[np.float32]) -> NDArray[np.float32]:
    """(T, n): from the row before each to the one behind it."""
    if len(levels) < 2:
        return np.zeros_like(levels)
    padded = np.concatenate([levels[:1], levels, levels[-1:]])
    return np.asarray(padded[2:] - padded[:-2], np.float32)


def _smoothness(rows: _Rows) -> float:
    """How alike changes are to those of the next row: about 0 in noise, towards 1 where something moves."""
    if len(rows.changes) < 2:
        return 0.0
    product = float((rows.changes[1:] * rows.changes[:-1]).sum())
    return product / max(float(np.square(rows.changes).sum()), 1e-9)


def _without_flicker(changes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Without what the middle of all cells does together, which is the light of the whole picture."""
    return changes - np.median(changes, axis=1, keepdims=True) if changes.size else changes


def _best_runs(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """(K + T - 1,): the greatest sum of a run along each diagonal of (K, T) scores, from offset 1 - K on."""
    rows, columns = scores.shape
    running = np.zeros(rows + columns - 1, np.float32)
    best = np.zeros_like(running)
    for row in range(rows):
        here = slice(rows - 1 - row, rows - 1 - row + columns)
        running[here] = np.maximum(running[here] + scores[row], 0)
        np.maximum(best[here], running[here], out=best[here])
    return best


def _best_run(scores: NDArray[np.float32]) -> float:
    total = np.concatenate([[0.0], np.cumsum(scores)])
    return float((total - np.minimum.accumulate(total)).max())


def _course(scores: NDArray[np.float32], price: float) -> NDArray[np.intp]:
    """The states (T,) of the course with the greatest sum of (S, T) scores. State 0 is entered for free."""
    states, count = scores.shape
    total = np.full(states, -price)
    total[0] = 0.0
    total += scores[:, 0]
    back = np.zeros((count, states), np.intp)
    for row in range(1, count):
        best = int(total.argmax())
        switched = np.full(states, total[best] - price)
        switched[0] = total[best]
        stays = total >= switched
        back[row] = np.where(stays, np.arange(states), best)
        total = np.where(stays, total, switched) + scores[:, row]
    state = np.zeros(count, np.intp)
    state[-1] = int(total.argmax())
    for row in range(count - 1, 0, -1):
        state[row - 1] = back[row, state[row]]
    return state


def _runs(state: NDArray[np.intp]) -> Iterator[tuple[int, int, int]]:
    ends = np.flatnonzero(np.diff(state)) + 1
    for start, end in zip([0, *ends], [*ends, len(state)], strict=True):
        yield int(state[start]), int(start), int(end)
