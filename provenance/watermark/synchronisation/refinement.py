"""Refines a linear geometry to a homography, for a screen filmed at an angle.

The canvas is cut into windows, and for each by itself the pilot is correlated at every shift. One set of
eight numbers is sought under which the windows agree best. A window alone is too small to say anything.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.watermark.carrier.pattern import HIGHEST, PERIOD, PILOT_PERIOD, PILOT_STEP, Carriers
from provenance.watermark.carrier.rectification import Geometry
from provenance.watermark.carrier.shifts import agreement, shifts_at
from provenance.watermark.carrier.spectrum import Alignment

HOP = PILOT_PERIOD // 2
ROUNDS, TRIES = 14, 400
FIRST_STEP = 3.0  # canonical pixels at the canvas's edge
SHRINK = 0.78
REACH = 12  # canonical pixels by which a place may move
_REACH = int(HIGHEST * PILOT_PERIOD)  # of the pilot's lattice, in cycles over its period


def correction(
    canvas: NDArray[np.float32], origin: tuple[int, int], carriers: Carriers, alignment: Alignment
) -> Geometry:
    """What to put before a geometry, so that the pilot fits better, or as well.

    `canvas` and `origin` are what `rectified` made with that geometry, `alignment` where the pilot lies.
    """
    if min(canvas.shape) < PILOT_PERIOD:
        return np.eye(3)
    # What the pilot's shift is at the canvas's own first pixel.
    sign = -1 if alignment.is_rotated else 1
    start = np.array(alignment.shift) + sign * np.array(origin)
    surfaces, centres = _surfaces(canvas, carriers, start, is_rotated=alignment.is_rotated)
    if alignment.is_inverted:
        surfaces = -surfaces
    return _undone(surfaces, centres, canvas.shape, origin, sign)


def correction_by_word(
    canvas: NDArray[np.float32], origin: tuple[int, int], pattern: NDArray[np.float32]
) -> Geometry:
    """As `correction`, by the (512, 512) pattern of a word that was read, instead of the pilot."""
    if min(canvas.shape) < PILOT_PERIOD:
        return np.eye(3)
    views = np.lib.stride_tricks.sliding_window_view(canvas, (PILOT_PERIOD, PILOT_PERIOD))[::HOP, ::HOP]
    side = PILOT_PERIOD + 2 * REACH
    surfaces, corners = [], []
    for row, column in np.ndindex(views.shape[:2]):
        x, y = column * HOP, row * HOP
        rows = (np.arange(side) + y + origin[1] - REACH) % PERIOD
        columns = (np.arange(side) + x + origin[0] - REACH) % PERIOD
        window = np.ascontiguousarray(views[row, column])
        found = cv2.matchTemplate(pattern[np.ix_(rows, columns)], window, cv2.TM_CCORR)
        surfaces.append(cv2.resize(found, (4 * REACH + 1, 4 * REACH + 1), interpolation=cv2.INTER_CUBIC))
        corners.append((x, y))
    centres = np.array(corners, np.float64) + PILOT_PERIOD / 2
    return _undone(np.stack(surfaces), centres, canvas.shape, origin, 1)


def _undone(
    surfaces: NDArray[np.float32],
    centres: NDArray[np.float64],
    shape: tuple[int, ...],
    origin: tuple[int, int],
    sign: int,
) -> Geometry:
    """What undoes the moves under which the windows' surfaces agree best."""
    reach = np.array([shape[1], shape[0]]) / 2
    terms = _terms((centres - reach) / reach)  # at places from -1 to 1
    best = np.zeros(8)
    score = _agreement(surfaces, terms, best[None], sign)[0]
    step = FIRST_STEP
    for changes in _changes():
        tries = best + step * changes
        scores = _agreement(surfaces, terms, tries, sign)
        if scores.max() > score:
            score, best = float(scores.max()), tries[int(scores.argmax())]
        step *= SHRINK
    ends = np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
    pixels = ends * reach + reach + np.array(origin)
    moved = pixels + np.einsum("nij,j->ni", _terms(ends), best)
    # A canvas pixel p holds what canonical pixel p + shift holds: undo that.
    undone = cv2.getPerspectiveTransform(moved.astype(np.float32), pixels.astype(np.float32))
    return np.asarray(undone / undone[2, 2], np.float64)


@lru_cache(maxsize=1)
def _changes() -> NDArray[np.float64]:
    """(ROUNDS, TRIES, 8) of standard deviation 1, the same every time."""
    return np.random.default_rng(0).normal(0, 1, (ROUNDS, TRIES, 8))


