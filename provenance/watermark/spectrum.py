"""The waves of a key in a residual in canonical pixels: where the pattern begins, and what it says."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import scipy.fft
from numpy.typing import NDArray

from provenance.watermark.pattern import CODED_BITS, PERIOD, PILOT_PERIOD, PILOT_STEP, Lines

NOISE_REACH = 4  # waves to either side from which a wave's noise is estimated
SHIFT_GRID = 2 * PILOT_PERIOD  # half pixels
TILES = PILOT_STEP * PILOT_STEP  # places where the payload may begin once the pilot's place is known


@dataclass(frozen=True, eq=False)
class Alignment:
    """The best place of the pilot: `score` in standard deviations, `shift` in canonical pixels (x, y).

    `is_turned`: the frame stands on its head. The chance that content made without the key reaches a score z
    at one place is at most exp(-z^2 / 2): the keyed phases are fair quarter turns (Hoeffding).
    """

    score: float
    shift: tuple[float, float]
    is_turned: bool


@dataclass(frozen=True, eq=False)
class Waves:
    """The whitened, weighted values of a key's waves in one residual."""

    lines: Lines
    pilot: NDArray[np.complex64]
    data: NDArray[np.complex64]

    def pilot_score(self) -> float:
        """The pilot's score where the residual is supposed to lie, without any search."""
        heard = (self.pilot * self.lines.pilot_phases.conj()).real.sum()
        return float(heard / self._pilot_norm())

    def _pilot_norm(self) -> float:
        return float(np.sqrt((np.abs(self.pilot) ** 2).sum() / 2)) + 1e-12

    def align(self) -> Alignment:
        """Try every shift of half a pixel, both ways up."""
        norm = self._pilot_norm()
        best = Alignment(0.0, (0.0, 0.0), is_turned=False)
        for is_turned in (False, True):
            heard = self.pilot.conj() if is_turned else self.pilot
            surface = pilot_surface(heard * self.lines.pilot_phases.conj(), self.lines)
            y, x = divmod(int(surface.argmax()), SHIFT_GRID)
            if surface[y, x] / norm > best.score:
                best = Alignment(float(surface[y, x] / norm), (x / 2, y / 2), is_turned)
        return best

    def beliefs(self, alignment: Alignment) -> NDArray[np.float32]:
        """(16, 256) soft coded bits, positive for a one, for each tile in which the payload may begin.

        Each row is divided by the norm of its chips: against a codeword's signs it sums to a score z that
        chance exceeds with probability exp(-z^2 / 2) at most, because the keyed signs are fair coins.
        """
        heard = self.data.conj() if alignment.is_turned else self.data
        x, y = alignment.shift
        cycles = self.lines.data @ np.array([x, y]) / PERIOD
        still = heard * np.exp(-2j * np.pi * cycles)
        tile = np.arange(PILOT_STEP)
        starts = np.stack([np.tile(tile, PILOT_STEP), np.repeat(tile, PILOT_STEP)])  # (2, 16): x, y
        quarters = (self.lines.data @ starts) % PILOT_STEP  # (D, 16)
        turned = still[:, None] * ((-1j) ** np.arange(4))[quarters]
        chips = np.empty((2 * len(turned), TILES), np.float32)
        chips[0::2], chips[1::2] = turned.real, turned.imag
        norm = np.sqrt((chips**2).sum(0)) + 1e-12
        chips *= self.lines.signs[:, None]
        order = np.argsort(self.lines.slots, kind="stable")
        begins = np.searchsorted(self.lines.slots[order], np.arange(CODED_BITS))
        summed = np.add.reduceat(chips[order], begins, axis=0) / norm
        return np.asarray(summed.T, np.float32)


def start_of_tile(tile: int) -> tuple[int, int]:
    """The canonical x and y that row `tile` of `Waves.beliefs` adds to the pilot's shift."""
    return PILOT_PERIOD * (tile % PILOT_STEP), PILOT_PERIOD * (tile // PILOT_STEP)


def read_waves(sheet: NDArray[np.float32], lines: Lines) -> Waves:
    """The waves of `lines` in a (512, 512) residual, each over the noise around it."""
    values = scipy.fft.fft2(sheet)
    power = (values.real**2 + values.imag**2).astype(np.float32)
    wrapped = np.pad(power, NOISE_REACH, mode="wrap")
    side = 2 * NOISE_REACH + 1
    noise = cv2.blur(wrapped, (side, side))[NOISE_REACH:-NOISE_REACH, NOISE_REACH:-NOISE_REACH]
    loudness = 1 / np.sqrt(noise + 1e-6)

    def heard(places: NDArray[np.intp], weights: NDArray[np.float32]) -> NDArray[np.complex64]:
        y, x = places[:, 1] % PERIOD, places[:, 0] % PERIOD
        return np.asarray(values[y, x] * loudness[y, x] * weights, np.complex64)

    return Waves(lines, heard(lines.pilot, lines.pilot_weights), heard(lines.data, lines.data_weights))


def pilot_surface(products: NDArray[np.complex64], lines: Lines) -> NDArray[np.float32]:
    """(256, 256): what (P,) `products` of heard and keyed pilot add up to, by the shift in half pixels."""
    grid = np.zeros((SHIFT_GRID, SHIFT_GRID), np.complex64)
    places = lines.pilot // PILOT_STEP
    grid[places[:, 1] % SHIFT_GRID, places[:, 0] % SHIFT_GRID] = products
    return np.asarray(scipy.fft.fft2(grid).real, np.float32)
