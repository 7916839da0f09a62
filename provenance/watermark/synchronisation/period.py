"""Tells which periods of the pattern are marked pictures, where a frame shows more than one picture.

The pattern repeats after 512 canonical pixels, so that the geometry of a picture beside something else fits
as well one period further on. But only where a marked picture lies are the carriers there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from provenance.watermark.carrier.pattern import PERIOD, PILOT_PERIOD, Carriers
from provenance.watermark.carrier.rectification import Geometry, canvas_of, folded, rectified
from provenance.watermark.carrier.spectrum import Alignment, measure_carriers, pilot_score

LEAST_COVERED = 0.2  # of a period, or it is no candidate
CARRIES = 4.5  # the pilot's score: by chance in one of nine periods with probability 4e-4 at most

COVERED, UNEVEN = 0.5, 0.4  # of a quarter, and of the best quarter's score

_UPRIGHT = Alignment(0.0, (0.0, 0.0), is_rotated=False)


@dataclass(frozen=True, eq=False)
class MarkedPeriod:
    """A period of the pattern in which the pilot is: its geometry, pilot score and (256,) soft bits."""

    geometry: Geometry
    pilot: float
    soft_bits: NDArray[np.float32]


def covers_several(shape: tuple[int, ...], geometry: Geometry) -> bool:
    """Whether more than one period of the pattern may lie in a plane (H, W) under a geometry."""
    return len(list(_periods(*canvas_of(shape, geometry)))) > 1


def marked_periods(
    plane: NDArray[np.float32], geometry: Geometry, carriers: Carriers, *, is_inverted: bool
) -> list[MarkedPeriod]:
    """The periods of a residual (H, W) that carry the pilot where `geometry` says: its own first, if that
    one does, then the strongest.
    """
    sign = np.float32(-1 if is_inverted else 1)
    found = {}
    for period, sheet in _sheets(plane, geometry):
        spectrum = measure_carriers(sheet, carriers)
        pilot = float(sign * spectrum.pilot_score())
        if pilot >= CARRIES:
            there = geometry @ start_of_period(period)
            found[period] = MarkedPeriod(there, pilot, sign * spectrum.soft_bits(_UPRIGHT)[0])
    return [found[at] for at in sorted(found, key=lambda period: (period != (0, 0), -found[period].pilot))]


def start_of_period(period: tuple[int, int]) -> Geometry:
    """What takes canonical pixels of a period (column, row) to those counted from the first one."""
    shift = np.eye(3)
    shift[:2, 2] = np.array(period) * PERIOD
    return shift


def _sheets(
    plane: NDArray[np.float32], geometry: Geometry
) -> Iterator[tuple[tuple[int, int], NDArray[np.float32]]]:
    """The periods (column, row) that a plane covers, each with its (512, 512) canonical residual."""
    canvas, origin = rectified(plane, geometry)
    for column, row in _periods(origin, (canvas.shape[1], canvas.shape[0])):
        x, y = column * PERIOD - origin[0], row * PERIOD - origin[1]
        cut = canvas[max(y, 0) : y + PERIOD, max(x, 0) : x + PERIOD]
        sheet = np.zeros((PERIOD, PERIOD), np.float32)
        sheet[max(-y, 0) :, max(-x, 0) :][: cut.shape[0], : cut.shape[1]] = cut
        yield (column, row), sheet


def _periods(origin: tuple[int, int], size: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """The periods (column, row) of which a canvas that begins at `origin` covers enough."""
    rows, columns = (
        range(begin // PERIOD, (begin + length - 1) // PERIOD + 1)
        for begin, length in zip(origin[::-1], size[::-1], strict=True)
    )
    for row in rows:
        for column in columns:
            covered = 1
            for place, begin, length in zip((column, row), origin, size, strict=True):
                start = place * PERIOD - begin
                covered *= max(0, min(length, start + PERIOD) - max(start, 0))
            if covered >= LEAST_COVERED * PERIOD * PERIOD:
                yield column, row


def held_quadrants(
    plane: NDArray[np.float32], geometry: Geometry, carriers: Carriers, *, is_inverted: bool
) -> NDArray[np.bool_]:
    """(2, 2): the quarters of the geometry's own period in which the pilot is, wherever it is strong enough
    to tell; a quarter of which less than half lies in the plane (H, W) passes.

    Where one holds it and another does not, the geometry fits a part of the picture only, or something
    covers the rest.
    """
    canvas, (left, top) = rectified(plane, geometry, own_period=True)
    half = PERIOD // 2
    scores = np.full((2, 2), np.nan)
    for row in range(2):
        for column in range(2):
            rows = slice(max(row * half - top, 0), max((row + 1) * half - top, 0))
            columns = slice(max(column * half - left, 0), max((column + 1) * half - left, 0))
            part = canvas[rows, columns]
            if part.size < COVERED * half * half:
                continue
            quarter = np.zeros((half, half), np.float32)
            at_y, at_x = max(top - row * half, 0), max(left - column * half, 0)
            quarter[at_y : at_y + part.shape[0], at_x : at_x + part.shape[1]] = part
            score = pilot_score(folded(quarter, (0, 0), PILOT_PERIOD), carriers)
            scores[row, column] = -score if is_inverted else score
    best = np.nanmax(scores, initial=0.0)
    return np.asarray(~(scores < UNEVEN * best) | (best < CARRIES), np.bool_)
