"""Closed lips: softens the line along which they meet."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import UInt8Array
from generation.animation.rendering.mouth.lip_gap import LipGap

SEAM = (0.15, 0.22, 0.26, 0.22, 0.15)  # weights of the rows that are averaged across the seam of closed lips


def soften_seam(frame: UInt8Array, lip_gap: LipGap, strength: NDArray[np.floating]) -> None:
    """Average `frame` (H, W, 3), in place, across the line along which closed lips meet, with
    `strength` (COLUMNS,) 0..1.

    There the texture jumps from one lip to the other, and would show the steps of the pixels."""
    x = np.arange(int(np.ceil(lip_gap.x[0])), int(lip_gap.x[-1]) + 1)
    reach = len(SEAM) // 2
    middle = np.rint(np.interp(x, lip_gap.x, (lip_gap.upper + lip_gap.lower) / 2)).astype(int)
    inside = (x >= 0) & (x < frame.shape[1]) & (middle > 2 * reach) & (middle < len(frame) - 2 * reach - 1)
    x, middle = x[inside], middle[inside]
    band = frame[middle + np.arange(-2 * reach, 2 * reach + 1)[:, None], x].astype(np.float32)
    even = sum(weight * band[i : i + 2 * reach + 1] for i, weight in enumerate(SEAM))
    share = np.interp(x, lip_gap.x, strength).astype(np.float32)[None, :, None]
    mixed = band[reach:-reach] * (1 - share) + even * share
    frame[middle + np.arange(-reach, reach + 1)[:, None], x] = np.rint(mixed).astype(np.uint8)
