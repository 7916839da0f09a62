"""Compiled loops of the skin's folds: drawn into the person's texture, and taken out again."""

from __future__ import annotations

import numpy as np

from generation.animation.arrays import Float32Array, Float64Array, Int32Array, UInt8Array
from generation.animation.geometry.jit import jit_kernel
from generation.animation.geometry.rasterize import uintp

LEAST = 0.01  # weight from which a group of folds is drawn


@jit_kernel
def draw_folds(  # noqa: PLR0917 - compiled kernels take their arguments by position
    person: UInt8Array,
    actions: Float32Array,
    drivers: Float64Array,
    begins: Float64Array,
    rows: Int32Array,
    row_starts: Int32Array,
    change: Float32Array,
    weights: Float64Array,
    saved: UInt8Array,
) -> None:
    """Draw each group of folds into `person` (S, S, 4), with the weight that its `drivers` (G, 52) give it
    beyond what it `begins` with (G,).

    `rows` (R, 4) are the parts of rows that folds change: y, first x, last x + 1, and the place of their
    relative changes of brightness in `change` (N, 3); those of group g are row_starts[g] to
    row_starts[g + 1]. Fills `weights` (G,), and `saved` (N, 3) with what was there before."""
    for g in range(drivers.shape[0]):
        total = 0.0
        for i in range(drivers.shape[1]):
            if drivers[g, i] != 0:
                total += actions[i] * drivers[g, i]
        weights[g] = (min(total, 1.0) - begins[g]) / (1.0 - begins[g])
        if weights[g] <= LEAST:
            continue
        weight = np.float32(weights[g])
        for r in range(row_starts[g], row_starts[g + 1]):
            y, place = uintp(rows[r, 0]), uintp(rows[r, 3])
            for x in range(rows[r, 1], rows[r, 2]):
                at = uintp(x)
                limit = np.float32(person[y, at, 3])
                for k in range(3):
                    level = person[y, at, k]
                    saved[place, k] = level
                    value = np.float32(level) * (np.float32(1) + weight * change[place, k]) + np.float32(0.5)
                    person[y, at, k] = np.uint8(min(max(value, np.float32(0)), limit))
                place += uintp(1)


@jit_kernel
def restore_folds(
    person: UInt8Array, rows: Int32Array, row_starts: Int32Array, weights: Float64Array, saved: UInt8Array
) -> None:
    """Undo the last `draw_folds` in `person`; sets `weights` (G,) to 0."""
    for g in range(len(weights) - 1, -1, -1):  # folds may overlap
        if weights[g] <= LEAST:
            continue
        weights[g] = 0.0
        for r in range(row_starts[g], row_starts[g + 1]):
            y, place = uintp(rows[r, 0]), uintp(rows[r, 3])
            for x in range(rows[r, 1], rows[r, 2]):
                for k in range(3):
                    person[y, uintp(x), k] = saved[place, k]
                place += uintp(1)
