"""Refines a linear geometry to a homography, for a screen filmed at an angle.

The canvas is cut into windows, and for each by itself the pilot is correlated at every shift. One set of
eight numbers is sought under which the windows agree best. A window alone is too small to say anything.
"""

from __future__ import annotations

import cv2
import numpy as np
import scipy.fft
from numpy.typing import NDArray

from provenance.watermark.carrier.pattern import PERIOD, PILOT_PERIOD, PILOT_STEP, Carriers
from provenance.watermark.carrier.rectification import Geometry
from provenance.watermark.carrier.shifts import agreement, shifts_at
from provenance.watermark.carrier.spectrum import Alignment

HOP = PILOT_PERIOD // 2
ROUNDS, TRIES = 14, 400
FIRST_STEP = 3.0  # canonical pixels at the canvas's edge
SHRINK = 0.78
REACH = 12  # canonical pixels by which a place may move


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
    rng = np.random.default_rng(0)
    step = FIRST_STEP
    for _ in range(ROUNDS):
        tries = best + rng.normal(0, step, (TRIES, 8))
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
    views = np.lib.stride_tricks.sliding_window_view(canvas, (PILOT_PERIOD, PILOT_PERIOD))[::HOP, ::HOP]
    top, left = (np.arange(count) * HOP for count in views.shape[:2])
    corners = np.stack(np.meshgrid(left, top), -1).reshape(-1, 2)
    # Only a few rows of a window's spectrum hold pilot carriers.
    columns = scipy.fft.rfft(views.reshape(-1, PILOT_PERIOD, PILOT_PERIOD), axis=1)
    spectra = scipy.fft.fft(columns[:, : places[:, 1].max() + 1], axis=2)
    values = spectra[:, places[:, 1], places[:, 0] % PILOT_PERIOD]
    # Phases of a window are counted from the canvas's first pixel.
    values = values * np.exp(-2j * np.pi * (corners @ places.T) / PILOT_PERIOD)
    values *= carriers.pilot_weights / (np.sqrt((np.abs(values) ** 2).mean(0)) + 1e-9)
    if is_rotated:
        values = values.conj()
    around = np.arange(-2 * REACH, 2 * REACH + 1) / 2
    products = (values * carriers.pilot_phases.conj()).astype(np.complex64)
    surfaces = agreement(products, carriers, shifts_at(start[0] + around, start[1] + around))
    return surfaces, np.asarray(corners + PILOT_PERIOD / 2, np.float64)


def _agreement(
    surfaces: NDArray[np.float32], terms: NDArray[np.float64], tries: NDArray[np.float64], sign: int
) -> NDArray[np.float64]:
    """(t,) the windows' summed agreement under each of (t, 8) sets of numbers."""
    moves = tries @ terms.reshape(-1, terms.shape[2]).T * (2 * sign)
    index = np.rint(np.clip(moves, -2 * REACH, 2 * REACH)).astype(np.intp) + 2 * REACH
    index = index.reshape(len(tries), -1, 2)
    _, rows, columns = surfaces.shape
    place = (np.arange(len(surfaces)) * rows + index[..., 1]) * columns + index[..., 0]
    found: NDArray[np.float64] = surfaces.reshape(-1).take(place).sum(1)
    return found
