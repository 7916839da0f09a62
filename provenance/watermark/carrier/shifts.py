"""Correlates the pilot at many shifts at once: sums over its few carriers, as two matrix products.

The pilot's carriers lie on a lattice of 17 by 35 points. A Fourier transform over all of a grid would spend
most of its work on points that are empty.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from provenance.watermark.carrier.pattern import HIGHEST, PILOT_PERIOD, PILOT_STEP, Carriers

_REACH = int(HIGHEST * PILOT_PERIOD)  # of the lattice, in cycles over the pilot's period
_ROWS, _COLUMNS = _REACH, 2 * _REACH + 1


@dataclass(frozen=True, eq=False)
class Shifts:
    """A grid of shifts: `along` (35, X) complex and `across` (Y, 34) are the lattice's carriers at them."""

    along: NDArray[np.complex64]
    across: NDArray[np.float32]


def shifts_at(x: NDArray[np.floating], y: NDArray[np.floating]) -> Shifts:
    """The grid of shifts by each of (X,) and each of (Y,) canonical pixels."""
    columns, rows = np.arange(-_REACH, _REACH + 1), np.arange(1, _REACH + 1)
    along = np.exp(-2j * np.pi * columns[:, None] * x / PILOT_PERIOD).astype(np.complex64)
    across = np.exp(-2j * np.pi * y[:, None] * rows / PILOT_PERIOD).astype(np.complex64)
    return Shifts(along, np.concatenate([across.real, -across.imag], axis=1))


@lru_cache(maxsize=4)
def all_shifts(count: int) -> Shifts:
    """`count` by `count` shifts over the whole of the pilot's period."""
    steps = np.arange(count) * (PILOT_PERIOD / count)
    return shifts_at(steps, steps)


def agreement(products: NDArray[np.complex64], carriers: Carriers, shifts: Shifts) -> NDArray[np.float32]:
    """(n, Y, X): the correlation at each shift, from (n, P) products of measured and expected pilot."""
    count = len(products)
    places = carriers.pilot // PILOT_STEP
    lattice = np.zeros((count, _ROWS, _COLUMNS), np.complex64)
    lattice[:, places[:, 1] - 1, places[:, 0] + _REACH] = products
    rows = (lattice.reshape(-1, _COLUMNS) @ shifts.along).reshape(count, _ROWS, -1)
    parts = np.concatenate([rows.real, rows.imag], axis=1)
    return np.asarray(shifts.across @ parts, np.float32)


@dataclass(frozen=True, eq=False)
class _Quarter:
    """The waves of the lattice's columns (17, X) and rows (Y, 17) at shifts to one side."""

    column_cosines: NDArray[np.float32]
    column_sines: NDArray[np.float32]
    row_cosines: NDArray[np.float32]
    row_sines: NDArray[np.float32]


@lru_cache(maxsize=2)
def _quarter(count: int) -> _Quarter:
    return _around(count // 2, PILOT_PERIOD / count)


@lru_cache(maxsize=4)
def _around(reach: int, step: float) -> _Quarter:
    angles = 2 * np.pi * np.outer(np.arange(1, _REACH + 1), np.arange(reach + 1) * step / PILOT_PERIOD)
    cosines, sines = np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)
    return _Quarter(cosines, sines, np.ascontiguousarray(cosines.T), np.ascontiguousarray(sines.T))


def highest(products: NDArray[np.complex64], carriers: Carriers, count: int) -> NDArray[np.float32]:
    """(n,) the greatest amount of `agreement` over `all_shifts(count)`, `count` even, in a third of the time.

    A cosine is the same at a shift and at its opposite, a sine the negative: from a quarter of the shifts all
    four are known, and of a sum and a difference the greater amount is the sum of both amounts.
    """
    places = carriers.pilot // PILOT_STEP
    waves = _quarter(count)
    lattice = np.zeros((2, _ROWS, len(products), _COLUMNS), np.float32)  # real parts, imaginary parts
    at = places[:, 1] - 1, slice(None), places[:, 0] + _REACH
    lattice[0][at], lattice[1][at] = products.real.T, products.imag.T
    right, left = lattice[..., _REACH + 1 :], lattice[..., _REACH - 1 :: -1]
    even_real, even_imag = ((right + left).reshape(-1, _REACH) @ waves.column_cosines).reshape(2, _ROWS, -1)
    odd_real, odd_imag = ((right - left).reshape(-1, _REACH) @ waves.column_sines).reshape(2, _ROWS, -1)
    found = []
    for real, imag in (
        (even_real + odd_imag, even_imag - odd_real),
        (even_real - odd_imag, even_imag + odd_real),
    ):
        along, across = waves.row_cosines @ real, waves.row_sines @ imag
        np.abs(along, out=along)
        along += np.abs(across, out=across)
        found.append(along.max(0).reshape(len(products), -1).max(1))
    return np.asarray(np.maximum(*found), np.float32)


def agreement_around(
    products: NDArray[np.complex64],
    carriers: Carriers,
    middle: NDArray[np.floating],
    reach: int,
    step: float,
) -> NDArray[np.float32]:
    """(n, 2 reach + 1, 2 reach + 1): `agreement` at shifts of whole steps around a `middle` (x, y), in
    canonical pixels; in half the time, as `highest`.
    """
    places = carriers.pilot // PILOT_STEP
    turns = np.exp(-2j * np.pi / PILOT_PERIOD * (places @ middle)).astype(np.complex64)
    turned = (products * turns).T
    waves = _around(reach, step)
    lattice = np.zeros((2, _ROWS, products.shape[0], _COLUMNS), np.float32)  # real parts, imaginary parts
    at = places[:, 1] - 1, slice(None), places[:, 0] + _REACH
    lattice[0][at], lattice[1][at] = turned.real, turned.imag
    right, left = lattice[..., _REACH + 1 :], lattice[..., _REACH - 1 :: -1]
    even_real, even_imag = ((right + left).reshape(-1, _REACH) @ waves.column_cosines).reshape(2, _ROWS, -1)
    odd_real, odd_imag = ((right - left).reshape(-1, _REACH) @ waves.column_sines).reshape(2, _ROWS, -1)
    surfaces = np.empty((len(products), 2 * reach + 1, 2 * reach + 1), np.float32)
    to_right, to_left = slice(reach, None), slice(reach, None, -1)
    for columns, real, imag in (
        (to_right, even_real + odd_imag, even_imag - odd_real),
        (to_left, even_real - odd_imag, even_imag + odd_real),
    ):
        along, across = (
            (rows @ part).reshape(reach + 1, len(products), -1).transpose(1, 0, 2)
            for rows, part in ((waves.row_cosines, real), (waves.row_sines, imag))
        )
        np.add(along, across, out=surfaces[:, reach:, columns])
        np.subtract(along, across, out=surfaces[:, reach::-1, columns])
    return surfaces
