"""Finds the mark by the payload's own energy, where its pilot has been taken off.

The pilot is the same in all videos of a year: somebody who averages enough of them can subtract it. The
payload is another one in every video and cannot be averaged. Whatever word it holds, the chips of each coded
bit agree with each other where the pattern lies, so that the squares of the soft bits are large there and
nowhere else.

Only the squares are looked at. Turning the sign of any coded bit does not change them, so the place that is
chosen says nothing of the word: given the place, the signs of the soft bits are as fair as anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import cv2
import numpy as np
import scipy.fft
from numpy.typing import NDArray

from provenance.watermark.carrier.arrays import Plane
from provenance.watermark.carrier.pattern import PERIOD, Carriers
from provenance.watermark.carrier.rectification import Geometry, folded, linear, rectified
from provenance.watermark.carrier.spectrum import Alignment, CarrierSpectrum, measure_carriers, whitened

HIGHEST_COARSE = 0.075  # cycles a canonical pixel: coarse carriers forgive a transform a little off
COARSE_BITS, FINE_BITS = 256, 64  # of the coded bits, that are looked at
COARSE_GRID, FINE_GRID = 96, 192  # shifts to a side, over the pattern's period
NOISE_REACH = 4
CUTS = np.arange(0.0, 0.2501, 0.0125)  # of the frame's side, that were cut off
TURNS = np.deg2rad(1.15 * np.arange(-5, 6))
FINE_STEPS = (-0.006, 0.0, 0.006)  # radians, and of the scale
WORTH_REFINING = 5.8  # standard deviations of the energy; the best of all places by chance reaches 5.7
CANDIDATES = 2
_MIRROR = np.diag([-1.0, 1.0])


class PayloadPlace(NamedTuple):
    """Where the payload lies: its spectrum, its shift in it, and the geometry to which both belong."""

    spectrum: CarrierSpectrum
    alignment: Alignment
    geometry: Geometry


class _Pairs(NamedTuple):
    """Pairs of chips of the same coded bit, on some carriers.

    (n,) `carriers` and `factors` on their values make the n chips. (m,) `first` and `second` are two chips of
    one bit, `weights` how often their product counts, and (2 m,) `places` where the product with the
    conjugate of the second, and the product itself, belong in a spectrum (grid, grid).
    """

    carriers: NDArray[np.intp]
    factors: NDArray[np.complex64]
    first: NDArray[np.intp]
    second: NDArray[np.intp]
    weights: NDArray[np.float32]
    places: NDArray[np.intp]


def usual_changes(shape: tuple[int, int]) -> Iterator[NDArray[np.float64]]:
    """The transforms of a frame (H, W) that are looked at, each mirrored as well: cut at the edges, or turned
    a little.
    """
    scale = min(shape) / PERIOD
    for cut in CUTS:
        yield scale / (1 - cut) * np.eye(2)
    for turn in TURNS:
        if abs(turn) > 1e-9:
            yield scale * _turned(turn)


def payload_places(plane: Plane, carriers: Carriers) -> Iterator[PayloadPlace]:
    """The likeliest places of a key's payload in a residual (H, W)."""
    height, width = plane.shape
    half = np.asarray(cv2.resize(plane, (width // 2, height // 2), interpolation=cv2.INTER_AREA), np.float32)
    mirrored = -np.arange(PERIOD // 2) % (PERIOD // 2)
    found = []
    for matrix in usual_changes((height, width)):
        values = whitened(folded(*rectified(half, linear(matrix), is_quick=True), PERIOD // 2), NOISE_REACH)
        # Of a mirrored sheet the spectrum is the mirrored one.
        for seen, changed in ((values, matrix), (values[:, mirrored], matrix @ _MIRROR)):
            energy = _energies(seen, carriers, COARSE_BITS, COARSE_GRID, HIGHEST_COARSE)
            found.append((float(energy.max()), changed))
    for score, matrix in sorted(found, key=lambda one: -one[0])[:CANDIDATES]:
        if score >= WORTH_REFINING:
            yield _refined(plane, matrix, carriers)


def _refined(plane: Plane, matrix: NDArray[np.float64], carriers: Carriers) -> PayloadPlace:
    """The best place near a transform."""
    best: tuple[float, NDArray[np.float64], tuple[float, float]] | None = None
    for turn in FINE_STEPS:
        for scale in FINE_STEPS:
            tried = (1 + scale) * _turned(turn) @ matrix
            values = whitened(folded(*rectified(plane, linear(tried), is_quick=True)), NOISE_REACH)
            energy = _energies(values, carriers, FINE_BITS, FINE_GRID, 1.0)
            y, x = np.unravel_index(int(energy.argmax()), energy.shape)
            if best is None or energy[y, x] > best[0]:
                unit = PERIOD / FINE_GRID
                best = float(energy[y, x]), tried, (float(x) * unit, float(y) * unit)
    assert best is not None  # noqa: S101
    _, matrix, (left, top) = best
    spectrum = measure_carriers(folded(*rectified(plane, linear(matrix))), carriers)
    around = np.arange(-1.5, 1.6, 0.5)
    energies = spectrum.payload_energies(left + around, top + around)
    row, column = np.unravel_index(int(energies.argmax()), energies.shape)
    shift = left + float(around[column]), top + float(around[row])
    return PayloadPlace(spectrum, Alignment(0.0, shift, is_rotated=False), linear(matrix))


def _energies(
    values: NDArray[np.complex64], carriers: Carriers, bits: int, grid: int, highest: float
) -> NDArray[np.float32]:
    """(grid, grid): the energy of some soft bits at each shift, in standard deviations over that of chance.

    `values` are the whitened rows of the spectrum of a canonical residual, of any resolution.
    """
    pairs = _pairs(carriers, bits, grid, highest)
    data = carriers.data[pairs.carriers]
    chips = values[data[:, 1], data[:, 0] % values.shape[1]] * pairs.factors
    # A bit at a shift is twice the real part of its chips' sum A, whose square is 2 |A|^2 + 2 Re A^2. Of all
    # bits together that is one spectrum, of products of chips at the differences and sums of their
    # frequencies: one transform instead of one for each bit.
    first, second = chips[pairs.first] * pairs.weights, chips[pairs.second]
    products = np.concatenate([first * second.conj(), first * second])
    sheet = np.empty(grid * grid, np.complex64)
    sheet.real = np.bincount(pairs.places, products.real, len(sheet))
    sheet.imag = np.bincount(pairs.places, products.imag, len(sheet))
    energy = scipy.fft.fft2(sheet.reshape(grid, grid), overwrite_x=True).real
    # By chance each surface's square is its own power on average.
    power = float(2 * (np.abs(chips) ** 2).sum()) + 1e-12
    return np.asarray((energy / power - 1) * np.sqrt(bits / 2), np.float32)


@lru_cache(maxsize=32)
def _pairs(carriers: Carriers, bits: int, grid: int, highest: float) -> _Pairs:
    carrier = np.repeat(np.arange(len(carriers.data)), 2)
    # A carrier's first chip is its cosine, the second its sine.
    factors = carriers.signs * np.tile(np.array([1, -1j], np.complex64), len(carriers.data))
    factors = factors * carriers.data_weights[carrier]
    is_coarse = np.hypot(*carriers.data.T) <= highest * PERIOD
    kept = np.flatnonzero(is_coarse[carrier] & (carriers.slots < bits))
    kept = kept[np.argsort(carriers.slots[kept], kind="stable")]
    counts = np.bincount(carriers.slots[kept], minlength=bits)
    starts = np.cumsum(counts) - counts
    first, second = [], []
    for start, count in zip(starts, counts, strict=True):
        one, other = _pairs_of(int(count))
        first.append(one + start)
        second.append(other + start)
    one, other = np.concatenate(first), np.concatenate(second)
    x, y = carriers.data[carrier[kept]].T
    apart = (y[one] - y[other]) % grid * grid + (x[one] - x[other]) % grid
    together = (y[one] + y[other]) % grid * grid + (x[one] + x[other]) % grid
    return _Pairs(
        carrier[kept],
        factors[kept].astype(np.complex64),
        one,
        other,
        np.where(one == other, np.float32(2), np.float32(4)),
        np.concatenate([apart, together]),
    )


@lru_cache(maxsize=64)
def _pairs_of(count: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """All pairs of so many, each with itself too."""
    return np.triu_indices(count)


def _turned(angle: float) -> NDArray[np.float64]:
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
