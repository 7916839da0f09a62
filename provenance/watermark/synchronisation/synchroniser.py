"""Generates geometry hypotheses for a file's frames, the likeliest and cheapest first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from provenance.watermark.carrier.arrays import Plane
from provenance.watermark.carrier.pattern import PERIOD, Carriers, lattice
from provenance.watermark.carrier.rectification import Geometry, linear
from provenance.watermark.synchronisation.candidates import SYMMETRIES
from provenance.watermark.synchronisation.framing import Box
from provenance.watermark.synchronisation.search import (
    Found,
    Spectrum,
    best_in_pool,
    best_of,
    likely_pool,
    low_lines,
    near,
    pool_near,
    search,
    search_upright,
    spectrum_of,
)


def whole_frame(shape: tuple[int, int]) -> Iterator[Geometry]:
    """The frame as it was made, perhaps scaled: as a square and with its own proportions, then mirrored and
    rotated by quarters.
    """
    height, width = shape
    kinds = [np.diag([width / PERIOD, height / PERIOD])]
    if height != width:
        kinds.append(np.eye(2) * min(height, width) / PERIOD)
    for symmetry in SYMMETRIES:
        for kind in kinds:
            yield linear(kind @ symmetry)


class Synchroniser:
    """Searches one residual plane for the pilots of keys; what does not depend on the key is done once."""

    def __init__(self, plane: Plane) -> None:
        self.plane = plane
        self._spectrum: Spectrum | None = None
        self._pool: NDArray[np.float64] | None = None

    @property
    def spectrum(self) -> Spectrum:
        """The plane's spectrum."""
        if self._spectrum is None:
            self._spectrum = spectrum_of(self.plane)
        return self._spectrum

    def nearby(self, carriers: Carriers) -> Iterator[Geometry]:
        """The plane as a whole square frame, and as an unscaled part of one of the usual size, up to small
        changes of proportions.
        """
        height, width = self.plane.shape
        yield linear(near(self.spectrum, carriers, np.diag([width / PERIOD, height / PERIOD]))[1])
        if (height, width) != (PERIOD, PERIOD):
            yield linear(near(self.spectrum, carriers, np.eye(2))[1])

    def likeliest(self, carriers: Carriers, count: int) -> list[Geometry]:
        """The `count` best for a pilot that stands out; in less than half the time of `searched`."""
        pool = likely_pool(self.spectrum, self._usual_matrices(), low_lines(carriers.pilot))
        return [linear(matrix) for _, matrix in best_of(self.spectrum, carriers, pool, count)]

    def searched(self, carriers: Carriers) -> Iterator[Geometry]:
        """The best of all scales, stretches, rotations and mirrors."""
        for _, matrix in search(self.spectrum, carriers):
            yield linear(matrix)

    def upright(self, carriers: Carriers) -> Iterator[Geometry]:
        """The best of the plane as it was made, scaled or cut to fill a frame of other proportions; and the
        best of all scales without a turn or stretch.
        """
        height, width = self.plane.shape
        sides = (np.diag([width, height]), np.eye(2) * min(width, height), np.eye(2) * max(width, height))
        for matrix in search_upright(self.spectrum, carriers, np.unique(sides, axis=0) / PERIOD):
            yield linear(matrix)

    def nearby_in_common(self, carriers: Carriers) -> Iterator[Geometry]:
        """As `nearby`, and with the frame's own proportions; less sure, and far cheaper."""
        for _, matrix in best_in_pool(self.spectrum, carriers, pool_near(self._usual_matrices())):
            yield linear(matrix)

    def strongest(self, carriers: Carriers) -> float:
        """The pilot's score at the best of all scales, stretches, rotations and mirrors."""
        return max((score for score, _ in search(self.spectrum, carriers)), default=0.0)

    def strongest_in_common(self, carriers: Carriers) -> float:
        """The same among the transforms that are likely whatever the key; 0 where none is worth a look."""
        return max((score for score, _ in self._best_in_common(carriers)), default=0.0)

    def in_common(self, carriers: Carriers) -> Iterator[Geometry]:
        """The best of the transforms that are likely whatever the key; less sure, and far cheaper."""
        for _, matrix in self._best_in_common(carriers):
            yield linear(matrix)

    def _best_in_common(self, carriers: Carriers) -> Found:
        if self._pool is None:
            self._pool = likely_pool(self.spectrum, self._usual_matrices(), low_lines(lattice()))
        return best_in_pool(self.spectrum, carriers, self._pool)

    def _usual_matrices(self) -> NDArray[np.float64]:
        height, width = self.plane.shape
        in_proportion = np.eye(2) * min(height, width) / PERIOD
        return np.unique([np.diag([width / PERIOD, height / PERIOD]), in_proportion, np.eye(2)], axis=0)


Pixels = TypeVar("Pixels", np.float32, np.uint8)


def cut(plane: NDArray[Pixels], box: Box) -> NDArray[Pixels]:
    """The part of a plane inside a box."""
    left, top, right, bottom = box
    return np.ascontiguousarray(plane[top:bottom, left:right])


def moved_into(geometry: Geometry, box: Box) -> Geometry:
    """A geometry of the part inside a box as one of the whole plane."""
    return np.array([[1.0, 0.0, box[0]], [0.0, 1.0, box[1]], [0.0, 0.0, 1.0]]) @ geometry
