"""Settles where a reading's picture lies: along which path if it moves, straightened if it lies aslant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from provenance.watermark.attempts import GAIN, SURE_PILOT, aslant, by_second, decoded, to_sum
from provenance.watermark.carrier.pattern import carriers_of
from provenance.watermark.carrier.residual import ResidualSum
from provenance.watermark.coding.payload import WatermarkKey
from provenance.watermark.group_readings import GroupReadings
from provenance.watermark.identification.reading import Extraction, WatermarkReading
from provenance.watermark.synchronisation.period import held_quadrants
from provenance.watermark.synchronisation.tracking import Tracker


class Settling:
    """Settles the readings of some frames, which are followed once for all of them."""

    def __init__(self, residuals: ResidualSum, groups: GroupReadings) -> None:
        self._residuals, self._groups = residuals, groups
        self._tracker: Tracker | None = None

    def settled(
        self, reading: WatermarkReading, keys: Sequence[WatermarkKey], result: Extraction
    ) -> WatermarkReading:
        """A reading with the path of a picture that moves, and straightened if it fits a part of it only."""
        if reading.payload is None and reading.pilot < SURE_PILOT:
            return reading
        if not reading.path and self._groups.are_of_a_picture_that_moves(self._residuals):
            reading = self._followed(reading, keys)
        return reading if reading.path else self._straightened(reading, keys, result)

    def _straightened(
        self, reading: WatermarkReading, keys: Sequence[WatermarkKey], result: Extraction
    ) -> WatermarkReading:
        total, in_sum = self._residuals.total(), to_sum(self._residuals)
        key, geometry = keys[reading.key], in_sum @ reading.geometry
        if held_quadrants(total, geometry, carriers_of(key), is_inverted=reading.is_inverted).all():
            return reading
        tried = [one for _, one in aslant(total, reading.key, key, result)]
        best = max(decoded(tried, keys), key=lambda one: one.pilot, default=reading)
        if best.payload != reading.payload or best.pilot < reading.pilot + GAIN:
            return reading
        return replace(reading, geometry=np.linalg.inv(in_sum) @ best.geometry)

    def _followed(self, reading: WatermarkReading, keys: Sequence[WatermarkKey]) -> WatermarkReading:
        """A reading that was made as if the picture stood still, with its path if the picture moves."""
        if self._tracker is None:
            self._tracker = self._groups.tracker(self._residuals)
        to_tracked = np.linalg.inv(self._tracker.back) @ to_sum(self._residuals)
        carriers, is_inverted = carriers_of(keys[reading.key]), reading.is_inverted
        place = self._tracker.place_near(to_tracked @ reading.geometry, carriers, is_inverted=is_inverted)
        if place is None:
            return reading
        track = self._tracker.followed(*place, carriers, is_inverted=is_inverted)
        if track is None:
            return reading
        path = by_second(track.path, self._residuals, self._tracker.back)
        return replace(reading, geometry=np.linalg.inv(to_tracked) @ track.geometry, path=path)
