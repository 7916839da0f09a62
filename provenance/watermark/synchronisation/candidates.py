"""Proposes linear transforms under which a spectrum has power where the pilot's carriers would be.

Hundreds of thousands of transforms are looked at, so each costs some hundred look-ups and nothing else:
rotated ones are shifts of the spectrum in angle and logarithm of frequency, stretched ones share their
columns and rows. The phases, which tell more, are the search's business.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.watermark.carrier.pattern import HIGHEST, LOWEST, PERIOD

Power = NDArray[np.float32]
Lines = NDArray[np.intp]

KEPT, KEPT_ASLANT = 600, 300  # of each kind
SMALLEST, LARGEST = 0.4, 2.7  # pixels to a canonical one
LARGEST_TURNED = 2.2
MOST_STRETCH = 0.42  # logarithm of one side's scale to the other's
STEP = 0.006  # of the logarithm of scales
FILMED, FILMED_STEP = (0.75, 1.15), 0.008
MOST_TURNED = 5  # degrees
ASLANT_SCALES, ASLANT_STEP = (0.72, 1.1), 0.0125  # the step of all logarithms and angles
ASLANT_TURNS, ASLANT_STRETCHES = 7, 5  # steps to either side: five degrees, six per cent of each side
_SMALL_BATCH = 512
_MIRROR = np.array([[-1.0, 0.0], [0.0, 1.0]])

# Quarter turns and mirrors, up to turns by half, which the pilot tells apart by itself.
SYMMETRIES = np.array([[[1, 0], [0, 1]], [[0, -1], [1, 0]], [[-1, 0], [0, 1]], [[0, 1], [1, 0]]], np.float64)

# The polar map: half turns to a turn, and frequencies from the lowest carrier at the largest scale on.
_ANGLES, _ANGLE_STRIDE = 1000, 2
_RADIUS_STEP, _RADIUS_STRIDE = 0.003, 2
_FIRST_RADIUS = np.log(LOWEST / LARGEST_TURNED) - _RADIUS_STEP


def prepare() -> None:
    """Make the tables that depend on neither file nor key, before processes that search are forked."""
    _sides()
    _polar_map(1024)
    _aslant((PERIOD, PERIOD))


def stretch_candidates(power: Power, lines: Lines, count: int = KEPT) -> NDArray[np.float64]:
    """(count, 2, 2) the likeliest transforms that scale each side by its own, and mirror or rotate by
    quarters.

    `power` (size, size // 2 + 1): the right half of a whitened spectrum, mean 0 and standard deviation 1.
    `lines` (n, 2): the carriers that are looked for, in cycles over PERIOD.
    """
    along, across, rows, columns = _sides()
    beyond = int(MOST_STRETCH / STEP)
    scale = SMALLEST * np.exp(STEP * np.arange(-beyond, _scales() + beyond))
    ranked, size = [], len(power)
    for symmetry in SYMMETRIES:
        frequencies = (lines / PERIOD) @ symmetry.T
        frequencies *= np.sign(frequencies[:, :1])  # opposite frequencies are one
        x = np.rint(frequencies[:, 0] / scale[:, None] * size).astype(np.float32)
        y = (np.rint(frequencies[:, 1] / scale[:, None] * size) % size).astype(np.float32)
        found = np.empty((rows, columns), np.float32)
        # The pairs of one stretch lie side by side, on both sides.
        for row, first, second in zip(found, along[::columns], across[::columns], strict=True):
            there = x[first : first + columns], y[second : second + columns]
            cv2.remap(power, *there, cv2.INTER_NEAREST).sum(1, out=row)
        ranked.append(_standardised(found).reshape(-1))
    best = _best(np.concatenate(ranked), count)
    which, place = best // len(along), best % len(along)
    matrices = np.zeros((len(best), 2, 2))
    matrices[:, 0, 0], matrices[:, 1, 1] = scale[along[place]], scale[across[place]]
    return np.asarray(matrices @ SYMMETRIES[which], np.float64)


def rotation_candidates(power: Power, lines: Lines, count: int = KEPT) -> NDArray[np.float64]:
    """(count, 2, 2) the likeliest transforms that rotate, scale and mirror; the rest as for
    `stretch_candidates`.
    """
    x, y = _polar_map(len(power))
    polar = cv2.remap(power, x, y, cv2.INTER_NEAREST)
    polar = np.concatenate([polar, polar])  # a half turn on, the spectrum repeats
    # Apart by where a stride begins, so that what is summed below lies side by side.
    strided = [
        [np.ascontiguousarray(polar[row::_ANGLE_STRIDE, column::_RADIUS_STRIDE]) for column in (0, 1)]
        for row in (0, 1)
    ]
    scales = int(np.log(LARGEST_TURNED / SMALLEST) / STEP)
    ranked = []
    for mirror in (np.eye(2), _MIRROR):
        frequencies = (lines / PERIOD) @ mirror.T
        angle = (
            np.rint(np.arctan2(frequencies[:, 1], frequencies[:, 0]) / np.pi * _ANGLES).astype(int) % _ANGLES
        )
        radius = np.log(np.hypot(frequencies[:, 0], frequencies[:, 1]) / SMALLEST)
        last = np.rint((radius - _FIRST_RADIUS) / _RADIUS_STEP).astype(int)
        found = np.zeros((_ANGLES // _ANGLE_STRIDE, scales), np.float32)
        for row, end in zip(angle, last, strict=True):
            top, first_row = divmod(int(row), _ANGLE_STRIDE)
            left, first_column = divmod(int(end) - _RADIUS_STRIDE * (scales - 1), _RADIUS_STRIDE)
            cv2.accumulate(
                strided[first_row][first_column][top : top + len(found), left : left + scales], found
            )
        ranked.append(_standardised(found).reshape(-1))
    best = _best(np.concatenate(ranked), count)
    which, place = np.divmod(best, len(ranked[0]))
    step, smaller = np.divmod(place, scales)
    angle = step * (_ANGLE_STRIDE * np.pi / _ANGLES)
    scale = SMALLEST * np.exp(_RADIUS_STEP * _RADIUS_STRIDE * (scales - 1 - smaller))
    matrices = np.stack(
        [np.stack([np.cos(angle), -np.sin(angle)], -1), np.stack([np.sin(angle), np.cos(angle)], -1)], axis=1
    )
    return np.asarray(scale[:, None, None] * matrices @ np.array([np.eye(2), _MIRROR])[which], np.float64)


def common_candidates(shape: tuple[int, int]) -> NDArray[np.float64]:
    """(n, 2, 2) transforms that are common in practice, for a residual of (H, W).

    Peaks that are weak, or smeared by a slant, are lost among hundreds of thousands of transforms, but not
    among these.

    A whole frame filmed from a screen or straightened by hand: turned by up to five degrees, three quarters
    as large as the frame to somewhat larger. And a part of a frame, scaled.
    """
    zoom = np.exp(np.arange(np.log(FILMED[0]), np.log(FILMED[1]), FILMED_STEP))
    angle = np.deg2rad(np.arange(-MOST_TURNED, MOST_TURNED + 0.1, 0.4))
    turns = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]).transpose(2, 0, 1)
    frame = np.diag([shape[1] / PERIOD, shape[0] / PERIOD])
    whole = (zoom[:, None, None, None] * turns @ frame).reshape(-1, 2, 2)
    return np.concatenate([whole, upright_candidates()])


def upright_candidates() -> NDArray[np.float64]:
    """(n, 2, 2) all scales, without a turn or stretch."""
    scale = SMALLEST * np.exp(np.arange(_scales()) * STEP)
    return np.asarray(scale[:, None, None] * np.eye(2), np.float64)


def slant_candidates(power: Power, lines: Lines, shape: tuple[int, int]) -> NDArray[np.float64]:
    """(KEPT_ASLANT, 2, 2) the likeliest transforms of the middle of a picture that is seen aslant.

    `power` as for `stretch_candidates`, `shape` that of the whole residual. Upright but for a few degrees,
    and drawn out along any direction: in the middle of a view from aside there is shear as well.
    """
    scales, matrices = _aslant(shape)
    found = _power_at(power, lines, matrices)
    # Each scale, a row, has its own level of chance.
    ranked = _standardised(found.reshape(scales, -1).T).T.reshape(-1)
    return np.asarray(matrices[_best(ranked, KEPT_ASLANT)], np.float64)


def likeliest(power: Power, lines: Lines, matrices: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """(count, 2, 2) those of (n, 2, 2) transforms under which there is most power; the rest as above."""
    return matrices[_best(_power_at(power, lines, matrices), count)]


def _power_at(power: Power, lines: Lines, matrices: NDArray[np.float64]) -> NDArray[np.float32]:
    """(n,): the sum of the power at the places of the lines under each of (n, 2, 2) transforms."""
    size = len(power)
    middle = size // 2
    whole = np.zeros((size, size), np.float32)  # the whole spectrum around its middle
    whole[:middle, middle:], whole[middle:, middle:] = power[middle:, :middle], power[:middle, :middle]
    whole[1:, 1:middle] = whole[:0:-1, :middle:-1]  # the left half mirrors the right one
    # Each number of all transforms side by side, which the library multiplies in half the time.
    inverse = np.ascontiguousarray((inverted(matrices) * size).transpose(2, 1, 0), np.float32)
    wanted = (lines / PERIOD).astype(np.float32)
    found = np.empty(len(matrices), np.float32)
    for begin in range(0, len(matrices), _SMALL_BATCH):
        batch = inverse[:, :, begin : begin + _SMALL_BATCH]
        x, y = (wanted @ batch[axis] + np.float32(middle) for axis in (0, 1))
        found[begin : begin + _SMALL_BATCH] = cv2.remap(whole, x, y, cv2.INTER_NEAREST).sum(0)
    return found


def inverted(matrices: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, 2, 2) the inverses of as many matrices, in less time than the library takes for any size."""
    (a, b), (c, d) = matrices[:, 0].T, matrices[:, 1].T
    inverse = np.array([[d, -b], [-c, a]]) / (a * d - b * c)
    return np.ascontiguousarray(inverse.transpose(2, 0, 1))


def _standardised(found: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each scale, a column, has its own level of chance."""
    middle = _median_of_columns(found)
    spread = _median_of_columns(np.abs(found - middle)) * 1.48 + 0.3
    return np.asarray((found - middle) / spread, np.float32)


def _median_of_columns(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """As `np.median` over rows, in an eighth of the time: sorting is vectorised, partial sorting is not."""
    ordered = np.sort(values.T, axis=1)
    last = ordered.shape[1] - 1
    return np.asarray((ordered[:, last // 2] + ordered[:, -(-last // 2)]) / np.float32(2), np.float32)


def _best(ranked: NDArray[np.float32], count: int = KEPT) -> NDArray[np.intp]:
    return np.argpartition(-ranked, count)[:count]


def _scales() -> int:
    return int(np.log(LARGEST / SMALLEST) / STEP)


@lru_cache(maxsize=2)
def _aslant(shape: tuple[int, int]) -> tuple[int, NDArray[np.float64]]:
    """How many scales, and (n, 2, 2) the transforms of `slant_candidates`, scale by scale."""
    smallest, largest = np.log(ASLANT_SCALES).tolist()
    drawn = ASLANT_STEP * np.arange(-ASLANT_STRETCHES, ASLANT_STRETCHES + 1)
    scale, turn, along, across = np.meshgrid(
        np.exp(np.arange(smallest, largest, ASLANT_STEP)),
        ASLANT_STEP * np.arange(-ASLANT_TURNS, ASLANT_TURNS + 1),
        drawn,
        drawn,
        indexing="ij",
    )
    cosine, sine = np.cos(turn), np.sin(turn)
    turns = np.stack([np.stack([cosine, -sine], -1), np.stack([sine, cosine], -1)], -2)
    drawn_out = np.stack([np.stack([1 + along, across], -1), np.stack([across, 1 - along], -1)], -2)
    frame = np.diag([shape[1] / PERIOD, shape[0] / PERIOD])
    return len(scale), (scale[..., None, None] * turns @ drawn_out @ frame).reshape(-1, 2, 2)


@lru_cache(maxsize=1)
def _sides() -> tuple[NDArray[np.intp], NDArray[np.intp], int, int]:
    """Pairs of steps of the two sides' scales, in rows of one stretch and columns of one scale."""
    reach = int(MOST_STRETCH / STEP) // 2
    middle = np.arange(_scales()) + int(MOST_STRETCH / STEP)
    stretch = np.arange(-reach, reach + 1)
    along, across = middle + stretch[:, None], middle - stretch[:, None]
    return along.reshape(-1), across.reshape(-1), len(stretch), len(middle)


@lru_cache(maxsize=2)
def _polar_map(size: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Columns and rows of a half spectrum at each angle over a half turn and each radius."""
    radii = int((np.log(HIGHEST / SMALLEST) - _FIRST_RADIUS) / _RADIUS_STEP) + 3
    angle = np.arange(_ANGLES)[:, None] * (np.pi / _ANGLES)
    radius = np.exp(_FIRST_RADIUS + _RADIUS_STEP * np.arange(radii)) * size
    x, y = radius * np.cos(angle), radius * np.sin(angle)
    is_left = x < 0
    x, y = np.where(is_left, -x, x), np.where(is_left, -y, y)
    return np.rint(x).astype(np.float32), (np.rint(y) % size).astype(np.float32)
