"""The neck, from behind the ears into the clothes."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import Float32Array, UInt8Array
from generation.animation.face.face_topology import CHIN, FACE_OVAL, NOSE_TIP
from generation.animation.geometry.smoothstep import smoothstep
from generation.animation.portrait.head_fit import FittedHead
from generation.animation.portrait.hidden.hidden_surface import (
    NO_TRIANGLES,
    HiddenSurface,
    grid_triangles,
    luma_at,
)
from generation.animation.portrait.hidden.jaw import SKIN_EDGE
from generation.animation.portrait.layers import matte_units
from generation.animation.portrait.relief import JAW_CORNERS, REACH

NECK_ROWS, NECK_COLUMNS = 27, 17
NECK_ROUND: Final = 100.0  # degrees to both sides that are modelled
NECK_WIDTHS: Final = (0.26, 0.41)  # head widths: half of the narrowest and of the widest neck
NECK_FLARE: Final = 0.1  # head widths by which it is wider below the ears than under the chin
NECK_TOP, NECK_END = 0.3, 0.5  # head widths above the lobes and below the chin where it begins and ends
NECK_SHADE: Final = (0.55, 1.8)  # of the change of brightness of the colour that is read
NECK_TURNS, NECK_TURNS_BY = 0.2, 3  # by how much the neck's edges are darker, and how steeply they get so
NECK_WAIST: Final = 0.02  # head widths by which it is narrower between ears and chin
NECK_SHADED: Final = 0.12  # by how much it is darker below ear and jaw
NECK_SHADE_ENDS: Final = (-0.1, 0.8)  # of the way from the ears' lobes to the chin, over which that ends
NECK_AVERAGED: Final = 0.03  # head widths over which brightness is averaged
NECK_SEEN, NECK_SEEN_AT = 0.4, 0.7  # of the bare neck's height and half width, where its brightness is read
NECK_TO_JAW: Final = (0.6, 1.1)  # brightness of the neck against the jaw's
COVERED: Final = 0.036  # head widths inside of the person's outline where the neck ends
NECK_MIDDLE, NECK_RANGE = (
    0.5,
    (0.3, 1.0),
)  # of the neck's width and of its bare part that its colour is read in
NECK_SPAN: Final = 0.12  # head widths of that part, below which skin is stretched


def hidden_neck(
    head: FittedHead,
    points: NDArray[np.floating],
    bare: float,
    *,
    canvas: UInt8Array,
    matte: Float32Array,
) -> HiddenSurface:
    """The neck from behind the ears into the clothes. Its colour is read under the jaw, as far as it is
    `bare` (frame units), or inside of the jaw's edge where it is not; each side is as bright as the jaw above
    it, and further down as the neck that the picture shows there."""
    width = head.head_width
    top = float(points[list(JAW_CORNERS), 1].mean()) - NECK_TOP * width
    y = np.linspace(top, float(points[CHIN, 1]) + NECK_END * width, NECK_ROWS)
    chain = head.joints[3::-1]
    middle, axis = (np.interp(y, chain[:, 1], chain[:, k]) for k in (0, 2))
    half = _neck_halves(matte, middle, y, points, width)
    angle = np.radians(np.linspace(-NECK_ROUND, NECK_ROUND, NECK_COLUMNS))
    across = np.sin(angle)
    x = middle[:, None] + np.where(across < 0, half[:, :1], half[:, 1:]) * across
    depth = axis[:, None] - half.mean(1)[:, None] * np.cos(angle)
    xy = np.stack([x, np.broadcast_to(y[:, None], x.shape)], -1).reshape(-1, 2)
    source = _under_jaw(xy, points, width, bare)
    luma = cv2.GaussianBlur(
        cv2.cvtColor(canvas, cv2.COLOR_RGB2GRAY), (0, 0), NECK_AVERAGED * width * matte_units(matte.shape[0])
    )
    wanted = _neck_luma(luma, points, np.stack([middle, half[:, 0], half[:, 1], y], 1), bare, width)
    share = 0.5 + 0.5 * across
    wanted = wanted[:, :1] * (1 - share) + wanted[:, 1:] * share
    shade = wanted.ravel() / np.maximum(luma_at(luma, source), 8.0)
    shade = np.clip(shade, *NECK_SHADE).reshape(wanted.shape)
    shade *= 1 - NECK_TURNS * np.abs(across) ** NECK_TURNS_BY
    shade *= 1 - NECK_SHADED * (1 - smoothstep(*NECK_SHADE_ENDS, _down_to_chin(y, points)))[:, None]
    return HiddenSurface(
        xy,
        depth.ravel(),
        source,
        np.zeros((52, len(xy), 3), np.float32),
        np.repeat(_neck_skinning(y, chain), NECK_COLUMNS, 0),
        shade.ravel(),
        np.zeros(xy.shape),
        grid_triangles(NECK_ROWS, NECK_COLUMNS),
        NO_TRIANGLES,
    )


def _neck_luma(
    luma: UInt8Array,
    points: NDArray[np.floating],
    rows: NDArray[np.floating],
    bare: float,
    width: float,
) -> NDArray[np.floating]:
    """How bright (rows, 2) the left and right sides of the neck are in a picture's `luma` (S, S). Of each of
    the `rows` (rows, 4) the neck's middle, its half widths and its height are given."""
    y = rows[:, 3]
    corners = points[list(JAW_CORNERS), :2]
    inwards = np.sign(points[NOSE_TIP, 0] - corners[:, :1]) * (SKIN_EDGE * width, 0.0)
    jaw = luma_at(luma, corners + inwards)
    if bare <= 0:
        return np.broadcast_to(jaw, (len(y), 2))
    low = float(points[CHIN, 1]) + NECK_SEEN * bare
    row = int(np.argmin(np.abs(y - low)))
    sides = np.stack([rows[row, 0] + NECK_SEEN_AT * rows[row, 1:3] * (-1, 1), np.full(2, low)], 1)
    seen = np.clip(luma_at(luma, sides), NECK_TO_JAW[0] * jaw, NECK_TO_JAW[1] * jaw)
    down = smoothstep(float(corners[:, 1].mean()), low, y)[:, None]
    return np.asarray(jaw + (seen - jaw) * down)


