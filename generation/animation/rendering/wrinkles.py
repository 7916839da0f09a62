"""Skin that takes part: shades folds, wrinkles and rising cheeks as the actions cause them.

A portrait shows the face at rest, and a warp cannot create folds. Each is a change of height of the skin,
shaded by the portrait's own light, and by the light that its floor does not get (compare Oat, "Animated
Wrinkle Maps", 2007). They are drawn into the person's texture, and so move with the skin. How deep they are
follows from the lines that the portrait shows at rest (`skin_age.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from generation.animation.arrays import Float32Array, Float64Array, UInt8Array
from generation.animation.geometry.light import LUMA, Light
from generation.animation.geometry.rig import ACTION_INDEX
from generation.animation.geometry.smoothstep import smoothstep
from generation.animation.rendering.skin_age import SMOOTHEST, skin_age

Drivers = tuple[tuple[int, float], ...]  # columns of the actions that cause a fold, with their weights
Curves = list[NDArray[np.floating]]

# Landmarks on the brows and straight above them, from the picture's left to its right.
BROWS = (105, 66, 107, 9, 336, 296, 334)
HAIRLINE = (103, 67, 109, 10, 338, 297, 332)
FOREHEAD_LINES = (0.26, 0.43, 0.62)  # of the way from brows to hairline
# Landmarks of each side of the face; sides are the subject's.
FOLDS = {"Right": (98, 203, 206, 216, 212), "Left": (327, 423, 426, 436, 432)}  # nose to mouth
UNDER_EYES = {"Right": (111, 117, 118, 119, 120), "Left": (340, 346, 347, 348, 349)}
APPLES = {"Right": (50, 205), "Left": (280, 425)}  # the cheek's top lies between them
OUTER_CORNERS = {"Right": (33, 133), "Left": (263, 362)}  # of the eye, and the inner one
MOUTH_CORNERS = {"Right": (61, 291), "Left": (291, 61)}  # and the other one
# Lines between the brows: landmark of a brow, share of the way to the other.
FROWN = ((107, 0.36), (336, 0.36))
ROOT_OF_NOSE, ABOVE_ROOT = 8, 151
CROWS_FEET = (-28.0, 4.0, 34.0)  # degrees below the eye's axis
CROWS_REACH = (0.20, 0.62)  # eye widths outside of the corner
CHEEKS = (50, 280)
SKIN = (0.30, 0.55)  # relative colour distance from the cheeks over which a pixel stops counting as skin
REACH = 3.5  # widths of a fold around it that its patch covers
BRIGHTEST = 0.07  # of the brightening on the side of a fold that faces the light: no crease shines
DARKEST, BULGE_DARKEST = -0.20, -0.02  # of folds, and of what bulges, which casts no shade
DARKER_IS_WARMER = np.array((0.80, 1.08, 1.22))  # per-channel share of a change of brightness, on skin
PLAIN, COLOURED = 0.05, 0.30  # spread of the cheeks' channels over luma in a grey and in a colour picture
SLANTING = (
    0.30  # most of the light's strength along the skin that folds answer to: harder light fills them too
)


@dataclass(frozen=True)
class Relief:
    """A fold's cross section: `depth` and `width` in frame units (a negative depth is a bulge), `shade` the
    share of light that its floor loses, and how much of it only aged skin has, 0..1."""

    depth: float
    width: float
    shade: float
    aged: float


FOREHEAD = Relief(0.55, 2.0, 0.085, 0.70)
FOLD = Relief(1.7, 3.3, 0.13, 0.35)
FRONT = Relief(0.7, 2.6, 0.14, 0.50)
CROW = Relief(0.4, 1.3, 0.10, 1.0)
UNDER_EYE = Relief(0.9, 2.4, 0.09, 0.45)
CORNER = Relief(0.8, 2.6, 0.10, 0.25)
APPLE = Relief(-4.5, 16.0, -0.02, 0.0)


@dataclass(frozen=True, eq=False)
class WrinkleGroup:
    """Folds with the same drivers: patch of the canvas, relative change of brightness (h, w, 3), drivers."""

    rows: slice
    columns: slice
    change: Float32Array
    drivers: Drivers


class Wrinkles:
    """Draws the folds of a frame into the person layer, and restores the layer afterwards."""

    def __init__(self, canvas: UInt8Array, points: NDArray[np.floating], scale: float, light: Light) -> None:
        """`canvas` (S, S, 3), `points` (478, 2) landmarks in its pixels, `scale` pixels a frame unit."""
        self._saved: list[UInt8Array] = []
        self._drawn: list[WrinkleGroup] = []
        cheek = np.median([_around(canvas, points[i]) for i in CHEEKS], axis=0)
        age = skin_age(canvas, points, scale)
        self._wrinkle_groups = [
            _shade_group(canvas, cheek, curves, (relief, scale, age), light=light, drivers=drivers)
            for curves, relief, drivers in _groups(points)
        ]

    def draw(self, person: UInt8Array, actions: Float32Array) -> None:
        """Draw the folds of `actions` (52,) into `person` (S, S, 4), in place."""
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


GroupShape = tuple[Curves, Relief, Drivers]


_LIFTS: dict[str, tuple[tuple[str, float], ...]] = {
    "fold": (("mouthSmile", 0.75), ("noseSneer", 0.4), ("mouthUpperUp", 0.3), ("cheekSquint", 0.2)),
    "apple": (("mouthSmile", 0.7), ("cheekSquint", 0.5)),
    "under eye": (("cheekSquint", 0.7), ("eyeSquint", 0.4), ("mouthSmile", 0.15)),
    "crow's feet": (("cheekSquint", 0.5), ("eyeSquint", 0.5), ("mouthSmile", 0.2)),
    "corner": (("mouthSmile", 0.8), ("mouthDimple", 0.8)),
}


def _groups(points: NDArray[np.floating]) -> list[GroupShape]:
    """Curves (N, 2), cross section and drivers of every group, from landmarks (478, 2)."""
    brow, hair = points[list(BROWS)], points[list(HAIRLINE)]
    forehead: Curves = [brow + share * (hair - brow) for share in FOREHEAD_LINES]
    thirds = {"Right": slice(0, 4), "": slice(1, 6), "Left": slice(3, 7)}
    groups: list[GroupShape] = []
    for side, part in thirds.items():
        name = f"browOuterUp{side}" if side else "browInnerUp"
        groups.append(([curve[part] for curve in forehead], FOREHEAD, _drivers("", (name, 0.8))))
    for side, path in FOLDS.items():
        top = points[list(APPLES[side])].mean(0, keepdims=True)
        groups += [
            ([points[list(path)]], FOLD, _drivers(side, *_LIFTS["fold"])),
            ([top], APPLE, _drivers(side, *_LIFTS["apple"])),
            ([points[list(UNDER_EYES[side])]], UNDER_EYE, _drivers(side, *_LIFTS["under eye"])),
            (_crows_feet(points, side), CROW, _drivers(side, *_LIFTS["crow's feet"])),
            ([_beside_mouth(points, side)], CORNER, _drivers(side, *_LIFTS["corner"])),
        ]
    groups.append((_frown(points), FRONT, tuple((ACTION_INDEX[f"browDown{s}"], 0.5) for s in FOLDS)))
    return groups


def _drivers(side: str, *shares: tuple[str, float]) -> Drivers:
    return tuple((ACTION_INDEX[name + side], share) for name, share in shares)


def _crows_feet(points: NDArray[np.floating], side: str) -> Curves:
    """Short lines (5, 2) that fan out from the eye's outer corner."""
    corner, inner = (points[i] for i in OUTER_CORNERS[side])
    out, curves = corner - inner, []
    sideways = 1.0 if out[0] > 0 else -1.0
    for degrees in CROWS_FEET:
        angle = sideways * np.radians(degrees)
        turned = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) @ out
        curves.append(corner + np.linspace(*CROWS_REACH, 5)[:, None] * turned)
    return curves


