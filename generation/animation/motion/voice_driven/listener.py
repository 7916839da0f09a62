"""What another voice makes a listening face do: nods and a blink where its phrases end, brows with its
questions and accents, a head that inclines to it and eyes that stay with it. Nothing of it speaks.

Listeners nod mostly within half a second after the end of a phrase (Ward & Tsukahara 2000; Truong, Poppe &
Heylen 2010). When is in the other voice; how far, how late and to which side is in the speaker that the seed
draws.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

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
from generation.animation.motion.voice_driven.band_stream import BandStream, ReadBands
from generation.animation.motion.voice_driven.prosody_bands import Bands, ProsodyBands
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


class Listener:
    """Plans row after row what is added while another voice is heard, the same however the voice is cut."""

    def __init__(
        self,
        speaker: Speaker,
        ahead: int,
        size_at: Callable[[int], float],
        read: ReadBands = ProsodyBands.at,
    ) -> None:
        """`size_at` says of a row of the plan how clearly the person listens, 1 as usual."""
        self._speaker, self._size_at = speaker, size_at
        self._stream = BandStream(ahead, read=read)
        # Where the end of a phrase is known ahead the nod waits a little, each listener's own while; live it
        # cannot.
        self._knows = ahead > 0
        late = round((0.5 + 0.5 * speaker.shyness) * _LATEST_S * PLAN_RATE)
        self._delay = late if self._knows else _HURRIED_ROWS
        self._before = 0.0  # the other's activity a row before
        self._spoken = 0.0
        self._rested = _REST_ROWS
        self._nods: deque[tuple[int, float]] = deque()  # the row in which each begins, and its size
        self._blinks: deque[int] = deque()
        self._ends = 0  # phrases that have ended
        self._attention = 0.0
        self._raised = 0.0
        self._warmth = 0.0

    def plan_ahead(self, voice: NDArray[np.float32]) -> Plan:
        """The rows (N, 18) that can be planned with the next voice features (T, 25) of the other."""
        return self._plan(self._stream.push(voice))

    def plan_rest(self) -> Plan:
        """The other voice has ended: the remaining rows."""
        return self._plan(self._stream.end())

    def _plan(self, moments: Iterable[Bands]) -> Plan:
        rows = [self._row(bands) for bands in moments]
        return np.array(rows, np.float32).reshape(len(rows), WIDTH)

    def _row(self, bands: Bands) -> Plan:
        now, speaker = self._stream.planned, self._speaker
        self._listen(bands, now)
        row = np.zeros(WIDTH, np.float32)
        row[_PITCH] = self._nodding(now) - 1.0 * self._attention
        row[_ROLL] = 0.7 * speaker.tilt * self._attention
        row[_NEARER] = -0.03 * self._attention
        face = row[FACE]
        face[_COLUMN["brow_inner_up"]] = self._raised
        face[_COLUMN["brow_outer_up"]] = speaker.brow_outer * self._raised
        face[_COLUMN["eye_wide"]] = 0.3 * self._raised
        face[_COLUMN["cheek_squint"]] = 0.25 * speaker.cheek * self._warmth
        face[_COLUMN["eye_squint"]] = 0.12 * self._warmth
        size = self._size_at(now)
        row[HEAD] *= size
        row[FACE] *= size
        for start in self._blinks:
            bump = np.exp(-(((now - start - 2) / PLAN_RATE / BLINK_SPREAD_S) ** 2) / 2)
            row[BLINK] = max(float(row[BLINK]), float(bump))
        return row

    def _listen(self, bands: Bands, now: int) -> None:
        """Follow the other voice by a row: does a phrase end, does it ask, does it speak."""
        self._rested += 1
        if self._knows:
            ends = self._before >= _FADED > bands.activity and bands.offset >= _STAYS
        else:
            ends = bands.offset >= _ENDED_LIVE
        if ends and self._spoken > _SPOKEN_ROWS and self._rested > _REST_ROWS:
            size = 0.6 + 0.4 * float(np.tanh(0.05 * self._spoken / PLAN_RATE + max(bands.energy[2], 0.0)))
            self._nods.append((now + self._delay, size * (1 + 0.2 * self._speaker.force)))
            if self._ends % 2 == 0:  # with every second nod: blinks have reasons of their own too
                self._blinks.append(now + self._delay)
            self._ends += 1
            self._rested, self._spoken = 0, 0.0
        self._before = bands.activity
        self._spoken = max(self._spoken + bands.activity - 0.1, 0.0)
        while self._nods and self._nods[0][0] < now - 2 * PLAN_RATE:
            self._nods.popleft()
        while self._blinks and self._blinks[0] < now - PLAN_RATE:
            self._blinks.popleft()
        self._attention += _FOLLOW * (bands.activity - self._attention)
        asked = float(np.clip(1.4 * bands.pitch[1] - 0.4, 0.0, 1.0)) * bands.offset
        stressed = 0.3 * bands.activity * max(bands.energy[1], 0.0)
        self._raised += 0.3 * (min(0.6 * asked + stressed, 0.6) - self._raised)
        warm = bands.activity * max(0.5 * bands.pitch[2] + 0.5 * bands.energy[2], 0.0)
        self._warmth += _FOLLOW * (min(warm, 1.0) - self._warmth)

    def _nodding(self, now: int) -> float:
        """Degrees by which nods lower the head."""
        angle = 0.0
        for start, size in self._nods:
            at = (now - start) / PLAN_RATE
            again = at - _DOWN_S - _UP_S
            angle += _NOD_DEG * size * (_dip(at) + _AGAIN * _dip(again))
        return angle


def _dip(at: float) -> float:
    """0 before it begins, 1 at its lowest, 0 when the head is up again."""
    if at <= 0 or at >= _DOWN_S + _UP_S:
        return 0.0
    share = at / _DOWN_S if at < _DOWN_S else 1 - (at - _DOWN_S) / _UP_S
    return float(share * share * (3 - 2 * share))
