"""Makes readings of frames at one hypothesised geometry."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from provenance.watermark.carrier.arrays import Plane
from provenance.watermark.carrier.pattern import PERIOD, carriers_of
from provenance.watermark.carrier.rectification import Geometry, folded, mapped, rectified, step_for
from provenance.watermark.carrier.residual import ResidualSum
from provenance.watermark.carrier.spectrum import (
    TILES,
    Alignment,
    CarrierSpectrum,
    measure_carriers,
    measured,
    start_of_tile,
    values_of,
)
from provenance.watermark.coding import error_correction
from provenance.watermark.coding.payload import WatermarkKey, WatermarkPayload
from provenance.watermark.identification.reading import Extraction, WatermarkReading
from provenance.watermark.synchronisation.payload_search import payload_places
from provenance.watermark.synchronisation.refinement import correction
from provenance.watermark.synchronisation.slant import MIDDLES, slanted
from provenance.watermark.synchronisation.tracking import Path

WORTH_DECODING = 3.6  # a weaker pilot does not say where the payload lies
WORTH_REFINING = 4.4
WORTH_CARE = 6.0  # the pilot of a plane sampled quickly, from which it is sampled with care; chance rarely
COUNTED_ROUNDS = 2  # whose pilot counts for the answer; chance that is bent further fits better and better
ROUNDS, GAIN = 4, 0.3  # of refinement, more than one of a sure pilot only, and while each gains as much
LIKELY_TILES = 2  # of the sixteen places where a payload may begin, those that are decoded
SURE_PILOT = 7.5  # a payload under a pilot this strong ends the search

UPRIGHT = Alignment(0.0, (0.0, 0.0), is_rotated=False)


def as_marked(
    plane: Plane, geometry: Geometry, keys: Sequence[WatermarkKey], result: Extraction
) -> Iterator[WatermarkReading]:
    """The readings of a frame that lies as it was marked, as it is and inverted, even without its pilot."""
    values = measured(folded(*rectified(plane, geometry)))
    for number, key in enumerate(keys):
        spectrum = values_of(values, carriers_of(key))
        pilot, soft_bits = spectrum.pilot_score(), spectrum.soft_bits(UPRIGHT)[0]
        result.attempts += 2
        result.pilot = max(result.pilot, abs(pilot))
        yield WatermarkReading(number, pilot, None, soft_bits, geometry)
        yield WatermarkReading(number, -pilot, None, -soft_bits, geometry, is_inverted=True)


def read_at(
    plane: Plane,
    geometry: Geometry,
    number: int,
    key: WatermarkKey,
    result: Extraction,
    *,
    rounds: int = ROUNDS,
) -> Iterator[WatermarkReading]:
    """What a plane holds at a geometry, and at refined ones, in so many rounds at most."""
    carriers = carriers_of(key)
    before = 0.0
    for number_of_round in range(rounds):
        step = step_for(geometry)
        canvas, origin = rectified(plane, geometry, is_quick=True, step=step)
        spectrum = measure_carriers(folded(canvas, origin, step=step), carriers)
        alignment = spectrum.align()
        if alignment.score >= WORTH_CARE:
            step = 1
            canvas, origin = rectified(plane, geometry)
            spectrum = measure_carriers(folded(canvas, origin), carriers)
            alignment = spectrum.align()
        if number_of_round < COUNTED_ROUNDS:
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
        enough = WORTH_REFINING if number_of_round == 0 else max(SURE_PILOT, before + GAIN)
        if alignment.score < enough or number_of_round + 1 == rounds:
            return
        before = alignment.score
        geometry = geometry @ correction(canvas, origin, carriers, alignment, step)


def aslant(
    plane: Plane, number: int, key: WatermarkKey, result: Extraction, middles: Sequence[float] = MIDDLES
) -> Iterator[tuple[float, WatermarkReading]]:
    """The readings of a plane (H, W) as a picture that is seen much aslant, each with the pilot's score in
    one of its `middles`, before it was bent.
    """
    for score, geometry in slanted(plane, carriers_of(key), middles):
        for reading in read_bent(plane, geometry, number, key, result):
            yield score, reading


def without_pilot(
    plane: Plane, number: int, key: WatermarkKey, result: Extraction
) -> Iterator[WatermarkReading]:
    """The readings of a plane (H, W) whose pilot has been taken off.

    The place was chosen by the energy of the soft bits, so that this energy is divided out again: the bounds
    of `decision` are for sums of signs of the energy 1.
    """
    for place in payload_places(plane, carriers_of(key)):
        soft_bits = place.spectrum.soft_bits(place.alignment)[0]
        soft_bits /= np.float32(np.sqrt((soft_bits**2).sum()) + 1e-12)
        geometry = _placed(place.geometry, place.alignment, start_of_tile(0), plane.shape)
        result.attempts += 2
        yield WatermarkReading(number, 0.0, None, soft_bits, geometry)
        yield WatermarkReading(number, 0.0, None, -soft_bits, geometry, is_inverted=True)


def read_bent(
    plane: Plane, geometry: Geometry, number: int, key: WatermarkKey, result: Extraction
) -> Iterator[WatermarkReading]:
    """The readings at a geometry that was bent until the pilot fitted.

    Its pilot does not count for the answer, since chance that is bent as far fits as well. The payload does:
    its signs are not those of the pilot.
    """
    apart = Extraction()
    readings = list(read_at(plane, geometry, number, key, apart))
    result.attempts += apart.attempts
    yield from readings


def decoded(readings: Sequence[WatermarkReading], keys: Sequence[WatermarkKey]) -> list[WatermarkReading]:
    """The readings with those payloads whose check holds. Many are decoded in little more time than one."""
    if not readings:
        return []
    words = error_correction.decode(np.stack([reading.soft_bits for reading in readings]))
    return [
        replace(reading, payload=WatermarkPayload.from_bits(bits, keys[reading.key]))
        for reading, bits in zip(readings, words, strict=True)
    ]


def by_second(path: Path, residuals: ResidualSum, to_pixels: Geometry) -> dict[int, tuple[Geometry, ...]]:
    """A path as one in pixels of the file: for each second those of its frames.

    `to_pixels` takes what the path is measured in to pixels of the sum.
    """
    there = np.linalg.inv(to_sum(residuals)) @ to_pixels
    back = np.linalg.inv(there)
    seconds: dict[int, tuple[Geometry, ...]] = {}
    for second, motion in zip(residuals.shown, path, strict=True):
        seconds[second] = (*seconds.get(second, ()), there @ motion @ back)
    return seconds


def to_sum(residuals: ResidualSum) -> Geometry:
    """From pixels of the frames to pixels of the sum."""
    (height, width), (rows, columns) = residuals.frame_shape, residuals.shape
    return np.diag([columns / width, rows / height, 1.0])


def carrier_spectrum(plane: Plane, geometry: Geometry, key: WatermarkKey) -> CarrierSpectrum:
    """A key's carriers in a plane (H, W) at a geometry."""
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
