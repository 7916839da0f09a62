"""Resamples a plane of file pixels to canonical pixels under a hypothesised geometry (homography).

A geometry is a 3x3 homography that takes canonical pixels to pixels of the residual sum.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.watermark.carrier.pattern import PERIOD, PILOT_PERIOD

Geometry = NDArray[np.float64]
LARGEST_AREA = 2.5  # pixels of a plane to one that is sampled from it as it is
MOST_PERIODS = 3  # of the pattern, to either side, that are looked at


def linear(matrix: NDArray[np.floating]) -> Geometry:
    """The geometry of a 2x2 matrix, without a shift: the reader finds shifts by itself."""
    geometry = np.eye(3)
    geometry[:2, :2] = matrix
    return geometry


def mapped(points: NDArray[np.floating], geometry: Geometry) -> NDArray[np.float64]:
    """(n, 2) points through a homography."""
    ends = np.concatenate([points, np.ones((len(points), 1))], axis=1) @ geometry.T
    return np.asarray(ends[:, :2] / ends[:, 2:], np.float64)


def corners_of(shape: tuple[int, int]) -> NDArray[np.float64]:
    """The corners of a plane (H, W), as (4, 2) x and y."""
    height, width = shape
    return np.array([[0.0, 0.0], [width, 0.0], [width, height], [0.0, height]])


def within_pilot_period(geometry: Geometry) -> Geometry:
    """A geometry moved by whole periods of the pilot, so that the plane's first pixel lies in the first one.

    Geometries that differ by such periods alone become the same one, up to rounding.
    """
    first = mapped(np.zeros((1, 2)), np.asarray(np.linalg.inv(geometry), np.float64))[0]
    shift = np.eye(3)
    shift[:2, 2] = np.floor(first / PILOT_PERIOD) * PILOT_PERIOD
    within = geometry @ shift
    return np.asarray(within / within[2, 2], np.float64)


def step_for(geometry: Geometry) -> int:
    """1, or 2 where every second canonical pixel along both sides shows all that a plane holds.

    There a pixel of the plane is larger than a canonical one, and no carrier has a wave shorter than seven
    canonical pixels.
    """
    return 2 if 4 * abs(np.linalg.det(geometry[:2, :2])) <= LARGEST_AREA else 1


def rectified(
    plane: NDArray[np.float32],
    geometry: Geometry,
    *,
    is_quick: bool = False,
    own_period: bool = False,
    step: int = 1,
) -> tuple[NDArray[np.float32], tuple[int, int]]:
    """The plane in canonical pixels, and the canonical x and y of its first pixel; also of (H, W, n) planes.

    Outside the plane it is 0. A side is at most three periods of the pattern long; `own_period`: only what
    lies in the geometry's own. `is_quick` loses a little. Of `step` pixels along each side one is given: that
    whose place is a multiple of it.
    """
    most = math.inf if own_period else MOST_PERIODS * PERIOD
    origin, size = canvas_of(plane.shape, geometry, most)
    if own_period:
        ends = [min(begin + length, PERIOD) for begin, length in zip(origin, size, strict=True)]
        origin = max(origin[0], 0), max(origin[1], 0)
        size = max(0, ends[0] - origin[0]), max(0, ends[1] - origin[1])
        if not all(size):
            return np.zeros(size[::-1], np.float32), origin
    if step > 1:
        origin = origin[0] // step * step, origin[1] // step * step
        size = -(-size[0] // step), -(-size[1] // step)
    area = step**2 * abs(np.linalg.det(geometry[:2, :2]))
    if area > LARGEST_AREA:  # an anti-aliasing blur, in pixels of the file
        plane = np.asarray(cv2.GaussianBlur(plane, (0, 0), 0.4 * area**0.5), np.float32)
    to_file = geometry @ np.array([[step, 0.0, origin[0]], [0.0, step, origin[1]], [0.0, 0.0, 1.0]])
    flags = (cv2.INTER_LINEAR if is_quick else cv2.INTER_CUBIC) | cv2.WARP_INVERSE_MAP
    if np.array_equal(to_file, np.eye(3)) and size == plane.shape[1::-1]:
        canvas = plane
    elif np.array_equal(to_file[2], (0, 0, 1)):  # the same, in less time
        canvas = cv2.warpAffine(plane, to_file[:2], size, flags=flags)
    else:
        canvas = cv2.warpPerspective(plane, to_file, size, flags=flags)
    return np.asarray(canvas, np.float32), origin


def canvas_of(
    shape: tuple[int, ...], geometry: Geometry, most: float = MOST_PERIODS * PERIOD
) -> tuple[tuple[int, int], tuple[int, int]]:
    """The canonical x and y of the first pixel of a rectified plane (H, W), and its width and height, `most`
    pixels of its middle each.
    """
    inverse = np.asarray(np.linalg.inv(geometry), np.float64)
    corners = mapped(corners_of((shape[0], shape[1])), inverse)
    middle, reach = (corners.max(0) + corners.min(0)) / 2, corners.max(0) - corners.min(0)
    reach = np.clip(np.ceil(reach), 16, most)
    left, top = (round(value) for value in middle - reach / 2)
    return (left, top), (int(reach[0]), int(reach[1]))


def folded(
    canvas: NDArray[np.float32], origin: tuple[int, int], period: int = PERIOD, step: int = 1
) -> NDArray[np.float32]:
    """The (period, period) sum of a canvas over a period of the pattern, placed at its canonical origin.

    Of (H, W, n) that of each. `step`: of every so many pixels along each side the canvas holds one.
    """
    period, origin = period // step, (origin[0] // step, origin[1] // step)
    height, width = canvas.shape[:2]
    if max(height, width) <= 2 * period:
        return _placed(canvas, origin, period)
    across = np.zeros((period, *canvas.shape[1:]), np.float32)
    for top in range(0, height, period):
        piece = canvas[top : top + period]
        across[: len(piece)] += piece
    once = np.zeros((period, period, *canvas.shape[2:]), np.float32)
    for left in range(0, width, period):
        piece = across[:, left : left + period]
        once[:, : piece.shape[1]] += piece
    return np.roll(once, (origin[1] % period, origin[0] % period), (0, 1))


def _placed(canvas: NDArray[np.float32], origin: tuple[int, int], period: int) -> NDArray[np.float32]:
    """As `folded`, in half the time where there are few periods: each piece is written to its place."""
    once = np.zeros((period, period, *canvas.shape[2:]), np.float32)
    across = list(_pieces(origin[0], canvas.shape[1], period))
    for rows, to_rows in _pieces(origin[1], canvas.shape[0], period):
        for columns, to_columns in across:
            once[to_rows, to_columns] += canvas[rows, columns]
    return once


def _pieces(begin: int, length: int, period: int) -> Iterator[tuple[slice, slice]]:
    """The stretches of a side that lie within one period each, and where in it."""
    done = 0
    while done < length:
        at = (begin + done) % period
        count = min(period - at, length - done)
        yield slice(done, done + count), slice(at, at + count)
        done += count