def _beside_mouth(points: NDArray[np.floating], side: str) -> NDArray[np.floating]:
    """A short bow (5, 2) around the mouth's corner."""
    corner, other = (points[i] for i in MOUTH_CORNERS[side])
    out = (corner - other) / 10
    down = np.array([-out[1], out[0]]) * (1.0 if out[0] > 0 else -1.0)
    t = np.linspace(-1, 1, 5)[:, None]
    return np.asarray(corner + (1.15 - 0.35 * t * t) * out + 1.1 * t * down)


def _frown(points: NDArray[np.floating]) -> Curves:
    down = points[ROOT_OF_NOSE]
    up = down + 0.4 * (points[ABOVE_ROOT] - down)
    frown: Curves = []
    for brow_end, share in FROWN:
        other = 336 if brow_end == 107 else 107
        middle = points[brow_end] + share * (points[other] - points[brow_end])
        frown.append(np.stack([middle + 0.6 * (down - up), middle, middle - 0.2 * (down - up)]))
    return frown


def _shade_group(
    canvas: UInt8Array,
    cheek: NDArray[np.floating],
    curves: Curves,
    section: tuple[Relief, float, float],
    *,
    light: Light,
    drivers: Drivers,
) -> WrinkleGroup:
    """Shade folds along `curves` in one patch; `section` is their relief, pixels a frame unit and the skin's
    age."""
    relief, scale, age = section
    width = relief.width * scale
    dense = [_resampled(curve) if len(curve) > 1 else curve for curve in curves]
    every = np.concatenate(dense)
    pad = REACH * width
    x0, y0 = np.maximum(np.floor(every.min(0) - pad).astype(int), 0)
    x1, y1 = np.minimum(np.ceil(every.max(0) + pad).astype(int) + 1, canvas.shape[1::-1])
    ys, xs = np.mgrid[y0:y1, x0:x1]
    pixels = np.stack([xs.ravel(), ys.ravel()], 1).astype(np.float64)
    floor = np.zeros(len(pixels))
    for k, curve in enumerate(dense):
        away, nearest = cKDTree(curve).query(pixels)
        strength = _along(len(curve), k)[nearest]
        floor = np.maximum(floor, strength * np.exp(-((away / width) ** 2)))
    floor = floor.reshape(xs.shape)
    # Height towards the viewer, in pixels; its slope turns the skin's normal.
    down, right = np.gradient(-relief.depth * scale * floor)
    facing = max(1 - float(light.direction[2]), 0.5)
    along = light.direction[:2] / facing
    along = along * min(1.0, SLANTING / max(float(np.hypot(*along)), 1e-6))
    change = -(along[0] * right + along[1] * down) - relief.shade * floor
    share = 1 - relief.aged * (1 - (age - SMOOTHEST) / (1 - SMOOTHEST))
    change = np.clip(change, DARKEST if relief.depth > 0 else BULGE_DARKEST, BRIGHTEST) * share
    patch = canvas[y0:y1, x0:x1].astype(np.float32)
    off = np.abs(patch - cheek).max(-1) / max(float(cheek @ LUMA), 1.0)
    shaped = change * (1 - smoothstep(*SKIN, off))
    colourful = smoothstep(PLAIN, COLOURED, np.ptp(cheek) / max(float(cheek @ LUMA), 1.0))
    tint = 1 + colourful * (DARKER_IS_WARMER - 1)
    return WrinkleGroup(
        slice(int(y0), int(y1)),
        slice(int(x0), int(x1)),
        (shaped[..., None] * tint).astype(np.float32),
        drivers,
    )


def _along(count: int, line: int) -> Float64Array:
    """Strength (count,) along a line, which ends softly; lines beside each other are broken differently."""
    if count == 1:
        return np.ones(1)
    at = np.linspace(0, 1, count)
    uneven = 1 - 0.22 * (1 + np.sin(2 * np.pi * (1.7 * at + 0.37 * line)))
    return np.asarray(np.sin(np.pi * at) ** 0.7 * (uneven if line else 1.0))


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
