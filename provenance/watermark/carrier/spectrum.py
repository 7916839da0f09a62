"""Measures a key's carriers in a canonical residual: alignment of the pilot, and soft bits of the payload."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import scipy.fft
from numpy.typing import NDArray

from provenance.watermark.carrier.pattern import (
    CODED_BITS,
    HIGHEST,
    PERIOD,
    PILOT_PERIOD,
    PILOT_STEP,
    Carriers,
)
from provenance.watermark.carrier.shifts import agreement, all_shifts

NOISE_REACH = 4  # frequencies to either side from which a carrier's noise is estimated
PILOT_NOISE_REACH = 2  # of the pilot's lattice, on which three frequencies in four are empty
SHIFT_GRID = 2 * PILOT_PERIOD  # half pixels
_COSINES = np.array([1, 0, -1, 0])  # of quarter turns
TILES = PILOT_STEP * PILOT_STEP  # places where the payload may begin once the pilot's place is known


@dataclass(frozen=True, eq=False)
class Alignment:
    """The best place of the pilot: `score` in standard deviations, `shift` in canonical pixels (x, y).

    `is_rotated`: the frame is rotated by 180 degrees. `is_inverted`: light and dark are exchanged, so that
    every carrier has the other sign. The chance that content made without the key reaches a
    score z at one place is at most exp(-z^2 / 2): the keyed phases are fair quarter turns (Hoeffding).
    """

    score: float
    shift: tuple[float, float]
    is_rotated: bool
    is_inverted: bool = False


@dataclass(frozen=True, eq=False)
class CarrierSpectrum:
    """The whitened, weighted values of a key's carriers in one residual."""

    carriers: Carriers
    pilot: NDArray[np.complex64]
    data: NDArray[np.complex64]

    def pilot_score(self) -> float:
        """The pilot's score where the residual is assumed to lie, without any search."""
        measured = (self.pilot * self.carriers.pilot_phases.conj()).real.sum()
        return float(measured / self._pilot_norm())

    def _pilot_norm(self) -> float:
        return float(np.sqrt((np.abs(self.pilot) ** 2).sum() / 2)) + 1e-12

    def align(self) -> Alignment:
        """Try every shift of half a pixel, upright and rotated by 180 degrees, as it is and inverted."""
        norm = self._pilot_norm()
        expected = self.carriers.pilot_phases.conj()
        products = np.stack([self.pilot * expected, self.pilot.conj() * expected])
        surfaces = agreement(products, self.carriers, all_shifts(SHIFT_GRID))
        is_inverted = bool(-surfaces.min() > surfaces.max())
        way, y, x = np.unravel_index(
            int(surfaces.argmin() if is_inverted else surfaces.argmax()), surfaces.shape
        )
        score = abs(float(surfaces[way, y, x] / norm))
        return Alignment(score, (float(x) / 2, float(y) / 2), is_rotated=bool(way), is_inverted=is_inverted)

    def payload_energies(self, x: NDArray[np.floating], y: NDArray[np.floating]) -> NDArray[np.float64]:
        """(Y, X): the energy of the first row of `soft_bits`, upright, at shifts by each of (X,) and of (Y,)
        canonical pixels, up to a factor that is the same for all; quicker.
        """
        along, across = (
            np.exp(np.complex64(-2j * np.pi) * (np.outer(shifts, lines) / PERIOD).astype(np.float32))
            for shifts, lines in zip((x, y), self.carriers.data.T, strict=True)
        )
        energies = np.empty((len(y), len(x)))
        for row, column in np.ndindex(energies.shape):
            still = self.data * across[row] * along[column]
            chips = still.view(np.float32) * self.carriers.signs  # a carrier's cosine, and its sine
            bits = np.bincount(self.carriers.slots, chips, CODED_BITS)
            energies[row, column] = bits @ bits
        return energies

    def soft_bits(self, alignment: Alignment) -> NDArray[np.float32]:
        """(16, 256) soft coded bits, positive for a one, for each tile in which the payload may begin.

        Each row is divided by the norm of its chips: against a codeword's signs it sums to a score z in
        standard deviations of chance, because the keyed signs are fair coins; see `decision`.
        """
        measured = self.data.conj() if alignment.is_rotated else self.data
        cycles = self.carriers.data @ np.array(alignment.shift, np.float32) / PERIOD
        still = measured * np.exp(np.complex64(-2j * np.pi) * cycles.astype(np.float32))
        # A tile's start rotates all carriers of one class, by their places mod 4, by the same quarters. Both
        # a carrier's chips are then its cosine and sine with other signs, so that each class is summed once.
        signs = self.carriers.signs
        straight = np.stack([still.real, still.imag], axis=1).reshape(-1) * signs
        crossed = np.stack([still.imag, -still.real], axis=1).reshape(-1) * signs
        classes = (self.carriers.data % PILOT_STEP) @ (1, PILOT_STEP)
        place = np.repeat(classes, 2) * CODED_BITS + self.carriers.slots
        count = TILES * CODED_BITS
        as_cosines, as_sines = (
            np.bincount(place, chips, count).reshape(TILES, CODED_BITS) for chips in (straight, crossed)
        )
        starts = np.array([start_of_tile(tile) for tile in range(TILES)]) // PILOT_PERIOD
        quarters = (starts @ starts.T) % PILOT_STEP  # (tile, class)
        summed = _COSINES[quarters] @ as_cosines + _COSINES[quarters - 1] @ as_sines
        norm = np.sqrt((np.abs(measured) ** 2).sum()) + 1e-12
        return np.asarray(summed / (-norm if alignment.is_inverted else norm), np.float32)


