"""Teeth: each by itself along the arch, in a ridge of gum."""

from __future__ import annotations

import math

import numpy as np

from tools.cast.numerics import Floats, Ints


def superbox(n: int = 9, e: float = 0.42) -> tuple[Floats, Ints]:
    """Rounded box (superquadric-ish) as a quad grid on a cube."""
    sides: list[Floats] = []
    F: list[list[int]] = []
    lin = np.linspace(-1, 1, n)
    for ax in range(3):
        for sg in (-1, 1):
            o = len(sides)
            a, b = np.meshgrid(lin, lin, indexing="ij")
            p = np.zeros((n * n, 3))
            p[:, ax] = sg
            p[:, (ax + 1) % 3] = a.ravel()
            p[:, (ax + 2) % 3] = b.ravel() * sg
            sides.extend(p)
            F.extend(
                [
                    [o + i * n + j, o + (i + 1) * n + j, o + (i + 1) * n + j + 1, o + i * n + j + 1]
                    for i in range(n - 1)
                    for j in range(n - 1)
                ]
            )
    V = np.array(sides)
    q = 2 / e
    return V / (np.abs(V) ** q).sum(1, keepdims=True) ** (1 / q), np.array(F)


def dentition(Vt: Floats, upper: bool) -> tuple[Floats, Ints, Floats]:
    """Single teeth and a ridge of gum along the arch of the model's guide vertices Vt (z up, -y front)."""
    mm = [8.4, 6.6, 7.6, 7.0, 6.8, 9.5] if upper else [5.3, 5.8, 6.8, 7.0, 7.2, 10.0]
    hgt = [9.8, 8.8, 9.8, 8.4, 7.8, 7.2] if upper else [8.6, 8.8, 9.8, 8.6, 8.0, 7.4]
    x = np.abs(Vt[:, 0])
    front = Vt[:, 1].min() - (0.0035 if upper else 0.0030)
    back = Vt[:, 1].max()
    half = x.max() - 0.0035
    a = np.linspace(0, 1, 200)  # arch: half a superellipse, front to molars
    ax = half * np.sin(a * np.pi / 2) ** 0.9
    ay = front + 0.0045 + (back - front - 0.004) * (1 - np.cos(a * np.pi / 2) ** 1.15)
    s = np.concatenate([[0], np.cumsum(np.hypot(np.diff(ax), np.diff(ay)))])
    w = np.array(mm) / 1000
    w *= min(1.12, s[-1] / w.sum()) * (1 if upper else 0.97)
    fz = Vt[Vt[:, 1] < Vt[:, 1].min() + 0.006, 2]
    zc = fz.min() - 0.0022 if upper else fz.max() - 0.0012
    P, Q = superbox()
    Vs: list[Floats] = []
    F: list[Ints] = []
    K: list[Floats] = []
    sgn = 1 if upper else -1
    for side in (-1, 1):
        c = 0.0
        for i, wi in enumerate(w):
            m = c + wi / 2
            c += wi
            px, py = np.interp(m, s, ax), np.interp(m, s, ay)
            d = 0.0004
            tx, ty = (
                np.interp(m + d, s, ax) - np.interp(m - d, s, ax),
                np.interp(m + d, s, ay) - np.interp(m - d, s, ay),
            )
            tl = math.hypot(tx, ty)
            tx, ty = tx / tl, ty / tl
            t = P.copy()
            hz = hgt[i] / 1000 * 0.62
            thick = (
                (0.0026 if i < 3 else 0.0042) * (1 + 0.35 * np.clip(t[:, 2] * sgn, -1, 1))
                if i < 3
                else np.full(len(t), 0.0042)
            )
            narrow = 1 - 0.13 * np.clip(t[:, 2] * sgn, 0, 1)  # narrower at the gum
            lx = t[:, 0] * wi * 0.485 * narrow
            ly = t[:, 1] * thick
            lz = t[:, 2] * hz
            if i == 2:
                lz -= sgn * 0.0011 * (1 - np.abs(t[:, 0])) * (t[:, 2] * sgn < 0)  # canine tip
            if i == 1 and upper:
                lz += 0.0006
            pos = np.stack(
                [side * (px + lx * tx - ly * ty * -1), py + lx * ty + ly * tx, zc + sgn * hz * 0.93 + lz], 1
            )
            F.append((Q if side > 0 else Q[:, ::-1]) + sum(len(v) for v in Vs))
            Vs.append(pos)
            K.append(np.full(len(pos), 1.0))
    g = []  # gum ridge
    for u in np.concatenate([-a[::-3], a[::3]]):
        gx = np.interp(abs(u), a, ax) * np.sign(u)
        gy = np.interp(abs(u), a, ay)
        for q in np.linspace(0, 2 * np.pi, 12, endpoint=False):
            g.append(
                [
                    gx * (1 + 0.10 * math.cos(q)),
                    gy - 0.0042 * math.cos(q),
                    zc + sgn * 0.0118 + sgn * 0.0058 * math.sin(q),
                ]
            )
    n = len(g) // 12
    o = sum(len(v) for v in Vs)
    F.append(
        np.array(
            [
                [
                    o + i * 12 + j,
                    o + i * 12 + (j + 1) % 12,
                    o + (i + 1) * 12 + (j + 1) % 12,
                    o + (i + 1) * 12 + j,
                ]
                for i in range(n - 1)
                for j in range(12)
            ]
        )
    )
    Vs.append(np.array(g))
    K.append(np.zeros(len(g)))
    V: Floats = np.concatenate(Vs)
    V[:, 2] += 0.06 * (V[:, 1] - front)  # the bite plane rises towards the molars
    return V, np.concatenate(F), np.concatenate(K)
