"""The back of the head: a closed surface of hair or bare scalp behind the person's outline.

A turning head shows it beside temple and ear. Row by row, from the crown to the lowest hair, it goes on from
the person's outline around the back of the head; an ear is no part of that outline. Wherever its own outline
comes to lie, it has a fringe: the edge of the hair as the picture shows it, strands and all.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from generation.animation.arrays import Float32Array, UInt8Array
from generation.animation.face.face_topology import CHIN
from generation.animation.geometry.smoothstep import smoothstep, smoothstep_scalar
from generation.animation.portrait.hair import SKIN_POINTS
from generation.animation.portrait.head_fit import FittedHead
from generation.animation.portrait.layers import matte_units
from generation.animation.portrait.relief import JAW_CORNERS, REACH

BETWEEN_EYES: Final = 168
ROWS, COLUMNS = 36, 9
FRINGE: Final = 2  # more columns of each row: inner and outer edge of the fringe
ROUND_BACK: Final = 80.0  # degrees from the outline towards the middle of the back that are modelled
FAR_SIDE: Final = (10.0, 18.0)  # degrees of a portrait's own yaw over which its far side ends at the outline
BACK: Final = 1.0  # head widths from the head's axis to the back of the head
NAPE: Final = 0.42  # of that, where a head with short hair ends: below the ears it closes towards the neck
CROWN: Final = 0.2  # of the crown's width: the uppermost row, which closes the head
DOME: Final = 1.5  # exponent by which that shrinks where the head is narrower
ROUND_TOP: Final = 2.5  # exponent of the ellipse by which it shrinks towards the crown, also of flat-cut hair
MEETS: Final = 0.03  # head widths inside of the outline where the back of the head meets the relief
LAB_WEIGHTS: Final = np.array((0.6, 1.0, 1.0), np.float32)
BALD: Final = 15.0  # distance of the crown's colour from the skin's, below which there is no hair
LOWEST: Final = 0.1  # head widths below the chin where hair ends that goes on behind the outline
HAIR: Final = 0.58  # of the map of what is like the crown, above which it is hair
OPAQUE: Final = 0.98  # matte of what is surely the person
COVERED: Final = 0.015  # head widths inside of that where the back of the head begins
READ_FROM: Final = 0.025  # head widths inside of that where colours are read
BAND: Final = (0.02, 0.35)  # head widths: least and greatest thickness of hair inside of the outline
THICK: Final = 0.1  # head widths: least thickness of hair that is stretched around the back of the head
BESIDE_EAR: Final = 0.06  # head widths: least thickness of hair beside and below an ear
MOST_GAP: Final = 0.2  # head widths of an outline without hair between hair
BARE_ABOVE, BARE_BAND = 0.25, 0.1  # head widths: a bald head above the eyes counts as hair, so thick
ENDS: Final = 0.02  # head widths below the lobes where the back of a head with short hair ends
NAPE_BARE: Final = (-0.14, -0.04)  # head widths below the lobes over which short hair loses its fringe
TAPER: Final = 0.25  # by how much the skull narrows from its lowest hair to the ears' lobes
SHOULDER: Final = 0.08  # head widths by which the outline widens from row to row where shoulders begin
SMOOTH, OUTLINE_SMOOTH = 1.2, 2.0  # rows
ROW: Final = 0.02  # head widths between the rows in which the outline is found
WIDEST: Final = 1.6  # head widths to each side that are searched for the outline
LEAST_BACK: Final = 0.02  # head widths from the outline to the back of the head
SEEN: Final = 0.02  # matte down to which the edge of hair is taken for the fringe
FRINGE_MOST: Final = 0.16  # head widths outside of the outline that the fringe reaches at most
COLOUR_AVERAGED: Final = 0.005  # head widths over which colours are averaged
CROWN_ROWS, CROWN_COLUMNS = (0.03, 0.12), (-0.3, 0.3)  # head widths below the crown and beside the middle


class Skull(NamedTuple):
    """Vertices (2 ROWS (COLUMNS + FRINGE), 2) in frame units, the left side first, with depth and texture
    coordinates. The first column of each row lies where the person surely covers it; where the head is
    turned it `grows` (N, 2) outwards from there, to the outline. Of the fringe `grows` says, as its first
    number, how far outside of the outline it lies, wherever that comes to be."""

    xy: NDArray[np.floating]
    grows: NDArray[np.floating]
    depth: NDArray[np.floating]
    source: NDArray[np.floating]


def back_of_head(
    head: FittedHead,
    points: NDArray[np.floating],
    relief: tuple[NDArray[np.floating], NDArray[np.floating]],
    *,
    canvas: UInt8Array,
    matte: Float32Array,
) -> Skull:
    """The back of the head behind the `relief`'s nodes (G, 2) with their depth (G,), of a person with
    landmarks `points` (478, 3) in frame units, on `canvas` (S, S, 3) uint8 RGB with the person's `matte`
    (S, S)."""
    width, middle = head.head_width, float(points[BETWEEN_EYES, 0])
    outline = _Outline.of(points, canvas=canvas, matte=matte, width=width)
    sides = [_side(way, outline, width) for way in (-1, 1)]
    chain, nodes = head.joints[3::-1], cKDTree(relief[0])
    angle = np.radians(np.linspace(0, ROUND_BACK, COLUMNS))
    xy, grows, depth, source = [], [], [], []
    for way, side in zip((-1, 1), sides, strict=True):
        # The fringe begins beside the first column; where it ends up depends on the turn.
        around = np.concatenate([angle, np.zeros(FRINGE)])
        x = middle + way * side.half[:, None] * np.cos(around)
        xy.append(np.stack([x, np.broadcast_to(side.y[:, None], x.shape)], -1).reshape(-1, 2))
        fringe = side.fringe * _has_fringe(side.y, outline, width)[:, None]
        outwards = np.concatenate([way * side.grows[:, None] * np.cos(angle), fringe], 1)
        grows.append(np.stack([outwards, np.zeros(x.shape)], -1).reshape(-1, 2))
        _, nearest = nodes.query(np.stack([middle + way * (side.half - MEETS * width), side.y], 1), k=4)
        front = _smooth(relief[1][nearest].mean(1), SMOOTH)
        at_eyes = float(np.interp(outline.eyes, side.y, side.half))
        narrower = np.clip(side.half / max(at_eyes, 1.0), 0, 1) ** DOME
        up = np.clip((outline.eyes - side.y) / max(outline.eyes - outline.crown, 1.0), 0, 1)
        narrower = np.minimum(narrower, (1 - up**ROUND_TOP) ** (1 / ROUND_TOP))
        rear = np.interp(side.y, chain[:, 1], chain[:, 2]) + BACK * width * narrower * _nape(
            side.y, outline, width
        )
        known = 1 - smoothstep_scalar(*FAR_SIDE, way * head.yaw)
        back = np.maximum((rear - front) * known, LEAST_BACK * width)
        depth.append((front[:, None] + back[:, None] * np.sin(around)).ravel() + 1.0)
        inside = side.read_half[:, None] - side.band[:, None] * angle / angle[-1]
        edge = side.read_half[:, None] + side.fringe - side.fringe[:, :1]
        inside = np.concatenate([inside, edge], 1)
        read = np.broadcast_to(side.read_y[:, None], x.shape)
        source.append(np.stack([middle + way * inside, read], -1).reshape(-1, 2))
    return Skull(*(np.concatenate(part) for part in (xy, grows, depth, source)))


def _nape(y: NDArray[np.floating], outline: _Outline, width: float) -> NDArray[np.floating]:
    """How far (ROWS,) the back of the head reaches in rows `y` against its greatest reach, at the eyes: round
    towards the nape, unless long hair hangs down from there."""
    below = np.clip((y - outline.eyes) / max(float(y[-1]) - outline.eyes, 1.0), 0, 1)
    return np.asarray(1 - (1 - NAPE) * (1 - _hangs(y, outline, width)) * (1 - np.sqrt(1 - below**2)))


def _has_fringe(y: NDArray[np.floating], outline: _Outline, width: float) -> NDArray[np.floating]:
    """How much (ROWS,) of the fringe rows `y` have: none at the nape of a head with short hair, behind
    which the neck goes on. Each pixel has one surface: through a thin fringe the background would show."""
    above, below = (outline.lobes + part * width for part in NAPE_BARE)
    low = smoothstep(above, below, y)
    return np.asarray(1 - (1 - _hangs(y, outline, width)) * low)


def _hangs(y: NDArray[np.floating], outline: _Outline, width: float) -> float:
    """How far, 0..1, hair whose rows are `y` (ROWS,) hangs down beside the neck."""
    return float(smoothstep_scalar(outline.lobes + ENDS * width, outline.chin, float(y[-1])))


class _Outline(NamedTuple):
    """What the outline of a head is found in: the `matte` (S, S) and what is `hair` (S, S) in it, and the
    heights of crown, eyes, ears' lobes and chin and the middle between the eyes, in frame units."""

    matte: Float32Array
    hair: Float32Array
    crown: float
    eyes: float
    lobes: float
    chin: float
    middle: float

    @classmethod
    def of(
        cls, points: NDArray[np.floating], *, canvas: UInt8Array, matte: Float32Array, width: float
    ) -> _Outline:
        """Find it for landmarks `points` (478, 3) and a head's `width`."""
        middle, eyes = (float(v) for v in points[BETWEEN_EYES, :2])
        crown = _crown(points, matte) + COVERED * width
        lobes, chin = float(points[list(JAW_CORNERS), 1].mean()), float(points[CHIN, 1])
        hair = like_crown(canvas, matte, points, width)
        return cls(matte, hair, crown, eyes, lobes, chin, middle)

    def read(
        self, values: Float32Array, way: int, across: NDArray[np.floating], y: NDArray[np.floating]
    ) -> NDArray[np.floating]:
        """The values (N, K) of a map (S, S) at the distances `across` (K,) or (N, K) from the middle, to the
        left for a `way` of -1 and to the right for 1, in rows `y` (N,)."""
        x = np.broadcast_to(self.middle + way * across, (len(y), across.shape[-1]))
        return np.asarray(values[_pixel(y, values)[:, None], _pixel(x, values)])