def start_of_tile(tile: int) -> tuple[int, int]:
    """The canonical x and y that row `tile` of `CarrierSpectrum.soft_bits` adds to the pilot's shift."""
    return PILOT_PERIOD * (tile % PILOT_STEP), PILOT_PERIOD * (tile // PILOT_STEP)


def measure_carriers(sheet: NDArray[np.float32], carriers: Carriers) -> CarrierSpectrum:
    """The values of `carriers` in a (512, 512) residual, each over the noise around it; also in one of
    (256, 256), of every second pixel.
    """
    return values_of(measured(sheet), carriers)


def measured(sheet: NDArray[np.float32]) -> NDArray[np.complex64]:
    """What `values_of` takes every key's carriers from, of a (512, 512) residual."""
    return whitened(sheet, NOISE_REACH, PERIOD)


def values_of(values: NDArray[np.complex64], carriers: Carriers) -> CarrierSpectrum:
    """The values of `carriers` in what `measured` gave."""

    def values_at(places: NDArray[np.intp], weights: NDArray[np.float32]) -> NDArray[np.complex64]:
        return np.asarray(values[places[:, 1], places[:, 0] % values.shape[1]] * weights, np.complex64)

    return CarrierSpectrum(
        carriers,
        values_at(carriers.pilot, carriers.pilot_weights),
        values_at(carriers.data, carriers.data_weights),
    )


def pilot_score(sheet: NDArray[np.float32], carriers: Carriers) -> float:
    """The pilot's score in a (128, 128) residual, folded at its period, where it is assumed to lie; also in
    one of (64, 64), of every second pixel.
    """
    places = carriers.pilot // PILOT_STEP
    values = whitened(sheet, PILOT_NOISE_REACH, PILOT_PERIOD)[places[:, 1], places[:, 0] % len(sheet)]
    measured = values * carriers.pilot_weights
    norm = float(np.sqrt((np.abs(measured) ** 2).sum() / 2)) + 1e-12
    return float((measured * carriers.pilot_phases.conj()).real.sum()) / norm


def whitened(sheet: NDArray[np.float32], reach: int, period: int | None = None) -> NDArray[np.complex64]:
    """The band's rows of a sheet's spectrum, each frequency over the noise within `reach` frequencies around
    it. The sheet is a `period` of canonical pixels; as many as it has itself, unless it is of some of them.
    """
    # No carrier of the band is beyond these rows, and the other half plane mirrors this one.
    rows = int(HIGHEST * (period or len(sheet))) + reach + 1
    values = scipy.fft.fft(scipy.fft.rfft(sheet, axis=0)[:rows], axis=1)
    power = (values.real**2 + values.imag**2).astype(np.float32)
    above = np.roll(power[reach:0:-1, ::-1], 1, axis=1)
    wrapped = cv2.copyMakeBorder(np.concatenate([above, power]), 0, 0, reach, reach, cv2.BORDER_WRAP)
    side = 2 * reach + 1
    noise = cv2.blur(wrapped, (side, side))[reach:, reach:-reach]
    values *= 1 / np.sqrt(noise + np.float32(1e-6))
    return np.asarray(values, np.complex64)