def _room(matte: Float32Array, middle: NDArray[np.floating], y: NDArray[np.floating]) -> NDArray[np.floating]:
    """How far (rows, 2) the person reaches to the picture's left and right of `middle` at heights `y`."""
    units = matte_units(matte.shape[0])
    person = matte > 0.9
    rows = np.clip(np.rint((y + REACH + 0.5) * units - 0.5).astype(int), 0, len(person) - 1)
    found = np.zeros((len(y), 2))
    for i, (row, x) in enumerate(zip(rows, middle, strict=True)):
        column = int(np.clip(round((x + REACH + 0.5) * units - 0.5), 1, len(person) - 2))
        for k, line in enumerate((person[row, column::-1], person[row, column:])):
            found[i, k] = (np.argmin(line) if not line.all() else len(line)) / units
    return found


def _neck_halves(
    matte: Float32Array,
    middle: NDArray[np.floating],
    y: NDArray[np.floating],
    points: NDArray[np.floating],
    width: float,
) -> NDArray[np.floating]:
    """Half widths (rows, 2) of the neck to the picture's left and right at heights `y`, around `middle`: what
    the person's outline leaves room for, and no wider than under the chin."""
    # The least of neighbouring rows: the outline is steep where clothes begin.
    room = cv2.erode(_room(matte, middle, y), np.ones((3, 1), np.uint8)) - COVERED * width
    room = np.maximum(room, 0)
    halves = np.minimum(room, NECK_WIDTHS[1] * width)
    chin = float(points[CHIN, 1])
    below = (y > chin - 0.05 * width) & (y < chin + 0.2 * width)
    narrowest = np.maximum(halves[below].min(0), NECK_WIDTHS[0] * width)
    # Hollow between the nape, which is wide, and the shoulders.
    down = _down_to_chin(y, points)
    up, below, between = np.clip(1 - down, 0, 1.5), np.clip(down - 1, 0, 1), np.clip(down, 0, 1)
    hollow = NECK_FLARE * up**2 + NECK_FLARE * below - NECK_WAIST * 4 * between * (1 - between)
    halves = np.minimum(halves, narrowest + width * hollow[:, None])
    return np.asarray(np.minimum(halves, cv2.GaussianBlur(halves, (1, 11), 0, sigmaY=2.4)))


def _down_to_chin(y: NDArray[np.floating], points: NDArray[np.floating]) -> NDArray[np.floating]:
    """How far down heights `y` (N,) lie: 0 at the ears' lobes, 1 at the chin."""
    lobes, chin = float(points[list(JAW_CORNERS), 1].mean()), float(points[CHIN, 1])
    return np.asarray((y - lobes) / max(chin - lobes, 1.0))


def _neck_skinning(y: NDArray[np.floating], chain: NDArray[np.floating]) -> NDArray[np.floating]:
    """Skinning (rows, 6) at heights `y`: body below the neck's base, then each joint of the chain (4, 3),
    which runs from the head downwards."""
    heights = np.concatenate([chain[:, 1], [chain[-1, 1] + (chain[-1, 1] - chain[-2, 1])]])
    position = np.interp(y, heights, np.arange(5.0))
    each = np.maximum(1 - np.abs(position[:, None] - np.arange(5.0)), 0)
    return np.pad(each[:, ::-1], ((0, 0), (0, 1)))


def _under_jaw(
    xy: NDArray[np.floating], points: NDArray[np.floating], width: float, bare: float
) -> NDArray[np.floating]:
    """Where (N, 2) the colour of the neck is read, in the vertex's own column: under the jaw's edge, as far
    as the neck is `bare`, or above it."""
    outline = points[list(FACE_OVAL), :2]
    lower = outline[outline[:, 1] > points[list(JAW_CORNERS), 1].mean()]
    lower = lower[np.argsort(lower[:, 0])]
    # The middle of the neck is bare more often than its sides.
    x = points[CHIN, 0] + NECK_MIDDLE * (xy[:, 0] - points[CHIN, 0])
    edge = np.interp(x, lower[:, 0], lower[:, 1])
    down = np.clip((xy[:, 1] - edge) / (0.5 * width), -1, 1) * 0.5 + 0.5
    if bare > 0:
        # There and back again, so that skin is not drawn out.
        span = float(np.ptp(NECK_RANGE)) * bare
        run = (xy[:, 1] - edge) * min(1.0, span / (NECK_SPAN * width))
        folded = span - np.abs(span - run % (2 * span))
        return np.stack([x, points[CHIN, 1] + NECK_RANGE[0] * bare + folded], 1)
    return np.stack([x, edge - (SKIN_EDGE + SKIN_EDGE * down) * width], 1)
