"""Small numerics of both stages: soft steps, rotations, rigid fits, smooth noise."""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats: TypeAlias = NDArray[Any]  # of float32 or float64: points, directions, weights
Ints: TypeAlias = NDArray[Any]  # of any integers: faces and other indices


def smooth(a: float, b: float, x: ArrayLike) -> Floats:
    """A soft step of `x`, from 0 at `a` to 1 at `b`; `a` may be the greater."""
    t: Floats = np.clip((np.asarray(x) - a) / (b - a), 0, 1)
    step: Floats = t * t * (3 - 2 * t)
    return step


def unit(v: Floats) -> Floats:
    """Vectors (..., 3) of length 1."""
    found: Floats = v / np.maximum(np.linalg.norm(v, axis=-1, keepdims=True), 1e-12)
    return found


def rot(axis: int, deg: float) -> Floats:
    """The (3, 3) turn about one axis of the world, in degrees."""
    a = math.radians(deg)
    c, s = math.cos(a), math.sin(a)
    i, j = [(1, 2), (2, 0), (0, 1)][axis]
    R = np.eye(3)
    R[i, i] = R[j, j] = c
    R[i, j] = -s
    R[j, i] = s
    return R


def kabsch(P: Floats, Q: Floats) -> tuple[Floats, Floats]:
    """Rigid R, t with R P + t ~ Q."""
    p, q = P.mean(0), Q.mean(0)
    U, _, Vt = np.linalg.svd((P - p).T @ (Q - q))
    D = np.diag([1, 1, np.sign(np.linalg.det(Vt.T @ U.T))])
    R = Vt.T @ D @ U.T
    return R, q - R @ p


def noise3(P: Floats, scale: float, seed: int, octaves: int = 1) -> Floats:
    """Cheap smooth pseudo-noise in [-1, 1]: random-phase plane waves."""
    r = np.random.default_rng(seed)
    out = np.zeros(len(P))
    for o in range(octaves):
        k = r.normal(size=(14, 3)) * (2 * np.pi / scale) * 2**o * 0.5
        out += np.sin(P @ k.T + r.uniform(0, 6.28, 14)).sum(1) / 14**0.5 / 2**o * 0.75
    return out
