"""Surfaces of quads: normals, subdivision, smoothing, and pictures read at their texture coordinates."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp

from tools.cast.numerics import Floats, Ints, unit


def vertex_normals(V: Floats, F: Ints) -> Floats:
    """(n, 3) normals of vertices (n, 3) of quads (m, 4)."""
    n = np.zeros_like(V)
    d = np.cross(V[F[:, 2]] - V[F[:, 0]], V[F[:, 3]] - V[F[:, 1]])
    for k in range(4):
        np.add.at(n, F[:, k], d)
    return unit(n)


def subdivide(F: Ints, nv: int, linear: bool = False) -> tuple[Any, Ints]:
    """One Catmull-Clark step (or plain midpoint step) of quads as a sparse matrix and new quads."""
    nf = len(F)
    E = np.sort(np.stack([F, np.roll(F, -1, 1)], 2).reshape(-1, 2), 1)
    Eu, inv, cnt = np.unique(E, axis=0, return_inverse=True, return_counts=True)
    inv = inv.reshape(-1)
    ne = len(Eu)
    fe = inv.reshape(nf, 4)
    fp = sp.csr_matrix((np.full(nf * 4, 0.25), (np.repeat(np.arange(nf), 4), F.reshape(-1))), (nf, nv))
    mid = sp.csr_matrix((np.full(ne * 2, 0.5), (np.repeat(np.arange(ne), 2), Eu.reshape(-1))), (ne, nv))
    if linear:
        vp, ep = sp.identity(nv, format="csr"), mid
    else:
        ef = sp.csr_matrix((np.ones(nf * 4), (inv, np.repeat(np.arange(nf), 4))), (ne, nf))
        inner = cnt == 2
        ep = sp.diags(np.where(inner, 0.5, 1.0)) @ mid + sp.diags(np.where(inner, 0.25, 0.0)) @ (ef @ fp)
        val = np.bincount(F.reshape(-1), minlength=nv).astype(float)
        used = val > 0
        val[~used] = 1
        vf = sp.csr_matrix((np.ones(nf * 4), (F.reshape(-1), np.repeat(np.arange(nf), 4))), (nv, nf))
        ve = sp.csr_matrix((np.ones(ne * 2), (Eu.reshape(-1), np.repeat(np.arange(ne), 2))), (nv, ne))
        nb = np.asarray(ve.sum(1)).ravel()
        nb[nb == 0] = 1
        Q = sp.diags(1 / val) @ vf @ fp
        Rm = sp.diags(1 / nb) @ ve @ mid
        bnd = np.zeros(nv, bool)
        bnd[Eu[~inner].reshape(-1)] = True
        ins = sp.diags(1 / val) @ Q + sp.diags(2 / val) @ Rm + sp.diags((val - 3) / val)
        be = sp.diags((~inner).astype(float)) @ mid
        bv = sp.diags(np.where(bnd, 0.5, 0)) + sp.diags(np.where(bnd, 0.25, 0.0)) @ (ve @ be)
        keep = sp.diags((~used).astype(float))
        vp = sp.diags((used & ~bnd).astype(float)) @ ins + sp.diags((used & bnd).astype(float)) @ bv + keep
    S = sp.vstack([vp, ep, fp]).tocsr()
    c = np.arange(nf)[:, None] + nv + ne
    newF = np.stack(
        [np.stack([F[:, k], nv + fe[:, k], c[:, 0], nv + fe[:, (k + 3) % 4]], 1) for k in range(4)], 1
    )
    return S, newF.reshape(-1, 4)


def laplacian(V: Floats, F: Ints, it: int, w: float = 0.5) -> Floats:
    """Vertices drawn `it` times a share `w` of the way to the mean of their neighbours."""
    n = len(V)
    E = np.stack([F, np.roll(F, -1, 1)], 2).reshape(-1, 2)
    A = sp.csr_matrix((np.ones(len(E)), (E[:, 0], E[:, 1])), (n, n))
    A = ((A + A.T) > 0).astype(float)
    d = np.asarray(A.sum(1)).ravel()
    d[d == 0] = 1
    A = sp.diags(1 / d) @ A
    V = V.copy()
    for _ in range(it):
        V = V + w * (A @ V - V)
    return V


def sample_mask(img: Floats, uv: Floats) -> Floats:
    """The picture (h, w) at texture coordinates (n, 2), between pixels."""
    h, w = img.shape[:2]
    x = np.clip(uv[:, 0] * w - 0.5, 0, w - 1.001)
    y = np.clip((1 - uv[:, 1]) * h - 0.5, 0, h - 1.001)
    x0, y0 = x.astype(int), y.astype(int)
    fx, fy = x - x0, y - y0

    def g(a: Ints, b: Ints) -> Floats:
        pixels: Floats = img[np.clip(b, 0, h - 1), np.clip(a, 0, w - 1)]
        return pixels

    found: Floats = (
        g(x0, y0) * (1 - fx) * (1 - fy)
        + g(x0 + 1, y0) * fx * (1 - fy)
        + g(x0, y0 + 1) * (1 - fx) * fy
        + g(x0 + 1, y0 + 1) * fx * fy
    )
    return found


def grid_of(F: Ints) -> Ints:
    """Order the vertices of a rectangular quad strip as a (rows, columns) grid."""
    nb: dict[int, set[int]] = {}
    cnt: dict[tuple[int, int], int] = {}
    for f in F:
        for a, b in zip(f, np.roll(f, -1), strict=True):
            nb.setdefault(a, set()).add(b)
            nb.setdefault(b, set()).add(a)
            e = (min(a, b), max(a, b))
            cnt[e] = cnt.get(e, 0) + 1
    bnd: dict[int, list[int]] = {}
    for (a, b), c in cnt.items():
        if c == 1:
            bnd.setdefault(a, []).append(b)
            bnd.setdefault(b, []).append(a)
    start = next(v for v in nb if len(nb[v]) == 2)

    def walk(a: int, b: int) -> list[int]:
        out = [a, b]
        while len(nb[out[-1]]) > 2:
            out.append(next(x for x in bnd[out[-1]] if x != out[-2]))
        return out

    s1, s2 = (walk(start, x) for x in bnd[start])
    g = np.zeros((len(s1), len(s2)), int)
    g[:, 0] = s1
    g[0] = s2
    for i in range(1, len(s1)):
        for j in range(1, len(s2)):
            g[i, j] = next(x for x in nb[g[i - 1, j]] & nb[g[i, j - 1]] if x != g[i - 1, j - 1])
    return g if g.shape[0] < g.shape[1] else g.T
