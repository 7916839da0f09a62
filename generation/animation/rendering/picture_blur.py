"""How soft a portrait is: folds that are drawn into it are no sharper than the picture itself."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import UInt8Array
from generation.animation.geometry.light import LUMA

EDGES = 97  # percentile of the gradient from which a pixel of the face lies on an edge
AGAIN = 1.2  # frame units: standard deviation of the blur by which edges are compared
SOFTEST = 5.0  # frame units


def picture_blur(canvas: UInt8Array, points: NDArray[np.floating], scale: float) -> float:
    """The standard deviation in frame units, up to SOFTEST, of the blur of the face's edges in a canvas
    (S, S, 3) with landmarks `points` (478, 2) in its pixels, `scale` pixels a frame unit.

    An edge of blur s loses the more of its gradient to another blur the sharper it is (Zhuo & Sim 2011)."""
    (x0, y0), (x1, y1) = (np.rint(f(points[:, :2], axis=0)).astype(int) for f in (np.min, np.max))
    luma = canvas[max(y0, 0) : y1 + 1, max(x0, 0) : x1 + 1].astype(np.float32) @ LUMA
    again = AGAIN * scale
    slopes = [
        np.hypot(cv2.Sobel(picture, cv2.CV_32F, 1, 0), cv2.Sobel(picture, cv2.CV_32F, 0, 1))
        for picture in (luma, cv2.GaussianBlur(luma, (0, 0), again))
    ]
    edge = slopes[0] >= np.percentile(slopes[0], EDGES)
    ratio = float(slopes[0][edge].mean()) / max(float(slopes[1][edge].mean()), 1e-3)
    return float(min(AGAIN / np.sqrt(max(ratio * ratio - 1, 1e-3)), SOFTEST))
