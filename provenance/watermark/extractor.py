"""Extracts the watermark from frames: their residuals are summed, aligned and decoded, key by key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from provenance.watermark.carrier.arrays import Plane
from provenance.watermark.carrier.moving_content import without_moving_content
from provenance.watermark.carrier.pattern import PERIOD, PILOT_PERIOD, carriers_of
from provenance.watermark.carrier.rectification import Geometry, folded, mapped, rectified
from provenance.watermark.carrier.residual import ResidualSum
from provenance.watermark.carrier.spectrum import (
    TILES,
    Alignment,
    CarrierSpectrum,
    measure_carriers,
    pilot_score,
    start_of_tile,
)
from provenance.watermark.coding import error_correction
from provenance.watermark.coding.payload import WatermarkKey, WatermarkPayload
from provenance.watermark.content.fingerprint import fingerprint_of_found
from provenance.watermark.identification.reading import Extraction, WatermarkReading
from provenance.watermark.synchronisation.framing import Box, boxes_to_search, is_large_enough
from provenance.watermark.synchronisation.period import covers_several, marked_periods
from provenance.watermark.synchronisation.refinement import correction
from provenance.watermark.synchronisation.synchroniser import Synchroniser, cut, moved_into, whole_frame

SMALLEST_SIDE = 96  # frames below hold nothing that could be judged
SURE_PILOT = 7.5  # a payload under a pilot this strong ends the search
WORTH_DECODING = 3.6  # a weaker pilot does not say where the payload lies
WORTH_REFINING = 4.4
LIKELY_TILES = 2  # of the sixteen places where a payload may begin, those that are decoded
PARTS = 3  # of a clip that are also looked at by themselves: the rest may be somebody else's
PILOT_OF_A_SECOND = 4.5  # by chance with probability 4e-5 at most

_UPRIGHT = Alignment(0.0, (0.0, 0.0), is_rotated=False)


class Extractor:
    """Takes luma frames of one size, then reads the marks of one or several keys from them."""

    def __init__(self) -> None:
        self._sum: ResidualSum | None = None

    def add(self, luma: NDArray[np.uint8], second: int = 0) -> None:
        """Add an (H, W) uint8 luma frame shown in a second of the clip.

        Frames of another size than the first, or too small to judge, are passed over.
        """
        if min(luma.shape) < SMALLEST_SIDE:
            return
        if self._sum is None:
            self._sum = ResidualSum(*luma.shape)
        if luma.shape == self._sum.frame_shape:
            self._sum.add(luma, second)

    def read(self, keys: Sequence[WatermarkKey]) -> Extraction:
        """Look for the marks of `keys`, the likeliest first. Ends at a payload read beyond doubt."""
        result = Extraction()
        if self._sum is None:
            return result
        result.frames_read = self._sum.frames
        pending: list[WatermarkReading] = []
        for reading in _attempts(self._sum, keys, result):
            if reading.pilot >= SURE_PILOT and (decoded := _decoded([reading], keys)[0]).payload:
                result.keep(decoded)
                break
            pending.append(reading)
        for reading in _decoded(pending, keys):
            result.keep(reading)
        found, result.readings = result.readings, []
        for reading in found:
            for one in self._apart(reading, keys, result):
                result.keep(one)
        return result

    def fit(self, payload: WatermarkPayload, key: WatermarkKey) -> tuple[float, float]:
        """The pilot's score and the payload's, if the frames are just as they were marked; 0 without any."""
        if self._sum is None:
            return 0.0, 0.0
        spectrum = _carrier_spectrum(self._sum.total(), next(whole_frame(self._sum.shape)), key)
        signs = 2.0 * error_correction.encode(payload.to_bits(key)) - 1.0
        return spectrum.pilot_score(), float(spectrum.soft_bits(_UPRIGHT)[0] @ signs)

    def _apart(
        self, reading: WatermarkReading, keys: Sequence[WatermarkKey], result: Extraction
    ) -> Iterator[WatermarkReading]:
        """A reading at the picture that carries it, and those of other marked pictures in the same frame.

        Where it lies among several pictures may stay unknown. Then it has no fingerprints: they might show
        another one.
        """
        assert self._sum is not None  # noqa: S101
        total, to_sum = self._sum.total(), _to_sum(self._sum)
        if not covers_several(total, to_sum @ reading.geometry):
            yield self._completed(reading, keys)
            return
        marked = []
        if reading.payload is not None or reading.pilot >= SURE_PILOT:
            carriers = carriers_of(keys[reading.key])
            marked = marked_periods(
                total, to_sum @ reading.geometry, carriers, is_inverted=reading.is_inverted
            )
            result.attempts += len(marked)
        pictures = _decoded(
            [
                replace(
                    reading,
                    pilot=period.pilot,
                    soft_bits=period.soft_bits,
                    geometry=np.linalg.inv(to_sum) @ period.geometry,
                )
                for period in marked
            ],
            keys,
        )
        own = [one for one in pictures if one.payload == reading.payload] or pictures
        if own:
            yield self._completed(replace(reading, geometry=own[0].geometry), keys)
        else:
            yield replace(reading, seconds=tuple(self._seconds_with(reading, keys)))
        others = {one.payload: one for one in pictures if one.payload not in (None, reading.payload)}
        for other in others.values():
            yield self._completed(other, keys)

    def _completed(self, reading: WatermarkReading, keys: Sequence[WatermarkKey]) -> WatermarkReading:
        """The reading with the seconds that carry it, and what frames show where it lies."""
        return replace(
            reading,
            seconds=tuple(self._seconds_with(reading, keys)),
            fingerprints=self._fingerprints_at(reading),
        )

    def _seconds_with(self, reading: WatermarkReading, keys: Sequence[WatermarkKey]) -> Iterator[int]:
        """The seconds of the clip in which the pilot is found at the reading's geometry."""
        assert self._sum is not None  # noqa: S101
        geometry = _to_sum(self._sum) @ reading.geometry
        carriers = carriers_of(keys[reading.key])
        sign = -1.0 if reading.is_inverted else 1.0
        for second, (plane, _) in sorted(self._sum.seconds.items()):
            sheet = folded(*rectified(plane, geometry, is_quick=True), PILOT_PERIOD)
            if sign * pilot_score(sheet, carriers) >= PILOT_OF_A_SECOND:
                yield second

    def _fingerprints_at(self, reading: WatermarkReading) -> NDArray[np.uint8]:
        """(n, FINGERPRINT_BYTES): what one frame of each second shows at the reading's geometry."""
        assert self._sum is not None  # noqa: S101
        geometry = _to_sum(self._sum) @ reading.geometry
        return np.stack(
            [
                fingerprint_of_found(negative(luma) if reading.is_inverted else luma, geometry)
                for luma in self._sum.samples.values()
            ]
        )