class _Side(NamedTuple):
    """One side, row by row (ROWS,): height and half width of the skull, how much wider its outline is, height
    and half width where its colours are read, and the thickness of the hair there; and how far outside of the
    outline the `fringe` (ROWS, 2) begins and ends."""

    y: NDArray[np.floating]
    half: NDArray[np.floating]
    grows: NDArray[np.floating]
    read_y: NDArray[np.floating]
    read_half: NDArray[np.floating]
    band: NDArray[np.floating]
    fringe: NDArray[np.floating]


def _side(way: int, outline: _Outline, width: float) -> _Side:
    crown, eyes, lobes = outline.crown, outline.eyes, outline.lobes
    step = ROW * width
    y = np.arange(crown + step, outline.chin + LOWEST * width, step)
    across = np.arange(0, WIDEST * width, 1 / matte_units(outline.matte.shape[0]))
    # The least between two rows: strands of hair are thinner than a row.
    rows_apart = np.ones((2 * round(step * matte_units(outline.matte.shape[0]) / 2) + 1, 1), np.uint8)
    alpha, least = (
        np.pad(outline.read(matte, way, across, y)[:, :-1], ((0, 0), (0, 1)))
        for matte in (outline.matte, cv2.erode(outline.matte, rows_apart))
    )
    half, solid = across[np.argmin(alpha > 0.5, 1)], across[np.argmin(least > OPAQUE, 1)]
    # The thickness of the hair: from the outline inwards to what is none.
    depth = np.linspace(0, BAND[1], 36) * width
    read_half = np.minimum(solid, half) - READ_FROM * width
    bare = outline.read(outline.hair, way, read_half[:, None] - depth, y) < HAIR
    band = np.where(bare.any(1), depth[np.argmax(bare, 1)], BAND[1] * width)
    hairy = band >= np.where(y < eyes, BAND[0], BESIDE_EAR) * width
    if not hairy.any():  # bald
        hairy, band = y < eyes - BARE_ABOVE * width, np.full(len(y), BARE_BAND * width)
    wider = np.concatenate([[0.0], np.diff(half)]) > SHOULDER * width
    hairy &= ~(np.maximum.accumulate(wider & (y > lobes)))
    gap = round(MOST_GAP * width / step)
    joined = cv2.morphologyEx(hairy[:, None].astype(np.uint8), cv2.MORPH_CLOSE, np.ones((gap, 1)))[:, 0] > 0
    joined |= y < eyes - BARE_ABOVE * width
    last = len(y) - 1 if joined.all() else max(int(np.argmin(joined)) - 1, 0)
    rows = np.linspace(crown + 0.5 * step, max(float(y[last]), lobes + ENDS * width), ROWS)
    below = np.maximum(rows - y[last], 0)
    # Where hair is too thin to be stretched around the head, the thick hair above it is mirrored, and again.
    thick = hairy[: last + 1] & (band[: last + 1] >= THICK * width)
    usable = np.flatnonzero(thick if thick.any() else hairy[: last + 1])
    usable = usable if len(usable) else np.array([0])
    top, span = float(y[usable[0]]), max(float(y[usable[-1]] - y[usable[0]]), step)
    wanted = top + span - np.abs((rows - top) % (2 * span) - span)
    read = usable[np.abs(y[usable] - wanted[:, None]).argmin(1)]
    inmost = cv2.erode(np.minimum(half, solid)[:, None], np.ones((5, 1)))[:, 0]
    covered = np.maximum(inmost - COVERED * width, 0)
    smooth = cv2.GaussianBlur(covered[None].astype(np.float32), (0, 0), 2.0, borderType=cv2.BORDER_REPLICATE)[
        0
    ]
    smooth = np.minimum(smooth, covered)
    taper = 1 - TAPER * (below / max(lobes - float(y[last]), 0.05 * width)).clip(0, 1) ** 2
    found = np.interp(np.minimum(rows, y[last]), y, smooth) * taper
    found[0] *= CROWN
    wide = np.interp(np.minimum(rows, y[last]), y, _smooth(half, OUTLINE_SMOOTH)) * taper
    wide[0] *= CROWN
    ends = np.minimum(across[np.argmin(alpha > SEEN, 1)], half + FRINGE_MOST * width)
    fringe = np.stack([read_half - half, np.maximum(ends - half, 0)], 1)[read]
    return _Side(rows, found, np.maximum(wide - found, 0), y[read], read_half[read], band[read], fringe)


