"""Lines that a face gets with an expression: across the forehead, between the brows, from nose to mouth.

A portrait shows its face at rest, and a warp cannot deepen what is not there. Each line is a shallow valley
in the skin, darker along its floor and lighter along the side that faces the light from above (compare Oat,
"Animated Wrinkle Maps", 2007). It lies in the portrait's own picture, and so moves with the skin.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from generation.animation.arrays import Float32Array, Float64Array, UInt8Array
from generation.animation.geometry.light import LUMA
from generation.animation.geometry.rig import ACTION_INDEX
from generation.animation.geometry.smoothstep import smoothstep

Drivers = tuple[tuple[int, float], ...]  # columns of the actions that draw a line, and how much

# Landmarks on the brows and straight above them, from the picture's left to its right.
BROWS = (105, 66, 107, 9, 336, 296, 334)
HAIRLINE = (103, 67, 109, 10, 338, 297, 332)
FOREHEAD_LINES = (0.28, 0.46, 0.64)  # of the way from brows to hairline
FOLDS = {
    "Right": (98, 203, 206, 216, 212),
    "Left": (327, 423, 426, 436, 432),
}  # nose to mouth; the subject's side
FROWN = ((107, 0.36), (336, 0.36))  # lines between the brows: from which brow, and how far to the other one
ROOT_OF_NOSE, ABOVE_ROOT = 8, 151
FOREHEAD, FOLD, FRONT = (0.07, 1.9), (0.085, 4.2), (0.10, 2.0)  # darkest share, and width in frame units
LIGHT_SIDE = 0.3  # of the valley's darkness, as light on its lower side
REACH = 3.5  # widths of a line around it that are painted
CHEEKS = (50, 280)
SKIN = (0.30, 0.55)  # distance from the cheeks' colour, in shares of it, over which a place is no skin


@dataclass(frozen=True, eq=False)
class Line:
    """A group of lines: its patch of the canvas, how it changes light there (h, w, 1), what draws it."""

    rows: slice
    columns: slice
    change: Float32Array
    drivers: Drivers


class ExpressionLines:
    """Darkens and lightens a person layer along its lines, frame by frame, and takes that back again."""

    def __init__(self, canvas: UInt8Array, points: NDArray[np.floating], scale: float) -> None:
        """`canvas` (S, S, 3), `points` (478, 2) landmarks in its pixels, `scale` pixels a frame unit."""
        self._kept: list[UInt8Array] = []
        self._drawn: list[Line] = []
        cheek = np.median([_around(canvas, points[i]) for i in CHEEKS], axis=0)
        self._lines = [
            _line(canvas, cheek, curves, (strength, width * scale), drivers)
            for curves, (strength, width), drivers in _groups(points)
        ]

    def draw(self, person: UInt8Array, actions: Float32Array) -> None:
        """Draw the lines of `actions` (52,) into `person` (S, S, 4)."""
        for line in self._lines:
            weight = min(sum(float(actions[i]) * share for i, share in line.drivers), 1.0)
            if weight > 0.01:
                patch = person[line.rows, line.columns, :3]
                self._drawn.append(line)
                self._kept.append(patch.copy())
                alpha = person[line.rows, line.columns, 3:]
                lit = patch * (1 + np.float32(weight) * line.change) + np.float32(0.5)
                np.copyto(patch, np.clip(lit, 0, alpha), casting="unsafe")

    def take_back(self, person: UInt8Array) -> None:
        """Restore what the last `draw` changed in `person`."""
        for line, patch in zip(reversed(self._drawn), reversed(self._kept), strict=True):
            person[line.rows, line.columns, :3] = patch
        self._drawn.clear()
        self._kept.clear()


Group = tuple[list[NDArray[np.floating]], tuple[float, float], Drivers]


def _groups(points: NDArray[np.floating]) -> list[Group]:
    """Curves (N, 2), strength and width, and driving actions of every group."""
    brow, hair = points[list(BROWS)], points[list(HAIRLINE)]
    forehead: list[NDArray[np.floating]] = [brow + share * (hair - brow) for share in FOREHEAD_LINES]
    thirds = {"Right": slice(0, 4), "": slice(1, 6), "Left": slice(3, 7)}
    groups: list[Group] = []
    for side, part in thirds.items():
        driver = ACTION_INDEX[f"browOuterUp{side}" if side else "browInnerUp"]
        groups.append(([curve[part] for curve in forehead], FOREHEAD, ((driver, 0.8),)))
    for side, path in FOLDS.items():
        drivers = (("mouthSmile", 0.75), ("noseSneer", 0.4), ("mouthUpperUp", 0.3), ("cheekSquint", 0.2))
        weights = tuple((ACTION_INDEX[f"{name}{side}"], share) for name, share in drivers)
        groups.append(([points[list(path)]], FOLD, weights))
    down, up = points[ROOT_OF_NOSE], points[ROOT_OF_NOSE] + 0.4 * (points[ABOVE_ROOT] - points[ROOT_OF_NOSE])
    frown: list[NDArray[np.floating]] = []
    for brow_end, share in FROWN:
        other = 336 if brow_end == 107 else 107
        middle = points[brow_end] + share * (points[other] - points[brow_end])
        frown.append(
            np.stack([middle + 0.6 * (down - (down + up) / 2), middle, middle + 0.8 * (up - (down + up) / 2)])
        )
    both = tuple((ACTION_INDEX[f"browDown{side}"], 0.5) for side in ("Left", "Right"))
    groups.append((frown, FRONT, both))
    return groups


def _line(
    canvas: UInt8Array,
    cheek: NDArray[np.floating],
    curves: list[NDArray[np.floating]],
    valley: tuple[float, float],
    drivers: Drivers,
) -> Line:
    """Paint valleys along `curves` into one patch; `valley` is their darkest share and width in pixels."""
    strength, width = valley
    dense = [_resampled(curve) for curve in curves]
    every = np.concatenate(dense)
    pad = REACH * width
    x0, y0 = np.maximum(np.floor(every.min(0) - pad).astype(int), 0)
    x1, y1 = np.minimum(np.ceil(every.max(0) + pad).astype(int) + 1, canvas.shape[1::-1])
    ys, xs = np.mgrid[y0:y1, x0:x1]
    pixels = np.stack([xs.ravel(), ys.ravel()], 1).astype(np.float64)
    change = np.zeros(len(pixels))
    for curve in dense:
        away, nearest = cKDTree(curve).query(pixels)
        ends = np.sin(np.pi * np.clip(nearest / (len(curve) - 1), 0, 1)) ** 0.7
        # The side below a line across, or beside a fold away from the nose, looks up into the light.
        below = np.sign((pixels - curve[nearest])[:, 1])
        signed = away * np.where(below == 0, 1, below)
        depth = np.exp(-((signed / width) ** 2)) - LIGHT_SIDE * np.exp(
            -(((signed - 1.8 * width) / width) ** 2)
        )
        change -= strength * ends * depth
    patch = canvas[y0:y1, x0:x1].astype(np.float32)
    off = np.abs(patch - cheek).max(-1) / max(float(cheek @ LUMA), 1.0)
    skin = 1 - smoothstep(*SKIN, off)
    shaped = change.reshape(skin.shape) * skin
    return Line(
        slice(int(y0), int(y1)), slice(int(x0), int(x1)), shaped[..., None].astype(np.float32), drivers
    )


def _resampled(curve: NDArray[np.floating]) -> Float64Array:
    """A smooth curve (64, 2) through given points (N, 2): quadratic means of a dense polyline."""
    run = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(curve, axis=0), axis=1))])
    at = np.linspace(0, run[-1], 64)
    dense = np.stack([np.interp(at, run, curve[:, k]) for k in range(2)], 1)
    kernel = np.hanning(15)[1:-1]
    padded = np.concatenate([2 * dense[:1] - dense[6:0:-1], dense, 2 * dense[-1:] - dense[-2:-8:-1]])
    return np.stack([np.convolve(padded[:, k], kernel / kernel.sum(), "valid") for k in range(2)], 1)


def _around(canvas: UInt8Array, point: NDArray[np.floating]) -> NDArray[np.floating]:
    """Median colour (3,) of a few pixels."""
    x, y = (int(v) for v in np.rint(point))
    patch = canvas[max(y - 4, 0) : y + 5, max(x - 4, 0) : x + 5].reshape(-1, 3)
    return np.asarray(np.median(patch, axis=0))
