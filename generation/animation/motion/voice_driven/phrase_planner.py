"""What the recording itself makes head, eyes, lids and brows do: one row of the plan after the other.

Every row is a function of the voice around it, of the rows before and of the speaker that the seed drew, so
that the same voice moves a face alike and another voice moves it otherwise.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import Curve
from generation.animation.motion.direction.control_curves import ControlCurves
from generation.animation.motion.guidance import Guidance
from generation.animation.motion.motion_curves import minimum_jerk
from generation.animation.motion.motion_plan import (
    BLINK,
    BLINK_SPREAD_S,
    FACE,
    GAZE,
    HEAD,
    PLAN_RATE,
    WIDTH,
    Plan,
)
from generation.animation.motion.voice_driven.accents import Accents
from generation.animation.motion.voice_driven.band_stream import BandStream, ReadBands
from generation.animation.motion.voice_driven.brows import UpperFace
from generation.animation.motion.voice_driven.gaze import Gaze
from generation.animation.motion.voice_driven.head import Head
from generation.animation.motion.voice_driven.lids import Blinks
from generation.animation.motion.voice_driven.prosody_bands import Bands, ProsodyBands
from generation.animation.motion.voice_driven.speaker import draw_speaker

# Rows of the voice that are known beyond the row that is planned: of a recording a second and a half; of a
# live voice the plan is four rows ahead, so that nobody waits for it.
RECORDED_AHEAD: Final = 30
LIVE_AHEAD: Final = -4
_BLINK_LATER: Final = 2  # rows from when a blink is due to where it is deepest
_SETTLE_S: Final = 0.9
_HEAD_SETTLES: Final = 0.8  # of the way back to rest where the clip ends; the face goes all of it
# Size and tempo of a speaking style's movement.
_STYLES: Final = {"calm": (0.6, 0.8), "neutral": (1.0, 1.0), "lively": (1.4, 1.25)}
_OFF_AXIS_DEG: Final = 4.0
_ROWS_AT_ONCE: Final = 40  # whose controls are asked for together: two seconds


class _Conditions(NamedTuple):
    """What the controls say of rows from `first` on, (N,) each: size and tempo of movement, whether the eyes
    are sent away from the camera, and blinks a minute."""

    first: int
    size: Curve
    tempo: Curve
    aim_is_off: NDArray[np.bool_]
    blinks: Curve


class PhrasePlanner:
    """Plans row after row: the same for the same voice, controls, seed and `ahead`, however it is cut."""

    def __init__(
        self,
        curves: ControlCurves,
        seed: int,
        ahead: int,
        guidance: Guidance,
        read: ReadBands = ProsodyBands.at,
    ) -> None:
        speaker = draw_speaker(seed)
        self._curves, self._guidance = curves, guidance
        self._stream = BandStream(ahead, speaker.delay, read)
        self._knows_the_end = ahead > 0
        self._accents: Accents | None = None
        if ahead > 0:
            self._accents, speaker = Accents(), speaker.with_accents()
        self.side_gains = speaker.side_gains  # (52,): how much livelier one half of the face is
        self._head, self._gaze, self._face = Head(speaker), Gaze(speaker), UpperFace(speaker)
        self._blinks = Blinks(speaker.blink_phase)
        self._blink_at: deque[int] = deque()
        self._conditions: _Conditions | None = None

    def plan_ahead(self, voice: NDArray[np.float32]) -> Plan:
        """The rows (N, 18) that can be planned with the next voice features (T, 25); N may be 0."""
        if self._accents is not None:
            self._accents.push(voice)
        return self._plan(self._stream.push(voice))

    def plan_rest(self) -> Plan:
        """End of the voice: the remaining rows of the plan, which is as long as the voice."""
        return self._plan(self._stream.end())

    def _plan(self, moments: Iterable[Bands]) -> Plan:
        self._conditions = None  # controls may have been changed since
        rows = [self._row(replace(bands, onset=bands.onset * self._begun())) for bands in moments]
        return np.array(rows, np.float32).reshape(len(rows), WIDTH)

    def _row(self, bands: Bands) -> Plan:
        row = np.zeros(WIDTH, np.float32)
        begun, ending = self._edges()
        at = self._conditions_now()
        i = self._stream.planned - at.first
        size, tempo, aim_is_off = float(at.size[i]), float(at.tempo[i]), bool(at.aim_is_off[i])
        accent = 0.0 if self._accents is None else self._accents.beat(self._stream.planned)
        row[HEAD] = begun * (1 - _HEAD_SETTLES * ending) * self._head.step(bands, accent, size, tempo)
        row[FACE] = begun * (1 - ending) * self._face.step(bands, accent, self._head.question, size)
        row[GAZE], jump = self._gaze.step(bands, aim_is_off)
        height = self._blinks.step(bands, jump, float(at.blinks[i]))
        if height > 0:
            self._blink_at.append(self._stream.planned + _BLINK_LATER)
        while self._blink_at and self._blink_at[0] < self._stream.planned - 3 * _BLINK_LATER:
            self._blink_at.popleft()
        for deepest in self._blink_at:
            bump = np.exp(-(((self._stream.planned - deepest) / PLAN_RATE / BLINK_SPREAD_S) ** 2) / 2)
            row[BLINK] = max(float(row[BLINK]), float(bump))
        return row

    def _conditions_now(self) -> _Conditions:
        """The conditions of the row that is planned next, and of some behind it."""
        first, known = self._stream.planned, self._conditions
        if known is None or not 0 <= first - known.first < _ROWS_AT_ONCE:
            times = np.asarray((first + np.arange(_ROWS_AT_ONCE) + 0.5) / PLAN_RATE, np.float64)
            gaze = self._curves.gaze(times)
            known = _Conditions(
                first,
                *self._size_and_tempo(times),
                np.asarray(np.hypot(gaze[:, 0], gaze[:, 1]) > _OFF_AXIS_DEG),
                self._curves.number("blinks_per_minute", times),
            )
            self._conditions = known
        return known

    def _size_and_tempo(self, times: Curve) -> tuple[Curve, Curve]:
        """How large and how quick movements are at `times` (T,)."""
        arousal = self._guidance.emotion * self._curves.arousal(times)
        styles = self._curves.shares("style", times).items()
        mean = sum((share[:, None] * np.array(_STYLES[name]) for name, share in styles), np.zeros(2))
        size, tempo = (1 + self._guidance.style * (mean[:, column] - 1) for column in (0, 1))
        size = np.maximum(size * (1 + 0.35 * arousal), 0.1) * self._guidance.voice
        return size, np.maximum(tempo * (1 + 0.3 * arousal), 0.2)

    def _begun(self) -> float:
        """0 at the clip's beginning, which is no pause that a phrase ends, 1 after a while."""
        return float(minimum_jerk(np.array(self._stream.planned / PLAN_RATE - 0.5)))

    def _edges(self) -> tuple[float, float]:
        """How far the clip has begun, 1 after 0.9 s, and how far it has ended, 0 until 0.9 s before the end
        and always 0 where the end is not known."""
        after = (self._stream.planned + 0.5) / PLAN_RATE
        begun, ending = float(minimum_jerk(np.array(after / _SETTLE_S))), 0.0
        if self._stream.ends_at is not None and self._knows_the_end:
            before = (self._stream.ends_at - self._stream.planned - 0.5) / PLAN_RATE
            ending = float(minimum_jerk(np.array(1 - before / _SETTLE_S)))
        return begun, ending
