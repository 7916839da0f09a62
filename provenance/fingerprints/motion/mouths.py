"""Whether the mouth moves with the rest: where it does not, another mouth was put into the picture."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from provenance.fingerprints.motion.course import course, runs
from provenance.fingerprints.motion.fingerprint import ROW_RATE
from provenance.fingerprints.motion.matcher import Alignment, Matcher
from provenance.fingerprints.stretch import Stretch

_MOUTH_CELLS = 2
_MOUTH_SHARE = 0.5  # of the agreement that is usual in the file, below which a row counts against the mouth
_MOUTH_MARGIN = 0.1  # below that, from which it does
_MOUTH_PRICE = 2.0  # of the beginning of a span of the mouth; honest copies gather 0.5
_USUAL, _LEAST_USUAL = 0.75, 12  # quantile of rows in which the mouth moves, and how many say what is usual
_MOUTH_MOVES = 0.2  # agreement that a mouth of ours would have in a row, from which it moves
LEAST_MOUTH_S = 0.4


def mouths_of_others(matcher: Matcher, stretch: Stretch) -> Iterator[tuple[float, float, float, float]]:
    """Spans of a stretch in which the mouth moves otherwise than recorded.

    Each is (start_s, end_s, record_start_s, record_end_s).
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
    against = _MOUTH_SHARE * _usual(scores, expected) * expected - scores
    state = course(np.stack([np.zeros_like(against), against - _MOUTH_MARGIN]), _MOUTH_PRICE)
    for number, start, end in runs(state):
        if number == 1 and (end - start) / ROW_RATE >= LEAST_MOUTH_S:
            start_s, end_s = (here.start + start) / ROW_RATE, (here.start + end) / ROW_RATE
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
