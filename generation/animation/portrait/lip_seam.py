"""Lip seam: traces the dark line between closed lips in the picture, from corner to corner.

The mesh network's inner contours are a few pixels off that line near the corners, where it curves up or down.
"""

from __future__ import annotations

import cv2
import numpy as np

from generation.animation.arrays import Float64Array, UInt8Array
from generation.animation.face.face_topology import LIPS_OUTER
from generation.animation.geometry.camera import FRAME
from generation.animation.geometry.light import LUMA
from generation.animation.portrait.layers import matte_units
from generation.animation.portrait.portrait_crop import MARGIN

COLUMNS = 64  # places along the mouth at which the line is looked for
REACH = 5.0  # frame units above and below the network's contour
STEP = 0.25  # frame units between the heights that are tried
CORNER_IN = 0.0  # of the mouth's width, inside of the network's outer corners, where lips stop parting
OFFSET_COST, SLOPE_COST = 0.010, 0.6  # of leaving the network's contour, and of changing height, in luma
CLOSED = 2.2  # frame units between the network's inner contours up to which lips count as closed


def lips_closed(upper: Float64Array, lower: Float64Array) -> bool:
    """Whether the inner contours (N, 2+) of the lips, in frame units, touch."""
    return float(np.abs(lower[:, 1] - upper[:, 1]).max()) <= CLOSED


def trace_lip_seam(
    canvas: UInt8Array, points: Float64Array, upper: Float64Array, lower: Float64Array
) -> Float64Array:
    """The seam (COLUMNS, 3) between closed lips in frame units, from the picture's left to its right.

    `canvas` (S, S, 3) is the frame with its margin, `points` (478, 3) the landmarks, `upper` and `lower` the
    network's inner contours (N, 3). The darkest path from corner to corner, by dynamic programming."""
    left, right = points[LIPS_OUTER[0]], points[LIPS_OUTER[10]]
    start, end = left + CORNER_IN * (right - left), right + CORNER_IN * (left - right)
    middle = np.concatenate([start[None], (upper[1:-1] + lower[1:-1]) / 2, end[None]])
    middle = middle[(middle[:, 0] >= start[0]) & (middle[:, 0] <= end[0])]
    x = np.linspace(start[0], end[0], COLUMNS)
    base = np.stack(
        [x, np.interp(x, middle[:, 0], middle[:, 1]), np.interp(x, middle[:, 0], middle[:, 2])], 1
    )
    offsets = np.arange(-REACH, REACH + STEP / 2, STEP)
    path = _darkest_path(_luma_around(canvas, base, offsets), offsets)
    base[:, 1] += cv2.GaussianBlur(path[None], (0, 0), 1.0, borderType=cv2.BORDER_REPLICATE)[0]
    return base


def _luma_around(canvas: UInt8Array, base: Float64Array, offsets: Float64Array) -> Float64Array:
    """Luma (COLUMNS, offsets) around the contour, 1 at the median brightness."""
    scale = matte_units(canvas.shape[0])
    luma = cv2.GaussianBlur(canvas.astype(np.float32) @ LUMA, (0, 0), 0.6 * scale)
    x = np.repeat(base[:, :1], len(offsets), 1)
    y = base[:, 1:2] + offsets
    at = [((v + FRAME * MARGIN + 0.5) * scale - 0.5).astype(np.float32) for v in (x, y)]
    light = cv2.remap(luma, at[0], at[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(light / max(float(np.median(light)), 1.0), np.float64)


def _darkest_path(luma: Float64Array, offsets: Float64Array) -> Float64Array:
    """The offsets (COLUMNS,) of the path of least total cost across all columns (Viterbi)."""
    own = luma + OFFSET_COST * offsets**2
    slope = SLOPE_COST * (offsets[:, None] - offsets[None]) ** 2
    total, came = own[0], []
    for column in own[1:]:
        through = total[:, None] + slope
        came.append(through.argmin(0))
        total = through.min(0) + column
    at = int(total.argmin())
    path = [at]
    for back in reversed(came):
        at = int(back[at])
        path.append(at)
    return offsets[path[::-1]]
