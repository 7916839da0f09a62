"""Whether the mouth moves with the rest: where it does not, another mouth was put into the picture."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from provenance.fingerprints.motion.course import course, runs
from provenance.fingerprints.motion.fingerprint import ROW_RATE
from provenance.fingerprints.motion.matcher import Alignment, Matcher
from provenance.fingerprints.motion.measuring import FOUND_RATE
from provenance.fingerprints.stretch import Stretch

_MOUTH_CELLS = 2
_MOUTH_SHARE = 0.5  # of the agreement that is usual in the file, below which a row counts against the mouth
_MOUTH_MARGIN = 0.1  # below that, from which it does
_MOUTH_PRICE = 2.0  # of the beginning of a span of the mouth; honest copies gather 0.5
_USUAL, _LEAST_USUAL = 0.75, 12  # quantile of rows in which the mouth moves, and how many say what is usual
_MOUTH_MOVES = 0.2  # agreement that a mouth of ours would have in a row, from which it moves
LEAST_MOUTH_S = 0.4


def mouths_of_others(
    matcher: Matcher, stretch: Stretch, tells: NDArray[np.bool_] | None = None
) -> Iterator[tuple[float, float, float, float]]:
    """Spans of a stretch in which the mouth moves otherwise than recorded.

    Each is (start_s, end_s, record_start_s, record_end_s). `tells` (T,): which rows of the found file
    (FOUND_RATE) say how the mouth moves, all by default. A span goes on over rows that do not, but neither
    begins nor ends with them, and holds LEAST_MOUTH_S of those that do.
    """
    if matcher.mouth_cells.sum() < _MOUTH_CELLS or matcher.few_s:
        return
    change = stretch.change
    if change.is_reversed:
        offset = stretch.record_start_s - (matcher.duration_s - stretch.end_s) * change.tempo
    else:
        offset = stretch.record_start_s - stretch.start_s * change.tempo
    line = Alignment(change, offset * ROW_RATE, 0.0)
    here = slice(round(stretch.start_s * ROW_RATE), round(stretch.end_s * ROW_RATE))
    scores = matcher.in_found_rows(matcher.along(line, matcher.mouth_cells), change)[here]
    copied = matcher.record.agreements_if_copied(
        matcher.rows(change, 0.0).weights, line.whole_offset, matcher.mouth_cells
    )
    expected = matcher.in_found_rows(copied, change)[here]
    telling = np.ones(len(scores), np.bool_)
    if tells is not None:
        places = (here.start + np.arange(len(scores))) * FOUND_RATE / ROW_RATE
        telling = tells[np.minimum(places.astype(np.intp), len(tells) - 1)]
    against = _MOUTH_SHARE * _usual(scores[telling], expected[telling]) * expected - scores
    evidence = np.where(telling, against - _MOUTH_MARGIN, 0).astype(np.float32)
    state = course(np.stack([np.zeros_like(evidence), evidence]), _MOUTH_PRICE)
    for number, begin, stop in runs(state):
        rows = begin + np.flatnonzero(telling[begin:stop])
        if number == 1 and len(rows) / ROW_RATE >= LEAST_MOUTH_S:
            start_s, end_s = (here.start + rows[0]) / ROW_RATE, (here.start + rows[-1] + 1) / ROW_RATE
            yield with_record(stretch, float(start_s), float(end_s))


def with_record(stretch: Stretch, start_s: float, end_s: float) -> tuple[float, float, float, float]:
    """A span of a stretch (start_s, end_s, record_start_s, record_end_s) with where it is in the record."""
    change = stretch.change
    record = sorted(
        (stretch.record_end_s - (one - stretch.start_s) * change.tempo)
        if change.is_reversed
        else (stretch.record_start_s + (one - stretch.start_s) * change.tempo)
        for one in (start_s, end_s)
    )
    return round(start_s, 3), round(end_s, 3), round(record[0], 3), round(record[1], 3)


def _usual(scores: NDArray[np.float32], expected: NDArray[np.float32]) -> float:
    """Which share of the expected agreement is usual in a file, 0..1; 0 where too little says so."""
    moves = expected > _MOUTH_MOVES
    if moves.sum() < _LEAST_USUAL:
        return 0.0
    return float(np.clip(np.quantile(scores[moves] / expected[moves], _USUAL), 0, 1))
