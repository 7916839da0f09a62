"""What another voice makes a listening face do: nods and a blink where its phrases end, brows with its
questions and accents, a head that inclines to it and eyes that stay with it. Nothing of it speaks.

Listeners nod mostly within half a second after the end of a phrase (Ward & Tsukahara 2000; Truong, Poppe &
Heylen 2010). When is in the other voice; how far, how late and to which side is in the speaker that the seed
draws.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import Curve
from generation.animation.motion.motion_plan import (
    BLINK,
    BLINK_SPREAD_S,
    FACE,
    FACE_COLUMNS,
    HEAD,
    PLAN_RATE,
    WIDTH,
    Plan,
)
from generation.animation.motion.voice_driven.band_stream import BandStream
from generation.animation.motion.voice_driven.following import Follower
from generation.animation.motion.voice_driven.prosody_bands import Bands
from generation.animation.motion.voice_driven.speaker import Speaker

_COLUMN: Final = {name: index for index, name in enumerate(FACE_COLUMNS)}
_PITCH: Final = HEAD.start + 1
_ROLL: Final = HEAD.start + 2
_NEARER: Final = HEAD.start + 5
# A phrase has ended: where what follows is known, where the voice falls silent and stays so; live, as soon as
# it has been silent for a moment.
_FADED, _STAYS, _ENDED_LIVE = 0.5, 0.3, 0.3
_SPOKEN_ROWS: Final = round(0.7 * PLAN_RATE)  # of speech that have to lie before it
_REST_ROWS: Final = round(1.3 * PLAN_RATE)  # between two nods
_LATEST_S: Final = 0.15  # how long after the end of a phrase that is known ahead a nod begins at the latest
_HURRIED_ROWS: Final = -1  # live a nod is under way when it is seen: the end was heard late
_NOD_DEG: Final = 6.5
# A nod in seconds: down and up, and a quarter as far again.
_DOWN_S, _UP_S, _AGAIN = 0.16, 0.26, 0.25
_FOLLOW: Final = 1 - float(np.exp(-1 / (0.7 * PLAN_RATE)))  # of a listener's posture, a row


class _Nod(NamedTuple):
    """The row in which it begins, its size, and the row in which the end of a phrase was heard."""

    start: int
    size: float
    heard: int


class Listener:
    """Plans in rows what is added while another voice is heard, the same however the voice is cut."""

    def __init__(
        self,
        speaker: Speaker,
        ahead: int,
        size_at: Callable[[NDArray[np.int_]], Curve],
    ) -> None:
        """`size_at` says of rows (N,) of the plan how clearly the person listens, 1 as usual."""
        self._speaker, self._size_at = speaker, size_at
        self._stream = BandStream(ahead)
        # Where the end of a phrase is known ahead the nod waits a little, each listener's own while; live it
        # cannot.
        self._knows = ahead > 0
        late = round((0.5 + 0.5 * speaker.shyness) * _LATEST_S * PLAN_RATE)
        self._delay = late if self._knows else _HURRIED_ROWS
        self._before = 0.0  # the other's activity a row before
        self._spoken = 0.0
        self._rested = _REST_ROWS
        self._nods: list[_Nod] = []
        self._blinks: list[_Nod] = []
        self._ends = 0  # phrases that have ended
        self._attention, self._raised, self._warmth = Follower(1), Follower(1), Follower(1)

    def plan_ahead(self, voice: NDArray[np.float32]) -> Plan:
        """The rows (N, 18) that can be planned with the next voice features (T, 25) of the other."""
        return self._plan(self._stream.push(voice))

    def plan_rest(self) -> Plan:
        """The other voice has ended: the remaining rows."""
        return self._plan(self._stream.end())

    def _plan(self, bands: Bands) -> Plan:
        speaker, count, first = self._speaker, len(bands), self._stream.planned - len(bands)
        self._hear(bands, first)
        at = first + np.arange(count)
        asked = np.clip(1.4 * bands.pitch[1] - 0.4, 0.0, 1.0) * bands.offset
        stressed = 0.3 * bands.activity * np.maximum(bands.energy[1], 0.0)
        warm = bands.activity * np.maximum(0.5 * bands.pitch[2] + 0.5 * bands.energy[2], 0.0)
        attention = self._attention.follow(bands.activity[:, None], _FOLLOW)[:, 0]
        raised = self._raised.follow(np.minimum(0.6 * asked + stressed, 0.6)[:, None], 0.3)[:, 0]
        warmth = self._warmth.follow(np.minimum(warm, 1.0)[:, None], _FOLLOW)[:, 0]
        rows = np.zeros((count, WIDTH), np.float32)
        rows[:, _PITCH] = self._nodding(at) - 1.0 * attention
        rows[:, _ROLL] = 0.7 * speaker.tilt * attention
        rows[:, _NEARER] = -0.03 * attention
        face = rows[:, FACE]
        face[:, _COLUMN["brow_inner_up"]] = raised
        face[:, _COLUMN["brow_outer_up"]] = speaker.brow_outer * raised
        face[:, _COLUMN["eye_wide"]] = 0.3 * raised
        face[:, _COLUMN["cheek_squint"]] = 0.25 * speaker.cheek * warmth
        face[:, _COLUMN["eye_squint"]] = 0.12 * warmth
        size = self._size_at(at)[:, None]
        rows[:, HEAD] *= size
        rows[:, FACE] *= size
        for blink in self._blinks:
            bump = np.exp(-(((at - blink.start - 2) / PLAN_RATE / BLINK_SPREAD_S) ** 2) / 2)
            shown = np.where((at >= blink.heard) & (at <= blink.start + PLAN_RATE), bump, 0.0)
            rows[:, BLINK] = np.maximum(rows[:, BLINK], shown)
        self._nods, self._blinks = (
            [each for each in kept if each.start + PLAN_RATE >= first + count]
            for kept in (self._nods, self._blinks)
        )
        return rows

    def _hear(self, bands: Bands, first: int) -> None:
        """Follow the other voice through rows from `first` on: where does a phrase end."""
        values = (bands.activity, bands.offset, np.maximum(bands.energy[2], 0.0))
        rows = zip(*(value.tolist() for value in values), strict=True)
        for now, (activity, offset, energy) in enumerate(rows, first):
            self._rested += 1
            if self._knows:
                ends = self._before >= _FADED > activity and offset >= _STAYS
            else:
                ends = offset >= _ENDED_LIVE
            if ends and self._spoken > _SPOKEN_ROWS and self._rested > _REST_ROWS:
                size = 0.6 + 0.4 * math.tanh(0.05 * self._spoken / PLAN_RATE + energy)
                nod = _Nod(now + self._delay, size * (1 + 0.2 * self._speaker.force), now)
                self._nods.append(nod)
                if self._ends % 2 == 0:  # with every second nod: blinks have reasons of their own too
                    self._blinks.append(nod)
                self._ends += 1
                self._rested, self._spoken = 0, 0.0
            self._before = activity
            self._spoken = max(self._spoken + activity - 0.1, 0.0)

    def _nodding(self, rows: NDArray[np.int_]) -> Curve:
        """Degrees (N,) by which nods lower the head in `rows` (N,)."""
        angles = np.zeros(len(rows))
        for nod in self._nods:
            at = np.where(rows >= nod.heard, (rows - nod.start) / PLAN_RATE, 0.0)
            angles += _NOD_DEG * nod.size * (_dip(at) + _AGAIN * _dip(at - _DOWN_S - _UP_S))
        return angles


def _dip(at: Curve) -> Curve:
    """0 before it begins, 1 at its lowest, 0 when the head is up again."""
    share = np.where(at < _DOWN_S, at / _DOWN_S, 1 - (at - _DOWN_S) / _UP_S)
    share = np.where((at > 0) & (at < _DOWN_S + _UP_S), share, 0.0)
    return np.asarray(share * share * (3 - 2 * share), np.float64)
