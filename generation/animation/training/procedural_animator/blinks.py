"""Blink times of the procedural animator: log-normal intervals, attracted to phrase ends and gaze shifts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from generation.animation.training.procedural_animator.rhythm import Rhythm

_SPREAD = 0.55  # of the log-normal intervals
_REFRACTORY_S = 0.5
_PARTIAL = 0.10


def plan_blinks(
    rhythm: Rhythm, per_minute: float, gaze_shifts_s: Sequence[float], generator: np.random.Generator
) -> list[tuple[float, float]]:
    """Blinks as (time of full closure in seconds, height 0..1), `per_minute` on average.

    Intervals are log-normal; a blink may move to a near phrase end or gaze shift.
    """
    if per_minute <= 0:
        return []
    mean = 60.0 / per_minute
    middle = np.log(max(mean - _REFRACTORY_S, 0.3)) - _SPREAD**2 / 2
    attractors = np.array(sorted([end for _, end in rhythm.phrases] + list(gaze_shifts_s)))
    times: list[float] = []
    # The first blink falls somewhere within an interval, not a whole interval after the start.
    time = float(generator.uniform(0.1, 0.9)) * float(generator.lognormal(middle, _SPREAD))
    while time < rhythm.duration_s - 0.35:
        chosen = time
        if len(attractors) and generator.random() < 0.6:
            nearest = float(attractors[np.abs(attractors - time).argmin()]) + 0.1
            earliest = times[-1] + _REFRACTORY_S if times else 0.15
            if abs(nearest - time) < 0.3 * mean and earliest < nearest < rhythm.duration_s - 0.35:
                chosen = nearest
        if chosen >= 0.15 and (not times or chosen >= times[-1] + _REFRACTORY_S):
            times.append(chosen)
        time += _REFRACTORY_S + float(generator.lognormal(middle, _SPREAD))
    return [
        (time, 0.55 + 0.15 * float(generator.random()) if generator.random() < _PARTIAL else 1.0)
        for time in times
    ]
