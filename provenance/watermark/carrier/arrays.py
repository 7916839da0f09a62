"""Names for the watermark's arrays, by what they hold. Docstrings give the shapes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Luma = NDArray[np.uint8]  # (H, W), a frame
Plane = NDArray[np.float32]  # (H, W), what is left of frames, or a part of it
