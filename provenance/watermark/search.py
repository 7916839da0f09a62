"""Finds how a frame was scaled, stretched, turned or mirrored, from the pilot's waves alone.

The waves of the pilot are peaks in the residual's spectrum, and a linear change of the frame moves them by
the inverse transpose. First many changes are scored by the power at the places where the peaks would be,
which needs no shift; then the best ones by the pilot's phases over all shifts, which chance can hardly match.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import scipy.fft
from numpy.typing import NDArray

from provenance.watermark.pattern import PERIOD, PILOT_STEP, Lines

CAP = 5.0  # a peak counts for no more than this many times its surroundings' power
HIGHEST_SEEN = 0.47  # cycles a pixel; a wave beyond was lost to the pixel grid
BATCH = 4096
COHERENT_BATCH = 128
KEPT = 600  # of each grid, for the second scoring
SHIFTS = 64  # a side, over the pilot's period
RESULTS = 8
CLIMB_ROUNDS, CLIMB_TRIES = 6, 64

# Turns by a quarter and mirrors, up to turns by half, which the pilot tells apart by itself.
SYMMETRIES = np.array([[[1, 0], [0, 1]], [[0, -1], [1, 0]], [[-1, 0], [0, 1]], [[0, 1], [1, 0]]], np.float64)


@dataclass(frozen=True, eq=False)
class Spectrum:
    """The spectrum of a residual, whitened: `values` (n, n) complex around the residual's middle, `power`
    (n, n) with mean 0 and standard deviation 1.
    """

    values: NDArray[np.complex64]
    power: NDArray[np.float32]


def spectrum_of(plane: NDArray[np.float32]) -> Spectrum:
    """The spectrum of a residual (H, W), on a grid of 1024 or 2048."""
    height, width = plane.shape
    size = 1024 if max(height, width) <= 680 else 2048
    sheet = np.zeros((size, size), np.float32)
    top, left = size // 2 - height // 2, size // 2 - width // 2
    sheet[top : top + height, left : left + width] = plane
    values = scipy.fft.fft2(scipy.fft.ifftshift(sheet)).astype(np.complex64)
    power = values.real**2 + values.imag**2 + np.float32(1e-9)
    reach = 4 * (round(size / max(height, width) * 6) | 1) + 1
    # The mean of logarithms hardly sees single peaks; e^0.577 makes it the mean of exponential noise.
    level = cv2.blur(np.pad(np.log(power), reach, mode="wrap"), (reach, reach))[reach:-reach, reach:-reach]
    level = np.exp(level + np.float32(0.577))
    capped = np.minimum(power / level, CAP)
    return Spectrum(values / np.sqrt(level), (capped - capped.mean()) / (capped.std() + np.float32(1e-9)))


def search(spectrum: Spectrum, lines: Lines) -> list[tuple[float, NDArray[np.float64]]]:
    """The likeliest changes as (score, 2x2 matrix from canonical pixels to the residual's), best first."""
    waves = (lines.pilot / PERIOD).astype(np.float32)
    pool = []
    for matrices, rows in _grids():
        power = _incoherent(spectrum.power, waves, matrices).reshape(rows, -1)
        # Each scale has its own chance level: few waves are left in sight at some.
        middle = np.median(power, axis=0)
        spread = np.median(np.abs(power - middle), axis=0) * 1.48 + 0.3
        ranked = ((power - middle) / spread).reshape(-1)
        pool.append(matrices[np.argpartition(-ranked, KEPT)[:KEPT]])
    candidates = (np.concatenate(pool)[:, None] @ SYMMETRIES[None]).reshape(-1, 2, 2)
    scores = coherent(spectrum, lines, candidates)
    best: list[tuple[float, NDArray[np.float64]]] = []
    for index in np.argsort(-scores)[:200]:
        if all(np.abs(candidates[index] - other).max() > 0.012 for _, other in best):
            best.append((float(scores[index]), candidates[index]))
        if len(best) == RESULTS:
            break
    climbed = [climb(spectrum, lines, score, matrix, 0.004) for score, matrix in best]
    return sorted(climbed, key=lambda result: -result[0])


def near(spectrum: Spectrum, lines: Lines, matrix: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
    """The best change within 2.4 per cent of a supposed one, in either direction."""
    steps = np.arange(-0.024, 0.0241, 0.004)
    stretch = np.zeros((len(steps) ** 2, 2, 2))
    stretch[:, 0, 0], stretch[:, 1, 1] = 1 + np.repeat(steps, len(steps)), 1 + np.tile(steps, len(steps))
    candidates = stretch @ matrix
    scores = coherent(spectrum, lines, candidates)
    index = int(scores.argmax())
    return climb(spectrum, lines, float(scores[index]), candidates[index], 0.002)


def climb(
    spectrum: Spectrum, lines: Lines, score: float, matrix: NDArray[np.float64], step: float
) -> tuple[float, NDArray[np.float64]]:
    """A better matrix nearby, by small random changes; the same ones every time."""
    rng = np.random.default_rng(0)
    for _ in range(CLIMB_ROUNDS):
        candidates = matrix @ (np.eye(2) + rng.normal(0, step, (CLIMB_TRIES, 2, 2)))
        scores = coherent(spectrum, lines, candidates)
        index = int(scores.argmax())
        if scores[index] > score:
            score, matrix = float(scores[index]), candidates[index]
        step *= 0.6
    return score, matrix


def coherent(spectrum: Spectrum, lines: Lines, matrices: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,) the pilot's score under each of (n, 2, 2) changes, at its best shift and either way up."""
    size = len(spectrum.values)
    keyed = (lines.pilot_phases.conj() * lines.pilot_weights).astype(np.complex64)
    places = lines.pilot // PILOT_STEP
    y, x = places[:, 1] % SHIFTS, places[:, 0] % SHIFTS
    turned = np.linalg.inv(matrices).transpose(0, 2, 1)
    scores = np.zeros(len(matrices))
    for begin in range(0, len(matrices), COHERENT_BATCH):
        seen = (turned[begin : begin + COHERENT_BATCH] @ (lines.pilot / PERIOD).T).transpose(0, 2, 1)
        index = np.floor(seen * size + 0.5).astype(np.intp) % size
        heard = spectrum.values[index[..., 1], index[..., 0]]
        heard[(np.abs(seen) > HIGHEST_SEEN).any(-1)] = 0
        norm = np.sqrt((np.abs(heard * keyed) ** 2).sum(1) / 2) + 1e-6
        for way in (heard, heard.conj()):
            grid = np.zeros((len(heard), SHIFTS, SHIFTS), np.complex64)
            grid[:, y, x] = way * keyed
            peak = scipy.fft.fft2(grid, axes=(1, 2)).real.max((1, 2))
            scores[begin : begin + COHERENT_BATCH] = np.maximum(
                scores[begin : begin + COHERENT_BATCH], peak / norm
            )
    return scores


def _incoherent(
    power: NDArray[np.float32], waves: NDArray[np.float32], matrices: NDArray[np.float64]
) -> NDArray[np.float32]:
    """(n,) mean excess of power, in standard deviations, where each change puts the pilot's waves."""
    size = len(power)
    flat = power.reshape(-1)
    turned = np.linalg.inv(matrices).transpose(0, 2, 1).astype(np.float32)
    scores = np.zeros(len(matrices), np.float32)
    for begin in range(0, len(matrices), BATCH):
        seen = turned[begin : begin + BATCH] @ waves.T  # (b, 2, P)
        is_seen = (np.abs(seen) < HIGHEST_SEEN).all(1)
        index = np.rint(seen * size).astype(np.int32) & (size - 1)
        found = flat[index[:, 1] * size + index[:, 0]] * is_seen
        count = is_seen.sum(1)
        enough = count > len(waves) // 2
        scores[begin : begin + BATCH] = np.where(enough, found.sum(1) / np.sqrt(np.maximum(count, 1)), 0)
    return scores


@lru_cache(maxsize=1)
def _grids() -> list[tuple[NDArray[np.float64], int]]:
    """Changes to try: (n, 2, 2) and the number of rows in which they are ordered, scales in columns.

    Scales of 0.22 to 2.7 with stretching up to half, unturned; and scales of 0.35 to 2.2, turned by up to 45
    degrees. Quarter turns and mirrors come from SYMMETRIES.
    """
    scale = np.exp(np.arange(np.log(0.22), np.log(2.7), 0.006))
    stretch = np.exp(np.arange(-0.42, 0.421, 0.0066))[:, None]
    along, across = (scale * np.sqrt(stretch)).reshape(-1), (scale / np.sqrt(stretch)).reshape(-1)
    stretched = np.zeros((len(along), 2, 2))
    stretched[:, 0, 0], stretched[:, 1, 1] = along, across
    scale = np.exp(np.arange(np.log(0.35), np.log(2.2), 0.006))
    angle = np.deg2rad(np.arange(-45, 45, 0.36))[:, None]
    cosine, sine = (scale * np.cos(angle)).reshape(-1), (scale * np.sin(angle)).reshape(-1)
    turned = np.stack([np.stack([cosine, -sine], -1), np.stack([sine, cosine], -1)], axis=1)
    return [(stretched, len(stretch)), (turned, len(angle))]
