"""Searches the linear transform (scale, stretch, rotation, mirror) of a frame from the pilot alone.

The carriers of the pilot are peaks in the residual's spectrum, and a linear transform of the frame moves them
by the inverse transpose. First many transforms are scored by the power at the places where the peaks would
be, which needs no shift (`candidates`); then the best ones by the pilot's phases over all shifts, which
chance can hardly match.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import scipy.fft
from numpy.typing import NDArray

from provenance.watermark.carrier.pattern import PERIOD, PILOT_PERIOD, Carriers
from provenance.watermark.carrier.shifts import agreement, all_shifts, highest, shifts_at
from provenance.watermark.synchronisation import candidates

Matrices = NDArray[np.float64]  # (n, 2, 2)

CAP = 5.0  # a peak counts for no more than this many times its surroundings' power
HIGHEST_SEEN = 0.47  # cycles a pixel; a carrier beyond was lost to the pixel grid
COHERENT_BATCH = 256
CACHED_BATCH = 32  # agreements at all shifts that fit a core's cache
SHIFTS = 64  # a side, over the pilot's period
RESULTS, RESULTS_ASLANT = 6, 2
CLIMB_ROUNDS, CLIMB_TRIES = 6, 64
NEAR_STEP = 0.008
HIGHEST_FOR_ALL = 0.1  # cycles a canonical pixel: the lines that outlast most, less than half of all
KEPT_FOR_ALL = 120  # transforms of each kind, that are looked at under every key
KEPT_UPRIGHT = 60  # scales, of some three hundred
WORTH_CLIMBING = 5.4  # the pilot's score; the best of a pool reaches it by chance in one of three
CLIMB_REACH = 4  # canonical pixels: a small change about the residual's middle moves the pilot by no more


def prepare() -> None:
    """Make what every search needs, whatever the file and key, before processes that search are forked."""
    candidates.prepare()
    all_shifts(SHIFTS)


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
    top, left = height // 2, width // 2  # the middle goes to 0, 0, around the corners
    rows = np.zeros((height, size), np.float32)
    rows[:, : width - left], rows[:, size - left :] = plane[:, left:], plane[:, :left]
    by_row = scipy.fft.rfft(rows, axis=1)
    sheet = np.zeros((size, size // 2 + 1), np.complex64)
    sheet[: height - top], sheet[size - top :] = by_row[top:], by_row[:top]
    values = scipy.fft.fft(sheet, axis=0, overwrite_x=True)
    power = values.real**2 + values.imag**2 + np.float32(1e-9)
    reach = 4 * (round(size / max(height, width) * 6) | 1) + 1
    level = _level(power, min(reach, size // 2 - 1))  # no more fits of planes below 49
    values *= 1 / np.sqrt(level)
    power /= level
    capped = np.minimum(power, np.float32(CAP), out=power)
    capped -= capped.mean()
    capped /= capped.std() + np.float32(1e-9)
    return Spectrum((height, width), values, capped)


def _level(power: NDArray[np.float32], reach: int) -> NDArray[np.float32]:
    """The level of the power around each frequency of a right half spectrum, over `reach` frequencies.

    The mean of logarithms hardly sees single peaks; e^0.577 makes it the mean of exponential noise.
    """
    rows, columns = power.shape
    level = np.empty((rows + 2 * reach, columns + reach), np.float32)
    middle = level[reach:-reach]
    np.log(power, out=middle[:, reach:])
    # The left half mirrors the right one, and the top goes on at the bottom.
    middle[0, :reach] = middle[0, 2 * reach : reach : -1]
    middle[1:, :reach] = middle[:0:-1, 2 * reach : reach : -1]
    level[:reach], level[-reach:] = middle[-reach:], middle[:reach]
    blurred = cv2.blur(level, (reach, reach))[reach:-reach, reach:]
    return np.asarray(cv2.exp(blurred + np.float32(0.577)), np.float32)


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
    return best_of(spectrum, carriers, pool, RESULTS)


def search_upright(spectrum: Spectrum, carriers: Carriers, usual: Matrices) -> Iterator[Matrices]:
    """The likeliest of the `usual` transforms, and of all scales without a turn or stretch."""
    scales = candidates.upright_candidates()
    scales = candidates.likeliest(spectrum.power, carriers.pilot, scales, KEPT_UPRIGHT)
    scores = coherent(spectrum, carriers, np.concatenate([usual, scales]))
    yield usual[int(scores[: len(usual)].argmax())]
    yield climb(spectrum, carriers, scales[int(scores[len(usual) :].argmax())], NEAR_STEP / 2)[1]


def search_aslant(spectrum: Spectrum, carriers: Carriers, shape: tuple[int, int]) -> Found:
    """The likeliest transforms of the middle of a picture of the given whole `shape` that is seen aslant."""
    pool = candidates.slant_candidates(spectrum.power, carriers.pilot, shape)
    return best_of(spectrum, carriers, pool, RESULTS_ASLANT)


def likely_pool(spectrum: Spectrum, matrices: Matrices, lines: candidates.Lines) -> Matrices:
    """(n, 2, 2) the likeliest transforms by the power at some `lines`, and those near given ones.

    Far fewer than `search` looks at, so that a weak pilot may be missed.
    """
    power = spectrum.power
    everywhere = candidates.common_candidates(spectrum.shape)
    return np.concatenate(
        [
            pool_near(matrices),
            candidates.likeliest(power, lines, everywhere, KEPT_FOR_ALL),
            candidates.stretch_candidates(power, lines, KEPT_FOR_ALL),
            candidates.rotation_candidates(power, lines, KEPT_FOR_ALL),
        ]
    )


def low_lines(lines: candidates.Lines) -> candidates.Lines:
    """Those of (n, 2) lines that outlast most."""
    return np.asarray(lines[np.hypot(*lines.T) <= HIGHEST_FOR_ALL * PERIOD], np.intp)


def pool_near(matrices: Matrices) -> Matrices:
    """(n, 2, 2) the transforms within 2.4 per cent of given ones, in either direction."""
    steps = np.arange(-0.024, 0.0241, NEAR_STEP)
    stretch = np.zeros((len(steps) ** 2, 2, 2))
    stretch[:, 0, 0], stretch[:, 1, 1] = 1 + np.repeat(steps, len(steps)), 1 + np.tile(steps, len(steps))
    return (matrices[:, None] @ stretch).reshape(-1, 2, 2)


def best_in_pool(spectrum: Spectrum, carriers: Carriers, pool: Matrices) -> Found:
    """The best transform of a pool, with its score, if it is worth it."""
    scores = coherent(spectrum, carriers, pool)
    best = int(scores.argmax())
    return [climb(spectrum, carriers, pool[best], NEAR_STEP / 2)] if scores[best] >= WORTH_CLIMBING else []


def best_of(spectrum: Spectrum, carriers: Carriers, pool: Matrices, count: int) -> Found:
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
        products, norms = _matched_filter(spectrum, carriers, tries)
        scores = _highest(agreement(products[:, way], carriers, shifts)) / norms
        index = int(scores.argmax())
        if scores[index] > score:
            score, matrix = float(scores[index]), tries[index]
        step *= 0.6
    return score, matrix


def coherent(spectrum: Spectrum, carriers: Carriers, matrices: Matrices) -> NDArray[np.float64]:
    """(n,) the pilot's score under each of (n, 2, 2) transforms, at its best shift, upright or rotated by 180
    degrees, as it is or inverted.
    """
    scores = np.zeros(len(matrices))
    for begin in range(0, len(matrices), COHERENT_BATCH):
        products, norms = _matched_filter(spectrum, carriers, matrices[begin : begin + COHERENT_BATCH])
        ways = products.reshape(-1, products.shape[2])
        found = [
            highest(ways[first : first + CACHED_BATCH], carriers, SHIFTS)
            for first in range(0, len(ways), CACHED_BATCH)
        ]
        scores[begin : begin + COHERENT_BATCH] = np.concatenate(found).reshape(-1, 2).max(1) / norms
    return scores


def _highest(surfaces: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n,) the greatest amount in each of (n, Y, X): an inverted picture's pilot has the other sign."""
    found: NDArray[np.float32] = np.maximum(surfaces.max((1, 2)), -surfaces.min((1, 2)))
    return found


