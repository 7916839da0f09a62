"""Finds a smaller picture that travels within the frame, and follows it.

A picture that floats across a page, slides into its place or is dragged does not lie still, and what moves
in most of the frame is not what moves in it. So of a few places of a clip, evenly spread and where most
changes, is asked whether a rectangle moves by itself there (`moving_parts`). From there its corners are
followed, and where it jumps farther than that it is looked for by what it shows. Windows of one size are laid
about it, in which it stands about still: they are searched as frames are. Nothing here depends on a key.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.watermark.carrier.arrays import Luma
from provenance.watermark.carrier.rectification import Geometry, corners_of, mapped
from provenance.watermark.synchronisation.camera_motion import CornerFollower
from provenance.watermark.synchronisation.moving_parts import MovingPart, part_that_moves, reduced

PLACES, LIVELY = 6, 6  # in a clip that are looked at: evenly spread, and beside them where most changes
LAGS = (3, 8, 1)  # frames before and after, in turn: what is slow is told by far ones, what is fast by near
LAGS_OF_LIVELY = (1, 1, 3)
MOST_APART = 2  # seconds between the first and the last of three frames
LEAST_SEEN = 24  # small pixels of a picture to a side, by which it is found again where it was lost
INNER = 0.8  # of its sides: at its edges something else may be seen
ALIKE = 0.8  # correlation of what is there with the picture that was lost
LEAST_ALIKE = 0.5  # and in any frame with the picture as it was first seen
MARGIN = 0.05  # of a side, around the rectangle
LEAST_IN_VIEW = 0.8  # of a part, to the most that is in view in any frame
STEADY = 1.01  # times as large at most, or turned by as much
GREY = 128


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
    if len(frames) < 3:
        return None
    small, parts = reduced(frames), []
    height, width = frames[0].shape
    for around in _places(small):
        if seconds[around[2]] - seconds[around[0]] <= MOST_APART:
            part = part_that_moves(small, around, (height, width))
            if part is not None:
                parts.append(part)
    # A picture that slides in is best followed from where most of it is seen.
    best = max(parts, key=lambda part: part.area * part.corner**1.5, default=None)
    return None if best is None else _followed(frames, small, best)


def _places(small: Sequence[Luma]) -> Iterator[tuple[int, int, int]]:
    """The numbers of three frames each, the first and the last as far from the middle one."""
    last = len(small) - 1
    evenly = [int(place) for place in np.linspace(0, last, PLACES + 2)[1:-1]]
    changes = [float(cv2.absdiff(before, after).mean()) for before, after in pairwise(small)]
    around = np.array([0.0, *(before + after for before, after in pairwise(changes)), 0.0])
    lively: list[int] = []
    while len(lively) < LIVELY and around.max() > 0:
        lively.append(int(around.argmax()))
        around[max(0, lively[-1] - 1) : lively[-1] + 2] = 0  # one beside it shows about the same
    for places, lags in ((evenly, LAGS), (lively, LAGS_OF_LIVELY)):
        for turn, number in enumerate(places):
            lag = min(lags[turn % len(lags)], number, last - number)
            if lag > 0:
                yield number - lag, number, number + lag


def _followed(frames: Sequence[Luma], small: Sequence[Luma], part: MovingPart) -> Travel | None:
    """The windows about a part, in all frames in which it is seen."""
    follower = _Follower(frames, small, part)
    if not follower.has_corners:
        return None
    left, top, right, bottom = part.box
    found = {part.number: _shift(left, top)}  # what takes pixels of the part to those of each frame
    for way, end in ((1, len(frames)), (-1, -1)):
        step, before = _shift(*(way * part.step)), part.number
        for number in range(part.number + way, end, way):
            there, is_next = None, before == number - way
            if is_next:
                there = follower.near(number, step @ found[before])
            if there is None:
                there = follower.again(before, number, found[before])
            if there is not None:
                step = there @ np.linalg.inv(found[before]) if is_next else np.eye(3)
                found[number], before = there, number
    size = (right - left, bottom - top)
    return Travel(*_windows(found, size), _in_view(found, size, frames[0].shape))


class _Follower:
    """Follows a part through frames, of which `small` are `reduced`."""

    def __init__(self, frames: Sequence[Luma], small: Sequence[Luma], part: MovingPart) -> None:
        left, top, right, bottom = part.box
        self._frames, self._small, self._size = frames, small, (right - left, bottom - top)
        self._corners = CornerFollower(np.ascontiguousarray(frames[part.number][top:bottom, left:right]))
        self._scale = small[0].shape[0] / frames[0].shape[0]
        self._own = self._seen(part.number, _shift(left, top))[0]

    @property
    def has_corners(self) -> bool:
        """Whether there is anything by which it can be followed."""
        return self._corners.has_corners

    def near(self, number: int, guess: Geometry) -> Geometry | None:
        """What takes pixels of the part to those of a frame, near a guess; None if it is not seen there."""
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        seen = cv2.warpAffine(self._frames[number], guess[:2], self._size, flags=flags)
        motion = self._corners.to_frame(np.asarray(seen, np.uint8), np.eye(3))
        if motion is None:
            return None
        there = np.asarray(guess @ self._corners.in_pixels(motion), np.float64)
        # Corners of what it uncovered agree as well.
        shown, inside = self._seen(number, there)
        return there if _correlation(self._own[inside], shown[inside]) >= LEAST_ALIKE else None

    def again(self, before: int, number: int, there: Geometry) -> Geometry | None:
        """The same of a frame to which it jumped since the frame `before`, in which it lies `there`."""
        width, height = self._size
        ends = corners_of((height, width))
        ends = mapped(ends.mean(0) + INNER * (ends - ends.mean(0)), there) * self._scale
        after = self._small[number]
        x0, y0 = (max(0, round(end)) for end in ends.min(0))
        x1, y1 = (min(most, round(end)) for end, most in zip(ends.max(0), after.shape[::-1], strict=True))
        if min(x1 - x0, y1 - y0) < LEAST_SEEN:
            return None
        alike = cv2.matchTemplate(after, self._small[before][y0:y1, x0:x1], cv2.TM_CCOEFF_NORMED)
        _, most, _, (x, y) = cv2.minMaxLoc(alike)
        if most < ALIKE:
            return None
        return self.near(number, _shift((x - x0) / self._scale, (y - y0) / self._scale) @ there)

    def _seen(self, number: int, there: Geometry) -> tuple[Luma, NDArray[np.bool_]]:
        """What a frame shows where the part lies `there`, small, and where that is inside the frame."""
        zoom = np.diag([self._scale, self._scale, 1.0])
        motion = (zoom @ there @ np.linalg.inv(zoom))[:2]
        size = (round(self._size[0] * self._scale), round(self._size[1] * self._scale))
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        shown = cv2.warpAffine(self._small[number], motion, size, flags=flags)
        inside = cv2.warpAffine(np.ones_like(self._small[number]), motion, size, flags=flags)
        return np.asarray(shown, np.uint8), inside == 1


def _correlation(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    if not one.size or not one.std() or not other.std():
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])


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
