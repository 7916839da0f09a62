"""Embeds the watermark of one payload into luma planes, one at a time, in the stream that encodes them."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.watermark.carrier import masking
from provenance.watermark.carrier.pattern import PERIOD, UNIT, carriers_of
from provenance.watermark.coding import error_correction
from provenance.watermark.coding.payload import WatermarkKey, WatermarkPayload

SMALLEST_SIDE = 176  # below, a mark does not survive an encoder
SHIFT = (UNIT * masking.UNIT).bit_length() - 1
HALF = np.int16(1 << (SHIFT - 1))


class FrameTooSmall(ValueError):
    """The frame is too small to hold a mark."""


class Embedder:
    """Puts `payload` under `key` into the luma planes of one clip, in order.

    `strength` is in sixty-fourths of the usual one. The same planes give the same result on every machine:
    all arithmetic is on whole numbers.
    """

    def __init__(
        self, payload: WatermarkPayload, key: WatermarkKey, strength: int = masking.FULL_STRENGTH
    ) -> None:
        self._pattern = pattern_of(payload, key)
        self._strength = strength
        self._fitted: NDArray[np.int8] = np.zeros((0, 0), np.int8)
        self._before: NDArray[np.uint8] | None = None

    def mark(self, luma: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The marked copy of the clip's next luma plane, (H, W) uint8 with even sides.

        Raises FrameTooSmall below 176 pixels a side, ValueError for another form.
        """
        require_plane(luma.shape, luma.dtype == np.uint8)
        if self._fitted.shape != luma.shape:
            self._fitted, self._before = fitted(self._pattern, *luma.shape), None
        half = masking.halved(luma)
        allowed = masking.strengths(half, self._before, self._strength)
        self._before = half
        allowed = np.asarray(cv2.resize(allowed, luma.shape[::-1], interpolation=cv2.INTER_LINEAR), np.uint8)
        change = np.multiply(allowed, self._fitted, dtype=np.int16)  # 255 * 127 fits
        change += HALF
        change >>= SHIFT
        np.add(luma, change, out=change)
        return np.asarray(np.clip(change, 0, 255, out=change).astype(np.uint8))


@lru_cache(maxsize=4)
def pattern_of(payload: WatermarkPayload, key: WatermarkKey) -> NDArray[np.int8]:
    """The (512, 512) pattern of a payload, not writable; a video is tried at several strengths of it."""
    pattern = carriers_of(key).pattern(error_correction.encode(payload.to_bits(key)))
    pattern.flags.writeable = False
    return pattern


def require_plane(shape: tuple[int, ...], is_bytes: bool) -> None:
    """Raises ValueError for a plane that is not (H, W) uint8 with even sides, FrameTooSmall below 176."""
    if len(shape) != 2 or not is_bytes or shape[0] % 2 or shape[1] % 2:
        raise ValueError(f"A plane must be (H, W) uint8 with even sides, not {shape}.")
    if min(shape) < SMALLEST_SIDE:
        raise FrameTooSmall(f"A frame of {shape[1]}x{shape[0]} is too small to be marked.")


def fitted(pattern: NDArray[np.int8], height: int, width: int) -> NDArray[np.int8]:
    """The pattern over a frame of this size: 512 to the shorter side, repeated along the longer one."""
    scale = PERIOD / min(height, width)
    rows, columns = round(height * scale), round(width * scale)
    plane = np.tile(pattern, (-(-rows // PERIOD), -(-columns // PERIOD)))[:rows, :columns]
    if (rows, columns) == (height, width):
        return plane
    how = cv2.INTER_AREA if scale > 1 else cv2.INTER_CUBIC
    resized = cv2.resize(plane.astype(np.float64), (width, height), interpolation=how)
    return np.asarray(np.clip(np.rint(resized * (UNIT / resized.std())), -127, 127), np.int8)
