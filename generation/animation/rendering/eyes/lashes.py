"""Lash layer: the upper lid's lash line, lashes and eyeliner as a layer that travels with the lid's edge.

The layer is what the portrait is darker by than its lid would be without them. Unrolled along the edge, it is
multiplied onto the frame wherever the edge has come to. Eyeliner stays above the edge; lashes, which point
up from an open eye, turn downwards as it closes.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import Float32Array, Float64Array, UInt8Array
from generation.animation.geometry.light import LUMA
from generation.animation.geometry.smoothstep import smoothstep
from generation.animation.rendering.eyes.lash_kernel import ABOVE, COLUMNS, draw_lashes

BELOW = 0.6  # frame units below the resting edge that the layer covers
LINE = (0.7, 2.6)  # frame units above the edge over which the lash line passes into single lashes
WIDEST = 9  # columns of the widest tuft of lashes
STROKE, FEWEST = 0.90, 0.22  # brightness of a lash on skin, and share of the columns that have some
LASH_ENDS = 0.14  # of the lid's width at each corner over which lashes fade in
EVEN = 2.0  # columns over which the lash line is averaged: it has no iris behind it when it has moved
LINE_SHARE = 0.65  # of its darkness that is the line's own; the rest is shadow on the open eye
LEAST, MOST = 0.30, 0.50  # darkness of the line that every closed lid has


@dataclass(frozen=True, eq=False)
class LashLayer:
    """`line` and `lashes` (rows, COLUMNS, 1) are factors of brightness, from ABOVE the edge to BELOW it at
    `per_unit` rows a frame unit, which is as many pixels of the frame; `darkness` is how dark the portrait's
    own line is."""

    line: Float32Array
    lashes: Float32Array
    per_unit: float
    darkness: float

    def draw(
        self, frame: UInt8Array, edge_x: Float64Array, edge_y: Float64Array, closed: float, strength: float
    ) -> None:
        """Multiply the layer onto `frame`, in place, along the upper lid's edge `edge_x`, `edge_y` (N,), from
        left to right in pixels, of an eye that is `closed` 0..1, with `strength` 0..1."""
        draw_lashes(
            frame, edge_x, edge_y, self.line, self.lashes, self.per_unit, self.darkness, closed, strength
        )


def lift_lashes(
    patch: Float32Array, skin: Float32Array, bare: Float32Array, edge: Float32Array, scale: float
) -> LashLayer:
    """The lash layer of a lid with the resting `edge` (N, 2), from the picture's `patch` (h, w, 3) around the
    eye, the same without single lashes, `bare`, and without lash line and eye, `skin`, both (h, w, 3); all in
    pixels, `scale` a frame unit."""
    order = np.argsort(edge[:, 0])
    x = edge[order[0], 0] + (np.arange(COLUMNS) + 0.5) / COLUMNS * np.ptp(edge[:, 0])
    y = np.interp(x, edge[order, 0], edge[order, 1])
    rows = np.arange(round((ABOVE + BELOW) * scale) + 1) / scale  # frame units from the top
    xs = np.broadcast_to(x, (len(rows), COLUMNS)).astype(np.float32)
    ys = (y[None] - (ABOVE - rows[:, None]) * scale).astype(np.float32)
    darker, strokes = (
        np.clip(cv2.remap(patch / np.maximum(without, 8), xs, ys, cv2.INTER_LINEAR), 0, 1)
        for without in (skin, bare)
    )
    # The line's own colour is mixed with that of the iris behind it: only its darkness is kept.
    darker, strokes = darker @ LUMA, (strokes @ LUMA).astype(np.float32)
    strokes /= np.maximum(cv2.morphologyEx(strokes, cv2.MORPH_CLOSE, np.ones((1, WIDEST), np.uint8)), 0.1)
    strokes **= _inwards()[None]
    # A few strokes are the ends of a crease or a painter's, no lashes.
    if float((strokes.min(0) < STROKE).mean()) < FEWEST:
        strokes = np.ones_like(strokes)
    darker = 1 - LINE_SHARE * (1 - cv2.GaussianBlur(darker, (0, 0), EVEN, sigmaY=0.5 * scale))
    height = ABOVE - rows
    line = (1 - smoothstep(*LINE, height)) * smoothstep(-BELOW, -0.5 * BELOW, height)
    lashes = smoothstep(*LINE, height) * (1 - smoothstep(0.75 * ABOVE, ABOVE, height))
    return LashLayer(
        line=_grey(1 - line[:, None] * (1 - darker)),
        lashes=_grey(1 - lashes[:, None] * (1 - strokes)),
        per_unit=scale,
        darkness=float(np.clip(np.median(1 - darker.min(0)), LEAST, MOST)),
    )


def _grey(layer: NDArray[np.floating]) -> Float32Array:
    return np.ascontiguousarray(layer[..., None], np.float32)


def _inwards() -> Float32Array:
    """0 at the ends of the layer's columns, where other lines than lashes meet the lid, 1 between."""
    at = (np.arange(COLUMNS) + 0.5) / COLUMNS
    return np.asarray(smoothstep(0.3 * LASH_ENDS, LASH_ENDS, np.minimum(at, 1 - at)), np.float32)
