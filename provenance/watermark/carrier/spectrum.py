"""The waves of a key in a residual in canonical pixels: where the pattern begins, and what it says."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import scipy.fft
from numpy.typing import NDArray

from provenance.watermark.carrier.pattern import CODED_BITS, HIGHEST, PERIOD, PILOT_PERIOD, PILOT_STEP, Lines
from provenance.watermark.carrier.shifts import agreement, all_shifts

NOISE_REACH = 4  # waves to either side from which a wave's noise is estimated
PILOT_NOISE_REACH = 2  # of the pilot's lattice, on which three waves in four are empty
SHIFT_GRID = 2 * PILOT_PERIOD  # half pixels
_COSINES = np.array([1, 0, -1, 0])  # of quarter turns
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
        keyed = self.lines.pilot_phases.conj()
        products = np.stack([self.pilot * keyed, self.pilot.conj() * keyed])
        surfaces = agreement(products, self.lines, all_shifts(SHIFT_GRID))
        way, y, x = np.unravel_index(int(surfaces.argmax()), surfaces.shape)
        score = float(surfaces[way, y, x] / norm)
        return Alignment(score, (float(x) / 2, float(y) / 2), is_turned=bool(way))

    def beliefs(self, alignment: Alignment) -> NDArray[np.float32]:
        """(16, 256) soft coded bits, positive for a one, for each tile in which the payload may begin.

        Each row is divided by the norm of its chips: against a codeword's signs it sums to a score z in
        standard deviations of chance, because the keyed signs are fair coins; see `decision`.
        """
        heard = self.data.conj() if alignment.is_turned else self.data
        cycles = self.lines.data @ np.array(alignment.shift, np.float32) / PERIOD
        still = heard * np.exp(np.complex64(-2j * np.pi) * cycles.astype(np.float32))
        # A tile's start turns all waves of one class, by their places mod 4, by the same quarters. Both a
        # wave's chips are then its cosine and sine with other signs, so that each class is summed once.
        signs = self.lines.signs
        straight = np.stack([still.real, still.imag], axis=1).reshape(-1) * signs
        crossed = np.stack([still.imag, -still.real], axis=1).reshape(-1) * signs
        classes = (self.lines.data % PILOT_STEP) @ (1, PILOT_STEP)
        place = np.repeat(classes, 2) * CODED_BITS + self.lines.slots
        count = TILES * CODED_BITS
        as_cosines, as_sines = (
            np.bincount(place, chips, count).reshape(TILES, CODED_BITS) for chips in (straight, crossed)
        )
        starts = np.array([start_of_tile(tile) for tile in range(TILES)]) // PILOT_PERIOD
        quarters = (starts @ starts.T) % PILOT_STEP  # (tile, class)
        summed = _COSINES[quarters] @ as_cosines + _COSINES[quarters - 1] @ as_sines
        norm = np.sqrt((np.abs(heard) ** 2).sum()) + 1e-12
        return np.asarray(summed / norm, np.float32)


def start_of_tile(tile: int) -> tuple[int, int]:
    """The canonical x and y that row `tile` of `Waves.beliefs` adds to the pilot's shift."""
    return PILOT_PERIOD * (tile % PILOT_STEP), PILOT_PERIOD * (tile // PILOT_STEP)


def read_waves(sheet: NDArray[np.float32], lines: Lines) -> Waves:
    """The waves of `lines` in a (512, 512) residual, each over the noise around it."""
    values = _whitened(sheet, NOISE_REACH)

    def heard(places: NDArray[np.intp], weights: NDArray[np.float32]) -> NDArray[np.complex64]:
        return np.asarray(values[places[:, 1], places[:, 0] % PERIOD] * weights, np.complex64)

    return Waves(lines, heard(lines.pilot, lines.pilot_weights), heard(lines.data, lines.data_weights))


def pilot_score(sheet: NDArray[np.float32], lines: Lines) -> float:
    """The pilot's score in a (128, 128) residual, folded at its period, where it is supposed to lie."""
    places = lines.pilot // PILOT_STEP
    values = _whitened(sheet, PILOT_NOISE_REACH)[places[:, 1], places[:, 0] % PILOT_PERIOD]
    heard = values * lines.pilot_weights
    norm = float(np.sqrt((np.abs(heard) ** 2).sum() / 2)) + 1e-12
    return float((heard * lines.pilot_phases.conj()).real.sum()) / norm


def _whitened(sheet: NDArray[np.float32], reach: int) -> NDArray[np.complex64]:
    """The band's rows of a sheet's spectrum, each wave over the noise within `reach` waves around it."""
    # No wave of the band is beyond these rows, and the other half plane mirrors this one.
    rows = int(HIGHEST * len(sheet)) + reach + 1
    values = scipy.fft.fft(scipy.fft.rfft(sheet, axis=0)[:rows], axis=1)
    power = (values.real**2 + values.imag**2).astype(np.float32)
    above = np.roll(power[reach:0:-1, ::-1], 1, axis=1)
    wrapped = np.pad(np.concatenate([above, power]), ((0, 0), (reach, reach)), mode="wrap")
    side = 2 * reach + 1
    noise = cv2.blur(wrapped, (side, side))[reach:, reach:-reach]
    return np.asarray(values / np.sqrt(noise + np.float32(1e-6)), np.complex64)
