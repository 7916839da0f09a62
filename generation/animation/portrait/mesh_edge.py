"""The outer edge of the face's mesh: where its triangles end, laid along the face's outline."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.spatial import cKDTree

from generation.animation.arrays import Float32Array

EDGE_OUTSIDE: Final = 0.01  # head widths outside of the outline where the edge is laid, so that it is smooth
EDGE_LAID: Final = 0.08  # from the outline within which it is: a face turned away ends far inside


def open_edge(faces: NDArray[np.integer], inner: NDArray[np.integer]) -> NDArray[np.integer]:
    """The vertices along the outer edge of a mesh of triangles (M, 3), without the `inner` ones of lids and
    lips."""
    sides = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), 1)
    each, count = np.unique(sides, axis=0, return_counts=True)
    return np.setdiff1d(np.unique(each[count == 1]), inner)


def edge_laid_out(
    outline: Float32Array,
    xy: NDArray[np.floating],
    outside: NDArray[np.floating],
    edge: NDArray[np.integer],
    width: float,
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """The mesh's vertices `xy` (N, 2) and how far `outside` (N,) of the face's `outline` they lie, with those
    of its `edge` laid along the outline that are near it."""
    edge = edge[np.abs(outside[edge]) < EDGE_LAID * width]
    xy, outside = xy.copy(), outside.copy()
    xy[edge] = _onto_outline(outline, xy[edge], EDGE_OUTSIDE * width)
    outside[edge] = EDGE_OUTSIDE * width
    return xy, outside


def _onto_outline(outline: Float32Array, xy: NDArray[np.floating], outside: float) -> NDArray[np.floating]:
    """The nearest points (N, 2) to `xy` (N, 2) on a curve around a closed `outline` (36, 2), so far `outside`
    of it: a mesh that ended where its triangles do would have teeth."""
    count = len(outline)
    run = np.linspace(0, count, 20 * count, endpoint=False)
    wrapped = np.concatenate([outline[-4:], outline, outline[:4]])
    curve = CubicSpline(np.arange(-4, count + 4), wrapped)
    along = curve(run, 1)
    normal = np.stack([along[:, 1], -along[:, 0]], 1) / np.linalg.norm(along, axis=1, keepdims=True)
    at = curve(run)
    if np.sum(normal * (at - at.mean(0))) < 0:
        normal = -normal
    points = at + outside * normal
    return np.asarray(points[cKDTree(points).query(xy)[1]])
