"""Expression wrinkles: draws forehead lines, frown lines and nasolabial folds as actions cause them.

A portrait shows the face at rest, and a warp cannot create wrinkles. Each is shaded as a shallow valley in
the skin, darker along its floor and lighter on the side that faces the light from above (compare Oat,
"Animated Wrinkle Maps", 2007). They are drawn into the person's texture, and so move with the skin.
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

Drivers = tuple[tuple[int, float], ...]  # columns of the actions that cause a wrinkle, with their weights

# Landmarks on the brows and straight above them, from the picture's left to its right.
BROWS = (105, 66, 107, 9, 336, 296, 334)
HAIRLINE = (103, 67, 109, 10, 338, 297, 332)
FOREHEAD_LINES = (0.28, 0.46, 0.64)  # of the way from brows to hairline
FOLDS = {
    "Right": (98, 203, 206, 216, 212),
    "Left": (327, 423, 426, 436, 432),
}  # nose to mouth; the subject's side
# Lines between the brows: landmark of a brow, share of the way to the other.
FROWN = ((107, 0.36), (336, 0.36))
ROOT_OF_NOSE, ABOVE_ROOT = 8, 151
FOREHEAD, FOLD, FRONT = (0.07, 1.9), (0.085, 4.2), (0.15, 2.8)  # darkening, and width in frame units
LIGHT_SIDE = 0.3  # brightening of the valley's lower side, relative to the darkening
REACH = 3.5  # widths of a wrinkle around it that its patch covers
CHEEKS = (50, 280)
SKIN = (0.30, 0.55)  # relative colour distance from the cheeks over which a pixel stops counting as skin


@dataclass(frozen=True, eq=False)
class WrinkleGroup:
    """Wrinkles with the same drivers: patch of the canvas, relative change of brightness (h, w, 1),
    drivers."""

    rows: slice
    columns: slice
    change: Float32Array
    drivers: Drivers


class Wrinkles:
    """Draws the wrinkles of a frame into the person layer, and restores the layer afterwards."""

    def __init__(self, canvas: UInt8Array, points: NDArray[np.floating], scale: float) -> None:
        """`canvas` (S, S, 3), `points` (478, 2) landmarks in its pixels, `scale` pixels a frame unit."""
        self._saved: list[UInt8Array] = []
        self._drawn: list[WrinkleGroup] = []
        cheek = np.median([_around(canvas, points[i]) for i in CHEEKS], axis=0)
        self._wrinkle_groups = [
            _shade_group(canvas, cheek, curves, (strength, width * scale), drivers)
            for curves, (strength, width), drivers in _groups(points)
        ]

    def draw(self, person: UInt8Array, actions: Float32Array) -> None:
        """Draw the wrinkles of `actions` (52,) into `person` (S, S, 4), in place."""
        for group in self._wrinkle_groups:
            weight = min(sum(float(actions[i]) * share for i, share in group.drivers), 1.0)
            if weight > 0.01:
                patch = person[group.rows, group.columns, :3]
                self._drawn.append(group)
                self._saved.append(patch.copy())
                alpha = person[group.rows, group.columns, 3:]
                lit = patch * (1 + np.float32(weight) * group.change) + np.float32(0.5)
                np.copyto(patch, np.clip(lit, 0, alpha), casting="unsafe")

    def restore(self, person: UInt8Array) -> None:
        """Undo the last `draw` in `person`, in place."""
        for group, patch in zip(reversed(self._drawn), reversed(self._saved), strict=True):
            person[group.rows, group.columns, :3] = patch
        self._drawn.clear()
        self._saved.clear()


GroupShape = tuple[list[NDArray[np.floating]], tuple[float, float], Drivers]


def _groups(points: NDArray[np.floating]) -> list[GroupShape]:
    """Curves (N, 2), (darkening, width) and drivers of every group, from landmarks (478, 2)."""
    brow, hair = points[list(BROWS)], points[list(HAIRLINE)]
    forehead: list[NDArray[np.floating]] = [brow + share * (hair - brow) for share in FOREHEAD_LINES]
    thirds = {"Right": slice(0, 4), "": slice(1, 6), "Left": slice(3, 7)}
    groups: list[GroupShape] = []
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
            np.stack([middle + 1.2 * (down - (down + up) / 2), middle, middle + 0.4 * (up - (down + up) / 2)])
        )
    both = tuple((ACTION_INDEX[f"browDown{side}"], 0.5) for side in ("Left", "Right"))
    groups.append((frown, FRONT, both))
    return groups


def _shade_group(
    canvas: UInt8Array,
    cheek: NDArray[np.floating],
    curves: list[NDArray[np.floating]],
    valley: tuple[float, float],
    drivers: Drivers,
) -> WrinkleGroup:
    """Shade valleys along `curves` in one patch; `valley` is their darkening and their width in pixels."""
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
        # The side below a line, or on the outer side of a fold, faces the light from above.
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
    return WrinkleGroup(
        slice(int(y0), int(y1)), slice(int(x0), int(x1)), shaped[..., None].astype(np.float32), drivers
    )


def _resampled(curve: NDArray[np.floating]) -> Float64Array:
    """A smooth curve (64, 2) near given points (N, 2): a dense polyline, low-pass filtered."""
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