def _crown(points: NDArray[np.floating], matte: Float32Array) -> float:
    """The height in frame units at which the person surely begins above the eyes."""
    units = matte_units(matte.shape[0])
    middle, eyes = points[BETWEEN_EYES, :2]
    column = matte[: round((float(eyes) + REACH) * units), _pixel(middle, matte)] > OPAQUE
    return (int(np.argmax(column)) if column.any() else 0) / units - REACH


def like_crown(
    canvas: UInt8Array, matte: Float32Array, points: NDArray[np.floating], width: float
) -> Float32Array:
    """How much closer each pixel's colour (S, S) is to the crown's than to the skin's, 0..1; 0 everywhere for
    a bald head. `points` (478, 3) are landmarks, `width` the head's."""
    units = matte_units(matte.shape[0])
    crown = _crown(points, matte) + COVERED * width
    lab = cv2.cvtColor(cv2.GaussianBlur(canvas, (0, 0), COLOUR_AVERAGED * width * units), cv2.COLOR_RGB2LAB)
    colours = lab * LAB_WEIGHTS
    at = _pixel(points[list(SKIN_POINTS), :2], matte)
    skin = np.median(colours[at[:, 1], at[:, 0]], 0)
    rows, columns = (
        slice(*_pixel(start + np.array(span) * width, matte))
        for start, span in ((crown, CROWN_ROWS), (points[BETWEEN_EYES, 0], CROWN_COLUMNS))
    )
    person = matte[rows, columns] > 0.9
    hair = np.median(colours[rows, columns][person], 0) if person.any() else skin
    if np.linalg.norm(hair - skin) < BALD:
        return np.zeros(matte.shape, np.float32)
    from_hair, from_skin = (_distances(colours, colour) for colour in (hair, skin))
    return np.asarray(from_skin / np.maximum(from_hair + from_skin, 1e-3), np.float32)


def _distances(colours: Float32Array, colour: NDArray[np.floating]) -> Float32Array:
    """How far each of `colours` (H, W, 3) is from `colour` (3,)."""
    a, b, c = (colours[..., channel] - np.float32(colour[channel]) for channel in range(3))
    return np.asarray(cv2.magnitude(cv2.magnitude(a, b), c), np.float32)


def _pixel(at: NDArray[np.floating] | float, values: NDArray[np.floating]) -> NDArray[np.intp]:
    """The nearest pixel of a map (S, S) of the canvas to coordinates (...) in frame units."""
    nearest = np.rint((np.asarray(at) + REACH + 0.5) * matte_units(values.shape[0]) - 0.5).astype(int)
    return np.asarray(np.clip(nearest, 0, values.shape[0] - 1), np.intp)


def _smooth(values: NDArray[np.floating], sigma: float) -> NDArray[np.floating]:
    """Values (N,) averaged over neighbours."""
    row = values[None].astype(np.float32)
    return np.asarray(cv2.GaussianBlur(row, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)[0], np.float64)
