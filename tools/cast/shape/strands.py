"""Strands of hair: where they root, how they are resampled, and how they clump."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from tools.cast.numerics import Floats, Ints, unit


def resample(P: Floats, n: int, stop: Floats | None = None) -> Floats:
    """Resample strands (N, K, 3) to n points, each cut at fractional step `stop`."""
    N, K, _ = P.shape
    stop = np.full(N, K - 1.0) if stop is None else np.clip(stop, 1.0, K - 1.0)
    x = np.linspace(0, 1, n)[None] * stop[:, None]
    i = np.minimum(x.astype(int), K - 2)
    f = (x - i)[..., None]
    r = np.arange(N)[:, None]
    found: Floats = P[r, i] * (1 - f) + P[r, i + 1] * f
    return found


def sample_roots(
    V: Floats, N: Floats, F: Ints, weight: Floats, n: int, rng: np.random.Generator
) -> tuple[Floats, Floats, Ints]:
    """`n` points on the quads `F` by `weight` per vertex: where they are, their normals, a vertex of each."""
    T = np.concatenate([F[:, [0, 1, 2]], F[:, [0, 2, 3]]])
    T = T[weight[T].max(1) > 0]
    area = np.linalg.norm(np.cross(V[T[:, 1]] - V[T[:, 0]], V[T[:, 2]] - V[T[:, 0]]), axis=1) * weight[
        T
    ].mean(1)
    k = rng.choice(len(T), n, p=area / area.sum())
    a, b = rng.random(n), rng.random(n)
    s = a + b > 1
    a[s], b[s] = 1 - a[s], 1 - b[s]
    w = np.stack([1 - a - b, a, b], 1)[..., None]
    return (V[T[k]] * w).sum(1), unit((N[T[k]] * w).sum(1)), T[k][:, 0]


def clump(P: Floats, rng: np.random.Generator, per: int, tight: float, power: float = 1.4) -> Floats:
    """Strands (N, K, 3) drawn towards one of every `per` of them, towards the tips the more."""
    N, K, _ = P.shape
    m = max(4, N // per)
    c = rng.choice(N, m, replace=False)
    _, j = cKDTree(P[c, 0]).query(P[:, 0] + rng.normal(size=(N, 3)) * 0.0012)
    t = np.linspace(0, 1, K)[None, :, None] ** power
    w = t * (tight * rng.uniform(0.55, 1, (N, 1, 1)))
    C = P[c][j]
    found: Floats = P * (1 - w) + (C + (P[:, :1] - C[:, :1]) * 0.25) * w
    return found
