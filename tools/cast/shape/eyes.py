"""Eyes: the ball with its wet film, and the picture of iris and sclera."""

from __future__ import annotations

import math

import cv2
import numpy as np

from tools.cast.numerics import Floats, Ints, smooth
from tools.cast.people import Person


def eyeball(rows: int = 64, cols: int = 64) -> tuple[Floats, Floats, Floats, Ints]:
    """Unit eyeball looking along -y: inner ball with a dished iris, outer wet film with a corneal bulge."""
    th = np.concatenate([np.linspace(0, 30, 26), np.linspace(32, 110, rows - 26)]) * np.pi / 180
    ph = np.linspace(0, 2 * np.pi, cols, endpoint=False)
    T, P = np.meshgrid(th, ph, indexing="ij")
    d = np.degrees(T)
    dirs = np.stack([np.sin(T) * np.cos(P), -np.cos(T), np.sin(T) * np.sin(P)], -1)
    lim = math.radians(25.5)
    flat = math.cos(lim) / np.cos(T)  # radius that lies on the iris plane
    inner = np.where(d < 25.5, flat * (1 - 0.035 * (1 - (d / 25.5) ** 2)), 1.0)
    outer = 1.004 + 0.085 * smooth(29, 0, d) * np.ones_like(d)
    uv = 0.5 + 0.5 * np.stack([d / 90 * np.cos(P), d / 90 * np.sin(P)], -1)
    F = [
        [i * cols + j, i * cols + (j + 1) % cols, (i + 1) * cols + (j + 1) % cols, (i + 1) * cols + j]
        for i in range(len(th) - 1)
        for j in range(cols)
    ]
    return (
        (dirs * inner[..., None]).reshape(-1, 3),
        (dirs * outer[..., None]).reshape(-1, 3),
        uv.reshape(-1, 2),
        np.array(F),
    )


def eye_texture(persona: Person, size: int = 1024) -> Floats:
    """Sclera, veins, limbal ring, fibrous iris, pupil in azimuthal projection (radius 1 = 90 degrees)."""
    r = np.random.default_rng(persona["seed"] + 5)
    y, x = np.mgrid[0:size, 0:size] / (size / 2) - 1 + 1e-6
    th = np.hypot(x, y) * 90
    ph = np.arctan2(y, x)
    base = np.array(persona["eye"])
    IR, PR = 25.5, 9.8

    def ring(n: int, seed: int) -> Floats:  # periodic angular noise
        q = np.random.default_rng(seed)
        found: Floats = (
            sum(
                np.sin(ph * k + q.uniform(0, 6.28) + q.normal() * th * 0.12) / k**0.35
                for k in q.integers(4, n, 26)
            )
            / 5
        )
        return found

    fib = ring(90, 1) * 0.6 + ring(220, 2) * 0.5
    t = np.clip((th - PR) / (IR - PR), 0, 1)
    col = (
        0.40
        * base[None, None]
        * (0.7 + 0.75 * np.clip(fib, -0.9, 1.2))[..., None]
        * (0.9 + 0.8 * smooth(0.05, 0.5, t) * (1 - smooth(0.55, 1, t)))[..., None]
    )
    warm = np.array([1.5, 1.0, 0.55]) * base.mean()
    k = (np.exp(-(((t - 0.18 - 0.05 * ring(24, 3)) / 0.13) ** 2)) * 0.55)[..., None]
    col = col * (1 - k) + warm * 0.40 * k
    col *= (1 - 0.93 * smooth(0.66, 0.98, t))[..., None]
    pup = 1 - smooth(PR - 0.6, PR + 0.7, th + ring(30, 4) * 0.2)
    col = col * (1 - pup[..., None]) + 0.003 * pup[..., None]
    scl = np.ones((size, size, 3)) * np.array([0.60, 0.555, 0.515])
    blotch = cv2.GaussianBlur(r.normal(size=(size, size)), (0, 0), 30) * 30
    scl *= (1 + 0.035 * blotch)[..., None]
    vein = np.zeros((size, size), np.float32)
    for _ in range(70):
        a = r.uniform(0, 6.28)
        rad = r.uniform(60, 95)
        pts = []
        for _ in range(28):
            pts.append([(1 + rad / 90 * math.cos(a)) * size / 2, (1 + rad / 90 * math.sin(a)) * size / 2])
            rad -= r.uniform(0.4, 1.7)
            a += r.normal() * 0.022
            if rad < 31:
                break
        cv2.polylines(vein, [np.array(pts, np.int32)], False, float(r.uniform(0.25, 1)), 1, cv2.LINE_AA)
    vein = cv2.GaussianBlur(vein, (0, 0), 1.3) * 1.1 + cv2.GaussianBlur(vein, (0, 0), 7) * 0.9
    scl = scl * (1 - np.clip(vein, 0, 1)[..., None] * np.array([0.10, 0.38, 0.40]))
    scl *= (1 - 0.30 * smooth(42, 85, th))[..., None] * (
        1 - np.array([0, 0.10, 0.12]) * smooth(40, 75, th)[..., None]
    )
    m = smooth(IR - 1.6, IR + 1.8, th)[..., None]
    picture: Floats = np.clip(col * (1 - m) + scl * m, 0, 1)
    return picture
