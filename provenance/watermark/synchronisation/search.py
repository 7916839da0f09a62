"""Searches the linear transform (scale, stretch, rotation, mirror) of a frame from the pilot alone.

The carriers of the pilot are peaks in the residual's spectrum, and a linear transform of the frame moves them
by the inverse transpose. First many transforms are scored by the power at the places where the peaks would
be, which needs no shift (`candidates`); then the best ones by the pilot's phases over all shifts, which
chance can hardly match.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import scipy.fft
from numpy.typing import NDArray

from provenance.watermark.carrier.pattern import PERIOD, PILOT_PERIOD, Carriers, lattice
from provenance.watermark.carrier.shifts import Shifts, agreement, all_shifts, shifts_at
from provenance.watermark.synchronisation import candidates

Matrices = NDArray[np.float64]  # (n, 2, 2)

CAP = 5.0  # a peak counts for no more than this many times its surroundings' power
HIGHEST_SEEN = 0.47  # cycles a pixel; a carrier beyond was lost to the pixel grid
COHERENT_BATCH = 128
SHIFTS = 64  # a side, over the pilot's period
RESULTS, RESULTS_ASLANT = 6, 2
CLIMB_ROUNDS, CLIMB_TRIES = 6, 64
NEAR_STEP = 0.008
HIGHEST_FOR_ALL = 0.1  # cycles a canonical pixel: the lines that outlast most, less than half of all
KEPT_FOR_ALL = 120  # transforms of each kind, that are looked at under every key
WORTH_CLIMBING = 5.4  # the pilot's score; the best of a pool reaches it by chance in one of three
CLIMB_REACH = 4  # canonical pixels: a small change about the residual's middle moves the pilot by no more


@dataclass(frozen=True, eq=False)
class Spectrum:
    """The right half of a residual's spectrum, whitened: `values` (n, n // 2 + 1) complex around the
    residual's middle, `power` of the same shape with mean 0 and standard deviation 1. `shape` is that of the
    residual.
    """

    shape: tuple[int, int]

    values: NDArray[np.complex64]
    power: NDArray[np.float32]


def spectrum_of(plane: NDArray[np.float32]) -> Spectrum:
    """The spectrum of a residual (H, W), on a grid of 1024 or 2048."""
    height, width = plane.shape
    size = 1024 if max(height, width) <= 680 else 2048
    sheet = np.zeros((size, size), np.float32)
    top, left = -(height // 2), -(width // 2)  # the middle goes to 0, 0, around the corners
    sheet[:height, :width] = plane
    sheet = np.roll(sheet, (top, left), (0, 1))
    values = scipy.fft.rfft2(sheet)
    power = values.real**2 + values.imag**2 + np.float32(1e-9)
    reach = 4 * (round(size / max(height, width) * 6) | 1) + 1
    # The mean of logarithms hardly sees single peaks; e^0.577 makes it the mean of exponential noise.
    level = np.log(power)
    beside = np.roll(level[::-1, reach:0:-1], 1, axis=0)  # the left half mirrors the right one
    level = np.pad(np.concatenate([beside, level], axis=1), ((reach, reach), (0, 0)), mode="wrap")
    level = np.exp(cv2.blur(level, (reach, reach))[reach:-reach, reach:] + np.float32(0.577))
    capped = np.minimum(power / level, CAP)
    return Spectrum(
        (height, width), values / np.sqrt(level), (capped - capped.mean()) / (capped.std() + np.float32(1e-9))
    )


Found = list[tuple[float, NDArray[np.float64]]]


def search(spectrum: Spectrum, carriers: Carriers) -> Found:
    """The likeliest transforms as (score, 2x2 matrix from canonical pixels to the residual's), best first."""
    pool = np.concatenate(
        [
            candidates.common_candidates(spectrum.shape),
            candidates.stretch_candidates(spectrum.power, carriers.pilot),
            candidates.rotation_candidates(spectrum.power, carriers.pilot),
        ]
    )
    return _best_of(spectrum, carriers, pool, RESULTS)


def search_aslant(spectrum: Spectrum, carriers: Carriers, shape: tuple[int, int]) -> Found:
    """The likeliest transforms of the middle of a picture of the given whole `shape` that is seen aslant."""
    pool = candidates.slant_candidates(spectrum.power, carriers.pilot, shape)
    return _best_of(spectrum, carriers, pool, RESULTS_ASLANT)


def common_pool(spectrum: Spectrum, matrices: Matrices) -> Matrices:
    """(n, 2, 2) the likeliest transforms whatever the key, and those within a little of given ones.

    The pilots of all keys lie on one lattice, so that its power tells the transform, less surely than the
    power of one key's pilot, but once for all keys.
    """
    steps = np.arange(-0.024, 0.0241, NEAR_STEP)
    stretch = np.zeros((len(steps) ** 2, 2, 2))
    stretch[:, 0, 0], stretch[:, 1, 1] = 1 + np.repeat(steps, len(steps)), 1 + np.tile(steps, len(steps))
    lines, power = lattice(), spectrum.power
    lines = lines[np.hypot(*lines.T) <= HIGHEST_FOR_ALL * PERIOD]
    everywhere = candidates.common_candidates(spectrum.shape)
    return np.concatenate(
        [
            (matrices[:, None] @ stretch).reshape(-1, 2, 2),
            candidates.likeliest(power, lines, everywhere, KEPT_FOR_ALL),
            candidates.stretch_candidates(power, lines, KEPT_FOR_ALL),
            candidates.rotation_candidates(power, lines, KEPT_FOR_ALL),
        ]
    )


def best_in_pool(spectrum: Spectrum, carriers: Carriers, pool: Matrices) -> Found:
    """The best transform of a pool, with its score, if it is worth it."""
    scores = coherent(spectrum, carriers, pool)
    best = int(scores.argmax())
    return [climb(spectrum, carriers, pool[best], NEAR_STEP / 2)] if scores[best] >= WORTH_CLIMBING else []


def _best_of(spectrum: Spectrum, carriers: Carriers, pool: Matrices, count: int) -> Found:
    scores = coherent(spectrum, carriers, pool)
    best: list[tuple[float, NDArray[np.float64]]] = []
    for index in np.argsort(-scores)[:200]:
        if all(np.abs(pool[index] - other).max() > 0.012 for _, other in best):
            best.append((float(scores[index]), pool[index]))
        if len(best) == count:
            break
    climbed = [climb(spectrum, carriers, matrix, 0.004) for _, matrix in best]
    return sorted(climbed, key=lambda result: -result[0])


def near(
    spectrum: Spectrum, carriers: Carriers, matrix: NDArray[np.float64]
) -> tuple[float, NDArray[np.float64]]:
    """The best transform within 2.4 per cent of a hypothesised one, in either direction."""
    steps = np.arange(-0.024, 0.0241, 0.004)
    stretch = np.zeros((len(steps) ** 2, 2, 2))
    stretch[:, 0, 0], stretch[:, 1, 1] = 1 + np.repeat(steps, len(steps)), 1 + np.tile(steps, len(steps))
    pool = stretch @ matrix
    return climb(spectrum, carriers, pool[int(coherent(spectrum, carriers, pool).argmax())], 0.002)


def climb(
    spectrum: Spectrum, carriers: Carriers, matrix: NDArray[np.float64], step: float
) -> tuple[float, NDArray[np.float64]]:
    """A better matrix nearby and its score, by small random changes; the same ones every time."""
    products, norms = _matched_filter(spectrum, carriers, matrix[None])
    surface = agreement(products.reshape(2, -1), carriers, all_shifts(SHIFTS))
    way, y, x = np.unravel_index(int(np.abs(surface).argmax()), surface.shape)
    score = abs(float(surface[way, y, x] / norms[0]))
    unit = PILOT_PERIOD / SHIFTS
    around = np.arange(-CLIMB_REACH, CLIMB_REACH + 0.5)
    shifts = shifts_at(x * unit + around, y * unit + around)
    rng = np.random.default_rng(0)
    for _ in range(CLIMB_ROUNDS):
        tries = matrix @ (np.eye(2) + rng.normal(0, step, (CLIMB_TRIES, 2, 2)))
        scores = _scores(spectrum, carriers, tries, shifts, ways=(int(way),))
        index = int(scores.argmax())
        if scores[index] > score:
            score, matrix = float(scores[index]), tries[index]
        step *= 0.6
    return score, matrix


def coherent(spectrum: Spectrum, carriers: Carriers, matrices: Matrices) -> NDArray[np.float64]:
    """(n,) the pilot's score under each of (n, 2, 2) transforms, at its best shift, upright or rotated by 180
    degrees, as it is or inverted.
    """
    return _scores(spectrum, carriers, matrices, all_shifts(SHIFTS), ways=(0, 1))


def _scores(
    spectrum: Spectrum, carriers: Carriers, matrices: Matrices, shifts: Shifts, ways: tuple[int, ...]
) -> NDArray[np.float64]:
    scores = np.zeros(len(matrices))
    for begin in range(0, len(matrices), COHERENT_BATCH):
        products, norms = _matched_filter(spectrum, carriers, matrices[begin : begin + COHERENT_BATCH])
        surfaces = [agreement(products[:, way], carriers, shifts) for way in ways]
        # An inverted picture's pilot has the other sign everywhere.
        peaks = [np.maximum(surface.max((1, 2)), -surface.min((1, 2))) for surface in surfaces]
        scores[begin : begin + COHERENT_BATCH] = np.max(peaks, axis=0) / norms
    return scores


def _matched_filter(
    spectrum: Spectrum, carriers: Carriers, matrices: Matrices
) -> tuple[NDArray[np.complex64], NDArray[np.float32]]:
    """(n, 2, P) products of the spectrum and the keyed pilot under each transform, upright and rotated by 180
    degrees,
    and (n,) the standard deviation of their sum by chance.
    """
    size = len(spectrum.values)
    expected = carriers.pilot_phases.conj() * carriers.pilot_weights
    seen = (carriers.pilot / PERIOD) @ np.linalg.inv(matrices)
    index = np.floor(seen * size + 0.5).astype(np.intp)
    is_left = index[..., 0] < 0
    index[is_left] *= -1
    index %= size
    measured = spectrum.values[index[..., 1], np.minimum(index[..., 0], size // 2)]
    measured = np.where(is_left, measured.conj(), measured)
    measured[(np.abs(seen) > HIGHEST_SEEN).any(-1)] = 0
    norms = np.sqrt((np.abs(measured * expected) ** 2).sum(1) / 2) + 1e-6
    return np.stack([measured * expected, measured.conj() * expected], axis=1), norms
