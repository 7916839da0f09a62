"""What the recording itself makes head, eyes, lids and brows do, in rows of the plan.

Every row is a function of the voice around it, of the rows before and of the speaker that the seed drew, so
that the same voice moves a face alike and another voice moves it otherwise.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

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
from generation.animation.motion.voice_driven.band_stream import BandStream
from generation.animation.motion.voice_driven.brows import UpperFace
from generation.animation.motion.voice_driven.gaze import Gaze
from generation.animation.motion.voice_driven.head import Head
from generation.animation.motion.voice_driven.lids import Blinks
from generation.animation.motion.voice_driven.prosody_bands import Bands
from generation.animation.motion.voice_driven.speaker import draw_speaker

# Rows of the voice that are known beyond the row that is planned: of a recording a second and a half; of a
# live voice the plan is four rows ahead, so that nobody waits for it.
RECORDED_AHEAD: Final = 30
LIVE_AHEAD: Final = -4
_BLINK_LATER: Final = 2  # rows from when a blink is due to where it is deepest
_BLINK_ENDS: Final = 6  # rows later it is over
_BUMP: Final = np.exp(-((np.arange(-_BLINK_LATER, _BLINK_ENDS + 1) / PLAN_RATE / BLINK_SPREAD_S) ** 2) / 2)
_NO_PAUSE_S: Final = 0.5  # from the clip's beginning, which is no pause that a phrase ends
_SETTLE_S: Final = 0.9
_HEAD_SETTLES: Final = 0.8  # of the way back to rest where the clip ends; the face goes all of it
# Size and tempo of a speaking style's movement.
_STYLES: Final = {"calm": (0.6, 0.8), "neutral": (1.0, 1.0), "lively": (1.4, 1.25)}
_OFF_AXIS_DEG: Final = 4.0


class PhrasePlanner:
    """Plans row after row: the same for the same voice, controls, seed and `ahead`, however it is cut."""

    def __init__(
        self,
        curves: ControlCurves,
        seed: int,
        ahead: int,
        guidance: Guidance,
    ) -> None:
        speaker = draw_speaker(seed)
        self._curves, self._guidance = curves, guidance
        self._stream = BandStream(ahead, speaker.delay)
        self._knows_the_end = ahead > 0
        self._accents: Accents | None = None
        if ahead > 0:
            self._accents, speaker = Accents(), speaker.with_accents()
        self.side_gains = speaker.side_gains  # (52,): how much livelier one half of the face is
        self._head, self._gaze, self._face = Head(speaker), Gaze(speaker), UpperFace(speaker)
        self._blinks = Blinks(speaker.blink_phase)
        self._blink_at: list[int] = []  # rows in which the lids are down

    def plan_ahead(self, voice: NDArray[np.float32]) -> Plan:
        """The rows (N, 18) that can be planned with the next voice features (T, 25); N may be 0."""
        if self._accents is not None:
            self._accents.push(voice)
        return self._plan(self._stream.push(voice))

    def plan_rest(self) -> Plan:
        """End of the voice: the remaining rows of the plan, which is as long as the voice."""
        return self._plan(self._stream.end())

    def _plan(self, bands: Bands) -> Plan:
        count, first = len(bands), self._stream.planned - len(bands)
        rows = np.zeros((count, WIDTH), np.float32)
        times = (first + 0.5 + np.arange(count)) / PLAN_RATE
        bands = replace(bands, onset=bands.onset * minimum_jerk(times - 0.5 / PLAN_RATE - _NO_PAUSE_S))
        begun, ending = minimum_jerk(times / _SETTLE_S), self._ending(times)
        size, tempo = self._size_and_tempo(times)
        gaze = self._curves.gaze(times)
        aim_is_off = np.asarray(np.hypot(gaze[:, 0], gaze[:, 1]) > _OFF_AXIS_DEG)
        accents = np.zeros(count) if self._accents is None else self._accents.beats(first, count)
        head, question = self._head.step(bands, accents, size, tempo)
        face = self._face.step(bands, accents, question, size)
        rows[:, HEAD] = (begun * (1 - _HEAD_SETTLES * ending))[:, None] * head
        rows[:, FACE] = (begun * (1 - ending))[:, None] * face
        rows[:, GAZE], jumps = self._gaze.step(bands, aim_is_off)
        falls = self._blinks.step(bands, jumps, self._curves.number("blinks_per_minute", times))
        self._blink_at += [first + row + _BLINK_LATER for row in falls]
        rows[:, BLINK] = self._lids(first, count)
        return rows

    def _lids(self, first: int, count: int) -> Curve:
        """How far blinks shut the lids in rows from `first` on: (count,)."""
        shut = np.zeros(count)
        for deepest in self._blink_at:
            begins = deepest - _BLINK_LATER - first
            bump = _BUMP[max(-begins, 0) :][: max(count - max(begins, 0), 0)]
            into = shut[max(begins, 0) :][: len(bump)]
            np.maximum(into, bump, out=into)
        self._blink_at = [deepest for deepest in self._blink_at if deepest + _BLINK_ENDS >= first + count]
        return shut

    def _size_and_tempo(self, times: Curve) -> tuple[Curve, Curve]:
        """How large and how quick movements are at `times` (T,)."""
        arousal = self._guidance.emotion * self._curves.arousal(times)
        styles = self._curves.shares("style", times).items()
        mean = sum((share[:, None] * np.array(_STYLES[name]) for name, share in styles), np.zeros(2))
        size, tempo = (1 + self._guidance.style * (mean[:, column] - 1) for column in (0, 1))
        size = np.maximum(size * (1 + 0.35 * arousal), 0.1) * self._guidance.voice
        return size, np.maximum(tempo * (1 + 0.3 * arousal), 0.2)

    def _ending(self, times: Curve) -> Curve:
        """How far the clip has ended at `times` (T,): 0 until 0.9 s before its end, and always where that is
        not known."""
        if self._stream.ends_at is None or not self._knows_the_end:
            return np.zeros(len(times))
        return minimum_jerk(1 - (self._stream.ends_at / PLAN_RATE - times) / _SETTLE_S)
