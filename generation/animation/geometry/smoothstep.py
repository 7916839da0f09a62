"""The smooth step from 0 to 1 that everything here fades with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def smoothstep(low: float, high: float, x: NDArray[np.floating]) -> NDArray[np.floating]:
    """0 below `low`, 1 above `high`, smooth between."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t))


def smoothstep_of(low: float, high: float, x: float) -> float:
    """`smoothstep` of a single number."""
    return float(smoothstep(low, high, np.array(x)))
