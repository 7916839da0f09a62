"""Blinks: when they come and how the lids move."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import maximum_filter1d

from generation.animation.articulation import GRID_RATE
from generation.animation.motion_curves import Curve, pulse
from generation.animation.speech_rhythm import Rhythm

_SPREAD = 0.55  # of the log-normal intervals
_REFRACTORY_S = 0.5
_DOUBLE, _PARTIAL = 0.05, 0.10


def plan_blinks(
    rhythm: Rhythm, per_minute: float, gaze_shifts_s: Sequence[float], generator: np.random.Generator
) -> tuple[float, ...]:
    """Start times: log-normal intervals of the asked mean, drawn to phrase ends and gaze shifts."""
    if per_minute <= 0:
        return ()
    mean = 60.0 / per_minute
    middle = np.log(max(mean - _REFRACTORY_S, 0.3)) - _SPREAD**2 / 2
    attractors = np.array(sorted([end for _, end in rhythm.phrases] + list(gaze_shifts_s)))
    times: list[float] = []
    # The first blink comes somewhere within an interval, not a whole interval after the start.
    time = float(generator.uniform(0.1, 0.9)) * float(generator.lognormal(middle, _SPREAD))
    while time < rhythm.duration_s - 0.35:
        chosen = time
        if len(attractors) and generator.random() < 0.6:
            nearest = float(attractors[np.abs(attractors - time).argmin()])
            earliest = times[-1] + _REFRACTORY_S if times else 0.15
            if abs(nearest - time) < 0.3 * mean and earliest < nearest < rhythm.duration_s - 0.35:
                chosen = nearest
        if chosen >= 0.15 and (not times or chosen >= times[-1] + _REFRACTORY_S):
            times.append(chosen)
        time += _REFRACTORY_S + float(generator.lognormal(middle, _SPREAD))
    return tuple(times)


def lid_closure(starts_s: Sequence[float], times: Curve, fps: float, generator: np.random.Generator) -> Curve:
    """How far the lids are closed at `times`, 0..1: they fall in 70 to 100 ms and rise in 130 to 220 ms.

    The strongest value within a frame's span counts, so that a blink shuts the eyes at 25 frames a second
    too.
    """
    if not len(times):
        return np.zeros(0)
    grid = np.arange(int((times[-1] + 1) * GRID_RATE)) / GRID_RATE
    curve = np.zeros(len(grid))
    for start in starts_s:
        kind, close, hold, fall, peak = generator.random(5)
        height = 0.55 + 0.2 * peak if kind < _PARTIAL else 1.0
        close_s, hold_s, open_s = 0.07 + 0.03 * close, 0.02 + 0.03 * hold, 0.13 + 0.09 * fall
        repeats = 2 if kind > 1 - _DOUBLE else 1
        for repeat in range(repeats):
            begin = start + repeat * (close_s + hold_s + 0.8 * open_s)
            curve = np.maximum(curve, height * pulse(grid, begin, close_s, hold_s, open_s))
    span = maximum_filter1d(curve, size=max(1, round(GRID_RATE / fps / 2) * 2 - 1))
    return np.asarray(np.interp(times, grid, span), np.float64)
