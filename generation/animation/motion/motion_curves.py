"""Movement curves over time: minimum-jerk steps and pulses, and smooth Ornstein-Uhlenbeck noise."""

from __future__ import annotations

import numpy as np

from generation.animation.arrays import Curve


def minimum_jerk(x: Curve) -> Curve:
    """Minimum-jerk rise from 0 at x <= 0 to 1 at x >= 1 (Flash & Hogan 1985)."""
    x = np.clip(x, 0.0, 1.0)
    return np.asarray(x**3 * (10 + x * (6 * x - 15)), np.float64)


def pulse(times: Curve, start_s: float, rise_s: float, hold_s: float, fall_s: float) -> Curve:
    """A pulse at `times` (T,): minimum-jerk rise from 0 to 1, hold, minimum-jerk fall to 0; all in
    seconds."""
    rise = minimum_jerk((times - start_s) / rise_s)
    return rise - minimum_jerk((times - start_s - rise_s - hold_s) / fall_s)


def eased_steps(times: Curve, starts_s: Curve, durations_s: Curve, values: Curve) -> Curve:
    """A curve (T,) from `values[0]` through the other values by minimum-jerk steps, each with start and
    duration.

    `times` increase. `starts_s` and `durations_s` have one entry less than `values`.
    """
    result = np.full(len(times), values[0] if len(values) else 0.0)
    for start, duration, change in zip(starts_s, durations_s, np.diff(values), strict=True):
        if change == 0.0:
            continue
        if len(times) and times[0] - start >= duration:  # done before: of a live performance nearly all are
            result += change
            continue
        first = int(np.searchsorted(times, start))
        result[first:] += change * minimum_jerk((times[first:] - start) / duration)
    return result


def ornstein_uhlenbeck(clock: Curve, time_constant_s: float, generator: np.random.Generator) -> Curve:
    """A smooth Ornstein-Uhlenbeck process of unit variance, sampled at increasing times `clock` (T,) in
    seconds.

    White noise through three equal first-order low-passes: velocity and acceleration are continuous, most
    power is below 1 / (2 pi time_constant). The random draws do not depend on the length or spacing of
    `clock`.
    """
    from scipy.signal import lfilter  # noqa: PLC0415 - a second that web processes need not spend

    rate = 50
    count = int(clock[-1] * rate) + 3 if len(clock) else 3
    warm_up = int(8 * time_constant_s * rate)
    noise = generator.standard_normal(warm_up + count)
    keep = float(np.exp(-1.0 / (time_constant_s / 1.7 * rate)))
    values = noise
    for _ in range(3):
        values = lfilter([1 - keep], [1, -keep], values)
    # Standard deviation of the cascade for unit white noise, from the sum of its squared impulse response.
    n = np.arange(20 * warm_up // 8 + 50)
    response = (1 - keep) ** 3 * (n + 1) * (n + 2) / 2 * keep**n
    values = values[warm_up:] / np.sqrt((response**2).sum())
    return np.asarray(np.interp(clock, np.arange(count) / rate, values), np.float64)
