"""Attacks on a clip in time."""

from __future__ import annotations

import numpy as np

from benchmarks.watermark.attacks.changes import Frames


def resampled(frames: Frames, rate: float) -> Frames:
    index = (np.arange(int(len(frames) * rate)) / rate).astype(int)
    return frames[np.minimum(index, len(frames) - 1)]


def some_dropped(frames: Frames) -> Frames:
    return frames[np.random.default_rng(0).random(len(frames)) > 0.2]


def blended(frames: Frames) -> Frames:
    return ((frames[:-1].astype(np.uint16) + frames[1:]) // 2).astype(np.uint8)


def averaged(frames: Frames, count: int) -> Frames:
    """Each frame the mean of `count` neighbours."""
    total = np.cumsum(np.concatenate([np.zeros_like(frames[:1], np.uint32), frames.astype(np.uint32)]), 0)
    mean: Frames = ((total[count:] - total[:-count]) // count).astype(np.uint8)
    return mean


def middles(frames: Frames, count: int) -> Frames:
    """Each frame the median of `count` neighbours."""
    windows = [frames[at : at + count] for at in range(len(frames) - count + 1)]
    return np.stack([np.median(window, axis=0).astype(np.uint8) for window in windows])


def reordered(frames: Frames, reach: int) -> Frames:
    """Frames exchanged within stretches of `reach`."""
    rng = np.random.default_rng(0)
    parts = [
        rng.permutation(np.arange(at, min(at + reach, len(frames)))) for at in range(0, len(frames), reach)
    ]
    return frames[np.concatenate(parts)]


def dropped(frames: Frames, share: float) -> Frames:
    return frames[np.random.default_rng(1).random(len(frames)) >= share]


def ramped(frames: Frames) -> Frames:
    """From half the speed to twice the speed, frames in between interpolated."""
    places = np.cumsum(np.linspace(0.5, 2.0, len(frames)))
    places = places[places < len(frames) - 1]
    low = places.astype(int)
    share = (places - low).astype(np.float32)[:, None, None, None]
    mixed: Frames = (frames[low] * (1 - share) + frames[low + 1] * share + 0.5).astype(np.uint8)
    return mixed


def looped(frames: Frames) -> Frames:
    """The first half second over and over."""
    return np.concatenate([frames[:13]] * (-(-len(frames) // 13)))[: len(frames)]
