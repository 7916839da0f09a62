"""Which stretches of a sound are those of a recorded one, and under which change of order, tempo and pitch.

The found sound is compared under supposed changes, the plainest first; what is left by the best run under one
of them is compared again.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from provenance.fingerprints.sound.fingerprint import FRAME_RATE, SoundFingerprint
from provenance.fingerprints.sound.measuring import FASTEST, SLOWEST, fingerprint
from provenance.fingerprints.sound.runs import MATCH_S, Run, best_run, runs_at, tempo_along, weight_of
from provenance.fingerprints.sound.spectrogram import BandSpectrogram
from provenance.fingerprints.stretch import Change, Nearness, Stretch, joined

SHORT_S: Final = 2.0  # a sound of less has hardly room for a run: it is looked for beside the picture alone
CHANGED_S: Final = 2.0  # the same under a change: more is supposed, and more fits by chance
_FASTEST = 2.0
_TEMPO_STEP, _PITCH_STEP = 0.025, 0.02
_HIGHEST_PITCH = 1.35
_REFINING = (0.012, 0.006, 0.003)  # of tempo, in natural log
_ROOM_TO_REFINE = 1.05
_LEFT_S = 0.4  # that may stay unexplained before a change is supposed
_LOST_S = 0.5  # of ours that must be missing before a silence is called one
_ALONG_S = 0.6  # least length of a run that goes along with the picture
_NEAR_ROWS = 6  # by which it may lie beside it: 0.2 s
_SAME_TEMPO = 0.01  # in natural log
_LEAST_TEMPO = 0.003  # the same, from which a sound is supposed to run faster or slower
_ROOM = 0.6  # of a run's length that must sound
_NEAR = Nearness(gap_s=0.4, off_s=0.15)  # at each end of a run the smoothing mixes it with its neighbour
_NO_JUMP = Nearness(gap_s=math.inf, off_s=0.15, tempo=_SAME_TEMPO)
_MOST_STRETCHES = 24
_MOST_CHANGES = 6  # that are supposed again after the first stretch
_PLAIN = 1.1  # by how much a stretch without a change may weigh less than one with a change


class SecondState(StrEnum):
    """What a second of a found sound is: the recorded sound, another one, or silence."""

    SAME = "same"
    OTHER = "other"
    SILENT = "silent"


@dataclass(frozen=True)
class SoundComparison:
    """`stretches` in the order of the found sound; `seconds`, one state for each begun second of it."""

    stretches: tuple[Stretch, ...]
    seconds: tuple[SecondState, ...]


def compare(
    record: SoundFingerprint, found: BandSpectrogram, supposed: Sequence[Stretch] = ()
) -> SoundComparison:
    """Compare a found sound with a recorded one.

    `supposed`: the stretches of the picture beside it. Where the sound goes along with one, a shorter run is
    enough than where it has to be searched for. Of a sound under SHORT_S a comparison without stretches says
    nothing: it may be ours.
    """
    plain = fingerprint(found)
    sounding = plain.sounding
    is_short = len(plain) < SHORT_S * FRAME_RATE
    has_pieces = len(supposed) > 1
    # Where the picture goes on behind a gap as if there were none, the sound need not jump there either.
    supposed = joined(supposed, _NO_JUMP)
    along = _along(record, found, plain, supposed) if has_pieces or is_short else []
    slightly = _tempo_of_best_run(record, plain)
    stretches = _explained(record, found, sounding, [Change(), *slightly], along)
    drifting = _tempos_of_joined(stretches)
    if drifting:
        slightly += drifting
        stretches = _explained(record, found, sounding, [Change(), *slightly], along)
    if (sounding & ~_covered(stretches, len(sounding))).sum() > _LEFT_S * FRAME_RATE:
        changes = [*_changes(), *slightly, *_beyond(supposed)]
        stretches = _explained(record, found, sounding, changes, along)
    stretches = _with_what_goes_on(record, found, plain, stretches)
    return SoundComparison(tuple(stretches), _seconds(stretches, sounding))


def is_another_or_gone(
    record: SoundFingerprint, found: BandSpectrogram, supposed: Sequence[Stretch] = ()
) -> bool:
    """Whether a found sound without a stretch of ours is shown to be another one, or to have lost ours.

    Another: it is heard for as long as a run of ours would have to be, in a file that has room for one. Lost:
    of what ours sounds at that place much is missing. The place is that of the `supposed` stretches of the
    picture; without any, where ours sounds least. A pause of ours, or a moment of it, shows nothing.
    """
    heard_s = float(fingerprint(found).sounding.sum()) / FRAME_RATE
    if heard_s >= MATCH_S and found.duration_s >= SHORT_S:
        return True
    missing_s = _least_sounding_s(record, found.duration_s, supposed) - heard_s
    return missing_s >= (MATCH_S if heard_s else _LOST_S)


def _least_sounding_s(record: SoundFingerprint, length_s: float, supposed: Sequence[Stretch]) -> float:
    """For how many seconds ours sounds at least in a piece of `length_s`."""
    total = np.concatenate([[0], np.cumsum(record.sounding)])
    if supposed:
        sounding = 0
        for one in supposed:
            at_s = one.record_start_s
            shown_s = min(one.record_end_s - at_s, max(0.0, length_s - one.start_s) * one.change.tempo)
            first, last = (min(len(record), round(end_s * FRAME_RATE)) for end_s in (at_s, at_s + shown_s))
            sounding += int(total[last] - total[first])
        return sounding / FRAME_RATE
    width = min(len(record), round(length_s * FRAME_RATE))
    return float((total[width:] - total[: len(total) - width]).min()) / FRAME_RATE


def _along(
    record: SoundFingerprint, found: BandSpectrogram, plain: SoundFingerprint, supposed: Sequence[Stretch]
) -> list[Stretch]:
    """What of the found sound goes along with supposed stretches that run at the recorded speed."""
    places = np.arange(len(plain)) / FRAME_RATE
    stretches: list[Stretch] = []
    for one in supposed:
        if abs(np.log(one.change.tempo)) > _SAME_TEMPO or one.change.is_reversed:
            continue
        is_open = (places >= one.start_s) & (places < one.end_s) & ~_covered(stretches, len(plain))
        heard = plain.sounding & is_open
        near = round((one.record_start_s - one.start_s) * FRAME_RATE)
        best = max(
            (
                list(runs_at(record, plain, is_open, heard, offset, least_s=_ALONG_S))
                for offset in range(near - _NEAR_ROWS, near + _NEAR_ROWS + 1)
            ),
            key=lambda runs: sum(map(weight_of, runs)),
        )
        stretches += [_stretch(found, Change(), run) for run in best]
    return stretches


def _with_what_goes_on(
    record: SoundFingerprint, found: BandSpectrogram, plain: SoundFingerprint, stretches: list[Stretch]
) -> list[Stretch]:
    """With what goes on as a stretch does before or behind something that is not ours: as its place is known,
    a shorter run is enough.
    """
    stretches = list(stretches)
    unchanged = [one for one in stretches if one.change == Change()]
    for offset in sorted({round((one.record_start_s - one.start_s) * FRAME_RATE) for one in unchanged}):
        is_open = ~_covered(stretches, len(plain))
        heard = plain.sounding & is_open
        runs = runs_at(record, plain, is_open, heard, offset, least_s=_ALONG_S)
        stretches += [_stretch(found, Change(), run) for run in runs]
    return joined(sorted(stretches, key=lambda one: one.start_s), _NEAR)


def _explained(
    record: SoundFingerprint,
    found: BandSpectrogram,
    sounding: NDArray[np.bool_],
    changes: list[Change],
    along: Sequence[Stretch],
) -> list[Stretch]:
    """Stretches in the order of the found sound, those `along` first, then the weightiest until nothing more
    fits."""
    stretches = list(along)
    open_rows = ~_covered(stretches, len(sounding))
    while _has_room(open_rows & sounding) and len(stretches) < _MOST_STRETCHES:
        fitting: list[tuple[float, Change, Run]] = []
        for change in changes:
            run = best_run(record, *_under(found, change, open_rows))
            if run is not None and (change == Change() or run.end - run.start >= CHANGED_S * FRAME_RATE):
                weight = weight_of(run) / change.tempo * (_PLAIN if change == Change() else 1.0)
                fitting.append((weight, change, run))
        if not fitting:
            break
        fitting.sort(key=lambda one: -one[0])
        # What fits nowhere now fits nowhere when less is left: the work is bounded.
        changes = [change for _, change, _ in fitting[:_MOST_CHANGES]]
        stretches.append(_stretch(found, *_refined(record, found, fitting[0][1], open_rows, fitting[0][2])))
        open_rows &= ~_covered(stretches[-1:], len(open_rows))
    return joined(sorted(stretches, key=lambda one: one.start_s), _NEAR)


def _tempo_of_best_run(record: SoundFingerprint, plain: SoundFingerprint) -> list[Change]:
    """The tempo that the best run of the sound as it is shows, if it drifts; none in a copy."""
    run = best_run(record, plain, np.ones(len(plain), np.bool_))
    tempo = tempo_along(record, plain, run) if run is not None else 1.0
    return [Change(tempo=tempo)] if abs(np.log(tempo)) > _LEAST_TEMPO else []


def _tempos_of_joined(stretches: Sequence[Stretch]) -> list[Change]:
    """The tempos of stretches that were joined from runs each of which lies a little further on."""
    tempos = [
        (one.record_end_s - one.record_start_s) / (one.end_s - one.start_s)
        for one in stretches
        if one.change == Change()
    ]
    return [Change(tempo=tempo) for tempo in tempos if abs(np.log(tempo)) > _LEAST_TEMPO]


def _changes() -> Iterator[Change]:
    """Supposed changes, the likeliest first."""
    yield Change()
    yield Change(is_reversed=True)
    tempos = _grid(_FASTEST, _TEMPO_STEP)
    yield from (Change(tempo=tempo) for tempo in tempos)
    yield from (Change(tempo=pitch, pitch=pitch) for pitch in _grid(_HIGHEST_PITCH, _PITCH_STEP))


def _beyond(supposed: Sequence[Stretch]) -> list[Change]:
    """The tempos at which the picture runs, where no sound is supposed to run by itself: slow motion."""
    tempos = {
        round(one.change.tempo, 2)
        for one in supposed
        if abs(np.log(one.change.tempo)) > np.log(_FASTEST)
        and SLOWEST * _ROOM_TO_REFINE < one.change.tempo < FASTEST / _ROOM_TO_REFINE
    }
    return [Change(tempo=tempo) for tempo in sorted(tempos)]


def _grid(furthest: float, step: float) -> list[float]:
    """Factors from 1 / furthest to furthest in equal ratios, the smallest changes first, 1 left out."""
    count = int(np.log(furthest) / step)
    return [float(np.exp(sign * step * i)) for i in range(1, count + 1) for sign in (1, -1)]


def _has_room(rows: NDArray[np.bool_]) -> bool:
    """Whether a run long enough to be told could lie in these rows."""
    length = round(MATCH_S * FRAME_RATE)
    return len(rows) >= length and bool(
        (scipy.ndimage.uniform_filter1d(rows.astype(float), length) > _ROOM).any()
    )


def _stretch(found: BandSpectrogram, change: Change, run: Run) -> Stretch:
    duration_s = found.duration_s
    start_s, end_s = run.start / FRAME_RATE / change.tempo, run.end / FRAME_RATE / change.tempo
    if change.is_reversed:
        start_s, end_s = duration_s - end_s, duration_s - start_s
    return Stretch(
        round(max(0.0, start_s), 3),
        round(min(duration_s, end_s), 3),
        round((run.start + run.offset) / FRAME_RATE, 3),
        round((run.end + run.offset) / FRAME_RATE, 3),
        change,
        round(run.agreement, 3),
    )


def _under(
    found: BandSpectrogram, change: Change, open_rows: NDArray[np.bool_]
) -> tuple[SoundFingerprint, NDArray[np.bool_]]:
    """The found sound as it was before a change, and which of its rows are open."""
    if change.is_reversed:
        found, open_rows = found.reversed(), open_rows[::-1]
    supposed = fingerprint(found, pitch=change.pitch, tempo=change.tempo)
    if not len(supposed) or not len(open_rows):
        return supposed, np.zeros(len(supposed), np.bool_)
    places = np.minimum((np.arange(len(supposed)) / change.tempo).astype(int), len(open_rows) - 1)
    return supposed, open_rows[places]


def _refined(
    record: SoundFingerprint, found: BandSpectrogram, change: Change, open_rows: NDArray[np.bool_], run: Run
) -> tuple[Change, Run]:
    """The tempo near the supposed one under which the longest and best run is found."""
    if change.tempo == 1.0:
        return change, run
    is_speed = change.pitch != 1.0
    for step in _REFINING:
        for sign in (1, -1):
            tempo = float(change.tempo * np.exp(sign * step))
            near = Change(tempo=tempo, pitch=tempo if is_speed else 1.0)
            other = best_run(record, *_under(found, near, open_rows))
            if other is not None and weight_of(other) > weight_of(run):
                change, run = near, other
    return change, run


def _covered(stretches: list[Stretch], rows: int) -> NDArray[np.bool_]:
    """(rows,): which rows of the found sound lie in a stretch."""
    covered = np.zeros(rows, np.bool_)
    for one in stretches:
        covered[max(0, round(one.start_s * FRAME_RATE)) : round(one.end_s * FRAME_RATE) + 1] = True
    return covered


def _seconds(stretches: list[Stretch], sounding: NDArray[np.bool_]) -> tuple[SecondState, ...]:
    """The state of each second: what most of its sounding time is."""
    covered = _covered(stretches, len(sounding))
    states = []
    for start in np.arange(0, len(sounding) - 0.5, FRAME_RATE):
        rows = slice(round(start), max(round(start) + 1, round(start + FRAME_RATE)))
        if covered[rows].mean() >= 0.5:
            states.append(SecondState.SAME)
        elif sounding[rows].mean() < 0.2:
            states.append(SecondState.SILENT)
        else:
            states.append(SecondState.OTHER)
    return tuple(states)
