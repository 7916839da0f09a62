"""What was done to a sound or a picture, named from the stretches that are ours: edits with their places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from provenance.fingerprints.edit import Edit, EditKind
from provenance.fingerprints.stretch import OTHER_TEMPO, Stretch

ROW_RATE: Final = 31.25  # rows a second of what tells where something goes on
LEAST_S: Final = 0.5  # of what is missing, added or replaced
_ACTIVE: Final = 0.25  # of the rows of a gap in the record, from which something went on in it
_LIVELY: Final = 0.2  # of the mean activity of what is ours: music behind speech lies below
_REPEATED: Final = 0.5  # of what a stretch holds, from which it is said to be there once more


def edits_of(
    stretches: Sequence[Stretch], active: NDArray[np.bool_], activity: NDArray[np.float64], found_s: float
) -> list[Edit]:
    """The edits in the order of the found file, of which at least one stretch is ours; none when all is.

    `active` (T,): in which rows of the record something goes on; `activity` (T,): how much does in each row
    of the found file, 1 in the mean of what is ours. `found_s`: its length.
    """
    edits = list(_changed(stretches))
    left = uncovered([(one.record_start_s, one.record_end_s) for one in stretches], len(active))
    ends = [None, *stretches, None]
    for before, after in pairwise(ends):
        gap = _Gap.of(before, after, len(active) / ROW_RATE, found_s)
        edits += _between(gap, active, activity, left)
    edits += _cuts(stretches, active, left)
    return sorted(edits, key=lambda edit: (edit.start_s, edit.end_s))


def known_of_a_part(edits: Sequence[Edit], stretches: Sequence[Stretch]) -> list[Edit]:
    """The edits of a file that was not followed to its end: what is missing behind the last stretch that is
    ours may come later.
    """
    last_s = max((one.end_s for one in stretches), default=0.0)
    return [edit for edit in edits if edit.kind is not EditKind.CUT or edit.start_s < last_s - 1e-3]


def known_of_a_recording(edits: Sequence[Edit], stretches: Sequence[Stretch]) -> list[Edit]:
    """The edits of a file that may begin and end anywhere in the record: what the record has before the first
    stretch that is ours and behind the last is not cut out, it was not recorded.
    """
    first_s = min((one.record_start_s for one in stretches), default=0.0)
    last_s = max((one.record_end_s for one in stretches), default=0.0)
    return [
        edit
        for edit in edits
        if edit.kind is not EditKind.CUT
        or (edit.record_end_s > first_s + LEAST_S and edit.record_start_s < last_s - LEAST_S)
    ]


@dataclass(frozen=True)
class _Gap:
    """What lies between two stretches, or between one and the beginning or end. `is_joined`: the record
    goes on from one to the other, so that there is a gap of the record that belongs to it."""

    start_s: float
    end_s: float
    record_start_s: float
    record_end_s: float
    is_joined: bool
    is_inner: bool
    is_beside_reversed: bool
    tempo: float

    @classmethod
    def of(cls, before: Stretch | None, after: Stretch | None, record_s: float, found_s: float) -> _Gap:
        beside = [one for one in (before, after) if one is not None]
        record_start_s = before.record_end_s if before else 0.0
        record_end_s = after.record_start_s if after else record_s
        is_reversed = any(one.change.is_reversed for one in beside)
        return cls(
            before.end_s if before else 0.0,
            after.start_s if after else found_s,
            record_start_s,
            record_end_s,
            not is_reversed and record_end_s >= record_start_s - LEAST_S,
            before is not None and after is not None,
            is_reversed,
            beside[0].change.tempo,
        )


def _changed(stretches: Sequence[Stretch]) -> Iterator[Edit]:
    """The stretches that are ours, but in another order, once more, backwards, or at another speed."""
    in_order = _longest_in_order([one for one in stretches if not one.change.is_reversed])
    for one in stretches:
        place = (one.start_s, one.end_s, one.record_start_s, one.record_end_s)
        if one.change.is_reversed:
            yield Edit(EditKind.REVERSED, *place)
        elif one not in in_order:
            is_repeated = _held(one, in_order) >= _REPEATED
            yield Edit(EditKind.REPEATED if is_repeated else EditKind.REORDERED, *place)
        if abs(np.log(one.change.tempo)) > OTHER_TEMPO:
            yield Edit(EditKind.SPEED, *place, round(one.change.tempo, 3))
    for before, after in pairwise(in_order):
        again_s = before.record_end_s - after.record_start_s
        if again_s > LEAST_S:
            end_s = round(after.start_s + again_s / after.change.tempo, 3)
            yield Edit(EditKind.REPEATED, after.start_s, end_s, after.record_start_s, before.record_end_s)


def _held(stretch: Stretch, others: Sequence[Stretch]) -> float:
    """The share of what a stretch holds of the record that is in others, too."""
    first, last = round(stretch.record_start_s * ROW_RATE), round(stretch.record_end_s * ROW_RATE)
    left = uncovered([(one.record_start_s, one.record_end_s) for one in others], last)[first:]
    return 1 - float(left.mean()) if len(left) else 0.0


def _longest_in_order(stretches: Sequence[Stretch]) -> list[Stretch]:
    """The stretches that follow each other in both and hold most of the record together.

    One may begin again with what the one before it ends with. Of several that hold as much, the first.
    """
    best: list[tuple[float, list[Stretch]]] = []
    for one in stretches:
        before = [(0.0, list[Stretch]())]
        for weight, chain in best:
            last = chain[-1]
            again_s = max(0.0, last.record_end_s - one.record_start_s)
            goes_on = (
                last.record_start_s < one.record_start_s and last.record_end_s + LEAST_S < one.record_end_s
            )
            if again_s <= LEAST_S or goes_on:
                before.append((weight - again_s / one.change.tempo, chain))
        weight, chain = max(before, key=lambda pair: pair[0])
        best.append((weight + one.end_s - one.start_s, [*chain, one]))
    return _first_of_twins(max(best, key=lambda pair: pair[0])[1], stretches) if best else []


def _first_of_twins(in_order: Sequence[Stretch], stretches: Sequence[Stretch]) -> list[Stretch]:
    """The stretches in order; of two that hold the same and are both in order, the first in the file."""
    chosen: list[Stretch] = []
    for one in in_order:
        begun_s = chosen[-1].start_s if chosen else -1.0
        twins = [
            other
            for other in stretches
            if begun_s < other.start_s <= one.start_s
            and abs(other.record_start_s - one.record_start_s) <= LEAST_S
            and abs(other.record_end_s - one.record_end_s) <= LEAST_S
        ]
        chosen.append(min(twins, key=lambda twin: twin.start_s, default=one))
    return chosen


def uncovered(covered: Sequence[tuple[float, float]], rows: int) -> NDArray[np.bool_]:
    """(rows,): which rows lie in none of the spans, given in seconds."""
    left = np.ones(rows, np.bool_)
    for start_s, end_s in covered:
        left[round(start_s * ROW_RATE) : round(end_s * ROW_RATE)] = False
    return left


def _between(
    gap: _Gap, active: NDArray[np.bool_], activity: NDArray[np.float64], left: NDArray[np.bool_]
) -> Iterator[Edit]:
    """What stands in a gap of the found file. What it accounts for in the record is no longer `left`."""
    length = gap.end_s - gap.start_s
    is_lively = _mean(activity, gap.start_s, gap.end_s) >= _LIVELY
    if gap.is_inner and not gap.is_joined and not gap.is_beside_reversed:
        # At a jump the pauses of ours around it cannot be told to be ours. Where something goes on, no more
        # than its beginning and end are pauses.
        most_s = LEAST_S if is_lively else length
        length -= min(most_s, _paused_s(active, gap.record_start_s, 1) / gap.tempo)
        length -= min(most_s, _paused_s(active, gap.record_end_s, -1) / gap.tempo)
    place = (round(gap.start_s, 3), round(gap.end_s, 3))
    of = (round(gap.record_start_s, 3), round(max(gap.record_start_s, gap.record_end_s), 3))
    missing = (of[1] - of[0]) / gap.tempo if gap.is_joined else 0.0
    is_missed = gap.is_joined and _mean(active, *of) >= _ACTIVE and missing >= LEAST_S
    # A stillness that lasts longer than what is missing stands for something else as well.
    is_as_long = abs(missing - length) < LEAST_S
    if is_missed and length >= LEAST_S and (is_lively or is_as_long):
        accounted = of[0] + min(of[1] - of[0], (length + LEAST_S) * gap.tempo)
        left[round(of[0] * ROW_RATE) : round(accounted * ROW_RATE)] = False
        yield Edit(EditKind.REPLACED if is_lively else EditKind.MUTED, *place, *of)
    elif length >= LEAST_S and (is_lively or (gap.is_joined and length - missing >= LEAST_S)):
        yield Edit(EditKind.INSERTED, *place, of[0], of[0])
    elif gap.is_inner and gap.is_joined and not is_missed and missing - length >= LEAST_S:
        yield Edit(EditKind.CUT, place[1], place[1], *of)  # of a pause


def _paused_s(active: NDArray[np.bool_], at_s: float, way: Literal[-1, 1]) -> float:
    """For how many seconds nothing goes on in the record, from a moment on or (-1) before it."""
    place = round(at_s * ROW_RATE)
    rows = active[place:] if way > 0 else active[:place][::-1]
    paused = int(rows.argmax()) if rows.any() else len(rows)
    return paused / ROW_RATE


def _cuts(stretches: Sequence[Stretch], active: NDArray[np.bool_], left: NDArray[np.bool_]) -> Iterator[Edit]:
    """What of the record is nowhere in the found file, at the place where it would follow."""
    labels, count = scipy.ndimage.label(left)
    for number in range(1, count + 1):
        rows = np.flatnonzero(labels == number)
        start_s, end_s = float(rows[0] / ROW_RATE), float((rows[-1] + 1) / ROW_RATE)
        if (active[rows].sum() / ROW_RATE) < LEAST_S:
            continue
        before = [one for one in stretches if one.record_end_s <= start_s + LEAST_S]
        at = max(before, key=lambda one: one.record_end_s).end_s if before else 0.0
        yield Edit(EditKind.CUT, round(at, 3), round(at, 3), round(start_s, 3), round(end_s, 3))


def _mean(rows: NDArray[np.generic], start_s: float, end_s: float) -> float:
    """Of the rows between two moments; 0 without any."""
    part = rows[max(0, round(start_s * ROW_RATE)) : round(end_s * ROW_RATE)]
    return float(part.mean()) if len(part) else 0.0
