"""The back of the head as a piece of the hidden surface."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from generation.animation.arrays import Float32Array, UInt8Array
from generation.animation.portrait.head_fit import FittedHead
from generation.animation.portrait.hidden.back_of_head import COLUMNS, FRINGE, ROWS, back_of_head
from generation.animation.portrait.hidden.hidden_surface import NO_TRIANGLES, HiddenSurface, grid_triangles
from generation.animation.portrait.relief import Relief


def hidden_skull(
    head: FittedHead,
    points: NDArray[np.floating],
    nodes: NDArray[np.floating],
    relief: Relief,
    weights: NDArray[np.floating],
    *,
    canvas: UInt8Array,
    matte: Float32Array,
) -> HiddenSurface:
    """The back of the head, skinned as the relief at its `nodes` (G, 2) with `weights` (G, 6)."""
    skull = back_of_head(head, points, (nodes, relief.depth), canvas=canvas, matte=matte)
    count = len(skull.xy)
    # A row moves as its outermost hair does, which the picture shows.
    columns = COLUMNS + FRINGE
    outer = skull.source.reshape(2 * ROWS, columns, 2)[:, 2]
    _, nearest = cKDTree(nodes).query(outer)
    strip = grid_triangles(ROWS, columns)
    strip = strip[~((strip % columns == COLUMNS - 1).any(1) & (strip % columns == COLUMNS).any(1))]
    return HiddenSurface(
        skull.xy,
        skull.depth,
        skull.source,
        np.zeros((52, count, 3), np.float32),
        np.repeat(weights[nearest], columns, 0),
        np.ones(count),
        skull.grows,
        np.concatenate([strip, strip + ROWS * columns]).astype(np.int32),
        NO_TRIANGLES,
    )
