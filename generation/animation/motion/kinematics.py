"""How a body carries out a motion plan: smooth curves, saccades on their main sequence, lids that fall fast.

Everything that is due at a time is settled by the plan up to REACH_S later, so that a performance can begin
while its plan is still being written.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generation.animation.motion.motion_curves import Curve, ease, pulse
from generation.animation.motion.motion_plan import BLINK, GAZE, PLAN_RATE, SMOOTH, WIDTH, Plan

REACH_S = 0.15
_SHIFT_DEG = 0.8  # the eyes stay where they are for less
_BLINK_FROM, _BLINK_WHOLE = 0.45, 0.8  # heights from which the lids move, and shut
_REFRACTORY_S = 0.25
# A blink's parts in seconds: the lids fall within about 80 ms and rise within about 170.
_FALL_S, _SHUT_S, _RISE_S = 0.08, 0.035, 0.17
_REMEMBERED_S = 1.0


@dataclass(frozen=True)
class Saccade:
    """A jump of the eyes: its start, its end points (yaw, pitch) in degrees."""

    start_s: float
    origin: tuple[float, float]
    target: tuple[float, float]

    @property
    def amplitude_deg(self) -> float:
        return float(np.hypot(self.target[0] - self.origin[0], self.target[1] - self.origin[1]))

    @property
    def duration_s(self) -> float:
        """21 ms and 2.2 ms a degree: the main sequence of saccades (Bahill et al. 1975)."""
        return 0.021 + 0.0022 * self.amplitude_deg


@dataclass(frozen=True)
class Blink:
    """One fall of the lids: when they begin to fall, and how far (1 is shut)."""

    start_s: float
    height: float


def lids_reach_s(fps: float) -> float:
    """How far to either side of a frame's time the lids' fall is sought: what a frame is longer than a blink
    stays shut."""
    return max(0.0, 0.5 / fps - 0.5 * _SHUT_S)


class Kinematics:
    """Carries out a plan that arrives in pieces. Rows are events and control points of `motion_plan`.

    What is performed does not depend on the pieces' lengths.
    """

    def __init__(self) -> None:
        self._rows = np.zeros((3, WIDTH))  # the last rows taken and what is still to come
        self._first = -3  # the row number of self._rows[0]; before the beginning everything rests
        self._looked = 0  # rows in which events were sought
        self._fixation = (0.0, 0.0)
        self._saccades: deque[Saccade] = deque()
        self._blinks: deque[Blink] = deque()

    @property
    def ready_s(self) -> float:
        """Up to when the movement is settled by the rows so far. Lids are read `lids_reach_s` further."""
        return (self._first + len(self._rows)) / PLAN_RATE - REACH_S

    def take(self, rows: Plan) -> None:
        """Take the plan's next rows (T, WIDTH)."""
        self._rows = np.concatenate([self._rows, rows])
        last = self._first + len(self._rows)
        while self._looked + 1 < last:  # an event is seen from the row after it
            self._look(self._looked)
            self._looked += 1

    def finish(self) -> None:
        """The plan is complete: its last row holds from here on."""
        self.take((np.repeat(self._rows[-1:], 8, axis=0) * _without_blink()).astype(np.float32))

    def perform(self, times: Curve, fps: float) -> tuple[Curve, Curve, Curve]:
        """At rising `times` (T,) up to `ready_s - lids_reach_s(fps)`: smooth columns (T, 15), lids' fall (T,)
        0..1 and the eyes' direction off the commanded gaze (T, 2) in degrees. Earlier times are not asked for
        again.

        The strongest fall within a frame's span counts, so that a blink shuts the eyes at 24 frames a second.
        """
        smooth = self._spline(times)
        gaze = np.zeros((len(times), 2)) + (self._saccades[0].origin if self._saccades else self._fixation)
        for saccade in self._saccades:
            step = ease((times - saccade.start_s) / saccade.duration_s)[:, None]
            gaze += step * (np.array(saccade.target) - np.array(saccade.origin))
        lids = np.zeros(len(times))
        reach = lids_reach_s(fps)
        for blink in self._blinks:
            for shift in (-reach, 0.0, reach):
                fall = pulse(times + shift, blink.start_s, _FALL_S, _SHUT_S, _RISE_S)
                lids = np.maximum(lids, blink.height * fall)
        if len(times):
            self._forget(float(times[-1]))
        return smooth, lids, gaze

    def _spline(self, times: Curve) -> NDArray[np.float64]:
        """The uniform cubic B-spline of the smooth columns: velocity and acceleration are continuous."""
        at = times * PLAN_RATE - 0.5 - self._first
        below = np.floor(at).astype(int)
        t = (at - below)[:, None]
        weights = (
            (1 - t) ** 3 / 6,
            (3 * t**3 - 6 * t**2 + 4) / 6,
            (-3 * t**3 + 3 * t**2 + 3 * t + 1) / 6,
            t**3 / 6,
        )
        points = self._rows[:, SMOOTH]
        return np.asarray(sum(w * points[below - 1 + i] for i, w in enumerate(weights)))

    def _look(self, row: int) -> None:
        """See whether something begins in a row: the eyes leave, or the lids fall."""
        i = row - self._first
        here, following = self._rows[i, GAZE], self._rows[i + 1, GAZE]
        away = float(np.hypot(*(here - self._fixation)))
        # Two rows that agree are a resting place; one alone may be the way to it.
        if away > _SHIFT_DEG and float(np.hypot(*(following - here))) < max(_SHIFT_DEG, 0.35 * away):
            yaw, pitch = (here + following) / 2
            target = (float(yaw), float(pitch))
            self._saccades.append(Saccade(row / PLAN_RATE, self._fixation, target))
            self._fixation = target
        before, peak, after = self._rows[i - 1 : i + 2, BLINK]
        if peak > _BLINK_FROM and before < peak >= after:
            bend = before - 2 * peak + after
            shift = 0.5 * (before - after) / bend if bend else 0.0
            height = float(peak - 0.25 * (before - after) * shift)
            start = (row + 0.5 + float(shift)) / PLAN_RATE - _FALL_S - 0.5 * _SHUT_S
            if not self._blinks or start > self._blinks[-1].start_s + _REFRACTORY_S:
                self._blinks.append(Blink(start, 1.0 if height > _BLINK_WHOLE else height))

    def _forget(self, time_s: float) -> None:
        """Drop what cannot be asked for any more, so that memory does not grow."""
        while self._saccades and self._saccades[0].start_s < time_s - _REMEMBERED_S:
            self._saccades.popleft()
        while self._blinks and self._blinks[0].start_s < time_s - _REMEMBERED_S:
            self._blinks.popleft()
        spare = int((time_s - _REMEMBERED_S) * PLAN_RATE) - self._first
        if spare > 0:
            self._rows = self._rows[spare:]
            self._first += spare


def _without_blink() -> NDArray[np.float64]:
    keep = np.ones(WIDTH)
    keep[BLINK] = 0.0
    return keep
