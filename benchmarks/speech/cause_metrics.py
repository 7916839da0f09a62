"""Whether the voice is the cause of a performance: what is compared between performances.

All curves are of the first PIECE_S seconds. A correlation between performances to different recordings says
how much of them the seed alone explains; one between performances to the same recording, once degraded, how
much of them the voice explains rather than the bytes.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from generation.animation.track.arkit import ARKIT_ACTIONS
from generation.animation.track.motion_track import MotionTrack

PIECE_S: Final = 7.5
CURVES: Final = ("yaw", "pitch", "roll", "gaze yaw", "inner brow", "brow down")
_ENVELOPE_S, _LONGEST_LAG_S = 0.4, 0.6
_BROW, _DOWN = (
    [ARKIT_ACTIONS.index(name) for name in names]
    for names in (("browInnerUp",), ("browDownLeft", "browDownRight"))
)
_LIDS = ARKIT_ACTIONS.index("eyeBlinkLeft")

Curves = NDArray[np.float64]


def curves_of(track: MotionTrack, seconds: float = PIECE_S) -> Curves:
    """Yaw, pitch, roll, gaze yaw, inner brow and brow down of a track's beginning: (6, T)."""
    frames = int(seconds * track.fps)
    actions = track.actions[:frames].astype(np.float64)
    head = track.head_pose[:frames, :3].astype(np.float64)
    gaze = track.gaze[:frames, :1].astype(np.float64)
    brows = np.stack([actions[:, _BROW].mean(1), actions[:, _DOWN].mean(1)], axis=1)
    return np.concatenate([head, gaze, brows], axis=1).T


def correlation(one: Curves, other: Curves) -> float:
    """Pearson's r of two curves (T,); not a number where one of them does not move."""
    if one.std() < 1e-6 or other.std() < 1e-6:
        return float("nan")
    return float(np.corrcoef(one, other)[0, 1])


def between(performances: Sequence[Curves]) -> tuple[Curves, Curves]:
    """Mean correlation and mean absolute correlation of each curve over all pairs: (6,) each."""
    pairs = [
        [correlation(a, b) for a, b in zip(one, other, strict=True)]
        for one, other in itertools.combinations(performances, 2)
    ]
    values = np.array(pairs)
    return np.nanmean(values, axis=0), np.nanmean(np.abs(values), axis=0)


def alike(pairs: Iterable[tuple[Curves, Curves]]) -> Curves:
    """Mean correlation of each curve over pairs of performances to the same recording: (6,)."""
    values = [[correlation(a, b) for a, b in zip(one, other, strict=True)] for one, other in pairs]
    return np.asarray(np.nanmean(np.array(values), axis=0), np.float64)


def speed(track: MotionTrack) -> Curves:
    """The head's angular speed (T,) in degrees a second."""
    angles = track.head_pose[:, :3].astype(np.float64)
    return np.asarray(np.linalg.norm(np.gradient(angles, axis=0), axis=1) * track.fps)


def envelopes(track: MotionTrack) -> Curves:
    """How fast head and inner brow move, over `_ENVELOPE_S`: (2, T)."""
    brow = np.abs(np.gradient(track.actions[:, _BROW[0]].astype(np.float64))) * track.fps
    width = _ENVELOPE_S * track.fps
    return np.stack([gaussian_filter1d(curve, width) for curve in (speed(track), brow)])


def voice_share(grid: Sequence[Sequence[Curves]]) -> Curves:
    """The share of variance that the voice explains in a table of curves [voice][seed] of (C, T): (C,).

    Each curve is brought to mean 0 and variance 1 first, so that only its course counts.
    """
    table = np.array(grid)  # voices, seeds, C, T
    table = table - table.mean(-1, keepdims=True)
    table /= table.std(-1, keepdims=True) + 1e-9
    by_voice = table.mean(1, keepdims=True)
    whole = ((table - table.mean((0, 1), keepdims=True)) ** 2).mean((0, 1, 3))
    return np.asarray(((by_voice - table.mean((0, 1), keepdims=True)) ** 2).mean((0, 1, 3)) / whole)


def coupling(speeds: Curves, loudness: Curves, stranger: Curves, fps: float) -> tuple[float, float]:
    """Head speed with loudness at the best lag within 0.6 s, and with another's loudness at the same lag."""
    lags = range(-round(_LONGEST_LAG_S * fps), round(_LONGEST_LAG_S * fps) + 1)
    own = {lag: _lagged(speeds, loudness, lag) for lag in lags}
    best = max(own, key=lambda lag: own[lag])
    return own[best], _lagged(speeds, stranger, best)


def _lagged(speeds: Curves, loudness: Curves, lag: int) -> float:
    count = min(len(speeds), len(loudness)) - abs(lag)
    first, second = max(lag, 0), max(-lag, 0)
    return correlation(speeds[first : first + count], loudness[second : second + count])


def spectral_shares(track: MotionTrack) -> tuple[float, float, float]:
    """The shares of the head angles' energy below 0.5 Hz, from 0.5 to 2 and from 2 to 6 Hz."""
    angles = track.head_pose[:, :3].astype(np.float64)
    power = (
        np.abs(np.fft.rfft((angles - angles.mean(0)) * np.hanning(len(angles))[:, None], axis=0)) ** 2
    ).sum(1)
    hz = np.fft.rfftfreq(len(angles), 1 / track.fps)
    return tuple(  # type: ignore[return-value]
        float(power[(hz >= low) & (hz < high)].sum() / power.sum())
        for low, high in ((0, 0.5), (0.5, 2), (2, 6))
    )


def longest_without_blink(track: MotionTrack) -> float:
    """The longest time in seconds in which the lids do not fall by half; the ends of the clip count."""
    shut = np.flatnonzero(track.actions[:, _LIDS] > 0.5)
    at = np.concatenate([[0], shut, [len(track)]])
    return float(np.diff(at).max() / track.fps)


def dimensions(values: Curves, share: float = 0.95) -> int:
    """How many principal components hold `share` of the variance of (T, N)."""
    spectrum = np.linalg.svd(values - values.mean(0), compute_uv=False) ** 2
    return int(np.searchsorted(np.cumsum(spectrum) / spectrum.sum(), share) + 1)
