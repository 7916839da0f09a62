"""Fits a homography where a linear change fits only the middle of the frame: a screen filmed at an angle.

The canvas is cut into windows, and each says by itself how well the pilot fits at every shift. One set of
eight numbers is sought under which the windows agree best. A window alone is too small to say anything.
"""

from __future__ import annotations

import cv2
import numpy as np
import scipy.fft
from numpy.typing import NDArray

from provenance.watermark.pattern import PILOT_PERIOD, PILOT_STEP, Lines
from provenance.watermark.rectification import Geometry, rectified
from provenance.watermark.spectrum import SHIFT_GRID, Alignment, pilot_surface

HOP = PILOT_PERIOD // 2
ROUNDS, TRIES = 14, 400
FIRST_STEP = 3.0  # canonical pixels at the canvas's edge
SHRINK = 0.78


def refine(plane: NDArray[np.float32], lines: Lines, geometry: Geometry, alignment: Alignment) -> Geometry:
    """A geometry near the given one under which the pilot fits better, or as well."""
    canvas, origin = rectified(plane, geometry)
    if min(canvas.shape) < PILOT_PERIOD:
        return geometry
    surfaces, centres = _surfaces(canvas, lines, is_turned=alignment.is_turned)
    reach = np.array([canvas.shape[1], canvas.shape[0]]) / 2
    places = (centres - reach) / reach  # -1..1
    # What the pilot's shift is at the canvas's own first pixel.
    sign = -1 if alignment.is_turned else 1
    start = np.array(alignment.shift) + sign * np.array(origin)
    terms = _terms(places)
    best = np.zeros(8)
    score = _agreement(surfaces, start, terms, best[None], sign)[0]
    rng = np.random.default_rng(0)
    step = FIRST_STEP
    for _ in range(ROUNDS):
        tries = best + rng.normal(0, step, (TRIES, 8))
        scores = _agreement(surfaces, start, terms, tries, sign)
        if scores.max() > score:
            score, best = float(scores.max()), tries[int(scores.argmax())]
        step *= SHRINK
    ends = np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
    pixels = ends * reach + reach + np.array(origin)
    moved = pixels + np.einsum("nij,j->ni", _terms(ends), best)
    # A canvas pixel p holds what canonical pixel p + shift holds: undo that.
    correction = cv2.getPerspectiveTransform(moved.astype(np.float32), pixels.astype(np.float32))
    refined: Geometry = geometry @ correction.astype(np.float64)
    return np.asarray(refined / refined[2, 2], np.float64)


def _terms(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, 2, 8): how each number moves each place: a shift, a linear change, and the two of perspective."""
    x, y = places.T
    zero, one = np.zeros_like(x), np.ones_like(x)
    along = np.stack([one, zero, x, y, zero, zero, x * x, x * y], -1)
    across = np.stack([zero, one, zero, zero, x, y, x * y, y * y], -1)
    return np.stack([along, across], axis=1)


def _surfaces(
    canvas: NDArray[np.float32], lines: Lines, *, is_turned: bool
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """(w, 256, 256) pilot agreement by shift in half pixels, and (w, 2) the windows' middles, x and y."""
    places = lines.pilot // PILOT_STEP
    y, x = places[:, 1] % PILOT_PERIOD, places[:, 0] % PILOT_PERIOD
    heard, centres = [], []
    for top in range(0, canvas.shape[0] - PILOT_PERIOD + 1, HOP):
        for left in range(0, canvas.shape[1] - PILOT_PERIOD + 1, HOP):
            window = canvas[top : top + PILOT_PERIOD, left : left + PILOT_PERIOD]
            values = scipy.fft.fft2(window)[y, x]
            # Phases of this window are counted from the canvas's first pixel.
            heard.append(values * np.exp(-2j * np.pi * (places @ np.array([left, top])) / PILOT_PERIOD))
            centres.append((left + PILOT_PERIOD / 2, top + PILOT_PERIOD / 2))
    values = np.array(heard)
    values *= lines.pilot_weights / (np.sqrt((np.abs(values) ** 2).mean(0)) + 1e-9)
    if is_turned:
        values = values.conj()
    keyed = lines.pilot_phases.conj()
    surfaces = np.stack([pilot_surface((row * keyed).astype(np.complex64), lines) for row in values])
    return surfaces, np.array(centres)


def _agreement(
    surfaces: NDArray[np.float32],
    start: NDArray[np.float64],
    terms: NDArray[np.float64],
    tries: NDArray[np.float64],
    sign: int,
) -> NDArray[np.float64]:
    """(t,) the windows' summed agreement under each of (t, 8) sets of numbers."""
    moves = np.einsum("wij,tj->twi", terms, tries) * sign
    index = np.rint((start + moves) * 2).astype(np.intp) % SHIFT_GRID
    windows = np.arange(len(surfaces))
    found: NDArray[np.float64] = surfaces[windows, index[..., 1], index[..., 0]].sum(1)
    return found
