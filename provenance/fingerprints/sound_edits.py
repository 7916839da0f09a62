"""What was done to a sound, named from its comparison with the recorded one: edits with their places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from provenance.fingerprints.band_spectrogram import BandSpectrogram
from provenance.fingerprints.sound import fingerprint
from provenance.fingerprints.sound_edit import SoundEdit, SoundEditKind
from provenance.fingerprints.sound_fingerprint import FRAME_RATE, SoundFingerprint
from provenance.fingerprints.sound_match import SoundComparison, Stretch

LEAST_S: Final = 0.5  # of what is missing, added or replaced
_OTHER_TEMPO: Final = 0.02  # in natural log, from which a sound is called faster or slower
_SOUNDING: Final = 0.25  # of the rows of a gap in the record, from which something was said in it
_LOUD: Final = 0.2  # of the mean power of what is ours: music behind speech lies below


def sound_edits(
    record: SoundFingerprint, found: BandSpectrogram, comparison: SoundComparison
) -> list[SoundEdit]:
    """The edits in the order of the found sound; none when it is ours from beginning to end."""
    stretches = comparison.stretches
    if not stretches:
        return _nothing_of_ours(record, found)
    edits = list(_changed(stretches))
    loudness = _loudness(found, stretches)
    left = _uncovered([(one.record_start_s, one.record_end_s) for one in stretches], len(record))
    ends = [None, *stretches, None]
    for before, after in pairwise(ends):
        edits += _between(_Gap.of(before, after, record, found), record.sounding, loudness, left)
    edits += _cuts(stretches, record.sounding, left)
    return sorted(edits, key=lambda edit: (edit.start_s, edit.end_s))


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
    tempo: float

    @classmethod
    def of(
        cls, before: Stretch | None, after: Stretch | None, record: SoundFingerprint, found: BandSpectrogram
    ) -> _Gap:
        beside = [one for one in (before, after) if one is not None]
        record_start_s = before.record_end_s if before else 0.0
        record_end_s = after.record_start_s if after else record.duration_s
        is_reversed = any(one.change.is_reversed for one in beside)
        return cls(
            before.end_s if before else 0.0,
            after.start_s if after else found.duration_s,
            record_start_s,
            record_end_s,
            not is_reversed and record_end_s >= record_start_s - LEAST_S,
            before is not None and after is not None,
            beside[0].change.tempo,
        )


def _loudness(found: BandSpectrogram, stretches: Sequence[Stretch]) -> NDArray[np.float64]:
    """(T,): the power of each row of the found sound, 1 in the mean of what is ours."""
    power = found.power().sum(axis=1, dtype=np.float64)[::2]
    ours = ~_uncovered([(one.start_s, one.end_s) for one in stretches], len(power))
    return np.asarray(power / max(float(power[ours].mean()), 1e-12))


def _nothing_of_ours(record: SoundFingerprint, found: BandSpectrogram) -> list[SoundEdit]:
    heard = fingerprint(found).sounding.any()
    if not record.sounding.any() and not heard:
        return []
    kind = SoundEditKind.REPLACED if heard else SoundEditKind.MUTED
    return [SoundEdit(kind, 0.0, found.duration_s, 0.0, record.duration_s)]


def _changed(stretches: Sequence[Stretch]) -> Iterator[SoundEdit]:
    """The stretches that are ours, but in another order, backwards, or at another speed."""
    in_order = _longest_in_order([one for one in stretches if not one.change.is_reversed])
    for one in stretches:
        place = (one.start_s, one.end_s, one.record_start_s, one.record_end_s)
        if one.change.is_reversed:
            yield SoundEdit(SoundEditKind.REVERSED, *place)
        elif one not in in_order:
            yield SoundEdit(SoundEditKind.REORDERED, *place)
        if abs(np.log(one.change.tempo)) > _OTHER_TEMPO:
            yield SoundEdit(SoundEditKind.SPEED, *place, round(one.change.tempo, 3))


def _longest_in_order(stretches: Sequence[Stretch]) -> list[Stretch]:
    """The stretches of greatest length together that follow each other in both sounds."""
    best: list[tuple[float, list[Stretch]]] = []
    for one in stretches:
        before = [
            (weight, chain)
            for weight, chain in best
            if chain[-1].record_end_s <= one.record_start_s + LEAST_S
        ]
        weight, chain = max(before, key=lambda pair: pair[0], default=(0.0, []))
        best.append((weight + one.end_s - one.start_s, [*chain, one]))
    return max(best, key=lambda pair: pair[0])[1] if best else []


def _uncovered(covered: Sequence[tuple[float, float]], rows: int) -> NDArray[np.bool_]:
    """(rows,): which rows lie in none of the spans, given in seconds."""
    left = np.ones(rows, np.bool_)
    for start_s, end_s in covered:
        left[round(start_s * FRAME_RATE) : round(end_s * FRAME_RATE)] = False
    return left


def _between(
    gap: _Gap, sounding: NDArray[np.bool_], loudness: NDArray[np.float64], left: NDArray[np.bool_]
) -> Iterator[SoundEdit]:
    """What stands in a gap of the found sound. What it accounts for in the record is no longer `left`."""
    length = gap.end_s - gap.start_s
    is_heard = _mean(loudness, gap.start_s, gap.end_s) >= _LOUD
    place = (round(gap.start_s, 3), round(gap.end_s, 3))
    of = (round(gap.record_start_s, 3), round(max(gap.record_start_s, gap.record_end_s), 3))
    missing = (of[1] - of[0]) / gap.tempo if gap.is_joined else 0.0
    is_missed = gap.is_joined and _mean(sounding, *of) >= _SOUNDING and missing >= LEAST_S
    if is_missed and length >= LEAST_S and (is_heard or missing - length < LEAST_S):
        accounted = of[0] + min(of[1] - of[0], (length + LEAST_S) * gap.tempo)
        left[round(of[0] * FRAME_RATE) : round(accounted * FRAME_RATE)] = False
        yield SoundEdit(SoundEditKind.REPLACED if is_heard else SoundEditKind.MUTED, *place, *of)
    elif length >= LEAST_S and (is_heard or (gap.is_joined and length - missing >= LEAST_S)):
        yield SoundEdit(SoundEditKind.INSERTED, *place, of[0], of[0])
    elif gap.is_inner and gap.is_joined and not is_missed and missing - length >= LEAST_S:
        yield SoundEdit(SoundEditKind.CUT, place[1], place[1], *of)  # of a pause


def _cuts(
    stretches: Sequence[Stretch], sounding: NDArray[np.bool_], left: NDArray[np.bool_]
) -> Iterator[SoundEdit]:
    """What of the record is nowhere in the found sound, at the place where it would follow."""
    labels, count = scipy.ndimage.label(left)
    for number in range(1, count + 1):
        rows = np.flatnonzero(labels == number)
        start_s, end_s = float(rows[0] / FRAME_RATE), float((rows[-1] + 1) / FRAME_RATE)
        if (sounding[rows].sum() / FRAME_RATE) < LEAST_S:
            continue
        before = [one for one in stretches if one.record_end_s <= start_s + LEAST_S]
        at = max(before, key=lambda one: one.record_end_s).end_s if before else 0.0
        yield SoundEdit(SoundEditKind.CUT, round(at, 3), round(at, 3), round(start_s, 3), round(end_s, 3))


def _mean(rows: NDArray[np.generic], start_s: float, end_s: float) -> float:
    """Of the rows between two moments; 0 without any."""
    part = rows[max(0, round(start_s * FRAME_RATE)) : round(end_s * FRAME_RATE)]
    return float(part.mean()) if len(part) else 0.0
