"""Pictures that follow one another and each stand still: frames of ours, as in a call that falters, or a
show of others in place of ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.fingerprints.motion.course import runs
from provenance.fingerprints.motion.fingerprint import ROW_RATE
from provenance.fingerprints.motion.matcher import Matcher
from provenance.fingerprints.motion.measuring import FOUND_RATE
from provenance.fingerprints.motion.rows import without_flicker
from provenance.fingerprints.stretch import Stretch

_LEAST_PICTURES: Final = 3  # that stand still one right after the other
_LATE_ROWS: Final = 9  # of the record, by which a frame of ours may be shown early or late: 0.3 s
_UNLIKE: Final = (
    0.6  # likeness of leaps to the record's there, below which they are none of ours: those have 0.97
)
_MIXED_ROWS: Final = 1  # between two pictures, that are a mean of both


def slides_of_others(
    matcher: Matcher, stretches: Sequence[Stretch], stands: NDArray[np.intp]
) -> NDArray[np.bool_]:
    """(T,): in which rows still pictures follow one another that are not ours: what changes from each to the
    next is nothing that changes in the record where it goes on. `stands` (T,): the number of each still
    picture, 0 elsewhere.
    """
    others = np.zeros(len(stands), np.bool_)
    for chain in filter(None, _chains(stands)):
        before = [one for one in stretches if one.start_s <= chain[0][0] / FOUND_RATE]
        if len(chain) < _LEAST_PICTURES or not before or before[-1].change.is_reversed:
            continue
        line = before[-1]
        places = [
            (line.record_start_s + (first / FOUND_RATE - line.start_s) * line.change.tempo) * ROW_RATE
            for first, _ in chain
        ]
        shown = matcher.shown([end - 1 - _MIXED_ROWS for _, end in chain])
        leaps = zip(without_flicker(np.diff(shown, axis=0)), pairwise(places), strict=True)
        if float(np.median([_likeness(matcher.recorded, *one) for one in leaps])) < _UNLIKE:
            others[chain[0][0] : chain[-1][1]] = True
    return others


def _likeness(recorded: NDArray[np.float32], leap: NDArray[np.float32], places: tuple[float, float]) -> float:
    """How alike a leap (n,) is to what changes in the record (T, n) between rows near two places, where it is
    most alike: -1..1.
    """
    around = np.arange(-_LATE_ROWS, _LATE_ROWS + 1)
    first, last = (np.clip(np.round(at + around).astype(int), 0, len(recorded) - 1) for at in places)
    ours = without_flicker((recorded[last][None] - recorded[first][:, None]).reshape(-1, len(leap)))
    length = np.linalg.norm(ours, axis=1) * np.linalg.norm(leap)
    return float((ours @ leap / np.maximum(length, 1e-6)).max())


def _chains(stands: NDArray[np.intp]) -> Iterator[list[tuple[int, int]]]:
    """The first row and the end of each still picture, of those that follow right after one another."""
    chain: list[tuple[int, int]] = []
    for number, first, end in runs(stands):
        if number and chain and first - chain[-1][1] <= _MIXED_ROWS:
            chain.append((first, end))
        elif number:
            yield chain
            chain = [(first, end)]
    yield chain
