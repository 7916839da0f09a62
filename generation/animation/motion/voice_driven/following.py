"""Values that follow what they are drawn to, a share of the way with each row."""

from __future__ import annotations

import numpy as np
from scipy.signal import lfilter

from generation.animation.arrays import Curve, Float64Array


class Follower:
    """First-order low-passes whose rows arrive in pieces; the cuts change nothing. They begin at 0."""

    def __init__(self, width: int) -> None:
        self._now = np.zeros(width)

    def follow(self, goals: Float64Array, share: float | Curve) -> Float64Array:
        """Where they are (N, width) row after row, drawn to `goals` (N, width), each row by a `share` of the
        way, one number or (N,)."""
        if not len(goals):  # of no input at all, scipy returns a final state that nobody has written
            return goals.copy()
        if isinstance(share, float):
            keep = 1 - share
            values, _ = lfilter([share], [1, -keep], goals, axis=0, zi=keep * self._now[None])
            self._now = values[-1].copy()
            return np.asarray(values, np.float64)
        columns: list[list[float]] = []
        shares = share.tolist()
        for now, column in zip(self._now.tolist(), goals.T.tolist(), strict=True):
            followed: list[float] = []
            for part, goal in zip(shares, column, strict=True):
                now += part * (goal - now)  # noqa: PLW2901 - from where it is
                followed.append(now)
            columns.append(followed)
        rows = np.ascontiguousarray(np.array(columns).T)
        self._now = rows[-1].copy()
        return rows


def mixed(weights: Float64Array, features: list[Curve]) -> Float64Array:
    """Each row of features, (N,) each, through `weights` (M, K): (N, M). Row by row the same sum, however
    many rows come together."""
    total = np.zeros((len(features[0]), len(weights)))
    for column, feature in zip(weights.T, features, strict=True):
        total += feature[:, None] * column
    return total
