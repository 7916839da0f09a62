"""Completes readings: which seconds carry the mark, where its picture lies in frames, and what it shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.watermark.attempts import UPRIGHT, carrier_spectrum, to_sum
from provenance.watermark.carrier.arrays import Plane
from provenance.watermark.carrier.pattern import PILOT_PERIOD, carriers_of
from provenance.watermark.carrier.rectification import (
    Geometry,
    folded,
    rectified,
    step_for,
    within_pilot_period,
)
from provenance.watermark.carrier.residual import ResidualSum
from provenance.watermark.carrier.spectrum import pilot_score
from provenance.watermark.coding import error_correction
from provenance.watermark.coding.payload import WatermarkKey
from provenance.watermark.content.fingerprint import cells_inside, fingerprint_of_found
from provenance.watermark.content.fingerprint_match import CELLS
from provenance.watermark.identification.reading import FARTHEST, MarkedRegion, WatermarkReading
from provenance.watermark.laid_planes import LaidPlanes
from provenance.watermark.synchronisation.extent import Extent, marked_extent, part_about
from provenance.watermark.synchronisation.period import held_quadrants, start_of_period
from provenance.watermark.windows import is_filled

SAMPLED_TOGETHER = 4  # planes: OpenCV takes about as long for one, and twice as long for two or three
PILOT_OF_A_SECOND = 4.5  # by chance with probability 4e-5 at most


class WordFit(NamedTuple):
    """How frames fit a word: the pilot's score, the word's, and what else their soft bits hold, as the square
    of the score that a single other word would have; 0 +- 23 by chance.
    """

    pilot: float
    word: float
    beside: float


class Completion:
    """Completes the readings of one extraction; what was told of one serves others that lie as it does."""

    def __init__(self, residuals: ResidualSum, planes: LaidPlanes) -> None:
        self._residuals, self._planes = residuals, planes
        self._told: list[tuple[WatermarkReading, Geometry, tuple[int, ...]]] = []

    def completed(
        self,
        reading: WatermarkReading,
        keys: Sequence[WatermarkKey],
        total: Plane,
        *,
        is_place_known: bool = True,
    ) -> WatermarkReading:
        """The reading with the seconds that carry it, where the marked picture lies in `total`, and what it
        shows. No fingerprints where its place is not known: they might be of another picture.
        """
        in_sum, key = to_sum(self._residuals), keys[reading.key]
        carriers, geometry = carriers_of(key), in_sum @ reading.geometry
        extent: Extent | None = None
        marked: NDArray[np.bool_] | None = None
        if reading.payload is not None:
            signs = 2.0 * error_correction.encode(reading.payload.to_bits(key)) - 1.0
            upright = -total if reading.is_inverted else total
            found = marked_extent(upright, geometry, carriers, signs)
            if found is not None:
                extent, geometry, cells = found
                period = extent.period()
                extent, marked = extent.moved(period), cells.of_period(period)
                geometry = geometry @ start_of_period(period)
        held = np.ones((2, 2), np.bool_)
        if extent is not None or is_place_known:
            held = held_quadrants(total, geometry, carriers, is_inverted=reading.is_inverted)
        reading = replace(reading, geometry=np.linalg.inv(in_sum) @ geometry)
        reading = replace(reading, seconds=self._seconds_with(reading, keys))
        if extent is None:
            return self._compared(reading, held, keys) if is_place_known else reading
        inside = np.kron(held, np.ones((CELLS // 2, CELLS // 2), np.bool_)) & extent.cells(CELLS)
        reading = replace(reading, regions=tuple(self._regions(reading, extent)))
        return self._compared(reading, inside, keys, marked)

    def fit_by_second(
        self, reading: WatermarkReading, keys: Sequence[WatermarkKey]
    ) -> dict[int, tuple[float, float]]:
        """The pilot's score and that of a reading's payload in each second, where the reading found it."""
        if reading.payload is None:
            return {}
        return {second: self.fit_together([second], reading, keys)[:2] for second in self._residuals.seconds}

    def fit_together(
        self, seconds: Sequence[int], reading: WatermarkReading, keys: Sequence[WatermarkKey]
    ) -> WordFit:
        """How some seconds together fit the payload of a reading, where the reading found it."""
        assert reading.payload is not None  # noqa: S101
        key, place = keys[reading.key], to_sum(self._residuals) @ reading.geometry
        signs = 2.0 * error_correction.encode(reading.payload.to_bits(key)) - 1.0
        way = -1.0 if reading.is_inverted else 1.0
        planes = [self._planes.of_second(second, reading) for second in seconds]
        plane = planes[0] if len(planes) == 1 else np.asarray(sum(planes), np.float32)
        spectrum = carrier_spectrum(plane, place, key)
        soft_bits = spectrum.soft_bits(UPRIGHT)[0]
        word = float(soft_bits @ signs)
        beside = len(signs) * (float(soft_bits @ soft_bits) - 1) - word**2
        return WordFit(way * spectrum.pilot_score(), way * word, beside)

    def _regions(self, reading: WatermarkReading, extent: Extent) -> Iterator[MarkedRegion]:
        """Where the marked picture lies in the middle of each second that carries it."""
        height, width = self._residuals.frame_shape
        for second in reading.seconds:
            path = reading.path.get(second, (np.eye(3),))
            corners = extent.corners(path[len(path) // 2] @ reading.geometry) / (width, height)
            one, two, three, four = ((round(float(x), 4), round(float(y), 4)) for x, y in corners)
            if np.abs(corners).max() <= FARTHEST:
                yield MarkedRegion(second, (one, two, three, four))

    def _seconds_with(self, reading: WatermarkReading, keys: Sequence[WatermarkKey]) -> tuple[int, ...]:
        """The seconds of the clip in which the pilot is found at the reading's geometry.

        Readings of one alignment differ by periods of the pilot, and so do not in what is found.
        """
        place = to_sum(self._residuals) @ reading.geometry
        geometry = within_pilot_period(place)
        # On a long page readings of one alignment are about different parts of it.
        is_part = part_about(self._residuals.total(), place)[0].shape != self._residuals.total().shape
        for other, at, seconds in [] if is_part else self._told:
            if (
                (other.key, other.is_inverted) == (reading.key, reading.is_inverted)
                and (other.path is reading.path or not (other.path or reading.path))
                and np.allclose(at, geometry, rtol=1e-9, atol=1e-9)
            ):
                return seconds
        carriers = carriers_of(keys[reading.key])
        sign = -1.0 if reading.is_inverted else 1.0
        found = []
        every = sorted(self._residuals.seconds)
        for begin in range(0, len(every), SAMPLED_TOGETHER):
            some = every[begin : begin + SAMPLED_TOGETHER]
            parts = [part_about(self._planes.of_second(second, reading), place) for second in some]
            together = [plane for plane, _ in parts]
            together += together[:1] * (SAMPLED_TOGETHER - len(some)) if len(some) > 1 else []
            planes = np.asarray(cv2.merge(together), np.float32)
            there = parts[0][1] @ geometry
            step = step_for(there)
            canvas, origin = rectified(planes, there, is_quick=True, step=step)
            sheets = folded(canvas.reshape(*canvas.shape[:2], len(together)), origin, PILOT_PERIOD, step)
            for second, sheet in zip(some, sheets.transpose(2, 0, 1), strict=False):
                if sign * pilot_score(np.ascontiguousarray(sheet), carriers) >= PILOT_OF_A_SECOND:
                    found.append(second)
        if not is_part:
            self._told.append((reading, geometry, tuple(found)))
        return tuple(found)

    def _compared(
        self,
        reading: WatermarkReading,
        held: NDArray[np.bool_],
        keys: Sequence[WatermarkKey],
        marked: NDArray[np.bool_] | None = None,
    ) -> WatermarkReading:
        """The reading with what one frame of each second shows at its own geometry, in those parts (n, n) in
        which the mark is `held`, and how much of the picture these are; `marked`: in which cells nothing lies
        over it.

        A picture that does not fill the frames may lie elsewhere in some: of those, frames count in which the
        mark is seen where it is read, if there are any.
        """
        there = to_sum(self._residuals)
        is_held = np.kron(held, np.ones((CELLS // len(held), CELLS // len(held)), np.bool_))
        found, shares = [], []
        samples = self._residuals.samples
        if not reading.path and not is_filled(reading, self._residuals.shape):
            seen_in = [second for second in samples if self._is_seen(reading, second, keys)]
            reading = replace(reading, is_seen=bool(seen_in))
            samples = {second: samples[second] for second in seen_in} or samples
        for second, luma in samples.items():
            motion = reading.path[second][0] if reading.path else np.eye(3)
            seen, place = negative(luma) if reading.is_inverted else luma, there @ motion @ reading.geometry
            found.append(fingerprint_of_found(seen, place, held, marked))
            inside = cells_inside(seen.shape, place)
            shares.append((inside & is_held).sum() / max(int(inside.sum()), 1))
        return replace(reading, fingerprints=np.stack(found), compared=float(np.median(shares)))

    def _is_seen(self, reading: WatermarkReading, second: int, keys: Sequence[WatermarkKey]) -> bool:
        """Whether the frame of a second that is compared carries the mark where the reading has it."""
        number = self._residuals.shown.index(second)
        place = within_pilot_period(to_sum(self._residuals) @ reading.geometry)
        sheet = folded(*rectified(self._residuals.of(number), place, is_quick=True), PILOT_PERIOD)
        pilot = pilot_score(np.ascontiguousarray(sheet), carriers_of(keys[reading.key]))
        return (-1.0 if reading.is_inverted else 1.0) * pilot >= PILOT_OF_A_SECOND


def negative(luma: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A luma frame with light and dark exchanged."""
    return np.asarray(255 - luma, np.uint8)
