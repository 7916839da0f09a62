"""Kinematics: turns a motion plan into continuous motion (B-splines, saccades, blinks) at any frame rate.

The motion at a time depends on the plan up to REACH_S later only, so that it can be evaluated while the plan
is still being extended.
"""

from __future__ import annotations

import math
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
_BLINK_S = _CLOSING_S + _CLOSED_S + _OPENING_S
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
        if self._searched + 1 < last:  # detecting an event needs the row after it
            found = slice(self._searched - self._first, len(self._rows) - 1)
            self._find_saccades(found)
            self._find_blinks(found)
            self._searched = last - 1

    def end_plan(self) -> None:
        """The plan is complete: its last row holds from here on."""
        self.append_rows((np.repeat(self._rows[-1:], 8, axis=0) * _without_blink()).astype(np.float32))

    def evaluate(self, times: Curve, fps: float) -> tuple[Curve, Curve, Curve]:
        """The motion at increasing `times` (T,) in seconds, up to `ready_s - lids_reach_s(fps)`.

        Returns the smooth columns (T, 15), the closure of the lids (T,) 0..1 and the gaze relative to the
        commanded one (T, 2) in degrees. Later calls must not go back in time. The maximum closure within a
        frame's span counts, so that a blink shuts the eyes at 24 frames a second too.
        """
        smooth, gaze, lids = self._spline(times), self._gaze(times), np.zeros(len(times))
        reach = lids_reach_s(fps)
        for blink in self._blinks:
            if not len(times) or not -_BLINK_S - reach < blink.start_s - times[0] < np.ptp(times) + reach:
                continue
            for shift in (-reach, 0.0, reach):
                closure = pulse(times + shift, blink.start_s, _CLOSING_S, _CLOSED_S, _OPENING_S)
                lids = np.maximum(lids, blink.height * closure)
        if len(times):
            self._drop_before(float(times[-1]))
        return smooth, lids, gaze

    def _gaze(self, times: Curve) -> NDArray[np.float64]:
        """Where the eyes are, relative to the commanded gaze: (T, 2)."""
        if not self._saccades:
            return np.zeros((len(times), 2)) + self._fixation
        starts = np.array([saccade.start_s for saccade in self._saccades])
        durations = np.array([saccade.duration_s for saccade in self._saccades])
        origins = np.array([saccade.origin for saccade in self._saccades])
        ways = np.array([saccade.target for saccade in self._saccades]) - origins
        newest = np.searchsorted(starts, times, side="right") - 1
        at, before = np.maximum(newest, 0), np.maximum(newest - 1, 0)
        going = np.where(newest >= 0, minimum_jerk((times - starts[at]) / durations[at]), 0.0)
        # The one before may still be on its way, where two follow each other within two rows.
        left = 1 - minimum_jerk((times - starts[before]) / durations[before])
        left = np.where(newest >= 1, left, 0.0)
        return np.asarray(origins[at] + going[:, None] * ways[at] - left[:, None] * ways[before], np.float64)

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

    def _find_saccades(self, found: slice) -> None:
        """Append the saccades that begin in the rows `found` of those that are kept."""
        here = self._rows[found, GAZE].tolist()
        following = self._rows[found.start + 1 : found.stop + 1, GAZE].tolist()
        for row, ((yaw, pitch), (next_yaw, next_pitch)) in enumerate(
            zip(here, following, strict=True), self._first + found.start
        ):
            away = math.hypot(yaw - self._fixation[0], pitch - self._fixation[1])
            # Two rows that agree are a fixation; a single one may be an intermediate value of the plan.
            if away > _MIN_SACCADE_DEG and math.hypot(next_yaw - yaw, next_pitch - pitch) < max(
                _MIN_SACCADE_DEG, 0.35 * away
            ):
                target = ((yaw + next_yaw) / 2, (pitch + next_pitch) / 2)
                self._saccades.append(Saccade(row / PLAN_RATE, self._fixation, target))
                self._fixation = target

    def _find_blinks(self, found: slice) -> None:
        """Append the blinks that are deepest in the rows `found` of those that are kept."""
        before, peak, after = (
            self._rows[found.start + shift : found.stop + shift, BLINK] for shift in (-1, 0, 1)
        )
        for i in np.flatnonzero((peak > _BLINK_FROM) & (before < peak) & (peak >= after)):
            curvature = float(before[i] - 2 * peak[i] + after[i])
            slope = float(before[i] - after[i])
            shift = 0.5 * slope / curvature if curvature else 0.0
            height = float(peak[i]) - 0.25 * slope * shift
            row = self._first + found.start + int(i)
            start = (row + 0.5 + shift) / PLAN_RATE - _CLOSING_S - 0.5 * _CLOSED_S
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