def _attempts(
    residuals: ResidualSum, keys: Sequence[WatermarkKey], result: Extraction
) -> Iterator[WatermarkReading]:
    """Readings with soft bits worth decoding, one per geometry hypothesis, the cheapest first."""
    total = residuals.total()
    whole = list(whole_frame(total.shape))
    picture = residuals.mean_picture()
    result.is_judged = is_large_enough(picture)
    boxes = boxes_to_search(picture)

    def hypotheses() -> Iterator[tuple[Plane, int, Geometry, Geometry]]:
        """A plane, a key's number, a geometry in it, and what takes the plane's pixels to the total's."""
        for geometry in whole:
            for number in range(len(keys)):
                yield total, number, geometry, np.eye(3)
        first = Synchroniser(cut(total, boxes[0]))
        for number, key in enumerate(keys):
            for geometry in first.nearby(carriers_of(key)):
                yield first.plane, number, geometry, moved_into(np.eye(3), boxes[0])
        for part in _parts(residuals):
            for number in range(len(keys)):
                yield part, number, whole[0], np.eye(3)
        for box in boxes:
            synchroniser, is_cleared = _searched(residuals, total, box)
            for number, key in enumerate(keys):
                carriers = carriers_of(key)
                near = synchroniser.nearby(carriers) if is_cleared else iter(())
                for geometry in chain(near, synchroniser.searched(carriers)):
                    yield synchroniser.plane, number, geometry, moved_into(np.eye(3), box)

    to_file = np.linalg.inv(_to_sum(residuals))
    for number, key in enumerate(keys):
        for reading in _as_marked(total, whole[0], number, key, result):
            yield replace(reading, geometry=to_file @ reading.geometry)
    for plane, number, geometry, to_whole in hypotheses():
        for reading in _read(plane, geometry, number, keys[number], result):
            yield replace(reading, geometry=to_file @ to_whole @ reading.geometry)


def _searched(residuals: ResidualSum, total: Plane, box: Box) -> tuple[Synchroniser, bool]:
    """The plane that is searched in a box, and whether content that moves was taken out of it."""
    plane = cut(total, box)
    cleared = without_moving_content([cut(luma, box) for luma in residuals.lumas], plane)
    return Synchroniser(plane if cleared is None else cleared), cleared is not None


