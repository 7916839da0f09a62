"""Shapes of movement that blinks, saccades, nods and posture are made of."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

Curve = NDArray[np.float64]


def ease(x: Curve) -> Curve:
    """Minimum-jerk rise from 0 at x <= 0 to 1 at x >= 1 (Flash & Hogan 1985)."""
    x = np.clip(x, 0.0, 1.0)
    return np.asarray(x**3 * (10 + x * (6 * x - 15)), np.float64)


def pulse(times: Curve, start_s: float, rise_s: float, hold_s: float, fall_s: float) -> Curve:
    """Rise from 0 to 1, hold, fall to 0, each with soft ends."""
    return ease((times - start_s) / rise_s) - ease((times - start_s - rise_s - hold_s) / fall_s)


def steps(times: Curve, starts_s: Curve, durations_s: Curve, values: Curve) -> Curve:
    """Go from `values[0]` through the rest, each move beginning at its start and easing over its duration.

    `starts_s` and `durations_s` have one entry less than `values`.
    """
    result = np.full(len(times), values[0] if len(values) else 0.0)
    for start, duration, change in zip(starts_s, durations_s, np.diff(values), strict=True):
        first = int(np.searchsorted(times, start))
        result[first:] += change * ease((times[first:] - start) / duration)
    return result


def wander(clock: Curve, time_constant_s: float, generator: np.random.Generator) -> Curve:
    """A smooth Ornstein-Uhlenbeck process of unit variance, read at rising times `clock`.

    White noise through three equal leaks: velocity and acceleration are continuous, most power is below
    1 / (2 pi time_constant). Draws do not depend on how long or how finely it is read.
    """
    rate = 50
    count = int(clock[-1] * rate) + 3 if len(clock) else 3
    warm_up = int(8 * time_constant_s * rate)
    noise = generator.standard_normal(warm_up + count)
    keep = float(np.exp(-1.0 / (time_constant_s / 1.7 * rate)))
    values = noise
    for _ in range(3):
        values = lfilter([1 - keep], [1, -keep], values)
    # Standard deviation of three cascaded leaks of unit white noise, from the sum of their squared impulse
    # response.
    n = np.arange(20 * warm_up // 8 + 50)
    response = (1 - keep) ** 3 * (n + 1) * (n + 2) / 2 * keep**n
    values = values[warm_up:] / np.sqrt((response**2).sum())
    return np.asarray(np.interp(clock, np.arange(count) / rate, values), np.float64)
