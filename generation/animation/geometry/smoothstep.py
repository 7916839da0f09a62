"""Smoothstep: cubic interpolation from 0 to 1 between two thresholds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def smoothstep(low: float, high: float, x: NDArray[np.floating]) -> NDArray[np.floating]:
    """0 below `low`, 1 above `high`, 3t^2 - 2t^3 between; of the shape of `x`."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t))


def smoothstep_scalar(low: float, high: float, x: float) -> float:
    """`smoothstep` of a single number."""
    t = min(max((x - low) / (high - low), 0.0), 1.0)
    return t * t * (3 - 2 * t)
