"""Kinematics: turns a motion plan into continuous motion (B-splines, saccades, blinks) at any frame rate.

The motion at a time depends on the plan up to REACH_S later only, so that it can be evaluated while the plan
is still being extended.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import Curve
from generation.animation.motion.motion_curves import minimum_jerk, pulse
from generation.animation.motion.motion_plan import BLINK, GAZE, PLAN_RATE, SMOOTH, WIDTH, Plan

REACH_S = 0.15
_MIN_SACCADE_DEG = 0.8  # smaller changes of the gaze target do not move the eyes
_BLINK_FROM, _BLINK_FULL = 0.45, 0.8  # plan heights from which the lids move, and close fully
_REFRACTORY_S = 0.25
# Phases of a blink in seconds: closing, closed, opening.
_CLOSING_S, _CLOSED_S, _OPENING_S = 0.08, 0.035, 0.17
_HISTORY_S = 1.0  # events and rows older than this are dropped


@dataclass(frozen=True)
class Saccade:
    """A saccade: its start, and its end points (yaw, pitch) in degrees."""

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
    """A blink: when the lids begin to close, and how far they do (1 is shut)."""

    start_s: float
    height: float


def lids_reach_s(fps: float) -> float:
    """Seconds to either side of a frame's time over which the maximum of the lids' closure is taken: half of
    what a frame lasts longer than a blink stays shut."""
    return max(0.0, 0.5 / fps - 0.5 * _CLOSED_S)


class Kinematics:
    """Evaluates a motion plan that arrives in pieces; the result does not depend on the pieces' lengths.

    Rows are the control points and events of `motion_plan`.
    """

    def __init__(self) -> None:
        self._rows = np.zeros((3, WIDTH))  # the rows that are still needed
        self._first = -3  # row number of self._rows[0]; rows before 0 are at rest
        self._searched = 0  # rows in which events were detected
        self._fixation = (0.0, 0.0)
        self._saccades: deque[Saccade] = deque()
        self._blinks: deque[Blink] = deque()

    @property
    def ready_s(self) -> float:
        """Time in seconds up to which the motion is final. Lids are read `lids_reach_s` further."""
        return (self._first + len(self._rows)) / PLAN_RATE - REACH_S

    def append_rows(self, rows: Plan) -> None:
        """Append the plan's next rows (T, WIDTH)."""
        self._rows = np.concatenate([self._rows, rows])
        last = self._first + len(self._rows)
        while self._searched + 1 < last:  # detecting an event needs the row after it
            self._detect_events(self._searched)
            self._searched += 1

    def end_plan(self) -> None:
        """The plan is complete: its last row holds from here on."""
        self.append_rows((np.repeat(self._rows[-1:], 8, axis=0) * _without_blink()).astype(np.float32))

    def evaluate(self, times: Curve, fps: float) -> tuple[Curve, Curve, Curve]:
        """The motion at increasing `times` (T,) in seconds, up to `ready_s - lids_reach_s(fps)`.

        Returns the smooth columns (T, 15), the closure of the lids (T,) 0..1 and the gaze relative to the
        commanded one (T, 2) in degrees. Later calls must not go back in time. The maximum closure within a
        frame's span counts, so that a blink shuts the eyes at 24 frames a second too.
        """
        smooth = self._spline(times)
        gaze = np.zeros((len(times), 2)) + (self._saccades[0].origin if self._saccades else self._fixation)
        for saccade in self._saccades:
            step = minimum_jerk((times - saccade.start_s) / saccade.duration_s)[:, None]
            gaze += step * (np.array(saccade.target) - np.array(saccade.origin))
        lids = np.zeros(len(times))
        reach = lids_reach_s(fps)
        for blink in self._blinks:
            for shift in (-reach, 0.0, reach):
                closure = pulse(times + shift, blink.start_s, _CLOSING_S, _CLOSED_S, _OPENING_S)
                lids = np.maximum(lids, blink.height * closure)
        if len(times):
            self._drop_before(float(times[-1]))
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

    def _detect_events(self, row: int) -> None:
        """Append the saccade and the blink that begin in a row, if any."""
        i = row - self._first
        here, following = self._rows[i, GAZE], self._rows[i + 1, GAZE]
        away = float(np.hypot(*(here - self._fixation)))
        # Two rows that agree are a fixation; a single one may be an intermediate value of the plan.
        if away > _MIN_SACCADE_DEG and float(np.hypot(*(following - here))) < max(
            _MIN_SACCADE_DEG, 0.35 * away
        ):
            yaw, pitch = (here + following) / 2
            target = (float(yaw), float(pitch))
            self._saccades.append(Saccade(row / PLAN_RATE, self._fixation, target))
            self._fixation = target
        before, peak, after = self._rows[i - 1 : i + 2, BLINK]
        if peak > _BLINK_FROM and before < peak >= after:
            curvature = before - 2 * peak + after
            shift = 0.5 * (before - after) / curvature if curvature else 0.0
            height = float(peak - 0.25 * (before - after) * shift)
            start = (row + 0.5 + float(shift)) / PLAN_RATE - _CLOSING_S - 0.5 * _CLOSED_S
            if not self._blinks or start > self._blinks[-1].start_s + _REFRACTORY_S:
                self._blinks.append(Blink(start, 1.0 if height > _BLINK_FULL else height))

    def _drop_before(self, time_s: float) -> None:
        """Drop what evaluation from `time_s` on does not need, so that memory does not grow."""
        while self._saccades and self._saccades[0].start_s < time_s - _HISTORY_S:
            self._saccades.popleft()
        while self._blinks and self._blinks[0].start_s < time_s - _HISTORY_S:
            self._blinks.popleft()
        spare = int((time_s - _HISTORY_S) * PLAN_RATE) - self._first
        if spare > 0:
            self._rows = self._rows[spare:]
            self._first += spare


def _without_blink() -> NDArray[np.float64]:
    keep = np.ones(WIDTH)
    keep[BLINK] = 0.0
    return keep
