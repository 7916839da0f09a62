"""Hair of the scalp: cropped, long or coiled, laid over head and clothes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from scipy.spatial import cKDTree

from tools.cast.numerics import Floats, Ints, noise3, smooth, unit
from tools.cast.people import Person
from tools.cast.shape.strands import clump, resample, sample_roots

# Points pushed out of head and clothes to a distance, and the normals there.
Push: TypeAlias = Callable[[Floats, Any], tuple[Floats, Floats]]


def groom(
    p: Person,
    V: Floats,
    N: Floats,
    F: Ints,
    scalp: Floats,
    solid: tuple[Floats, Floats],
    lm: dict[str, Any],
    rng: np.random.Generator,
) -> tuple[Floats, float]:
    """Scalp hair as an (N, K, 3) array of strands plus per-strand radius, in the neutral head."""
    h = p["hair"]
    n = h["n"]
    keep = (solid[0][:, 2] > -0.20) & (rng.random(len(solid[0])) < 0.4)
    SV, SN = solid[0][keep], solid[1][keep]
    tree = cKDTree(SV)
    if "part" in h:
        scalp = (
            scalp
            * (1 + 2.2 * np.exp(-(((V[:, 0] - h["part"]) / 0.011) ** 2)) * (V[:, 2] > 0.05))
            * (1 + 1.6 * smooth(0.115, 0.07, V[:, 2]) * (V[:, 1] < 0.02))
        )
    R, Nn, _ = sample_roots(V, N, F, scalp, n, rng)

    def push(x: Floats, off: Any) -> tuple[Floats, Floats]:
        _, j = tree.query(x)
        d = ((x - SV[j]) * SN[j]).sum(1)
        return x + SN[j] * np.maximum(off - d, 0)[:, None], SN[j]

    styles = {"crop": _cropped, "bob": _long, "long": _long, "updo": _long, "coil": _coiled}
    P, rad = styles[h["style"]](h, R, Nn, lm, push, rng)
    return P.astype(np.float32), rad


def low(x: Floats, s: float, k: int) -> Floats:
    """Smooth noise (N, 3) of scale `s` metres at points `x`, from seed `k`."""
    return np.stack([noise3(x, s, k + i) for i in range(3)], 1)


def _cropped(
    h: dict[str, Any], R: Floats, Nn: Floats, lm: dict[str, Any], push: Push, rng: np.random.Generator
) -> tuple[Floats, float]:
    """Short hair that sweeps from the crown and is clumped; strands and their radius."""
    n, top, back = len(R), lm["top"], lm["back"]
    W = np.array([0.012, back * 0.78, top * 0.86])
    up = smooth(0.045, top * 0.86, R[:, 2]) * (1 - 0.45 * smooth(back * 0.55, back, R[:, 1]))
    L = (0.009 + (h["length"] - 0.009) * up) * rng.uniform(0.72, 1.08, n) * (1 + 0.12 * low(R, 0.03, 3)[:, 0])
    fr = smooth(0.3, 0.9, up) * smooth(0.035, -0.02, R[:, 1])  # the front sweeps up and sideways
    flow = R - W
    flow = unit(flow * np.array([1, 1, 0.4]))
    flow = flow * (1 - 0.55 * up[:, None]) + up[:, None] * np.array([-0.62, -0.35, 0]) * 1
    flow += (
        fr[:, None] * np.array([-0.25, 0.45, 0.75])
        + (1 - up)[:, None] * np.array([0, 0.25, -0.8])
        + low(R, 0.025, 7) * 0.33
    )
    flow = unit(flow - Nn * (flow * Nn).sum(1, keepdims=True) * 0.8)
    rise = (0.26 + 0.42 * up + 0.35 * fr)[:, None]
    d = unit(Nn * rise + flow * (1 - rise * 0.6))
    K = 9
    x = R - Nn * 0.0008
    points = [x]
    for k in range(K):
        x = x + d * (L / K)[:, None]
        x, nn = push(x, 0.0012 + 0.003 * k / K * up)
        points.append(x)
        t = flow - nn * (flow * nn).sum(1, keepdims=True) * 0.7
        d = unit(d + 0.26 * t + rng.normal(size=d.shape) * 0.045 - np.array([0, 0, 0.05]))
    return clump(np.stack(points, 1), rng, 26, 0.62), 4.6e-5


def _long(
    h: dict[str, Any], R: Floats, Nn: Floats, lm: dict[str, Any], push: Push, rng: np.random.Generator
) -> tuple[Floats, float]:
    """Hair that falls from a parting over head and shoulders and is cut at a height."""
    n, top = len(R), lm["top"]
    part = h.get("part", 0.015)
    step, K = 0.0115, 34
    sgn = np.sign(R[:, 0] - part + low(R, 0.02, 21)[:, 0] * 0.003 + rng.normal(size=n) * 0.0030)
    lay = rng.random(n) ** 0.8
    over = smooth(0.03, top, R[:, 2])
    off = 0.0022 + (0.0045 + 0.0075 * over) * lay
    d = unit(Nn * 0.38 + np.stack([sgn * 0.9, np.full(n, 0.20), np.full(n, 0.05)], 1))
    x = R - Nn * 0.0008
    points = [x]
    front_root = smooth(0.03, -0.02, R[:, 1])
    cut = h["cut"] + rng.normal(size=n) * 0.0035 + low(R, 0.06, 5)[:, 0] * 0.004 + 0.010 * lay * 0
    for k in range(K):
        x = x + d * step
        x, nn = push(x, 0.0015 + off * smooth(-1, 7, k))
        face = np.clip((0.012 - x[:, 1]) / 0.03, 0, 1)
        w = np.interp(
            x[:, 2], [-0.14, -0.08, -0.03, 0.02, 0.075, 0.10], [0.064, 0.0655, 0.069, 0.066, 0.040, 0.0]
        )
        need = np.maximum(w - np.abs(x[:, 0]), 0) * face  # curtains stay off the face
        x[:, 0] += (
            np.where(np.abs(x[:, 0]) < 0.03, sgn, np.sign(x[:, 0])) * need * (0.25 + 0.75 * smooth(2, 8, k))
        )
        x[:, 1] += need * 0.3
        points.append(x)
        g = np.stack([np.zeros(n), 0.16 * front_root * (x[:, 2] > -0.02), np.full(n, -1.0)], 1)
        comb = math.exp(-((k / 4.5) ** 2)) * smooth(0.04, 0.085, R[:, 2])  # combed away from the parting
        cv = np.stack([sgn * 1.3 * comb, 0.6 * comb * smooth(0.06, 0.0, R[:, 1]), 0 * comb], 1)
        g += cv - nn * (cv * nn).sum(1, keepdims=True) * 1.15
        g[:, 0] -= np.sign(x[:, 0]) * 0.34 * smooth(0.035, 0, x[:, 2] - cut)  # ends bend inwards
        g -= nn * np.minimum((g * nn).sum(1, keepdims=True), 0) * 0.9
        d = unit(d * 0.62 + g * 0.5)
    P: Floats = np.stack(points, 1)
    below = P[:, :, 2] < cut[:, None]
    first = np.where(below.any(1), below.argmax(1), K).astype(float)
    i = np.clip(first.astype(int), 1, K)
    za, zb = P[np.arange(n), i - 1, 2], P[np.arange(n), i, 2]
    first = np.where(below.any(1), i - 1 + np.clip((za - cut) / np.maximum(za - zb, 1e-6), 0, 1), first)
    P = resample(P, 22, first)
    n = len(P)
    t = np.linspace(0, 1, 22)[None, :, None]
    ph = low(R, 0.03, 9)
    P = P + t * h["wave"] * np.sin(t * 9 + ph[:, None] * 3.0) * np.array([1, 0.8, 0.25])
    P = clump(P, rng, 90, 0.55, 1.1)
    P = clump(P, rng, 16, 0.45, 1.6)
    jit = rng.normal(size=(n, 1, 3)) * 0.0006 + rng.normal(size=(n, 1, 3)) * 0.006 * (
        rng.random((n, 1, 1)) < 0.035
    )
    P = P + t**1.5 * jit * np.sin(t * 4 + rng.uniform(0, 6, (n, 1, 1)))
    q = P.reshape(-1, 3)
    w = np.interp(q[:, 2], [-0.14, -0.08, -0.03, 0.02, 0.06, 0.08], [0.058, 0.059, 0.061, 0.058, 0.040, 0.0])
    cross = ((np.abs(q[:, 0]) < w) & (q[:, 1] < 0.012) & (q[:, 2] < 0.058)).reshape(n, -1).any(1)
    P = P[~cross]
    return P, 5.2e-5


def _coiled(
    h: dict[str, Any], R: Floats, Nn: Floats, lm: dict[str, Any], push: Push, rng: np.random.Generator
) -> tuple[Floats, float]:
    """Hair that stands away from the head in coils."""
    n, top, back = len(R), lm["top"], lm["back"]
    K = 30
    t = np.linspace(0, 1, K)[None, :, None]
    L = (
        h["length"]
        * (0.35 + 0.65 * smooth(-0.03, 0.06, R[:, 2]))
        * rng.uniform(0.8, 1.05, n)
        * (1 - 0.45 * smooth(0.02, -0.035, R[:, 1]) * smooth(0.11, 0.05, R[:, 2]))
    )
    C = np.array([0, back * 0.45, top * 0.35])
    d = unit(Nn * 0.6 + unit(R - C) * 0.6 + low(R, 0.02, 5) * 0.22)
    a = unit(np.cross(d, rng.normal(size=(n, 3))))
    b = np.cross(d, a)
    turns = L / 0.0038
    q = t * turns[:, None, None] * 2 * np.pi + rng.uniform(0, 6.28, (n, 1, 1))
    r = 0.0017 * smooth(0, 0.25, t)
    axis = (R - Nn * 0.0008)[:, None] + d[:, None] * t * L[:, None, None]
    axis = clump(axis, rng, 14, 0.5, 0.8)
    P = axis + (a[:, None] * np.cos(q) + b[:, None] * np.sin(q)) * r
    return P, 5.5e-5
