"""What was done to a sound, named from its comparison with the recorded one: edits with their places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from provenance.fingerprints.edit import Edit, EditKind
from provenance.fingerprints.edits import LEAST_S, edits_of, uncovered
from provenance.fingerprints.sound.fingerprint import FRAME_RATE, SoundFingerprint
from provenance.fingerprints.sound.match import SoundComparison
from provenance.fingerprints.sound.measuring import fingerprint
from provenance.fingerprints.sound.spectrogram import BandSpectrogram
from provenance.fingerprints.stretch import Stretch

_HEARD: Final = 0.5  # of the rows in which ours was heard, from which something else is heard there
# A word that was silenced is too short for what is ours around it to end there.
_SILENT: Final = 0.003  # of the mean power of what is ours, 25 dB: ours sounds from some 18 dB below it on
_SILENCED_S: Final = 0.24  # of ours that sounds in such a silence; beside a pause 0.13 s seem to
_WINDOW_S: Final = 0.128  # of the spectrogram: the silence is longer by so much
_SOUNDED: Final = 0.6  # of a silence in which ours sounds
# A pause of ours may lie so much beside its place; at none of these may it be what is silent.
_BESIDE_S, _SILENCED_ANYWHERE_S = 0.16, 0.17
# With this share of rows that sound within so many seconds, speech stands in noise of 6 dB less or none: what
# took the noise away has silenced nothing. Clean speech has .92 at most.
_NOISY, _AROUND_S = 0.94, 4.0


def sound_edits(record: SoundFingerprint, found: BandSpectrogram, comparison: SoundComparison) -> list[Edit]:
    """The edits in the order of the found sound; none when it is ours from beginning to end."""
    stretches = comparison.stretches
    if not stretches:
        return _nothing_of_ours(record, found)
    loudness = _loudness(found, stretches)
    edits = edits_of(stretches, record.sounding, loudness, found.duration_s)
    heard = fingerprint(found).sounding
    edits = [replace(one, kind=EditKind.REPLACED) if _is_heard(one, record, heard) else one for one in edits]
    edits = [_without_pauses(one, record, heard) if one.kind is EditKind.REPLACED else one for one in edits]
    edits += [edit for one in stretches for edit in _silenced(one, record, loudness)]
    return sorted(edits, key=lambda edit: (edit.start_s, edit.end_s))


def _silenced(stretch: Stretch, record: SoundFingerprint, loudness: NDArray[np.float64]) -> Iterator[Edit]:
    """Where within a stretch that is ours nothing is heard, though ours sounds there. `loudness` (T,): the
    power of each row of the found sound, 1 in the mean of what is ours.

    In a copy no row of ours that sounds is that soft but within the width of a window beside a pause.
    """
    if stretch.change.is_reversed:
        return
    first, last = round(stretch.start_s * FRAME_RATE), round(stretch.end_s * FRAME_RATE)
    labels, count = scipy.ndimage.label(loudness[first:last] < _SILENT)
    beside, around = round(_BESIDE_S * FRAME_RATE), round(_AROUND_S * FRAME_RATE)
    for number in range(1, count + 1):
        rows = first + np.flatnonzero(labels == number)
        ours = np.rint(_recorded_s(stretch, rows / FRAME_RATE) * FRAME_RATE).astype(int)
        sounds = _rows(record.sounding, ours)
        if sounds.sum() < _SILENCED_S * FRAME_RATE or sounds.mean() < _SOUNDED:
            continue
        anywhere = [_rows(record.sounding, ours + by).sum() for by in range(-beside, beside + 1)]
        near = record.sounding[max(0, ours[0] - around) : ours[-1] + around]
        if min(anywhere) < _SILENCED_ANYWHERE_S * FRAME_RATE or near.mean() > _NOISY:
            continue
        place = np.array([rows[0] / FRAME_RATE - _WINDOW_S / 2, (rows[-1] + 1) / FRAME_RATE + _WINDOW_S / 2])
        place = np.clip(place, stretch.start_s, stretch.end_s)
        places = [*place, *_recorded_s(stretch, place)]
        yield Edit(EditKind.MUTED, *(round(float(at_s), 3) for at_s in places))


def _recorded_s(stretch: Stretch, found_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """What moments of the recorded sound a stretch holds at moments of the found one."""
    ends, recorded = (stretch.start_s, stretch.end_s), (stretch.record_start_s, stretch.record_end_s)
    return np.asarray(np.interp(found_s, ends, recorded))


def _rows(sounding: NDArray[np.bool_], places: NDArray[np.integer]) -> NDArray[np.bool_]:
    return np.asarray(sounding[np.clip(places, 0, len(sounding) - 1)])


def _is_heard(edit: Edit, record: SoundFingerprint, heard: NDArray[np.bool_]) -> bool:
    """Whether something else is heard where ours is gone, if more softly: that is not silence."""
    gone = record.sounding[round(edit.record_start_s * FRAME_RATE) : round(edit.record_end_s * FRAME_RATE)]
    there = heard[round(edit.start_s * FRAME_RATE) : round(edit.end_s * FRAME_RATE)]
    return edit.kind is EditKind.MUTED and bool(there.sum() >= _HEARD * max(1, int(gone.sum())))


def _without_pauses(edit: Edit, record: SoundFingerprint, heard: NDArray[np.bool_]) -> Edit:
    """A piece in place of ours, without the pauses at its ends where ours pauses, too."""

    def is_pause(found_s: float, record_s: float) -> bool:
        row, ours = int(found_s * FRAME_RATE), int(record_s * FRAME_RATE)
        return row < len(heard) and ours < len(record) and not (heard[row] or record.sounding[ours])

    step_s, half_s = 1 / FRAME_RATE, 0.5 / FRAME_RATE
    before = behind = 0
    most = int((edit.end_s - edit.start_s - LEAST_S) * FRAME_RATE)
    while before < most and is_pause(
        edit.start_s + before * step_s + half_s, edit.record_start_s + before * step_s + half_s
    ):
        before += 1
    while before + behind < most and is_pause(
        edit.end_s - behind * step_s - half_s, edit.record_end_s - behind * step_s - half_s
    ):
        behind += 1
    return replace(
        edit,
        start_s=round(edit.start_s + before * step_s, 3),
        end_s=round(edit.end_s - behind * step_s, 3),
        record_start_s=round(edit.record_start_s + before * step_s, 3),
        record_end_s=round(edit.record_end_s - behind * step_s, 3),
    )


def _loudness(found: BandSpectrogram, stretches: Sequence[Stretch]) -> NDArray[np.float64]:
    """(T,): the power of each row of the found sound, 1 in the mean of what is ours."""
    power = found.power().sum(axis=1, dtype=np.float64)[::2]
    ours = ~uncovered([(one.start_s, one.end_s) for one in stretches], len(power))
    return np.asarray(power / max(float(power[ours].mean()), 1e-12))


def _nothing_of_ours(record: SoundFingerprint, found: BandSpectrogram) -> list[Edit]:
    heard = fingerprint(found).sounding.any()
    if not record.sounding.any() and not heard:
        return []
    kind = EditKind.REPLACED if heard else EditKind.MUTED
    return [Edit(kind, 0.0, found.duration_s, 0.0, record.duration_s)]
