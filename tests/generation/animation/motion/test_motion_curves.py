"""Steps that are done, and those that change nothing, are no different for not being drawn."""

from __future__ import annotations

import numpy as np
import pytest

from generation.animation.motion.motion_curves import eased_steps, minimum_jerk


@pytest.mark.parametrize("first_s", [0.0, 0.95, 1.5, 7.0])
def test_each_step_is_a_minimum_jerk_rise_bit_for_bit(first_s: float) -> None:
    values = np.array([0.0, 1.0, 1.0, 0.3, 0.0, 2.0])
    starts, durations = np.array([-5.0, 0.5, 0.6, 1.0, 6.9]), np.full(5, 0.4)
    times = first_s + np.arange(20) / 25
    expected = np.full(len(times), values[0])
    for start, duration, change in zip(starts, durations, np.diff(values), strict=True):
        expected += change * minimum_jerk((times - start) / duration)
    assert np.array_equal(eased_steps(times, starts, durations, values), expected)


def test_no_times_give_no_curve() -> None:
    assert len(eased_steps(np.zeros(0), np.array([1.0]), np.array([0.4]), np.array([0.0, 1.0]))) == 0
