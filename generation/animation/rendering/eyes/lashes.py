"""Lash layer: the upper lid's lash line, lashes and eyeliner as a layer that travels with the lid's edge.

The layer is what the portrait is darker by than its lid would be without them. Unrolled along the edge, it is
multiplied onto the frame wherever the edge has come to. Eyeliner stays above the edge; lashes, which point
up from an open eye, turn downwards as it closes. An open eye's lashes point at the camera and hardly show,
those of a closed one lie on the cheek: where the portrait shows few, a fringe is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import Float32Array, Float64Array, UInt8Array
from generation.animation.geometry.light import LUMA
from generation.animation.geometry.smoothstep import smoothstep, smoothstep_scalar
from generation.animation.rendering.eyes.lash_kernel import (
    ABOVE,
    COLUMNS,
    PLAIN_LINE,
    PLAIN_WIDTH,
    draw_lashes,
)

BELOW = 0.6  # frame units below the resting edge that the layer covers
# Frame units above the edge over which the lash line passes into single lashes, and one with eyeliner.
LINE, LINER = (0.7, 2.6), (2.4, 3.8)
LINER_AT, LINER_DARK = (1.2, 2.6), (0.28, 0.5)  # where and from how dark on a line counts as eyeliner
WIDEST = 9  # columns of the widest tuft of lashes
STROKE, FEWEST = 0.90, 0.22  # brightness of a lash on skin, and share of the columns that have some
LASH_DARK = (0.03, 0.15)  # what is hardly darker than the lid, in another colour, is a light on it
EYE_MIXED = (0.3, 1.2)  # frame units above the edge over which the colours of the eye in the line end
LASH_ENDS = 0.14  # of the lid's width at each corner over which lashes fade in
EVEN = 2.0  # columns over which the lash line is averaged: it has no iris behind it when it has moved
LINE_SHARE, LINER_SHARE = 0.65, 0.9  # of its darkness that is its own; the rest is shadow on the open eye
LEAST, MOST = 0.30, 0.50  # darkness of the line that every closed lid has
ENOUGH = 0.22  # mean darkness of the portrait's own lashes over all columns, above which no fringe is drawn
FRINGE_DARK = 0.8  # darkness of a lash of the fringe, in parts of the line's
PALER = 0.6  # exponent by which a plain line loses darkness as blur widens it: 1 were a stroke's, 0 a band's
FRINGE_LENGTH, FRINGE_LONGEST = 0.17, 8.5  # length of its lashes in widths of the lid, and frame units
FRINGE_APART = 1.3  # frame units between its lashes
FRINGE_SPREADS = 0.9  # by how much those at the corners lean outwards, in parts of their length
FRINGE_THICK = 0.6  # frame units, at the root
FRINGE_FINER = 4  # times that the fringe is drawn finer than the layer


@dataclass(frozen=True, eq=False)
class LashLayer:
    """`own` (rows, COLUMNS, 3) is what the open eye's line and lashes leave of each colour of its lid;
    `line`, `lashes` and `fringe`, (rows, COLUMNS, 1) each, are factors of brightness of a closing one. They
    go from ABOVE the edge to BELOW it at `per_unit` rows a frame unit, which is as many pixels of the frame;
    `fringe` is upside down. `darkness` is how dark the portrait's own line is, `darkest` the least brightness
    (0..255) that it or the plain line of a closed lid has there, which is `width` frame units wide."""

    own: Float32Array
    line: Float32Array
    lashes: Float32Array
    fringe: Float32Array
    per_unit: float
    darkness: float
    darkest: float
    width: float

    def draw(
        self, frame: UInt8Array, edge_x: Float64Array, edge_y: Float64Array, closed: float, strength: float
    ) -> None:
        """Multiply the layer onto `frame`, in place, along the upper lid's edge `edge_x`, `edge_y` (N,), from
        left to right in pixels, of an eye that is `closed` 0..1, with `strength` 0..1."""
        draw_lashes(
            frame, edge_x, edge_y, self.own, self.line, self.lashes, self.fringe, self.per_unit,
            self.darkness, self.darkest, self.width, closed, strength,
        )  # fmt: skip


def lift_lashes(  # noqa: PLR0917 - pictures of one eye and how they are to be read
    patch: Float32Array,
    skin: Float32Array,
    bare: Float32Array,
    edge: Float32Array,
    scale: float,
    blur: float = 0.0,
) -> LashLayer:
    """The lash layer of a lid with the resting `edge` (N, 2), from the picture's `patch` (h, w, 3) around the
    eye, the same without single lashes, `bare`, and without lash line and eye, `skin`, both (h, w, 3); all in
    pixels, `scale` a frame unit. What is drawn is as soft as the picture, whose `blur` is in frame units."""
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
    own = _unturned(darker, rows)
    # The line's own colour is mixed with that of the iris behind it: only its darkness is kept.
    darker, strokes = darker @ LUMA, (strokes @ LUMA).astype(np.float32)
    strokes /= np.maximum(cv2.morphologyEx(strokes, cv2.MORPH_CLOSE, np.ones((1, WIDEST), np.uint8)), 0.1)
    strokes **= _inwards()[None]
    # A few strokes are the ends of a crease or a painter's, no lashes.
    if float((strokes.min(0) < STROKE).mean()) < FEWEST:
        strokes = np.ones_like(strokes)
    height = ABOVE - rows
    at_liner = (height > LINER_AT[0]) & (height < LINER_AT[1])
    # A small eye may have no row there.
    liner = smoothstep_scalar(*LINER_DARK, float(np.median(1 - darker[at_liner]))) if at_liner.any() else 0.0
    share = LINE_SHARE + (LINER_SHARE - LINE_SHARE) * liner
    darker = 1 - share * (1 - cv2.GaussianBlur(darker, (0, 0), EVEN, sigmaY=0.5 * scale))
    low, high = (a + (b - a) * liner for a, b in zip(LINE, LINER, strict=True))
    single = smoothstep(low, high, height)
    line = (1 - single) * smoothstep(-BELOW, -0.5 * BELOW, height)
    lashes = single * (1 - smoothstep(0.75 * ABOVE, ABOVE, height))
    width = float(np.hypot(PLAIN_WIDTH, np.sqrt(2) * blur))
    # What is blurred is wider, and not as dark.
    darkness = float(np.clip(np.median(1 - darker.min(0)), LEAST, MOST)) * (PLAIN_WIDTH / width) ** PALER
    # The darker one of the line that the portrait shows and the plain line of a closed lid on its skin.
    at_line = rows > ABOVE - LINER[0]
    level, lid = (cv2.remap(picture, xs, ys, cv2.INTER_LINEAR)[at_line] @ LUMA for picture in (patch, skin))
    darkest = min(float(np.median(level.min(0))), (1 - PLAIN_LINE * darkness) * float(np.median(lid)))
    single_lashes = 1 - lashes[:, None] * (1 - strokes)
    lacking = 1 - min(float((1 - single_lashes.min(0)).mean()) / ENOUGH, 1.0)
    fringe = _fringe(height, float(np.ptp(edge[:, 0])) / scale, scale)
    if blur > 0:
        across = blur * COLUMNS * scale / max(float(np.ptp(edge[:, 0])), 1.0)
        fringe = cv2.GaussianBlur(fringe, (0, 0), across, sigmaY=blur * scale)
    return LashLayer(
        own=own,
        line=_grey(1 - line[:, None] * (1 - darker)),
        lashes=_grey(single_lashes),
        fringe=_grey(1 - lacking * FRINGE_DARK * darkness * fringe),
        per_unit=scale,
        darkness=darkness,
        darkest=darkest,
        width=width,
    )


def _unturned(darker: Float32Array, rows: NDArray[np.floating]) -> Float32Array:
    """The whole of what an open eye's line and lashes leave of its lid, `darker` (R, COLUMNS, 3) at `rows`
    (R,) frame units below the layer's top, fading out at its ends."""
    height = ABOVE - rows
    within = (1 - smoothstep(0.75 * ABOVE, ABOVE, height)) * smoothstep(-BELOW, -0.5 * BELOW, height)
    luma = (darker @ LUMA)[..., None]
    share = within[:, None, None] * smoothstep(*LASH_DARK, 1 - luma)
    coloured = luma + (darker - luma) * smoothstep(*EYE_MIXED, height)[:, None, None]
    return np.ascontiguousarray(1 - share * (1 - coloured), np.float32)


