"""The mean residuals of a clip's frames, second by second, laid onto each other where the picture moves."""

from __future__ import annotations

import numpy as np

from provenance.watermark.attempts import to_sum
from provenance.watermark.carrier.arrays import Plane
from provenance.watermark.carrier.rectification import Geometry
from provenance.watermark.carrier.residual import ResidualSum
from provenance.watermark.identification.reading import WatermarkReading
from provenance.watermark.synchronisation.tracking import moved


class LaidPlanes:
    """Planes of the readings of some frames; those along one path, which several readings have, are kept."""

    def __init__(self, residuals: ResidualSum) -> None:
        self._residuals = residuals
        self._laid: dict[int, Plane] = {}  # seconds whose frames are laid onto each other along this path
        self._laid_along: dict[int, tuple[Geometry, ...]] = {}
        self._laid_total: Plane | None = None  # the mean of all of them

    def total_of(self, reading: WatermarkReading) -> Plane:
        """The mean residual of all frames, laid onto each other if the picture moves."""
        if not reading.path:
            return self._residuals.total()
        seconds = [self.of_second(second, reading) for second in self._residuals.seconds]
        if self._laid_total is None:
            self._laid_total = np.asarray(sum(seconds) / np.float32(len(seconds)), np.float32)
        return self._laid_total

    def of_second(self, second: int, reading: WatermarkReading) -> Plane:
        """The mean residual of a second's frames, laid onto each other if the picture moves."""
        if not reading.path:
            return self._residuals.seconds[second][0]
        # The readings of one track have the same path, and residuals take time.
        if self._laid_along is not reading.path:
            self._laid_along, self._laid, self._laid_total = reading.path, {}, None
        if second not in self._laid:
            self._laid[second] = self._laid_onto_each_other(second, reading.path)
        return self._laid[second]

    def _laid_onto_each_other(self, second: int, path: dict[int, tuple[Geometry, ...]]) -> Plane:
        there = to_sum(self._residuals)
        back = np.linalg.inv(there)
        numbers = [number for number, shown in enumerate(self._residuals.shown) if shown == second]
        planes = [
            moved(self._residuals.of(number), there @ motion @ back, is_quick=True)
            for number, motion in zip(numbers, path[second], strict=True)
        ]
        return np.asarray(sum(planes) / np.float32(len(planes)), np.float32)
