"""Finds a smaller picture that travels within the frame, and follows it.

A picture that floats across a page, slides into its place or is dragged does not lie still, and what moves
in most of the frame is not what moves in it. So of a few places of a clip is asked, by optical flow, whether
one part of the frame follows a motion of its own: that of a rectangle, in which the second motion explains
nearly everywhere what becomes of the frame, before and after, and beside which it does not. A head that sways
moves otherwise than the wall behind it as well, but does not fill a rectangle. From there its corners are
followed, and windows of one size are laid about it, in which it stands about still: they are searched as
frames are. Nothing here depends on a key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.watermark.carrier.arrays import Luma, Plane
from provenance.watermark.carrier.rectification import Geometry, corners_of, mapped
from provenance.watermark.synchronisation.camera_motion import CornerFollower
from provenance.watermark.synchronisation.framing import Box
from provenance.watermark.synchronisation.rectangles import richest

SIDE = 192  # of the shorter side, on which flows are computed
PLACES = 12  # in a clip that are looked at, until something is found
LAGS = (3, 8, 1)  # frames before and after, in turn: what is slow is told by far ones, what is fast by near
MOST_APART = 2  # seconds between the first and the last of three frames
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
HARDLY = 0.2  # grey levels in a cell that say nothing
LEAST_MOVED = 1.5  # pixels from where the motion of most moves a corner of it
LEAST_SIDE = 160  # pixels of the frame; of less a mark is not read
MARGIN = 0.05  # of a side, around the rectangle
LEAST_IN_VIEW = 0.8  # of a part, to the most that is in view in any frame
STEADY = 1.01  # times as large at most, or turned by as much
GREY = 128


class _Part(NamedTuple):
    """A rectangle of frame `number` that moves by itself, by `step` (x, y) pixels to the next frame; `area`:
    how much of it is surely its own, and not what it covers or uncovers.
    """

    number: int
    box: Box
    step: NDArray[np.float64]
    area: float


@dataclass(frozen=True, eq=False)
class Travel:
    """Windows of one `size` (width, height) that travel with a picture, so that it stands still in them;
    `motions`: what takes their pixels to those of each frame in which it could be followed, by its number.
    `seen`: the numbers of those in which about as much of it is in view as in any.
    """

    size: tuple[int, int]
    motions: dict[int, Geometry]
    seen: tuple[int, ...]

    def cut(self, frame: Luma, number: int) -> Luma:
        """What a frame (H, W) uint8 shows in its window; grey beyond the frame's edges."""
        flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        motion = self.motions[number][:2]
        return np.asarray(
            cv2.warpAffine(frame, motion, self.size, flags=flags, borderValue=(GREY,)), np.uint8
        )


def travelling(frames: Sequence[Luma], seconds: Sequence[int]) -> Travel | None:
    """The windows about a picture that travels in (H, W) uint8 frames, in order, shown in these seconds; None
    where there is none.
    """
    parts = []
    for turn, place in enumerate(np.linspace(0, len(frames) - 1, PLACES + 2)[1:-1]):
        number = int(place)
        lag = min(LAGS[turn % len(LAGS)], number, len(frames) - 1 - number)
        around = number - lag, number, number + lag
        if lag < 1 or seconds[around[2]] - seconds[around[0]] > MOST_APART:
            continue
        part = _part_that_moves(frames, around)
        if part is not None:
            parts.append(part)
    # A picture that slides in is best followed from where most of it is seen.
    return _followed(frames, max(parts, key=lambda part: part.area)) if parts else None


