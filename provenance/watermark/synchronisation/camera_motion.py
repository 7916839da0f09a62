"""Estimates how the picture as a whole moves within its frame: a pan, a zoom, a hand that shakes.

Corners of one frame are followed into the others, and those that agree on one shift, turn and scale are the
picture: what moves by itself, a head or a hand, is outvoted. Some are corners of the frame, others of its
residual, in which every place has the same contrast, so that a plain wall has as many as a face. Within a few
frames a head hardly moves, so frames are followed in small groups, and from group to group the pilot puts
right what is left.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.watermark.carrier.arrays import Luma
from provenance.watermark.carrier.pattern import PERIOD
from provenance.watermark.carrier.rectification import Geometry, corners_of, mapped
from provenance.watermark.carrier.residual import residual

SIDE = 360  # of the shorter side, on which corners are followed
SOFTENED, CONTRAST = 1.2, 60  # before the residual is made, and of it, in pixels and grey levels
CORNERS, LEAST_AGREEING = 300, 30  # of each kind; with fewer, the frames do not show the same place
SURELY_AGREEING = 40  # of every third one, which then tell the motion as well as all
LEAST_QUALITY = (0.005, 0.02)  # of a corner of the frame and of the residual, to that of the best one
PATCHES = (21, 31)  # pixels to a side that are compared around each
APART = 8  # pixels between corners
MOST_CLOSER = 2.0  # that a picture comes from one frame to another
WITHIN = 1.0  # pixel by which a corner may miss the common motion
STILL = 2.5  # canonical pixels at a corner: a picture that moves by less is found as one that stands
MOST_APART = 1  # second between frames of a group
LOOKED_AT = 5  # frames spread over a clip, to tell whether its picture moves
FEW = 3  # every so many corners are followed first, and mostly no more: they cost most
STAYING = 0.5  # of the corners; what more of them do is the picture's own motion
GROUP = 8  # frames
THUMBNAIL = (16, 16)
LEAST_ALIKE, LEAST_ALIKE_AT_ENDS = 0.6, 0.5  # correlation of thumbnails in a shot; of two pictures .5 at most
_STAYS: Geometry = np.eye(3)
Ends = tuple[NDArray[np.float32], NDArray[np.bool_]]  # (n, 1, 2) places of corners, and which are seen
# Steps in which a corner is followed, or fewer that end with one of so few pixels: the corners' own noise is
# larger, and those that are lost take all steps.
_ENOUGH = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 10, 0.03)


def is_moving(frames: Sequence[Luma]) -> bool:
    """Whether the picture moves within (H, W) uint8 frames; also where they show different things."""
    if len(frames) < 2:
        return False
    spread = sorted({round(place) for place in np.linspace(0, len(frames) - 1, LOOKED_AT)})
    middle = spread.pop(len(spread) // 2)
    follower = CornerFollower(frames[middle])
    if not follower.has_corners:
        return False
    return any(not follower.stays(frames[place]) for place in spread)


def is_one_shot(frames: Sequence[Luma]) -> bool:
    """Whether (H, W) uint8 frames, in order, seem to be of one shot: no one is much unlike the one before it,
    and the last is not much unlike the first, as after a slow fade.
    """
    seen = [_thumbnail(frame) for frame in frames]
    alike = [float(before @ after) for before, after in pairwise(seen)]
    return min(alike, default=1.0) >= LEAST_ALIKE and float(seen[0] @ seen[-1]) >= LEAST_ALIKE_AT_ENDS


def _thumbnail(frame: Luma) -> NDArray[np.float32]:
    """A few pixels of a frame, of mean 0 and length 1."""
    small = cv2.resize(frame, THUMBNAIL, interpolation=cv2.INTER_AREA).astype(np.float32).ravel()
    small -= small.mean()
    return np.asarray(small / max(float(np.linalg.norm(small)), 1e-6), np.float32)


def groups_of(seconds: Sequence[int]) -> list[range]:
    """The numbers of frames, shown in these seconds, in groups of neighbours."""
    gaps = np.flatnonzero(np.diff(seconds) > MOST_APART) + 1
    runs = np.split(np.arange(len(seconds)), gaps)
    parts = [part for run in runs for part in np.array_split(run, -(-len(run) // GROUP))]
    return [range(int(part[0]), int(part[-1]) + 1) for part in parts]


def motions(frames: Sequence[Luma], group: range, *, is_smooth: bool = False) -> dict[int, Geometry]:
    """What takes pixels of a group's middle frame to pixels of each of its (H, W) uint8 frames, by number.

    One frame of the group before is among them, by which both are tied together. Where a frame cannot be
    followed it counts as lying like its neighbour. `is_smooth`: only the first and the last are followed, and
    those between them lie on the way, as far as the picture moves evenly.
    """
    middle = (group[0] + group[-1]) // 2
    follower = CornerFollower(frames[middle])
    found: dict[int, Geometry] = {middle: _STAYS}
    for way in (range(middle, group[-1] + 1), range(middle, max(group[0] - 1, 0) - 1, -1)):
        end = follower.to_frame(frames[way[-1]], _STAYS) if is_smooth and len(way) > 2 else None
        for before, place in pairwise(way):
            if end is not None:
                found[place] = _STAYS + (end - _STAYS) * ((place - middle) / (way[-1] - middle))
                continue
            motion = follower.to_frame(frames[place], found[before])
            found[place] = found[before] if motion is None else motion
    return {place: follower.in_pixels(motion) for place, motion in found.items()}


class CornerFollower:
    """Follows the corners of one frame into others, all reduced to the same small size."""

    def __init__(self, frame: Luma) -> None:
        height, width = frame.shape
        scale = min(1.0, SIDE / min(height, width))
        self._size: tuple[int, int] = (round(width * scale), round(height * scale))
        self._to_small = np.diag([self._size[0] / width, self._size[1] / height, 1.0])
        self._views = self._reduced(frame)
        self._corners = [
            cv2.goodFeaturesToTrack(view, CORNERS, quality, APART)
            for view, quality in zip(self._views, LEAST_QUALITY, strict=True)
        ]

    @property
    def has_corners(self) -> bool:
        """Whether there is anything to follow."""
        return sum(len(corners) for corners in self._corners if corners is not None) >= LEAST_AGREEING

    def stays(self, frame: Luma) -> bool:
        """Whether the picture moves by less than STILL from the frame followed to another one.

        In most clips more than half of the corners do the same: then a third shows as much, unless it is
        close.
        """
        views = self._reduced(frame)
        some = [self._ends(kind, view, slice(None, None, FEW)) for kind, view in enumerate(views)]
        here, there = self._found(some, slice(None, None, FEW))
        motion, agreeing = _common_motion(here, there)
        if motion is not None and agreeing > STAYING * len(here):
            moves = self.moves(motion)
            if not STILL / 2 < moves < STILL * 2:
                return moves < STILL
        motion, _ = _common_motion(*self._all_found(views, some))
        return motion is not None and self.moves(motion) < STILL

    def to_frame(self, frame: Luma, guess: Geometry) -> Geometry | None:
        """What takes small pixels of the frame followed to those of another one, near a guess."""
        views = self._reduced(frame)
        if guess is not _STAYS:
            # Seen as the guess has it, only little is left to be followed, whatever the turn and scale.
            flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
            of_guess = [
                cv2.warpPerspective(view, guess, self._size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
                for view in views
            ]
            views = np.asarray(of_guess[0], np.uint8), np.asarray(of_guess[1], np.uint8)
        some = [self._ends(kind, view, slice(None, None, FEW)) for kind, view in enumerate(views)]
        motion, agreeing = _common_motion(*self._found(some, slice(None, None, FEW)))
        if agreeing < SURELY_AGREEING:
            motion, _ = _common_motion(*self._all_found(views, some))
        return None if motion is None else np.asarray(guess @ motion, np.float64)

    def _ends(self, kind: int, view: Luma, chosen: slice | NDArray[np.bool_]) -> Ends:
        """Where the `chosen` corners of a kind are in a view of another frame, and which of them are seen."""
        corners = self._corners[kind]
        if corners is None:
            return np.zeros((0, 1, 2), np.float32), np.zeros(0, np.bool_)
        ends, is_found, _ = cv2.calcOpticalFlowPyrLK(
            self._views[kind],
            view,
            np.ascontiguousarray(corners[chosen]),
            None,
            winSize=(PATCHES[kind], PATCHES[kind]),
            maxLevel=2,
            criteria=_ENOUGH,
        )
        return np.asarray(ends, np.float32), is_found.reshape(-1) == 1

    def _found(self, ends: Sequence[Ends], chosen: slice) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The `chosen` corners (n, 1, 2) of all kinds that are seen in another frame, here and there."""
        here = [
            corners[chosen][is_found]
            for corners, (_, is_found) in zip(self._corners, ends, strict=True)
            if corners is not None
        ]
        return _joined(here), _joined([there[is_found] for there, is_found in ends])

    def _all_found(
        self, views: tuple[Luma, Luma], some: Sequence[Ends]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """All corners, where `some` were followed already: each is by itself."""
        every = []
        for kind, (view, (few, few_found)) in enumerate(zip(views, some, strict=True)):
            corners = self._corners[kind]
            is_left = np.arange(0 if corners is None else len(corners)) % FEW != 0
            ends, is_found = np.empty((len(is_left), 1, 2), np.float32), np.empty(len(is_left), np.bool_)
            ends[~is_left], is_found[~is_left] = few, few_found
            if is_left.any():
                ends[is_left], is_found[is_left] = self._ends(kind, view, is_left)
            every.append((ends, is_found))
        return self._found(every, slice(None))

    def moves(self, motion: Geometry) -> float:
        """By how many canonical pixels a motion moves the corner of the frame that it moves most."""
        ends = corners_of((self._size[1], self._size[0]))
        far = np.linalg.norm(mapped(ends, motion) - ends, axis=1)
        return float(np.asarray(far).max()) * PERIOD / min(self._size)

    def in_pixels(self, motion: Geometry) -> Geometry:
        """A motion of small pixels as one of the frames' own."""
        return np.asarray(np.linalg.inv(self._to_small) @ motion @ self._to_small, np.float64)

    def _reduced(self, frame: Luma) -> tuple[Luma, Luma]:
        """A frame and its residual."""
        small = np.asarray(cv2.resize(frame, self._size, interpolation=cv2.INTER_AREA), np.uint8)
        soft = np.asarray(cv2.GaussianBlur(small.astype(np.float32), (0, 0), SOFTENED), np.float32)
        return small, np.asarray(np.clip(residual(soft) * CONTRAST + 128, 0, 255), np.uint8)


def _joined(places: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    nothing: NDArray[np.float32] = np.zeros((0, 1, 2), np.float32)
    return np.concatenate([nothing, *places])


def _common_motion(here: NDArray[np.float32], there: NDArray[np.float32]) -> tuple[Geometry | None, int]:
    """The shift, turn and scale on which most corners agree, or None, and how many those are."""
    if len(here) < LEAST_AGREEING:
        return None, 0
    moved, agrees = cv2.estimateAffinePartial2D(here, there, method=cv2.RANSAC, ransacReprojThreshold=WITHIN)
    if moved is None or agrees.sum() < LEAST_AGREEING:
        return None, 0
    if not 1 / MOST_CLOSER < np.hypot(*moved[:, 0]) < MOST_CLOSER:
        return None, 0
    return np.vstack([moved, [0.0, 0.0, 1.0]]), int(agrees.sum())
