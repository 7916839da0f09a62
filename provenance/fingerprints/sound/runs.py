"""Runs of one sound that agree with those of another at one offset.

All offsets are scored at once by a correlation of signs; along the likeliest, runs whose bits agree are
taken. Chance agrees in half of the bits; a run counts from AGREEMENT over MATCH_S seconds on (docs/verify.md
has the figures).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from provenance.fingerprints.sound.fingerprint import FRAME_RATE, SoundFingerprint

AGREEMENT: Final = 0.70  # of the bits over a run
MATCH_S: Final = 1.2  # least length of a run
_SMOOTHED = 25  # frames (0.8 s) over which agreement is measured
_CORE = 0.66  # of that, inside a run
_LEAST_PART = 25  # frames (0.8 s) of a run of which it can be said where they lie
_DRIFT = 6  # frames by which a run may drift and still hold together
_TRIED_PEAKS = 3  # offsets looked at for each supposed change


@dataclass(frozen=True, eq=False)
class Run:
    """Rows `start` to `end` of a found sound, under a change, agree with those `offset` later in the record.

    `agreement`: the share of bits that agree, .5 by chance.
    """

    start: int
    end: int
    offset: int
    agreement: float


def weight_of(run: Run) -> float:
    """How much a run explains: its length times what it agrees by beyond chance."""
    return (run.agreement - 0.5) * (run.end - run.start)


def best_run(record: SoundFingerprint, found: SoundFingerprint, is_open: NDArray[np.bool_]) -> Run | None:
    """The weightiest run over the likeliest offsets, or None."""
    heard = found.sounding & is_open
    if heard.sum() < MATCH_S * FRAME_RATE / 2 or not len(record):
        return None
    runs = [
        run
        for offset in _offsets(record, found, heard)
        for run in runs_at(record, found, is_open, heard, offset)
    ]
    return max(runs, key=weight_of, default=None)


def tempo_along(record: SoundFingerprint, found: SoundFingerprint, run: Run) -> float:
    """How fast the found sound runs within a run: 1 where its first and last part lie at one offset.

    A run holds together although the sound is played a little faster or slower: it drifts meanwhile.
    """
    part = (run.end - run.start) // 3
    if part < _LEAST_PART:
        return 1.0
    first = _offset_of_part(record, found, run.start, run.start + part, run.offset)
    last = _offset_of_part(record, found, run.end - part, run.end, run.offset)
    return 1 + (last - first) / (run.end - run.start - part)


def _offset_of_part(
    record: SoundFingerprint, found: SoundFingerprint, start: int, end: int, near: int
) -> int:
    """The offset near a supposed one at which most bits of the rows `start` to `end` agree."""
    agreeing = []
    for offset in range(near - _DRIFT, near + _DRIFT + 1):
        first, last = max(start, -offset), min(end, len(record) - offset)
        here, there = slice(first, last), slice(first + offset, last + offset)
        heard = found.sounding[here] & record.sounding[there]
        alike = (found.bits[here] == record.bits[there])[heard]
        agreeing.append(float(alike.mean()) if len(alike) else 0.0)
    return near - _DRIFT + int(np.argmax(agreeing))


def _offsets(record: SoundFingerprint, found: SoundFingerprint, heard: NDArray[np.bool_]) -> list[int]:
    """The offsets at which most bits agree beyond chance, best first."""
    length = 1 << (len(record) + len(found)).bit_length()
    ours = np.where(record.bits, np.float32(1), np.float32(-1)) * record.sounding[:, None]
    theirs = np.where(found.bits, np.float32(1), np.float32(-1)) * heard[:, None]
    product = (np.fft.rfft(ours, length, axis=0) * np.conj(np.fft.rfft(theirs, length, axis=0))).sum(1)
    score = np.fft.irfft(product, length)
    chosen: list[int] = []
    for _ in range(_TRIED_PEAKS):
        place = int(score.argmax())
        chosen.append(place if place < len(record) else place - length)
        score[max(0, place - 2) : place + 3] = -np.inf
    return chosen


def runs_at(
    record: SoundFingerprint,
    found: SoundFingerprint,
    is_open: NDArray[np.bool_],
    heard: NDArray[np.bool_],
    offset: int,
    *,
    least_s: float = MATCH_S,
) -> Iterator[Run]:
    """Stretches of the found sound that agree with the record at one offset, of `least_s` at least."""
    first, last = max(0, -offset), min(len(found), len(record) - offset)
    if last - first < least_s * FRAME_RATE:
        return
    here = slice(first, last)
    there = slice(first + offset, last + offset)
    counted = (heard[here] & record.sounding[there]).astype(float)
    agreeing = (found.bits[here] == record.bits[there]).mean(axis=1) * counted
    weight = scipy.ndimage.uniform_filter1d(counted, _SMOOTHED, mode="constant")
    share = scipy.ndimage.uniform_filter1d(agreeing, _SMOOTHED, mode="constant") / np.maximum(weight, 1e-9)
    # Pauses carry no bits: they belong to the stretch that they lie in when both sounds pause there.
    both_pause = ~found.sounding[here] & ~record.sounding[there]
    fits = np.where(weight > 0.2, share > _CORE, both_pause) & is_open[here]
    labels, count = scipy.ndimage.label(fits)
    for number in range(1, count + 1):
        rows = np.flatnonzero(labels == number)
        start, end = _sharpened(agreeing - _CORE * counted, int(rows[0]), int(rows[-1]) + 1)
        bits = counted[start:end].sum()
        if end - start < least_s * FRAME_RATE or bits < least_s * FRAME_RATE / 2:
            continue
        agreement = float(agreeing[start:end].sum() / bits)
        if agreement >= AGREEMENT:
            yield Run(first + start, first + end, offset, agreement)


def _sharpened(gain: NDArray[np.float64], start: int, end: int) -> tuple[int, int]:
    """The ends of a run moved, by half the smoothing at most, to where the agreement of single rows turns."""
    reach = _SMOOTHED // 2
    total = np.concatenate([[0.0], np.cumsum(gain)])
    first, last = max(0, start - reach), min(end, start + reach)
    start = last - int(total[first : last + 1][::-1].argmin())  # of equal places the last: no pause before it
    first, last = max(start, end - reach), min(len(gain), end + reach)
    end = first + int(total[first : last + 1].argmax())
    return start, end
