"""Skin that takes part: shades folds, wrinkles and rising cheeks as the actions cause them.

A portrait shows the face at rest, and a warp cannot create folds. Each is a change of height of the skin,
shaded by the portrait's own light, and by the light that its floor does not get (compare Oat, "Animated
Wrinkle Maps", 2007). They are drawn into the person's texture, and so move with the skin. How deep they are
follows from the lines that the portrait shows at rest (`skin_age.py`), how sharp from its own blur; where
they lie is in `fold_lines.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from generation.animation.arrays import Float32Array, Float64Array, Int32Array, UInt8Array, greatest_channel
from generation.animation.geometry.light import LUMA, Light
from generation.animation.geometry.rig import ACTION_INDEX
from generation.animation.geometry.smoothstep import smoothstep
from generation.animation.rendering.fold_kernels import draw_folds, restore_folds
from generation.animation.rendering.fold_lines import Curves, Drivers, FoldRelief, fold_groups
from generation.animation.rendering.picture_blur import picture_blur
from generation.animation.rendering.skin_age import SMOOTHEST, skin_age

CHEEKS = (50, 280)
SKIN = (0.30, 0.55)  # relative colour distance from the cheeks over which a pixel stops counting as skin
HIGHLIGHT = 0.6  # of what is brighter than the cheeks and counts as light on skin
BLURS = 1.6  # how much the blur of the picture widens a fold
REACH = 3.5  # widths of a fold around it that its patch covers
UNFOLDED = 0.6  # most that skin in shade is lit by
HAIRS = 1.5  # frame units around hairs of the brow that are not lit with it
SHADE = 1.5  # frame units over which the shade of skin is told from its grain
BRIGHTEST = 0.07  # of the brightening on the side of a fold that faces the light: no crease shines
DARKEST, BULGE_DARKEST = -0.20, -0.02  # of folds, and of what bulges, which casts no shade
DARKER_IS_WARMER = np.array((0.80, 1.08, 1.22))  # per-channel share of a change of brightness, on skin
PLAIN, COLOURED = 0.05, 0.30  # spread of the cheeks' channels over luma in a grey and in a colour picture
LEAST_CHANGE = 0.5  # levels: less is rounded away
SLANTING = (
    0.30  # most of the light's strength along the skin that folds answer to: harder light fills them too
)


@dataclass(frozen=True, eq=False)
class WrinkleGroup:
    """Folds with the same drivers: patch of the canvas, relative change of brightness (h, w, 3), drivers, and
    the strength of these from which the folds are there."""

    rows: slice
    columns: slice
    change: Float32Array
    drivers: Drivers
    begins: float


class Wrinkles:
    """Draws the folds of a frame into the person layer, and restores the layer afterwards. `groups` are those
    that it knows."""

    def __init__(self, canvas: UInt8Array, points: NDArray[np.floating], scale: float, light: Light) -> None:
        """`canvas` (S, S, 3), `points` (478, 2) landmarks in its pixels, `scale` pixels a frame unit."""
        cheek = np.median([_around(canvas, points[i]) for i in CHEEKS], axis=0)
        age = skin_age(canvas, points, scale)
        blur = BLURS * picture_blur(canvas, points, scale)
        self.groups = [
            _shade_group(
                canvas,
                cheek,
                curves,
                (replace(relief, width=float(np.hypot(relief.width, blur))), scale, age),
                light=light,
                drivers=drivers,
            )
            for curves, relief, drivers in fold_groups(points)
        ]
        self._rows, self._row_starts, self._change = _visible_rows(self.groups)
        self._saved = np.zeros(self._change.shape, np.uint8)
        self._drivers = np.zeros((len(self.groups), len(ACTION_INDEX)))
        self._begins = np.array([group.begins for group in self.groups])
        self._weights = np.zeros(len(self.groups))
        for row, group in enumerate(self.groups):
            for action, share in group.drivers:
                self._drivers[row, action] += share

    def draw(self, person: UInt8Array, actions: Float32Array) -> None:
        """Draw the folds of `actions` (52,) into `person` (S, S, 4), in place."""
        draw_folds(
            person, actions, self._drivers, self._begins, self._rows, self._row_starts, self._change,
            self._weights, self._saved,
        )  # fmt: skip

    def restore(self, person: UInt8Array) -> None:
        """Undo the last `draw` in `person`, in place."""
        restore_folds(person, self._rows, self._row_starts, self._weights, self._saved)


def _visible_rows(groups: list[WrinkleGroup]) -> tuple[Int32Array, Int32Array, Float32Array]:
    """The parts of the groups' rows in which a pixel can change, as `draw_folds` takes them: their places
    (R, 4), where each group begins (G + 1,), and their changes (N, 3)."""
    rows: list[tuple[int, int, int, int]] = []
    starts, changes, count = [0], [], 0
    for group in groups:
        changes_level = greatest_channel(np.abs(group.change)) * 255 >= LEAST_CHANGE
        firsts = changes_level.argmax(1)
        lasts = changes_level.shape[1] - changes_level[:, ::-1].argmax(1)
        left = group.columns.start
        for y in np.flatnonzero(changes_level.any(1)).tolist():
            first, last = int(firsts[y]), int(lasts[y])
            rows.append((group.rows.start + y, left + first, left + last, count))
            changes.append(group.change[y, first:last])
            count += last - first
        starts.append(len(rows))
    flat = np.concatenate(changes) if changes else np.zeros((0, 3), np.float32)
    return np.array(rows, np.int32).reshape(-1, 4), np.array(starts, np.int32), np.ascontiguousarray(flat)


def _shade_group(
    canvas: UInt8Array,
    cheek: NDArray[np.floating],
    curves: Curves,
    section: tuple[FoldRelief, float, float],
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
    shine = HIGHLIGHT * np.maximum(patch @ LUMA - float(cheek @ LUMA), 0)
    off = greatest_channel(np.abs(patch - shine[..., None] - cheek)) / max(float(cheek @ LUMA), 1.0)
    skin = 1 - smoothstep(*SKIN, off)
    shaped = change * skin
    colourful = smoothstep(PLAIN, COLOURED, np.ptp(cheek) / max(float(cheek @ LUMA), 1.0))
    tint = 1 + colourful * (DARKER_IS_WARMER - 1)
    shaded = shaped[..., None] * tint
    if relief.unfolds:
        shaded += relief.unfolds * _unfolded(patch, cheek, skin * floor, scale)
    return WrinkleGroup(
        slice(int(y0), int(y1)),
        slice(int(x0), int(x1)),
        shaded.astype(np.float32),
        drivers,
        relief.begins,
    )


def _unfolded(
    patch: Float32Array, cheek: NDArray[np.floating], share: Float64Array, scale: float
) -> Float64Array:
    """Relative change (h, w, 3) that brings skin in shade to the cheeks' colour, by `share` (h, w): a brow
    that rises draws it out of the hollow above the eye."""
    shade = cv2.GaussianBlur(patch, (0, 0), SHADE * scale).astype(np.float64)
    away = 2 * round(HAIRS * scale) + 1
    skin = cv2.GaussianBlur(cv2.erode(share, np.ones((away, away), np.uint8)), (0, 0), HAIRS * scale)
    lit = np.clip(cheek / np.maximum(shade, 1.0) - 1, 0, UNFOLDED)
    return np.asarray(skin.astype(np.float64)[..., None] * lit, np.float64)


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
