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
from provenance.watermark.carrier.shifts import agreement_around
from provenance.watermark.carrier.spectrum import Alignment

HOP = PILOT_PERIOD // 2
ROUNDS, TRIES = 14, 400
FIRST_STEP = 3.0  # canonical pixels at the canvas's edge
SHRINK = 0.78
REACH = 12  # canonical pixels by which a place may move
_REACH = int(HIGHEST * PILOT_PERIOD)  # of the pilot's lattice, in cycles over its period


def correction(
    canvas: NDArray[np.float32],
    origin: tuple[int, int],
    carriers: Carriers,
    alignment: Alignment,
    step: int = 1,
) -> Geometry:
    """What to put before a geometry, so that the pilot fits better, or as well.

    `canvas` and `origin` are what `rectified` made with that geometry and `step`, `alignment` where the pilot
    lies.
    """
    if step * min(canvas.shape) < PILOT_PERIOD:
        return np.eye(3)
    # What the pilot's shift is at the canvas's own first pixel.
    sign = -1 if alignment.is_rotated else 1
    start = np.array(alignment.shift) + sign * np.array(origin)
    surfaces, centres = _surfaces(canvas, carriers, start, step, is_rotated=alignment.is_rotated)
    if alignment.is_inverted:
        surfaces = -surfaces
    return _undone(surfaces, centres, (step * canvas.shape[0], step * canvas.shape[1]), origin, sign)


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
    canvas: NDArray[np.float32],
    carriers: Carriers,
    start: NDArray[np.float64],
    step: int = 1,
    *,
    is_rotated: bool,
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """(w, n, n) pilot agreement at shifts in half pixels around `start`, and (w, 2) the windows' middles."""
    places = carriers.pilot // PILOT_STEP
    spectra = _window_spectra(canvas, step)
    top, left = (np.arange(count) * HOP for count in (len(spectra), spectra.shape[2]))
    corners = np.stack(np.meshgrid(left, top), -1).reshape(-1, 2)
    values = (
        spectra[:, places[:, 1] - 1, :, places[:, 0] + _REACH].transpose(1, 2, 0).reshape(len(corners), -1)
    )
    # Phases of a window are counted from the canvas's first pixel, half a period or a whole one further on.
    values = values * np.where((corners // HOP @ places.T) % 2, np.float32(-1), np.float32(1))
    values *= carriers.pilot_weights / (np.sqrt((np.abs(values) ** 2).mean(0)) + 1e-9)
    if is_rotated:
        values = values.conj()
    products = (values * carriers.pilot_phases.conj()).astype(np.complex64)
    surfaces = agreement_around(products, carriers, start, 2 * REACH, 0.5)
    return surfaces, np.asarray(corners + PILOT_PERIOD / 2, np.float64)


def _window_spectra(canvas: NDArray[np.float32], step: int = 1) -> NDArray[np.complex64]:
    """(rows, 17, columns, 35): the pilot's lattice in windows of PILOT_PERIOD, one begun every HOP pixels, of
    which the canvas has one in every `step`.

    Windows overlap by half, and each is made of four squares whose spectra are taken once. In a square that
    lies HOP further on, odd frequencies have the other sign.
    """
    down, along, signs_down, signs_along = _waves(step)
    hop = HOP // step
    rows, columns = canvas.shape[0] // hop, canvas.shape[1] // hop
    squares = canvas[: rows * hop, : columns * hop].reshape(rows, hop, columns * hop)
    found = ((down @ squares).reshape(-1, hop) @ along).reshape(rows, 2, _REACH, columns, -1)
    found = found[:-1] + signs_down[:, None, None] * found[1:]
    found = found[:, :, :, :-1] + signs_along * found[:, :, :, 1:]
    # Of opposite columns the cosines are the same, and the sines the negative.
    cosines, sines = found[..., : _REACH + 1], found[..., _REACH + 1 :]
    spectra = np.empty((rows - 1, _REACH, columns - 1, 2 * _REACH + 1), np.complex64)
    spectra.real[..., _REACH:], spectra.imag[..., _REACH:] = cosines[:, 0], cosines[:, 1]
    spectra[..., :_REACH] = spectra[..., :_REACH:-1]
    spectra.real[..., _REACH + 1 :] += sines[:, 1]
    spectra.imag[..., _REACH + 1 :] -= sines[:, 0]
    spectra.real[..., :_REACH] -= sines[:, 1, ..., ::-1]
    spectra.imag[..., :_REACH] += sines[:, 0, ..., ::-1]
    return spectra


@lru_cache(maxsize=2)
def _waves(
    step: int,
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Waves over a square: those of the lattice's rows, real parts and then imaginary ones (34, n), the
    cosines of its columns from 0 on and then their sines (n, 35), and the signs of both in the next square.
    """
    rows, columns, pixels = np.arange(1, _REACH + 1), np.arange(_REACH + 1), np.arange(0, HOP, step)
    of_rows, of_columns = (
        2 * np.pi * np.outer(*ends) / PILOT_PERIOD for ends in ((rows, pixels), (pixels, columns))
    )
    down = np.concatenate([np.cos(of_rows), -np.sin(of_rows)])
    along = np.concatenate([np.cos(of_columns), np.sin(of_columns[:, 1:])], axis=1)
    signs = [np.where(lines % 2, -1, 1) for lines in (rows, np.concatenate([columns, columns[1:]]))]
    down, along, signs_down, signs_along = (one.astype(np.float32) for one in (down, along, *signs))
    return down, along, signs_down, signs_along


def _agreement(
    surfaces: NDArray[np.float32], terms: NDArray[np.float64], tries: NDArray[np.float64], sign: int
) -> NDArray[np.float32]:
    """(t,) the windows' summed agreement under each of (t, 8) sets of numbers."""
    count, rows, columns = surfaces.shape
    factors = (terms * (2 * sign)).astype(np.float32)
    numbers = tries.astype(np.float32)
    x, y = (numbers @ factors[:, axis].T for axis in (0, 1))
    for moves in (x, y):
        np.clip(moves, -2 * REACH, 2 * REACH, out=moves)
        np.rint(moves, out=moves)
    # All whole numbers of this size are exact.
    y *= np.float32(columns)
    y += x
    y += np.arange(count, dtype=np.float32) * (rows * columns) + 2 * REACH * (columns + 1)
    found: NDArray[np.float32] = surfaces.reshape(-1).take(y.astype(np.int32)).sum(1)
    return found