def _as_marked(
    plane: Plane, geometry: Geometry, number: int, key: WatermarkKey, result: Extraction
) -> Iterator[WatermarkReading]:
    """The readings of a frame that lies as it was marked, as it is and inverted, even without its pilot."""
    spectrum = _carrier_spectrum(plane, geometry, key)
    pilot, soft_bits = spectrum.pilot_score(), spectrum.soft_bits(_UPRIGHT)[0]
    result.attempts += 2
    result.pilot = max(result.pilot, abs(pilot))
    yield WatermarkReading(number, pilot, None, soft_bits, geometry)
    yield WatermarkReading(number, -pilot, None, -soft_bits, geometry, is_inverted=True)


def _read(
    plane: Plane, geometry: Geometry, number: int, key: WatermarkKey, result: Extraction
) -> Iterator[WatermarkReading]:
    """What a plane holds at a geometry, and at a refined one."""
    carriers = carriers_of(key)
    for is_refined in (False, True):
        canvas, origin = rectified(plane, geometry)
        spectrum = measure_carriers(folded(canvas, origin), carriers)
        alignment = spectrum.align()
        result.pilot = max(result.pilot, alignment.score)
        if alignment.score < WORTH_DECODING:
            return
        # Chips that agree make soft bits of more energy than chance: rows of most energy are the likeliest.
        soft_bits = spectrum.soft_bits(alignment)
        result.attempts += TILES
        for tile in np.argsort(-(soft_bits**2).sum(1), kind="stable")[:LIKELY_TILES]:
            placed = _placed(geometry, alignment, start_of_tile(int(tile)), plane.shape)
            yield WatermarkReading(
                number,
                alignment.score,
                None,
                soft_bits[tile],
                placed,
                is_inverted=alignment.is_inverted,
            )
        if is_refined or alignment.score < WORTH_REFINING:
            return
        geometry = geometry @ correction(canvas, origin, carriers, alignment)


def negative(luma: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A luma frame with light and dark exchanged."""
    return np.asarray(255 - luma, np.uint8)


def _decoded(readings: Sequence[WatermarkReading], keys: Sequence[WatermarkKey]) -> list[WatermarkReading]:
    """The readings with those payloads whose check holds. Many are decoded in little more time than one."""
    if not readings:
        return []
    decoded = error_correction.decode(np.stack([reading.soft_bits for reading in readings]))
    return [
        replace(reading, payload=WatermarkPayload.from_bits(bits, keys[reading.key]))
        for reading, bits in zip(readings, decoded, strict=True)
    ]


def _parts(residuals: ResidualSum) -> Iterator[Plane]:
    """The means over the beginning, the middle and the end of a clip of several seconds."""
    seconds = sorted(residuals.seconds)
    if len(seconds) < PARTS:
        return
    for part in np.array_split(seconds, PARTS):
        chosen = [residuals.seconds[int(second)] for second in part]
        yield np.asarray(sum(plane for plane, _ in chosen) / sum(count for _, count in chosen), np.float32)


def _to_sum(residuals: ResidualSum) -> Geometry:
    """From pixels of the frames to pixels of the sum."""
    (height, width), (rows, columns) = residuals.frame_shape, residuals.shape
    return np.diag([columns / width, rows / height, 1.0])


def _carrier_spectrum(plane: Plane, geometry: Geometry, key: WatermarkKey) -> CarrierSpectrum:
    return measure_carriers(folded(*rectified(plane, geometry)), carriers_of(key))


def _placed(
    geometry: Geometry, alignment: Alignment, start: tuple[int, int], shape: tuple[int, ...]
) -> Geometry:
    """The geometry with the payload's own beginning at 0, 0, in the period in which the plane's middle is."""
    sign = -1.0 if alignment.is_rotated else 1.0
    shift = np.array(alignment.shift) + np.array(start)
    # Canonical u = sign * p + shift, where p is what `geometry` starts from.
    inverse = np.asarray(np.linalg.inv(geometry), np.float64)
    middle = mapped(np.array([[shape[1] / 2, shape[0] / 2]]), inverse)[0]
    shift -= np.floor((sign * middle + shift) / PERIOD) * PERIOD
    back = np.array([[sign, 0.0, -sign * shift[0]], [0.0, sign, -sign * shift[1]], [0.0, 0.0, 1.0]])
    return np.asarray(geometry @ back, np.float64)
