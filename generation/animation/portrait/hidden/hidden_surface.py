"""A piece of the hidden surface, and what its pieces are made with."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import Float32Array, Int32Array, UInt8Array
from generation.animation.portrait.layers import matte_units
from generation.animation.portrait.relief import REACH


class HiddenSurface(NamedTuple):
    """Vertices (N, 2) in frame units, their depth (N,), texture coordinates (N, 2), actions (52, N, 3),
    skinning (N, 6), brightness (N,) and by how much they `grow` outwards (N, 2) when the head turns, and
    triangles: `behind` (M, 3) lie behind all of the person, `jaw` (K, 3) between the face and what is around
    it."""

    xy: NDArray[np.floating]
    depth: NDArray[np.floating]
    source: NDArray[np.floating]
    actions: Float32Array
    skinning: NDArray[np.floating]
    shade: NDArray[np.floating]
    grows: NDArray[np.floating]
    behind: Int32Array
    jaw: Int32Array


NO_TRIANGLES: Final = np.zeros((0, 3), np.int32)


def joined(parts: tuple[HiddenSurface, ...]) -> HiddenSurface:
    """Several hidden surfaces as one."""
    starts = np.cumsum([0, *(len(p.xy) for p in parts)])
    pairs = list(zip(parts, starts, strict=False))
    return HiddenSurface(
        xy=np.concatenate([p.xy for p in parts]),
        depth=np.concatenate([p.depth for p in parts]),
        source=np.concatenate([p.source for p in parts]),
        actions=np.concatenate([p.actions for p in parts], 1),
        skinning=np.concatenate([p.skinning for p in parts]),
        shade=np.concatenate([p.shade for p in parts]),
        grows=np.concatenate([p.grows for p in parts]),
        behind=np.concatenate([p.behind + start for p, start in pairs]).astype(np.int32),
        jaw=np.concatenate([p.jaw + start for p, start in pairs]).astype(np.int32),
    )


def grid_triangles(rows: int, columns: int) -> Int32Array:
    """Triangles (2 (rows - 1) (columns - 1), 3) of a grid of vertices."""
    index = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = (v.ravel() for v in (index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]))
    return np.concatenate([np.stack([a, b, d], 1), np.stack([b, c, d], 1)]).astype(np.int32)


def luma_at(luma: UInt8Array, xy: NDArray[np.floating]) -> NDArray[np.floating]:
    """The luma (N,) of a canvas (S, S) at points (N, 2) in frame units."""
    units = matte_units(luma.shape[0])
    at = np.clip(np.rint((xy + REACH + 0.5) * units - 0.5).astype(int), 0, len(luma) - 1)
    return np.asarray(luma[at[:, 1], at[:, 0]], np.float64)
