"""The skin's colour zones, roughness and freckles."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from tools.cast.numerics import Floats, noise3, smooth
from tools.cast.people import Person


def skin_colour(
    p: Person,
    X: Floats,
    n: Floats,
    lm: Floats,
    masks: dict[str, Floats],
    beard: Floats,
    eyes: Sequence[Floats],
    scalp: Floats,
) -> dict[str, Floats]:
    """Base colour zones: blood in cheeks, nose, ears and chin; darker lids; lips; beard shadow."""
    base = np.array(p["skin"])
    C = np.tile(base, (len(X), 1))
    dark = base.mean() < 0.2

    def blob(c: ArrayLike, s: tuple[float, float, float]) -> Floats:
        shade: Floats = np.exp(-((X - np.asarray(c)) ** 2 / np.array(s) ** 2).sum(1))
        return shade

    red = np.zeros(len(X))
    for cheek in (50, 280):
        red += blob(lm[cheek] * [0.88, 1, 1] + [0, 0, 0.006], (0.030, 0.04, 0.026)) * 0.60
    red += (
        blob(lm[4], (0.013, 0.02, 0.013)) * 0.8
        + blob(lm[1], (0.016, 0.02, 0.012)) * 0.35
        + masks["ears"] * 0.75
        + blob(lm[152] + [0, 0, 0.012], (0.016, 0.03, 0.012)) * 0.25
    )
    red *= 1 + 0.45 * noise3(X, 0.012, p["seed"], 2)
    pale = blob(lm[10], (0.06, 0.06, 0.03)) * 0.5
    tone = np.array([1.0, 0.74, 0.72]) if not dark else np.array([1.05, 0.80, 0.78])
    k = np.clip(red * p["redness"] * 0.62, 0, 1)[:, None]
    C = C * (1 - k) + C * tone * k
    C *= 1 + (0.06 * pale)[:, None] * np.array([1, 1, 0.9])
    for e in eyes:  # thin, darker skin round the eye
        r = np.linalg.norm((X - e) * [0.8, 0.5, 1.15], axis=1)
        k = np.exp(-(((r - 0.014) / 0.009) ** 2)) * 0.55
        under = np.exp(-(((X - e - [0, -0.012, -0.014]) * [0.8, 0.4, 1.3]) ** 2).sum(1) / 0.011**2) * 0.4
        k = np.clip(k + under, 0, 1)[:, None]
        C = C * (1 - k) + C * np.array([0.86, 0.745, 0.76]) * k
        m = np.exp(-(((r - 0.0115) / 0.0032) ** 2))[:, None] * 0.35
        C = C * (1 - m) + C * np.array([0.62, 0.47, 0.45]) * m
    if p.get("stubble"):
        k = (beard * 0.32 * p["stubble"])[:, None]
        C = C * (1 - k) + np.array([0.20, 0.19, 0.19]) * base.mean() * 2.0 * k
    mott = noise3(X, 0.007, p["seed"] + 2, 2) * 0.028 + noise3(X, 0.03, p["seed"] + 3) * 0.03
    C = C * (1 + mott[:, None] * np.array([0.7, 1.0, 1.1]))
    lip = masks["lips"]
    lm_ = smooth(0.12, 0.88, lip)[:, None]
    L = np.array(p["lip"]) * (1 + 0.10 * noise3(X * [1, 1, 0.15], 0.002, 9)[:, None])
    C = C * (1 - lm_ * 0.82) + L * lm_ * 0.82
    hc = np.array([0.05, 0.035, 0.025]) if p["hair"]["melanin"] > 0.6 else np.array([0.30, 0.24, 0.18])
    k = (scalp * 0.88)[:, None]
    C = C * (1 - k) + hc * k
    im = smooth(0.2, 0.8, masks["inside-mouth"])[:, None]
    C = C * (1 - im) + np.array([0.22, 0.05, 0.045]) * im
    tz = blob(lm[9], (0.028, 0.05, 0.05)) + blob(lm[4], (0.018, 0.03, 0.022)) * 1.0
    rough = 0.47 - 0.09 * np.clip(tz, 0, 1) - 0.08 * lip + 0.04 * noise3(X, 0.01, 8)
    rough = np.where(masks["inside-mouth"] > 0.5, 0.25, rough)
    rough = rough + 0.35 * scalp
    fr = (
        blob(lm[50], (0.03, 0.05, 0.022))
        + blob(lm[280], (0.03, 0.05, 0.022))
        + blob(lm[4], (0.022, 0.03, 0.022))
        + 0.25
    )
    return dict(
        rgb=np.clip(C, 0.002, 0.95).astype(np.float32),
        rough=rough.astype(np.float32),
        freck=(np.clip(fr, 0, 1) * (1 - lip)).astype(np.float32),
    )
