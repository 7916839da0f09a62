"""Sums high-pass residuals of frames: the picture content is removed and the watermark accumulates."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.watermark.carrier.arrays import Plane
from provenance.watermark.carrier.pattern import PERIOD

LONGEST_SIDE = 1280  # larger frames are scaled down: the mark has no detail that would be lost
CONTENT_SIGMA = 5.0  # canonical pixels: what is coarser than this is content
ENERGY_SIGMA = 3.0
SMALLEST_SCALE = 0.7  # a small frame may be the middle of a larger one
QUIET = 0.5  # grey levels: below, a place counts as quiet and is not lifted any further
LOUDEST = 1.5  # a pixel counts for no more than this many local standard deviations
# Places count by the root of their local standard deviation less.
KEPT_BYTES = 64 << 20  # of residuals of single frames, where they are needed more than once
LEAST_HALVED = 5.0  # pixels of a blur that is made at half the resolution


class ResidualSum:
    """Sums residuals of frames of one size, kept apart by the second they come from.

    `shape`: (H, W) of the sum. Frames may be larger than LONGEST_SIDE; they are scaled down.
    """

    def __init__(self, height: int, width: int) -> None:
        scale = min(1.0, LONGEST_SIDE / max(height, width))
        self.frame_shape = (height, width)
        self.shape = (max(1, round(height * scale)), max(1, round(width * scale)))
        self.frames = 0
        self.picture: Plane = np.zeros(self.shape, np.float32)
        self.seconds: dict[int, tuple[Plane, int]] = {}
        self.samples: dict[int, NDArray[np.uint8]] = {}  # one frame of each second, at the sum's size
        self.lumas: list[NDArray[np.uint8]] = []  # all of them
        self.shown: list[int] = []  # the second in which each is shown
        self.keeps_all = False  # the residuals of frames that are added from now on, as far as there is room
        self._total: Plane | None = None
        self._kept: dict[int, Plane] = {}

    def add(self, luma: NDArray[np.uint8], second: int) -> None:
        """Add one (H, W) uint8 luma frame that is shown in the given second of the clip."""
        if luma.shape != self.frame_shape:
            raise ValueError(f"A frame of {luma.shape} does not fit a sum of {self.frame_shape}.")
        if luma.shape != self.shape:
            luma = np.asarray(cv2.resize(luma, self.shape[::-1], interpolation=cv2.INTER_AREA), np.uint8)
        values = luma.astype(np.float32)
        rest = residual(values)
        if self.keeps_all and (len(self._kept) + 1) * rest.nbytes <= KEPT_BYTES:
            self._kept[len(self.lumas)] = rest.copy() if second not in self.seconds else rest
        if second in self.seconds:
            before, count = self.seconds[second]
            before += rest
            self.seconds[second] = before, count + 1
        else:
            self.seconds[second] = rest, 1
        self._total = None
        self.samples.setdefault(second, luma)
        self.lumas.append(luma)
        self.shown.append(second)
        self.picture += values
        self.frames += 1

    def of(self, number: int) -> Plane:
        """The residual of one of `lumas`; not to be written to. Those of small frames are kept."""
        if number in self._kept:
            return self._kept[number]
        rest = residual(self.lumas[number].astype(np.float32))
        if len(self.lumas) * rest.nbytes <= KEPT_BYTES:
            self._kept[number] = rest
        return rest

    def total(self) -> Plane:
        """The mean residual over all frames; not to be written to."""
        if self._total is None:
            planes = iter(self.seconds.values())
            self._total = next(planes)[0].copy()
            for plane, _ in planes:
                self._total += plane
            self._total /= np.float32(self.frames)
            self._total.flags.writeable = False
        return self._total

    def mean_picture(self) -> Plane:
        """The mean frame, in grey levels."""
        return self.picture / np.float32(self.frames)


def residual(values: Plane) -> Plane:
    """The residual of one luma frame, normalised by its local strength so that no place drowns the others."""
    scale = max(SMALLEST_SCALE, min(values.shape) / PERIOD)
    # Into the same arrays as far as may be: new ones take about as long as what is computed.
    rest = _content(values, CONTENT_SIGMA * scale)
    cv2.subtract(values, rest, rest)
    small = (max(1, values.shape[1] // 4), max(1, values.shape[0] // 4))
    local = cv2.multiply(rest, rest)
    energy = cv2.resize(local, small, interpolation=cv2.INTER_AREA)
    energy = _blurred(energy, ENERGY_SIGMA * scale / 4)
    cv2.resize(np.sqrt(energy), values.shape[::-1], local, interpolation=cv2.INTER_LINEAR)
    cv2.add(local, QUIET, local)
    cv2.divide(rest, local, rest)
    cv2.max(rest, -LOUDEST, rest)
    cv2.min(rest, LOUDEST, rest)
    cv2.sqrt(local, local)
    cv2.divide(rest, local, rest)
    return rest


def _content(values: Plane, sigma: float) -> Plane:
    """What is coarser than `sigma` pixels. It is so soft that half the resolution is enough for it."""
    if sigma < LEAST_HALVED:
        return _blurred(values, sigma)
    size = (values.shape[1] // 2, values.shape[0] // 2)
    halved = cv2.resize(values, size, interpolation=cv2.INTER_AREA)
    blurred = _blurred(np.asarray(halved, np.float32), sigma / 2)
    return np.asarray(cv2.resize(blurred, values.shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def _blurred(values: Plane, sigma: float) -> Plane:
    side = round(sigma * 3) * 2 + 1
    return np.asarray(cv2.GaussianBlur(values, (side, side), sigma), np.float32)