def _terms(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, 2, 8): how each number moves each place: a shift, a linear change, and the two of perspective."""
    x, y = places.T
    zero, one = np.zeros_like(x), np.ones_like(x)
    along = np.stack([one, zero, x, y, zero, zero, x * x, x * y], -1)
    across = np.stack([zero, one, zero, zero, x, y, x * y, y * y], -1)
    return np.stack([along, across], axis=1)


def _surfaces(
    canvas: NDArray[np.float32], carriers: Carriers, start: NDArray[np.float64], *, is_rotated: bool
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """(w, n, n) pilot agreement at shifts in half pixels around `start`, and (w, 2) the windows' middles."""
    places = carriers.pilot // PILOT_STEP
    spectra = _window_spectra(canvas)
    top, left = (np.arange(count) * HOP for count in (len(spectra), spectra.shape[2]))
    corners = np.stack(np.meshgrid(left, top), -1).reshape(-1, 2)
    values = (
        spectra[:, places[:, 1] - 1, :, places[:, 0] + _REACH].transpose(1, 2, 0).reshape(len(corners), -1)
    )
    # Phases of a window are counted from the canvas's first pixel.
    values = values * np.exp(-2j * np.pi * (corners @ places.T) / PILOT_PERIOD)
    values *= carriers.pilot_weights / (np.sqrt((np.abs(values) ** 2).mean(0)) + 1e-9)
    if is_rotated:
        values = values.conj()
    around = np.arange(-2 * REACH, 2 * REACH + 1) / 2
    products = (values * carriers.pilot_phases.conj()).astype(np.complex64)
    surfaces = agreement(products, carriers, shifts_at(start[0] + around, start[1] + around))
    return surfaces, np.asarray(corners + PILOT_PERIOD / 2, np.float64)


def _window_spectra(canvas: NDArray[np.float32]) -> NDArray[np.complex64]:
    """(rows, 17, columns, 35): the pilot's lattice in windows of PILOT_PERIOD, one begun every HOP pixels.

    Windows overlap by half, and each is made of four squares whose spectra are taken once. In a square that
    lies HOP further on, odd frequencies have the other sign.
    """
    along, across, signs_along, signs_across = _waves()
    rows, columns = canvas.shape[0] // HOP, canvas.shape[1] // HOP
    squares = canvas[: rows * HOP, : columns * HOP].reshape(rows, HOP, columns * HOP)
    down = (across @ squares).reshape(-1, HOP) @ along
    found = down.reshape(rows, _REACH, columns, -1)
    found = found[:-1] + signs_across[:, None, None] * found[1:]
    return np.asarray(found[:, :, :-1] + signs_along * found[:, :, 1:], np.complex64)


@lru_cache(maxsize=1)
def _waves() -> tuple[NDArray[np.complex64], NDArray[np.complex64], NDArray[np.float32], NDArray[np.float32]]:
    """The lattice's columns (HOP, 35) and rows (17, HOP) over a square, and their signs in the next one."""
    columns, rows, pixels = np.arange(-_REACH, _REACH + 1), np.arange(1, _REACH + 1), np.arange(HOP)
    along, across = (
        np.exp(-2j * np.pi * np.outer(*ends) / PILOT_PERIOD).astype(np.complex64)
        for ends in ((pixels, columns), (rows, pixels))
    )
    signs = [np.where(lines % 2, np.float32(-1), np.float32(1)) for lines in (columns, rows)]
    return along, across, signs[0], signs[1]


def _agreement(
    surfaces: NDArray[np.float32], terms: NDArray[np.float64], tries: NDArray[np.float64], sign: int
) -> NDArray[np.float32]:
    """(t,) the windows' summed agreement under each of (t, 8) sets of numbers."""
    count, rows, columns = surfaces.shape
    factors = (terms * (2 * sign)).astype(np.float32)
    numbers = tries.astype(np.float32)
    x, y = (np.rint(np.clip(numbers @ factors[:, axis].T, -2 * REACH, 2 * REACH)) for axis in (0, 1))
    # All whole numbers of this size are exact.
    y *= np.float32(columns)
    y += x
    y += np.arange(count, dtype=np.float32) * (rows * columns) + 2 * REACH * (columns + 1)
    found: NDArray[np.float32] = surfaces.reshape(-1).take(y.astype(np.int32)).sum(1)
    return found
