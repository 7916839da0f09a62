"""Tells by optical flow which rectangle of a frame moves by itself, otherwise than most of the frame.

Between a frame and one after and one before it, up to two motions beside that of most of the frame are looked
for. Where one of them explains better than that what becomes of each pixel, before and after, and where
worse, is summed in cells. A rectangle that holds about all that speaks for the motion, is filled with it and
has its corners is a picture that moves; a head that sways moves otherwise than the wall behind it as well,
but does not fill a rectangle, least of all its corners. Nothing here depends on a key.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.watermark.carrier.arrays import Luma, Plane
from provenance.watermark.carrier.rectification import Geometry, mapped
from provenance.watermark.synchronisation.framing import Box
from provenance.watermark.synchronisation.rectangles import richest

SIDE = 192  # of the shorter side, on which flows are computed
STEP = 5  # pixels between places whose flow is looked at
WITHIN, BEYOND = 0.7, 1.0  # pixels from a motion that a place follows, and beyond which it follows another
LEAST_FOLLOWING, LEAST_PLACES = 0.03, 40  # of all places that follow a part's motion
PARTS, MOST_TRIES = 2, 300  # of a frame that move by themselves, and of places drawn to find each
LOUDEST = 12.0  # grey levels: no pixel counts for more
CELL = 4  # pixels to a side of what is told to lie in the rectangle or beside it
SPEAKS_AGAINST = 2.0
LEAST_HELD = 0.9  # of all that speaks for the part's motion, inside the rectangle
LEAST_FILLED, SPEAKS = 0.87, 0.5  # of its cells, for which as many grey levels speak
LEAST_OF_SIDE = 0.85  # or of each of three sides: before a wall another wall may lie
OF_CORNER = 6  # this part of a side is its corner's
LEAST_OF_CORNER = 0.7  # of three: of 40 heads taken for rectangles 34 had less, of pictures one of 40
HARDLY = 0.2  # grey levels in a cell that say nothing
LEAST_MOVED = 1.5  # pixels from where the motion of most moves a corner of it
LEAST_SIDE = 160  # pixels of the frame; of less a mark is not read


class MovingPart(NamedTuple):
    """A rectangle of frame `number` that moves by itself, by `step` (x, y) pixels to the next frame; `area`:
    how much of it is surely its own, and not what it covers or uncovers. `corner`: how much of its worst
    corner moves with it.
    """

    number: int
    box: Box
    step: NDArray[np.float64]
    area: float
    corner: float


class _Cells(NamedTuple):
    """A rectangle (left, top, right, bottom) of cells, and how much of its worst corner is filled."""

    ends: tuple[int, int, int, int]
    corner: float


def reduced(frames: Sequence[Luma]) -> list[Luma]:
    """(H, W) uint8 frames as small as parts are looked for in them."""
    height, width = frames[0].shape
    scale = min(1.0, SIDE / min(height, width))
    size = (round(width * scale), round(height * scale))
    return [np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), np.uint8) for frame in frames]


def part_that_moves(
    small: Sequence[Luma], around: tuple[int, int, int], shape: tuple[int, int]
) -> MovingPart | None:
    """The part of the middle one of three frames that moves by itself from the first and to the last.

    `small`: all frames, `reduced`; `shape` (H, W): as they were, in whose pixels the part is given.
    """
    before, here, after = (small[at] for at in around)
    scale = here.shape[0] / shape[0]
    onward = _motions_of_parts(here, after)
    backward = _motions_of_parts(here, before) if onward else []
    for (after_it, apart, motion), (before_it, apart_before, _) in product(onward, backward):
        # What it uncovers or will cover is explained by its motion in one of both frames at best.
        both = np.minimum(after_it, before_it)
        values = np.where(both < -SPEAKS_AGAINST, both, np.maximum(after_it, before_it))
        filled = _filled(np.asarray(values, np.float32), scale)
        if filled is None:
            continue
        left, top, right, bottom = filled.ends
        ends = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float64) * CELL
        moved = sorted((_farthest(ends, apart), _farthest(ends, apart_before)))
        if moved[0] < LEAST_MOVED:
            continue
        across, down = CELL * shape[1] / here.shape[1], CELL * shape[0] / here.shape[0]
        box = round(left * across), round(top * down), round(right * across), round(bottom * down)
        middle = ends.mean(0, keepdims=True)
        moves = (mapped(middle, motion) - middle)[0] / (around[2] - around[1])
        own = [max(0.0, float(side) * CELL - moved[1]) for side in (right - left, bottom - top)]
        return MovingPart(around[1], box, moves / scale, own[0] * own[1], filled.corner)
    return None


def _filled(values: Plane, scale: float) -> _Cells | None:
    """The rectangle of cells that holds about all that speaks for a part's motion and is filled with it, its
    corners too, or None.
    """
    size = (values.shape[1] // CELL * CELL, values.shape[0] // CELL * CELL)
    cells = cv2.resize(
        values[: size[1], : size[0]], (size[0] // CELL, size[1] // CELL), interpolation=cv2.INTER_AREA
    )
    if _is_scattered(cells):
        return None
    left, top, right, bottom = richest(cells - HARDLY)
    if min(right - left, bottom - top) * CELL < LEAST_SIDE * scale:
        return None
    inside = cells[top:bottom, left:right]
    if inside.sum() < LEAST_HELD * np.maximum(cells, 0).sum():
        return None
    speaks = inside > SPEAKS
    sides = sorted(
        float(side.max(1 - axis).mean())
        for axis, side in ((0, speaks[:, :2]), (0, speaks[:, -2:]), (1, speaks[:2]), (1, speaks[-2:]))
    )
    is_rectangle = speaks.mean() >= LEAST_FILLED or sides[1] >= LEAST_OF_SIDE
    corners = _corners(speaks)
    if not is_rectangle or corners[1] < LEAST_OF_CORNER:
        return None
    return _Cells((left, top, right, bottom), corners[0])


def _corners(speaks: NDArray[np.bool_]) -> list[float]:
    """How much of each corner of a rectangle of cells speaks for its motion, the worst first."""
    side = max(2, round(min(speaks.shape) / OF_CORNER))
    ways = speaks, speaks[:, ::-1], speaks[::-1], speaks[::-1, ::-1]
    return sorted(float(way[:side, :side].mean()) for way in ways)


def _is_scattered(cells: Plane) -> bool:
    """Whether no rectangle of cells can hold LEAST_HELD of what speaks for a motion; in a tenth of the time.

    One that does leaves no more than the rest of it beyond any of its sides, and so has the middle of all
    within it, with what speaks against the motion there.
    """
    speaks = np.maximum(cells, 0)
    most_beside = (1 - LEAST_HELD) * float(speaks.sum())
    begins, ends = [], []
    for axis in (0, 1):
        shares = np.cumsum(speaks.sum(axis), dtype=np.float64)
        begins.append(int(np.searchsorted(shares, most_beside, side="right")))
        ends.append(int(np.searchsorted(shares, shares[-1] - most_beside)) + 1)
    middle = cells[begins[1] : ends[1], begins[0] : ends[0]]
    return float(np.minimum(middle, 0).sum()) < -most_beside


def _motions_of_parts(here: Luma, there: Luma) -> list[tuple[Plane, Geometry, Geometry]]:
    """The motions, beside that of most of the frame, that parts of a small frame follow to another one: by
    how many grey levels each explains each pixel better than that of most, what leads from that to it, and
    the motion itself.
    """
    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST).calc(here, there, None)
    y, x = np.mgrid[STEP // 2 : here.shape[0] : STEP, STEP // 2 : here.shape[1] : STEP]
    starts = np.stack([x, y], -1).reshape(-1, 2).astype(np.float32)
    ends = starts + flow[y, x].reshape(-1, 2)
    least = max(LEAST_PLACES, LEAST_FOLLOWING * len(starts))
    first, found = None, []
    for _ in range(1 + PARTS):
        moved, follows = cv2.estimateAffinePartial2D(
            starts, ends, method=cv2.RANSAC, ransacReprojThreshold=WITHIN, maxIters=MOST_TRIES
        )
        if moved is None or follows.sum() < least:
            break
        motion = np.vstack([moved, [0.0, 0.0, 1.0]])
        missed = cv2.absdiff(_brought_back(there, motion), here).astype(np.float32)
        if first is None:
            first, by_first = np.linalg.inv(motion), missed
        else:
            better = np.clip(cv2.blur(by_first - missed, (3, 3)), -LOUDEST, LOUDEST)
            found.append((np.asarray(better, np.float32), np.asarray(first @ motion, np.float64), motion))
        others = np.linalg.norm(mapped(starts, motion) - ends, axis=1) > BEYOND
        starts, ends = starts[others], ends[others]
        if len(starts) < least:
            break
    return found


def _brought_back(frame: Luma, motion: Geometry) -> Luma:
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    size = (frame.shape[1], frame.shape[0])
    back = cv2.warpAffine(frame, motion[:2], size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(back, np.uint8)


def _farthest(points: NDArray[np.float64], motion: Geometry) -> float:
    return float(np.linalg.norm(mapped(points, motion) - points, axis=1).max())
