"""Compiled loops of the lids: where they are in a frame, and their skin between open and shut."""

from __future__ import annotations

from typing import Final

import numpy as np

from generation.animation.arrays import Float32Array, Float64Array, Int32Array, UInt8Array
from generation.animation.geometry.curves import interpolate, ramp, sort_by_first
from generation.animation.geometry.jit import jit_kernel
from generation.animation.geometry.pixel_fill import SUBPIXEL
from generation.animation.geometry.rasterize import uintp
from generation.animation.rendering.eyes.eye_kernels import carry

# Closure of the eye over which lashes and lid skin become layers of their own.
LASHES_MOVE: Final = (0.02, 0.12)
UNFOLDS: Final = (0.28, 0.85)  # closure over which the skin between eye and brow is pulled smooth
OVERLAP: Final = 2.6  # frame units by which the eye's layer overlaps the edges of resting lids
PAD: Final = 2  # pixels of the box around the eye's layer
LID_MOVED: Final = 1.2  # frame units that a lid moves before its own edge is in front of the eye's layer


@jit_kernel
def measure_lids(  # noqa: PLR0917 - compiled kernels take their arguments by position
    pixels: Float32Array,
    upper: Int32Array,
    lower: Int32Array,
    rest_upper: Float32Array,
    rest_lower: Float32Array,
    open_at_rest: bool,
    head: Float32Array,
    camera: Float64Array,
    frame_size: int,
    lid: Float64Array,
    corners: Int32Array,
) -> tuple[float, float, float, int, int, int, int]:
    """Measure an eye between the lids' edges, the vertices `upper` (N,) and `lower` (M,) of `pixels` (V, 3).

    Fills `lid` (5, N): x of the upper edge from left to right, y of the visible upper edge, of the lower lid
    there, how far the upper lid has risen above its rest, in LID_MOVED, and y of its edge. Fills `corners`
    (N + M - 2, 2) with the outline of the eye's layer, at twice the resolution of its box and with SUBPIXEL
    bits of fraction. Returns the widest opening in pixels, how far the eye is closed, 1 is shut and less than
    0 wider than at rest, how strong lashes are then, 0..1, and the box x0, y0, x1, y1 around the layer, in
    pixels.

    At rest is how the head's transform (3, 4) carries the resting edges `rest_upper` (N, 3) and `rest_lower`
    (M, 3), in camera space; `camera` (3,) is as `carry` takes it. `open_at_rest` says whether the portrait
    has the eye open."""
    n, m, scale = len(upper), len(lower), camera[2]
    top, bottom = np.empty((n, 2)), np.empty((m, 2))
    for i in range(n):
        top[i, 0], top[i, 1] = pixels[upper[i], 0], pixels[upper[i], 1]
    for i in range(m):
        bottom[i, 0], bottom[i, 1] = pixels[lower[i], 0], pixels[lower[i], 1]
    floors = _floors(top, bottom)
    # Turns of the head change openings too, along the picture's columns as they are measured here.
    rest_top = carry(rest_upper, head, camera)
    rest_openings = np.maximum(_floors(rest_top, carry(rest_lower, head, camera)) - rest_top[:, 1], 0.0)
    contour = np.empty((n + m - 2, 2), np.float32)
    widest, mean, moved = 0.0, 0.0, 0.0
    risen = np.empty(n)
    for i in range(n):
        opening = max(floors[i] - top[i, 1], 0.0)
        widest, mean = max(widest, opening), mean + opening / n
        # Where the upper lid has passed the lower one, the eye is closed.
        contour[i, 0], contour[i, 1] = top[i, 0], floors[i] - opening
        change = opening - rest_openings[i]
        moved += abs(change) / n
        risen[i] = max(change, 0.0) / (LID_MOVED * scale)
    for i in range(m - 2):
        contour[n + i, 0], contour[n + i, 1] = bottom[m - 2 - i, 0], bottom[m - 2 - i, 1]
    order = np.argsort(contour[:n, 0])
    for i in range(n):
        k = order[i]
        lid[0, i], lid[1, i], lid[2, i], lid[3, i] = contour[k, 0], contour[k, 1], floors[k], risen[k]
        lid[4, i] = top[k, 1]
    # At rest the eye's layer overlaps the lids' edges, where the texture has no skin pixels; as soon as the
    # lid moves, its lash line is drawn in front.
    _grow(contour, OVERLAP * scale * np.exp(-((moved / scale / LID_MOVED) ** 2)))
    x0, y0 = max(np.floor(contour[:, 0].min()) - PAD, 0.0), max(np.floor(contour[:, 1].min()) - PAD, 0.0)
    x1 = min(np.ceil(contour[:, 0].max()) + PAD + 1, frame_size)
    y1 = min(np.ceil(contour[:, 1].max()) + PAD + 1, frame_size)
    for i in range(n + m - 2):
        corners[i, 0] = np.rint(((contour[i, 0] - x0 + 0.5) * 2 - 0.5) * 2**SUBPIXEL)
        corners[i, 1] = np.rint(((contour[i, 1] - y0 + 0.5) * 2 - 0.5) * 2**SUBPIXEL)
    closed = 1 - mean / max(rest_openings.mean(), 1e-3)
    # An eye that is shut in the picture has no lashes of an open one.
    moves = abs(closed) if open_at_rest else closed
    strength = ramp(LASHES_MOVE[0], LASHES_MOVE[1], moves)
    return widest, closed, strength, int(x0), int(y0), int(x1), int(y1)


@jit_kernel
def _floors(top: Float64Array, bottom: Float64Array) -> Float64Array:
    """y (N,) of a lower edge `bottom` (M, 2) in the columns of an upper one, `top` (N, 2)."""
    xs, ys = bottom[:, 0].copy(), bottom[:, 1].copy()
    sort_by_first(xs, ys)
    out = np.empty(len(top))
    for i in range(len(top)):
        out[i] = interpolate(top[i, 0], xs, ys)
    return out


@jit_kernel
def _grow(contour: Float32Array, by: float) -> None:
    """`dilate_contour`, in place."""
    middle_x, middle_y = contour[:, 0].mean(), contour[:, 1].mean()
    wide = max(np.abs(contour[:, 0] - middle_x).max(), np.float32(1))
    high = max(np.abs(contour[:, 1] - middle_y).max(), np.float32(1))
    for i in range(contour.shape[0]):
        x, y = (contour[i, 0] - middle_x) / wide, (contour[i, 1] - middle_y) / high
        length = max(np.sqrt(x * x + y * y), 1e-6)
        contour[i, 0] += x / length * by
        contour[i, 1] += y / length * by


@jit_kernel
def mix_lids(  # noqa: PLR0917 - compiled kernels take their arguments by position
    opened: Float32Array,
    closed: Float32Array,
    shut: Float32Array,
    share: float,
    unfolded: float,
    out: UInt8Array,
) -> None:
    """Fill `out` (h, w, 4) with the colours of a lid between open (`share` 0) and moving (1), and that
    between folded (`unfolded` 0) and shut (1), each (h, w, 3)."""
    left = np.float32(1 - share)
    folded = np.float32(share * (1 - unfolded))
    pulled = np.float32(share * unfolded)
    for i in range(opened.shape[0]):
        for j in range(opened.shape[1]):
            for k in range(3):
                level = opened[uintp(i), uintp(j), k] * left + closed[uintp(i), uintp(j), k] * folded
                level += shut[uintp(i), uintp(j), k] * pulled
                out[uintp(i), uintp(j), k] = np.uint8(np.rint(level))
