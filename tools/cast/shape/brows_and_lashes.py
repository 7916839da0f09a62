"""Brows and lashes: short hairs that follow the face."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from tools.cast.numerics import Floats, Ints, unit
from tools.cast.people import Person
from tools.cast.shape.body import LEFT_EYE, RIGHT_EYE, Body
from tools.cast.shape.surfaces import grid_of


def brows(
    p: Person, V: Floats, N: Floats, lmp: dict[str, list[Floats]], rng: np.random.Generator
) -> tuple[Floats, Ints]:
    """Short brow hairs: up at the inner end, outwards along the arch. Returns strands and anchor vertices."""
    tree = cKDTree(V)
    S, A = [], []
    n = int(620 * p["brow"]["density"])
    th = 0.75 if p["pheno"]["gender"] > 0.5 else 1.0
    for sg in (1, -1):
        s = rng.random(n) ** 0.9
        t = rng.normal(size=n) * 0.5
        half = np.interp(s, [0, 0.15, 0.5, 0.8, 1], [0.0042, 0.0054, 0.0046, 0.0030, 0.0010]) * th
        lo = lmp["brow"][0 if sg < 0 else 1]  # (6, 3) polyline inner -> outer
        u = np.linspace(0, 1, len(lo))
        c = np.stack([np.interp(s, u, lo[:, k]) for k in range(3)], 1)
        c[:, 2] += np.clip(t, -1, 1) * half
        _, j = tree.query(c + np.array([0, -0.002, 0]))
        nn = N[j]
        base = c + nn * (((V[j] - c) * nn).sum(1, keepdims=True)) - nn * 0.0001
        ang = np.radians(
            np.interp(s, [0, 0.12, 0.4, 0.75, 1], [82, 58, 26, 2, -18])
            - 22 * np.clip(t, -1, 1)
            + rng.normal(size=n) * 9
        )
        d = np.stack([sg * np.cos(ang), np.zeros(n), np.sin(ang)], 1)
        d = unit(d - nn * (d * nn).sum(1, keepdims=True))
        L = (
            np.interp(s, [0, 0.2, 0.7, 1], [0.0055, 0.0085, 0.0085, 0.005])
            * rng.uniform(0.7, 1.1, n)
            * (0.9 if th < 1 else 1.05)
        )
        pts = [base]
        dd = unit(d + nn * 0.42)
        bend = np.stack([sg * np.ones(n), np.zeros(n), -0.35 * np.ones(n)], 1)
        for _ in range(5):
            pts.append(pts[-1] + dd * (L / 5)[:, None])
            dd = unit(dd + bend * 0.13 - nn * 0.045)
        S.append(np.stack(pts, 1))
        A.append(j)
    return np.concatenate(S).astype(np.float32), np.concatenate(A)


def lashes(Vfull: Floats, body: Body, rng: np.random.Generator) -> Floats:
    """Lash strands as bilinear points on the model's lash strips, so they follow every blink."""
    out = []
    for s, eye in (("l", LEFT_EYE), ("r", RIGHT_EYE)):
        c = Vfull[eye].mean(0)
        for k, n in ((2, 130), (1, 70)):
            g = grid_of(body.G[f"helper-{s}-eyelashes-{k}"])
            G = Vfull[g]
            if g.shape[0] != 5:
                g = g.T
                G = Vfull[g]
            if np.linalg.norm(G[0] - c, axis=-1).mean() > np.linalg.norm(G[-1] - c, axis=-1).mean():
                G = G[::-1]
            r = np.random.default_rng(k + ord(s))
            C = G.shape[1] - 1
            u = np.sort(r.uniform(0.3, C - 0.05, n))
            ln = r.uniform(0.6, 1.0, n) * (0.95 if k == 2 else 0.72)
            drift = r.normal(size=n) * 0.18
            P = []
            for q in np.linspace(0, 1, 7):
                v = np.clip(q * ln * 4, 0, 3.999)
                uu = np.clip(u + drift * q, 0, C - 1e-3)
                i, j = v.astype(int), uu.astype(int)
                a, b = (v - i)[:, None], (uu - j)[:, None]
                P.append(
                    G[i, j] * (1 - a) * (1 - b)
                    + G[i + 1, j] * a * (1 - b)
                    + G[i, j + 1] * (1 - a) * b
                    + G[i + 1, j + 1] * a * b
                )
            out.append(np.stack(P, 1))
    return np.concatenate(out).astype(np.float32)
