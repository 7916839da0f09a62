"""Finds how far a mark reaches: the part of the picture in which its carriers are.

The geometry says how canonical pixels lie in the file, but not where the marked picture ends: the pattern
repeats. Once the word is known, so is the whole pattern, and its agreement with the residual can be looked at
place by place. Where a marked picture is there is agreement everywhere, and beside it as much for as against.
The rectangle of canonical pixels that holds the most of it, less half of what it holds on average, is the
marked picture. Only payload carriers count: the pilot is also in other marked pictures of the same year.
Inside it, where there is no agreement over some cells, something was laid over the picture.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

import cv2
import numpy as np
import scipy.fft
from numpy.typing import NDArray

from provenance.watermark.carrier.pattern import HIGHEST, LOWEST, PERIOD, Carriers
from provenance.watermark.carrier.rectification import (
    MOST_PERIODS,
    Geometry,
    canvas_of,
    corners_of,
    mapped,
    rectified,
)
from provenance.watermark.synchronisation.rectangles import richest
from provenance.watermark.synchronisation.refinement import correction_by_word

CELL = 16  # canonical pixels to a side of a place
ROUNDS = 3
BETTERED = 2  # times at most that a geometry is bent until the word fits better
BETTER = 1.03  # times as well, or the geometry is left as it is
MARGIN = 48  # canonical pixels around the held cells
LEAST_SUM = 5.0  # standard deviations by chance of the agreement in the rectangle
SNAP = 28.0  # canonical pixels to an edge of the frame or of the pattern, at which a picture usually ends
AROUND = 5  # cells to a side, over which is looked whether something lies over the picture
BARE = 0.25  # of the mean agreement, below which something does
LOUDEST = 3.0  # a pixel counts for no more than this many standard deviations
_RINGS = 24  # of the band, in each of which the noise has one level


class Extent(NamedTuple):
    """A rectangle in canonical pixels."""

    left: float
    top: float
    right: float
    bottom: float

    def corners(self, geometry: Geometry) -> NDArray[np.float64]:
        """(4, 2) its corners under a geometry, clockwise from its top left."""
        x = [self.left, self.right, self.right, self.left]
        y = [self.top, self.top, self.bottom, self.bottom]
        return mapped(np.stack([x, y], 1), geometry)

    def period(self) -> tuple[int, int]:
        """Column and row of the pattern's period that holds most of it."""
        return _most_held(self.left, self.right), _most_held(self.top, self.bottom)

    def cells(self, count: int) -> NDArray[np.bool_]:
        """(count, count): which parts of the pattern's own period have their middles inside."""
        middles = (np.arange(count) + 0.5) * PERIOD / count
        across = (middles > self.left) & (middles < self.right)
        return ((middles > self.top) & (middles < self.bottom))[:, None] & across[None]

    def moved(self, period: tuple[int, int]) -> Extent:
        """The same rectangle, counted from the beginning of a period."""
        x, y = (PERIOD * place for place in period)
        return Extent(self.left - x, self.top - y, self.right - x, self.bottom - y)


class MarkedCells(NamedTuple):
    """Which cells (rows, columns) of a plane show the mark; the first begins at `left` and `top`, in cells
    of the pattern.
    """

    left: int
    top: int
    seen: NDArray[np.bool_]

    def of_period(self, period: tuple[int, int]) -> NDArray[np.bool_]:
        """(PERIOD / CELL, PERIOD / CELL): those of a period (column, row) of the pattern."""
        count = PERIOD // CELL
        x, y = period[0] * count - self.left, period[1] * count - self.top
        cut = self.seen[max(y, 0) : max(y + count, 0), max(x, 0) : max(x + count, 0)]
        cells = np.zeros((count, count), np.bool_)
        cells[max(-y, 0) :, max(-x, 0) :][: cut.shape[0], : cut.shape[1]] = cut
        return cells