def _part_that_moves(frames: Sequence[Luma], around: tuple[int, int, int]) -> _Part | None:
    """The part of the middle one of three frames that moves by itself from the first and to the last."""
    height, width = frames[0].shape
    scale = min(1.0, SIDE / min(height, width))
    size = (round(width * scale), round(height * scale))
    before, here, after = (cv2.resize(frames[at], size, interpolation=cv2.INTER_AREA) for at in around)
    onward = _motions_of_parts(here, after)
    backward = _motions_of_parts(here, before) if onward else []
    for (after_it, apart, motion), (before_it, apart_before, _) in product(onward, backward):
        # What it uncovers or will cover is explained by its motion in one of both frames at best.
        both = np.minimum(after_it, before_it)
        values = np.where(both < -SPEAKS_AGAINST, both, np.maximum(after_it, before_it))
        cells = _filled(np.asarray(values, np.float32), scale)
        if cells is None:
            continue
        left, top, right, bottom = cells
        ends = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float64) * CELL
        moved = sorted((_farthest(ends, apart), _farthest(ends, apart_before)))
        if moved[0] < LEAST_MOVED:
            continue
        across, down = CELL * width / size[0], CELL * height / size[1]
        box = round(left * across), round(top * down), round(right * across), round(bottom * down)
        middle = ends.mean(0, keepdims=True)
        moves = (mapped(middle, motion) - middle)[0] / (around[2] - around[1])
        own = [max(0.0, float(side) * CELL - moved[1]) for side in (right - left, bottom - top)]
        return _Part(around[1], box, moves / scale, own[0] * own[1])
    return None


def _filled(values: Plane, scale: float) -> tuple[int, int, int, int] | None:
    """The rectangle (left, top, right, bottom) of cells that holds about all that speaks for a part's motion
    and is filled with it, or None.
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
    return (left, top, right, bottom) if is_rectangle else None


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


def _followed(frames: Sequence[Luma], part: _Part) -> Travel | None:
    """The windows about a part, in all frames up to those in which it is lost."""
    left, top, right, bottom = part.box
    size = (right - left, bottom - top)
    follower = CornerFollower(np.ascontiguousarray(frames[part.number][top:bottom, left:right]))
    if not follower.has_corners:
        return None
    to_frame = _shift(left, top)
    found = {part.number: to_frame}  # what takes pixels of the part to those of each frame
    for way in (1, -1):
        step = _shift(*(way * part.step))
        number = part.number + way
        while 0 <= number < len(frames):
            guess = step @ found[number - way]
            flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
            seen = cv2.warpAffine(frames[number], guess[:2], size, flags=flags)
            motion = follower.to_frame(np.asarray(seen, np.uint8), np.eye(3))
            if motion is None:
                break
            found[number] = guess @ follower.in_pixels(motion)
            step = found[number] @ np.linalg.inv(found[number - way])
            number += way
    return Travel(*_windows(found, size), _in_view(found, size, frames[0].shape))


def _in_view(found: dict[int, Geometry], size: tuple[int, int], shape: tuple[int, ...]) -> tuple[int, ...]:
    """The frames (H, W) in which about as much of a part of this size is seen as in any: what lies beyond
    a frame's edges says nothing.
    """
    shares = {}
    for number, motion in found.items():
        ends = mapped(corners_of((size[1], size[0])), motion)
        low, high = ends.min(0), ends.max(0)
        inside = np.clip(np.minimum(high, shape[1::-1]) - np.maximum(low, 0), 0, None)
        shares[number] = float(np.prod(inside / (high - low)))
    least = LEAST_IN_VIEW * max(shares.values())
    return tuple(number for number in sorted(shares) if shares[number] >= least)


def _windows(
    found: dict[int, Geometry], size: tuple[int, int]
) -> tuple[tuple[int, int], dict[int, Geometry]]:
    """The windows' size and motions about a part of this size, which these motions take to each frame; as
    large as it is where it is largest. A picture that neither grows nor turns keeps its pixels as they are.
    """
    scales = {number: float(np.hypot(*motion[:2, 0])) for number, motion in found.items()}
    turns = [float(np.arctan2(motion[1, 0], motion[0, 0])) for motion in found.values()]
    largest = max(scales.values())
    width, height = (int(side * largest * (1 + 2 * MARGIN)) & ~1 for side in size)
    to_part = _shift(size[0] / 2, size[1] / 2) @ np.diag([1 / largest, 1 / largest, 1.0])
    to_part = to_part @ _shift(-width / 2, -height / 2)
    motions = {number: found[number] @ to_part for number in sorted(found)}
    if largest < STEADY * min(scales.values()) and np.ptp(turns) < STEADY - 1:
        for number, motion in motions.items():
            middle = mapped(np.array([[width / 2, height / 2]]), motion)[0]
            motions[number] = _shift(*np.rint(middle - (width / 2, height / 2)))
    return (width, height), motions


def _shift(x: float, y: float) -> Geometry:
    return np.array([[1.0, 0.0, x], [0.0, 1.0, y], [0.0, 0.0, 1.0]])
