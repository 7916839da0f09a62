"""Type aliases for the arrays of the animation model, by dtype. Docstrings give the shapes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

UInt8Array = NDArray[np.uint8]
Int32Array = NDArray[np.int32]
Int64Array = NDArray[np.int64]
Float32Array = NDArray[np.float32]
Float64Array = NDArray[np.float64]
Curve = Float64Array  # (T,), a value over time


def greatest_channel(values: NDArray[np.floating]) -> NDArray[np.floating]:
    """The greatest of the three channels of `values` (H, W, 3), per pixel (H, W).

    What `values.max(2)` gives, which numpy computes some thirty times slower over so short an axis."""
    return np.asarray(np.maximum(np.maximum(values[..., 0], values[..., 1]), values[..., 2]))