def _matched_filter(
    spectrum: Spectrum, carriers: Carriers, matrices: Matrices
) -> tuple[NDArray[np.complex64], NDArray[np.float32]]:
    """(n, 2, P) products of the spectrum and the keyed pilot under each transform, upright and rotated by 180
    degrees,
    and (n,) the standard deviation of their sum by chance.
    """
    size, half = len(spectrum.values), spectrum.values.shape[1] - 1
    expected = carriers.pilot_phases.conj() * carriers.pilot_weights
    inverse, lines = candidates.inverted(matrices), (carriers.pilot / PERIOD).T
    x, y = (np.ascontiguousarray(inverse[:, :, axis]) @ lines for axis in (0, 1))
    column, row = np.rint(x * size).astype(np.int32), np.rint(y * size).astype(np.int32)
    side = np.where(column < 0, np.int32(-1), np.int32(1))  # the left half mirrors the right one
    place = (row * side & (size - 1)) * (half + 1) + np.minimum(column * side, half)
    measured = spectrum.values.reshape(-1).take(place)
    measured.imag *= side
    measured[np.maximum(np.abs(x), np.abs(y)) > HIGHEST_SEEN] = 0
    upright = measured * expected
    norms = np.sqrt(np.square(upright.view(np.float32)).sum(1) / 2) + np.float32(1e-6)
    return np.stack([upright, measured.conj() * expected], axis=1), norms
