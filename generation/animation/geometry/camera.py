"""The pinhole camera in front of the portrait: projection, its inverse, and head rotations in its axes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import Float32Array, Float64Array
from generation.animation.geometry.jit import jit_kernel

FRAME = 512.0  # side of the frame in frame units, in which all geometry is kept whatever the rendered size
CENTRE = (FRAME - 1) / 2  # pixel centres lie at whole numbers, as in OpenCV


def unproject(xy: NDArray[np.floating], z: NDArray[np.floating], distance: float) -> Float32Array:
    """Unproject image points `xy` (N, 2) at depths `z` (N,) to points (N, 3) in camera space, all in frame
    units.

    `distance` is from the camera to z = 0, the middle of the head.
    """
    spread = (1 + z / distance)[:, None]
    return np.concatenate([(xy - CENTRE) * spread, z[:, None]], 1).astype(np.float32)


def project(points: Float32Array, distance: float) -> Float32Array:
    """Project points (N, 3) in camera space to image points with depth (N, 3), all in frame units."""
    out = np.empty_like(points)
    scale = distance / (distance + points[:, 2])
    out[:, 0] = points[:, 0] * scale + CENTRE
    out[:, 1] = points[:, 1] * scale + CENTRE
    out[:, 2] = points[:, 2]
    return out


def head_rotation(yaw: float, pitch: float, roll: float) -> Float32Array:
    """Rotation (3, 3) for degrees of yaw (to the picture's right), pitch (down), roll (crown to the right).

    Axes are x right, y down, z away; roll is applied first, then pitch, then yaw.
    """
    out = np.empty((3, 3))
    fill_rotation(yaw, pitch, roll, out)
    return out.astype(np.float32)


@jit_kernel
def fill_rotation(yaw: float, pitch: float, roll: float, out: Float64Array) -> None:
    """Fill `out` (3, 3) with `head_rotation`, which is turn @ nod @ tilt."""
    y, p, r = np.radians(yaw), np.radians(pitch), np.radians(roll)
    # The nose points to -z: turning right moves it to +x, looking down moves it to +y.
    cy, sy, cp, sp, cr, sr = np.cos(y), np.sin(y), np.cos(p), np.sin(p), np.cos(r), np.sin(r)
    out[0, 0], out[0, 1], out[0, 2] = cy * cr - sy * sp * sr, -cy * sr - sy * sp * cr, -sy * cp
    out[1, 0], out[1, 1], out[1, 2] = cp * sr, cp * cr, -sp
    out[2, 0], out[2, 1], out[2, 2] = sy * cr + cy * sp * sr, -sy * sr + cy * sp * cr, cy * cp
