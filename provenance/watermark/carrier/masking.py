"""Perceptual mask: how strong the watermark may be at each pixel without being seen or costing bit rate.

- Texture hides a pattern, flat areas and the flat side of a hard edge do not. So what counts at a place is
  the least active of its neighbourhoods: a cheek beside a hard outline is as flat as a cheek alone.
- Dark areas get less, because screens lift them.
- What moves gets less: under a pattern that stands still, an encoder must send what moves anew in every
  frame, and throws it away again as soon as it has to save. When nearly everything moves, that does not
  count.

Whole numbers throughout, so that every machine gets the same mask. Half the frame's resolution is enough.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

UNIT = 64  # a mask's value of 64 is one grey level (standard deviation of the mark)
FLOOR, RISE, CAP = 40, 8, 160  # in UNIT-ths; the rise is for each grey level of activity
FULL_STRENGTH = 64
_MOTION_SHARE = 0.8  # of what stands still; a crop to the face alone leaves nothing else

Half = NDArray[np.uint8]


def halved(luma: NDArray[np.uint8]) -> Half:
    """A luma plane (H, W) with even sides at half its resolution."""
    size = (luma.shape[1] // 2, luma.shape[0] // 2)
    return np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_AREA), np.uint8)


def strengths(half: Half, before: Half | None, strength: int = FULL_STRENGTH) -> NDArray[np.uint8]:
    """The allowed strength at each pixel of a halved frame, in UNIT-ths of a grey level.

    `before` is the frame before it, halved, or None at the beginning; `strength` scales the whole.
    """
    mean = _mean(half, 7)
    activity = _mean(_eightfold(cv2.absdiff(half, mean)), 7)
    allowed = cv2.LUT(cv2.erode(activity, _CORNERS), of_activity(strength))
    share = cv2.LUT(mean, OF_LIGHT)
    if before is not None:
        motion = _mean(_eightfold(cv2.absdiff(half, before)), 9)
        # The middle of the frame's motions: zero for a talking head, high when the camera moves.
        usual = np.sort(motion[::16, ::16], axis=None)
        relative = cv2.subtract(motion, float(usual[usual.size // 2]))
        share = cv2.multiply(share, cv2.LUT(relative, OF_MOTION), scale=1 / 64)
    return np.asarray(cv2.multiply(allowed, share, scale=1 / 64), np.uint8)


@lru_cache(maxsize=16)
def of_activity(strength: int) -> NDArray[np.uint8]:
    """What the least activity around a place, in eighths of a level, allows there."""
    levels = np.minimum(FLOOR + np.arange(256) * RISE // 8, CAP) * strength // FULL_STRENGTH
    return np.asarray(np.minimum(levels, 255), np.uint8)


def _mean(plane: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.blur(plane, (side, side), borderType=cv2.BORDER_REFLECT_101), np.uint8)


def _eightfold(plane: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Eight times the plane, 255 at most; doubled three times, which takes a sixth of a multiplication."""
    for _ in range(3):
        plane = np.asarray(cv2.add(plane, plane), np.uint8)
    return plane


def _corners(reach: int) -> NDArray[np.uint8]:
    """A neighbourhood's centre and four corners: where the least active of five means is looked for."""
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1), np.uint8)
    kernel[:: 2 * reach, :: 2 * reach] = kernel[reach, reach] = 1
    return kernel


CORNERS_REACH = 4
_CORNERS = _corners(CORNERS_REACH)
_LEVELS = np.arange(256)
# In sixty-fourths: 0.6 in the dark, rising to 1 at a luma of 70.
OF_LIGHT = np.clip(38 + _LEVELS * 26 // 70, 0, 64).astype(np.uint8)
# In sixty-fourths: falls with the motion, which is in eighths of a level.
OF_MOTION = np.clip(64 - _LEVELS * 64 // 24, round(64 * _MOTION_SHARE), 64).astype(np.uint8)
