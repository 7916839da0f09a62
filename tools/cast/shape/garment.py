"""What is worn: a crew neck, T-shirt or turtleneck with its band."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from tools.cast.numerics import Floats, Ints, noise3, smooth, unit
from tools.cast.people import Person
from tools.cast.shape.surfaces import laplacian, subdivide, vertex_normals

# Vertices and quads, those of the band, its texture coordinates, and how far a point is above the collar.
Garment: TypeAlias = tuple[Floats, Ints, Floats, Ints, Floats, Callable[[Floats], Floats]]


def garment(p: Person, V: Floats, F: Ints, J: Floats, rng: np.random.Generator) -> Garment:
    """A crew neck, T-shirt or turtleneck: the body, offset, relaxed, cut by a plane, with a rib band."""
    kind = p["cloth"]["kind"]
    thick = 0.0085 if p["cloth"]["knit"] else 0.0055
    turtle = kind == "turtle"
    lift = 0.030 if turtle else 0.0

    def f(x: Floats) -> Floats:
        above: Floats = (
            x[:, 2]
            - (J[2] + 0.006 + lift + 0.42 * (x[:, 1] - J[1]))
            - 0.10 * np.maximum(np.abs(x[:, 0]) - 0.05, 0)
        )
        return above

    sel = (V[F].mean(1)[:, 2] > -0.52) & (f(V[F].mean(1)) < 0.035)
    F = F[sel]
    ids, F = np.unique(F, return_inverse=True)
    F = F.reshape(-1, 4)
    V = V[ids]
    n = vertex_normals(V, F)
    n = unit(laplacian(n, F, 12))
    B = V.copy()
    X = laplacian(V + n * thick, F, 10 if not turtle else 6, 0.6)
    for _ in range(4):
        d = ((X - B) * n).sum(1)
        X = X + n * np.maximum(thick * 0.8 - d, 0)[:, None]
        X = laplacian(X, F, 1, 0.4)
    S, F2 = subdivide(F, len(X))
    X = S @ X
    far = smooth(0.0, 0.05, -f(X))  # soft drape, away from the collar
    X = (
        X
        + vertex_normals(X, F2)
        * (
            far
            * (
                0.0040 * noise3(X * [1, 1, 0.55], 0.11, p["seed"])
                + 0.0018
                * noise3(
                    X * [1, 1, 0.6] + X[:, [2, 0, 0]] * [0.6, 0, 0] * np.sign(X[:, :1]), 0.035, p["seed"] + 1
                )
            )
        )[:, None]
    )
    keep = (f(X)[F2] < 0.0).all(1)
    F2 = F2[keep]
    ids, F2 = np.unique(F2, return_inverse=True)
    F2 = F2.reshape(-1, 4)
    X = X[ids]
    E = np.stack([F2, np.roll(F2, -1, 1)], 2).reshape(-1, 2)
    key = np.sort(E, 1)
    _, inv, c = np.unique(key, axis=0, return_inverse=True, return_counts=True)
    be = E[c[inv.reshape(-1)] == 1]
    nxt = dict(be)
    loops = []
    seen: set[int] = set()
    for s in nxt:
        if s in seen:
            continue
        L = [s]
        seen.add(s)
        while nxt[L[-1]] not in seen:
            L.append(nxt[L[-1]])
            seen.add(L[-1])
        loops.append(L)
    neck = np.array(max(loops, key=lambda L: X[L][:, 2].mean() if len(L) > 20 else -9))
    nn = vertex_normals(X, F2)
    up = unit(np.array([0, -0.30, 1.0]) - nn * (nn @ np.array([0, -0.30, 1.0]))[:, None])
    slope = (f(X + up * 1e-4) - f(X)) / 1e-4
    for _ in range(3):
        X[neck] -= up[neck] * (f(X[neck]) / np.maximum(slope[neck], 0.3))[:, None]  # snap the edge to the cut
    P = X[neck]
    m = 260
    s = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(np.vstack([P, P[:1]]), axis=0), axis=1))])
    q = np.linspace(0, s[-1], m, endpoint=False)
    loop = np.stack([np.interp(q, s, np.append(P[:, k], P[0, k])) for k in range(3)], 1)
    for _ in range(14):
        loop = loop * 0.5 + (np.roll(loop, 1, 0) + np.roll(loop, -1, 0)) * 0.25
    tan = unit(np.roll(loop, -1, 0) - np.roll(loop, 1, 0))
    c = loop.mean(0)
    out = loop - c
    out = unit(out - tan * (out * tan).sum(1, keepdims=True))
    upv = np.cross(out, tan)
    upv *= np.sign(upv[:, 2:].mean())
    H = 0.016 if not turtle else 0.034
    T = 0.0016 if not p["cloth"]["knit"] else 0.0024
    if turtle:
        prof = [
            (-0.004, 0.0),
            (0.004, 0.30),
            (0.0045, 0.7),
            (0.0025, 0.95),
            (0.0, 1.02),
            (-0.002, 0.98),
            (-0.0035, 0.6),
            (-0.004, 0),
        ]
    else:
        prof = [
            (0.0, -0.25),
            (T, -0.1),
            (T * 1.15, 0.3),
            (T * 0.6, 0.75),
            (-T * 0.2, 1.0),
            (-T * 1.5, 0.95),
            (-T * 2.2, 0.4),
            (-T * 2.2, -0.25),
        ]
    lean = -0.25 if not turtle else -0.06
    band = np.stack([loop + out * (a + lean * max(b, 0) * H) + upv * b * H for a, b in prof], 1)
    if turtle:
        band += out[:, None] * (
            0.0012
            * np.sin(np.linspace(0, 6.28, len(prof)))[None, :, None]
            * noise3(loop, 0.05, 3)[:, None, None]
        )
    k = len(prof)
    BF = np.array(
        [
            [i * k + j, ((i + 1) % m) * k + j, ((i + 1) % m) * k + j + 1, i * k + j + 1]
            for i in range(m)
            for j in range(k - 1)
        ]
    )
    buv = np.stack(
        np.broadcast_arrays(np.arange(m)[:, None] / m, np.array([b for _, b in prof])[None]), -1
    ).reshape(-1, 2)
    return X, F2, band.reshape(-1, 3), BF, buv, f