def _fringe(height: NDArray[np.floating], width: float, per_unit: float) -> Float32Array:
    """How much (rows, COLUMNS), 0..1, lashes cover of the rows at `height` (rows,) frame units from the edge
    of a lid that is `width` frame units wide; the same for every lid of that width."""
    fine = FRINGE_FINER
    canvas = np.zeros((len(height) * fine, COLUMNS * fine), np.uint8)
    chance = np.random.default_rng(5)
    count = max(int(width / FRINGE_APART), 8)
    across, down = COLUMNS * fine / width, fine * per_unit
    root = ABOVE * down
    for i in range(count):
        at = (i + 0.5 + chance.uniform(-0.35, 0.35)) / count
        longest = min(FRINGE_LENGTH * width, FRINGE_LONGEST) * (0.55 + 0.45 * np.sin(np.pi * at))
        length = longest * chance.uniform(0.65, 1.0)
        leans = FRINGE_SPREADS * (2 * at - 1) + chance.uniform(-0.18, 0.18)
        t = np.linspace(0, 1, 6)
        x = at * COLUMNS * fine + across * length * leans * t**1.6
        y = root - down * length * t
        for k in range(5):
            ends = [(round(float(x[j])), round(float(y[j]))) for j in (k, k + 1)]
            thick = max(round(FRINGE_THICK * across * (1 - 0.8 * t[k])), 1)
            cv2.line(canvas, ends[0], ends[1], 255, thick, cv2.LINE_AA)
    cover = cv2.resize(canvas, (COLUMNS, len(height)), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    fade = 1 - smoothstep(0.35, 1.0, np.maximum(height, 0) / min(FRINGE_LENGTH * width, FRINGE_LONGEST))
    return np.asarray(cover * (0.35 + 0.65 * fade)[:, None] * _inwards()[None], np.float32)


def _grey(layer: NDArray[np.floating]) -> Float32Array:
    return np.ascontiguousarray(layer[..., None], np.float32)


def _inwards() -> Float32Array:
    """0 at the ends of the layer's columns, where other lines than lashes meet the lid, 1 between."""
    at = (np.arange(COLUMNS) + 0.5) / COLUMNS
    return np.asarray(smoothstep(0.3 * LASH_ENDS, LASH_ENDS, np.minimum(at, 1 - at)), np.float32)