def marked_extent(
    plane: NDArray[np.float32], geometry: Geometry, carriers: Carriers, signs: NDArray[np.floating]
) -> tuple[Extent, Geometry, MarkedCells] | None:
    """Where in a residual (H, W) the word with these (256,) signs lies under a geometry; the geometry, or
    one under which it lies better; and in which cells it is seen.

    None where too little of it is found to say.
    """
    pattern = _payload_pattern(carriers, signs)
    shape, (plane, to_part) = plane.shape, part_about(plane, geometry)
    best = _Place(plane, to_part @ geometry, pattern)
    for _ in range(BETTERED):
        canvas, origin = best.around()
        tried = _Place(plane, best.geometry @ correction_by_word(canvas, origin, pattern), pattern)
        if tried.gain < BETTER * best.gain:
            break
        best = tried
    if best.gain < LEAST_SUM:
        return None
    left, top = (start // CELL * CELL for start in best.origin)
    x0, y0, x1, y1 = best.cells
    found = Extent(CELL * x0 + left, CELL * y0 + top, CELL * x1 + left, CELL * y1 + top)
    geometry = np.asarray(np.linalg.inv(to_part) @ best.geometry, np.float64)
    return _snapped(found, shape, geometry), geometry, best.seen()


def seen_cells(
    planes: Iterable[NDArray[np.float32]],
    geometry: Geometry,
    carriers: Carriers,
    signs: NDArray[np.floating],
) -> Iterator[MarkedCells]:
    """In which cells of each residual (H, W) the word with these (256,) signs is seen under a geometry; what
    counts is how clear it is in the first one.
    """
    pattern, mean = _payload_pattern(carriers, signs), None
    for plane in planes:
        canvas, origin = rectified(plane, geometry)
        values = _cells(_flattened(canvas), origin, pattern)
        mean = _held(values, origin)[1] if mean is None else mean
        yield _seen(values, origin, mean)


def part_about(plane: NDArray[np.float32], geometry: Geometry) -> tuple[NDArray[np.float32], Geometry]:
    """The part of a plane that is rectified, about the geometry's own period of the pattern where the whole
    is too long for it, and what takes pixels of the plane to its own. A long page's middle is elsewhere.
    """
    if max(canvas_of(plane.shape, geometry, math.inf)[1]) <= MOST_PERIODS * PERIOD:
        return plane, np.eye(3)
    beyond = (MOST_PERIODS - 1) * PERIOD / 2
    square = np.array([[0, 0], [1, 0], [1, 1], [0, 1]]) * (PERIOD + 2 * beyond) - beyond
    ends = mapped(square, geometry)
    left, top = np.clip(np.floor(ends.min(0)).astype(int), 0, (plane.shape[1] - 1, plane.shape[0] - 1))
    right, bottom = np.ceil(ends.max(0)).astype(int)
    part = plane[top : max(bottom, top + 1), left : max(right, left + 1)]
    return part, np.array([[1.0, 0, -left], [0, 1, -top], [0, 0, 1]])


def _most_held(begin: float, end: float) -> int:
    places = range(int(begin // PERIOD), int(end // PERIOD) + 1)
    return max(places, key=lambda at: min(end, (at + 1) * PERIOD) - max(begin, at * PERIOD))


class _Place:
    """A geometry, with the cells (left, top, right, bottom) that hold the pattern under it. `values`: the
    agreement of each, in standard deviations of chance; `gain`: of all that hold it together.
    """

    def __init__(self, plane: NDArray[np.float32], geometry: Geometry, pattern: NDArray[np.float32]) -> None:
        self.geometry = geometry
        canvas, self.origin = rectified(plane, geometry)
        self._canvas = _flattened(canvas)
        self.values = _cells(self._canvas, self.origin, pattern)
        self.cells, self.mean, self.gain = _held(self.values, self.origin)

    def seen(self) -> MarkedCells:
        """In which cells the pattern is seen."""
        return _seen(self.values, self.origin, self.mean)

    def around(self) -> tuple[NDArray[np.float32], tuple[int, int]]:
        """The canvas where the pattern is held and a little around, and where it begins."""
        x0, y0, x1, y1 = (CELL * end for end in self.cells)
        x0, y0 = max(0, x0 - MARGIN), max(0, y0 - MARGIN)
        part = self._canvas[y0 : y1 + MARGIN, x0 : x1 + MARGIN]
        return part, (self.origin[0] + x0, self.origin[1] + y0)


def _held(
    values: NDArray[np.float32], origin: tuple[int, int]
) -> tuple[tuple[int, int, int, int], float, float]:
    """The cells (left, top, right, bottom) that hold a pattern, the mean of how they agree with it, and how
    far all of them together do beyond chance; 0 where it is not there.
    """
    own = _own_period(values.shape, origin)
    mean = float(values[own].mean()) if own.any() else 0.0
    cells, gain = (0, 0, values.shape[1], values.shape[0]), 0.0
    for _ in range(ROUNDS):
        if mean <= 0:
            break
        cells = richest(values - mean / 2)
        held = values[cells[1] : cells[3], cells[0] : cells[2]]
        mean, gain = float(held.mean()), float(held.sum() / np.sqrt(held.size))
    return cells, mean, gain


def _seen(values: NDArray[np.float32], origin: tuple[int, int], mean: float) -> MarkedCells:
    """In which cells a pattern is seen, some of them together, where they agree by `mean` at all."""
    left, top = (start // CELL for start in origin)
    return MarkedCells(left, top, cv2.blur(values, (AROUND, AROUND)) >= BARE * mean)


def _cells(
    canvas: NDArray[np.float32], origin: tuple[int, int], pattern: NDArray[np.float32]
) -> NDArray[np.float32]:
    """(rows, columns): the agreement of a flattened canvas with a pattern in each place, in standard
    deviations of chance; 0 outside the plane.
    """
    left, top = origin
    pad_x, pad_y = left % CELL, top % CELL
    height, width = canvas.shape
    rows, columns = -(-(height + pad_y) // CELL), -(-(width + pad_x) // CELL)
    sheet = np.zeros((rows * CELL, columns * CELL), np.float32)
    sheet[pad_y : pad_y + height, pad_x : pad_x + width] = canvas
    at_y = (np.arange(len(sheet)) + top - pad_y) % PERIOD
    at_x = (np.arange(sheet.shape[1]) + left - pad_x) % PERIOD
    products = sheet * pattern[np.ix_(at_y, at_x)]
    shape = (rows, CELL, columns, CELL)
    sums = products.reshape(shape).sum((1, 3))
    power = (products**2).reshape(shape).sum((1, 3))
    return np.asarray(sums / np.sqrt(power + power.mean() * 0.1 + 1e-12), np.float32)


def _flattened(canvas: NDArray[np.float32]) -> NDArray[np.float32]:
    """A canvas with as much noise at every frequency of the band and none outside."""
    # Zeros behind its ends, up to lengths that are transformed in a fifth of the time.
    height, width = (scipy.fft.next_fast_len(side, real=True) for side in canvas.shape)
    values = scipy.fft.rfft2(canvas, s=(height, width))
    ring = _rings(height, width)
    power = np.bincount(ring.reshape(-1), (values.real**2 + values.imag**2).reshape(-1), _RINGS + 1)
    count = np.bincount(ring.reshape(-1), minlength=_RINGS + 1)
    level = (1 / np.sqrt(power / np.maximum(count, 1) + 1e-9)).astype(np.float32)
    level[_RINGS] = 0  # outside the band
    values *= level[ring]
    even = scipy.fft.irfft2(values, s=(height, width), overwrite_x=True)[: canvas.shape[0], : canvas.shape[1]]
    # Lively places must not outvote quiet ones.
    local = np.sqrt(cv2.blur(even**2, (CELL * 2 + 1, CELL * 2 + 1)) + 0.05 * float((even**2).mean()))
    return np.asarray(np.clip(even / local, -LOUDEST, LOUDEST), np.float32)


@lru_cache(maxsize=4)
def _rings(height: int, width: int) -> NDArray[np.intp]:
    """In which ring of the band each frequency of a right half spectrum is; _RINGS outside the band."""
    radius = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None])
    ring = np.floor((radius - LOWEST) / (HIGHEST - LOWEST) * _RINGS).astype(np.intp)
    return np.asarray(np.where((ring >= 0) & (ring < _RINGS), ring, _RINGS), np.intp)


def _payload_pattern(carriers: Carriers, signs: NDArray[np.floating]) -> NDArray[np.float32]:
    """(512, 512): the payload's carriers, all equally strong."""
    chips = np.asarray(signs, np.float64)[carriers.slots] * carriers.signs
    x, y = carriers.data.T
    values = chips[0::2] + 1j * chips[1::2]
    spectrum = np.zeros((PERIOD, PERIOD), np.complex128)
    spectrum[y % PERIOD, x % PERIOD] = values
    spectrum[-y % PERIOD, -x % PERIOD] = values.conj()
    pattern = np.fft.ifft2(spectrum).real
    return np.asarray(pattern / pattern.std(), np.float32)


def _own_period(shape: tuple[int, ...], origin: tuple[int, int]) -> NDArray[np.bool_]:
    rows = np.arange(shape[0]) * CELL + origin[1] // CELL * CELL
    columns = np.arange(shape[1]) * CELL + origin[0] // CELL * CELL
    return ((rows >= 0) & (rows < PERIOD))[:, None] & ((columns >= 0) & (columns < PERIOD))[None]


def _snapped(found: Extent, shape: tuple[int, ...], geometry: Geometry) -> Extent:
    """The rectangle with its edges on those of the frame or of the pattern's periods where they are near."""
    seen = mapped(corners_of((shape[0], shape[1])), np.asarray(np.linalg.inv(geometry), np.float64))
    low, high = seen.min(0), seen.max(0)
    is_straight = abs(geometry[0, 1] * geometry[1, 0]) < 1e-3 or abs(geometry[0, 0] * geometry[1, 1]) < 1e-3

    def near(value: float, axis: int) -> float:
        whole = round(value / PERIOD) * PERIOD
        edges = [whole, *((low[axis], high[axis]) if is_straight else ())]
        nearest = min(edges, key=lambda edge: abs(edge - value))
        return float(nearest if abs(nearest - value) <= SNAP else value)

    return Extent(near(found.left, 0), near(found.top, 1), near(found.right, 0), near(found.bottom, 1))
