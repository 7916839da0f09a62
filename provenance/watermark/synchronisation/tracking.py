"""Tracks the mark through a clip whose picture moves within the frame, and sums it where it lies.

A sum over all frames smears a mark that moves. Over a few frames, moved onto each other by what they show, it
is found as in a still picture; from there it is followed in both directions: the motion of the picture says
about where the mark lies in the next few frames, and the pilot exactly where.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.watermark.carrier.arrays import Luma, Plane
from provenance.watermark.carrier.pattern import PERIOD, PILOT_PERIOD, Carriers
from provenance.watermark.carrier.rectification import Geometry, folded, rectified
from provenance.watermark.carrier.residual import residual
from provenance.watermark.carrier.spectrum import Alignment, pilot_score
from provenance.watermark.synchronisation.camera_motion import groups_of, is_one_shot, motions
from provenance.watermark.synchronisation.framing import Box
from provenance.watermark.synchronisation.refinement import correction

Path = tuple[Geometry, ...]  # for each frame, what takes pixels of the first place found to its own

# The pilot's score in a group of frames in which the mark is still followed: where the motion of the picture
# leads, chance reaches it in one of a hundred.
HELD = 2.5
# And in one from which it is followed, or which says itself where the mark lies: chance, bent as far, reaches
# 4 to 6, and what it says is up to twenty pixels off.
SURE = 6.5
CLEAR = 9.0  # in one so clear that no clearer one is looked for: to lay a group onto each other takes long
ROUNDS = 2  # of refinement in each group
# Of the pilot in the group where the mark was found: as much of it in another group, whose frames were laid
# between its first and its last, says that they lie there. Frames off by two pixels leave half.
SMOOTHLY = 0.85
SEARCHED_SIDE = 680  # pixels in the middle, of which the spectrum is still computed on a small grid


@dataclass(frozen=True, eq=False)
class Track:
    """`plane` (H, W): the residuals of all frames in which the mark was held, laid onto those of the group in
    which it was found. `geometry`: where it lies there. `path`: to the pixels of each frame.
    """

    plane: Plane
    geometry: Geometry
    path: Path


@dataclass(frozen=True, eq=False)
class Group:
    """The motions of a group of frames from its middle one, and their mean residual laid onto that.

    `is_smooth`: those between its first and its last are supposed.
    """

    motions: dict[int, Geometry]
    plane: Plane
    is_smooth: bool = False


class Tracker:
    """The frames of a clip whose picture moves, in groups laid upon each other by what they show.

    It works on frames reduced to about the pattern's own size; `back` takes their pixels to those given.
    """

    def __init__(
        self,
        frames: Sequence[Luma],
        seconds: Sequence[int],
        residual_of: Callable[[int], Plane] | None = None,
        known: dict[range, Group] | None = None,
    ) -> None:
        """`frames` (H, W) uint8 in order, and the seconds in which they are shown. `residual_of` gives the
        residual of the frame of a number, if whoever asks has it already. `known`: groups of the same frames
        that were laid upon each other before; those that are from now on are added.
        """
        height, width = frames[0].shape
        scale = min(1.0, PERIOD / min(height, width))
        self._size = (round(width * scale), round(height * scale))
        self.back = np.diag([width / self._size[0], height / self._size[1], 1.0])
        self._frames = frames
        self._residual_of = residual_of if self._size == (width, height) else None
        self._ranges = groups_of(seconds)
        known = {} if known is None else known
        self._known = known
        self._groups = {
            number: known[places] for number, places in enumerate(self._ranges) if places in known
        }

    @property
    def starts(self) -> list[int]:
        """The numbers of groups in which a mark is looked for: the first, which begins with a key frame, and,
        if another shot may have come by then, the one in the middle.
        """
        middle = len(self._ranges) // 2
        until = self._frames[: self._ranges[middle][-1] + 1]
        return [0] if middle == 0 or is_one_shot(until) else [0, middle]

    def places(self, number: int) -> range:
        """The numbers of a group's frames."""
        return self._ranges[number]

    @property
    def middle(self) -> Box:
        """The middle of a plane, in which a mark is looked for."""
        left, top = (max(0, (side - SEARCHED_SIDE) // 2) for side in self._size)
        return left, top, self._size[0] - left, self._size[1] - top

    def plane(self, number: int) -> Plane:
        """The mean residual (H, W) of a group's frames, laid onto its middle one."""
        return self._group(number).plane

    def followed(
        self, start: int, geometry: Geometry, carriers: Carriers, *, is_inverted: bool
    ) -> Track | None:
        """The track of a mark that lies in group `start` as `geometry` says, with its pilot upright at 0, 0.

        None if it is in no group beside that one, which is what chance looks like.
        """
        upright = Alignment(0.0, (0.0, 0.0), is_rotated=False, is_inverted=is_inverted)
        geometries = {start: geometry}
        pilots = {start: self._pilot(start, geometry, carriers, upright)}
        is_smooth = True  # until it turns out otherwise: a hand that shakes does so everywhere
        for way in (range(start + 1, len(self._ranges)), range(start - 1, -1, -1)):
            before = start
            for number in way:
                if number not in self._groups:
                    self._groups[number] = self._laid(number, is_smooth=is_smooth)
                guess = self._motion(before, number) @ geometries[before]
                geometries[number], pilots[number] = self._refined(number, guess, carriers, upright)
                if self._groups[number].is_smooth and pilots[number] < SMOOTHLY * pilots[start]:
                    is_smooth, self._groups[number] = False, self._laid(number)
                    guess = self._motion(before, number) @ geometries[before]
                    geometries[number], pilots[number] = self._refined(number, guess, carriers, upright)
                before = number
        held = [number for number, pilot in pilots.items() if number == start or pilot >= HELD]
        if len(held) == 1 and len(self._ranges) > 1:
            return None
        back = np.linalg.inv(geometry)
        # Each counts by how clear the mark is in it: a key frame's group may hold more than all others.
        plane = sum(
            moved(self.plane(number), geometries[number] @ back)
            * np.float32(max(pilots[number] ** 2 - HELD**2, 1.0))
            for number in held
        )
        path = {
            place: self._group(number).motions[place] @ geometries[number] @ back
            for number, places in enumerate(self._ranges)
            for place in places
        }
        return Track(np.asarray(plane, np.float32), geometry, tuple(path[place] for place in sorted(path)))

    def place_near(
        self, geometry: Geometry, carriers: Carriers, *, is_inverted: bool
    ) -> tuple[int, Geometry] | None:
        """The group in which a mark lies about as `geometry` says, and how exactly; None if in none."""
        upright = Alignment(0.0, (0.0, 0.0), is_rotated=False, is_inverted=is_inverted)
        found: list[tuple[Geometry, float]] = []
        for number in range(len(self._ranges)):
            found.append(self._refined(number, geometry, carriers, upright))
            if found[-1][1] >= CLEAR:
                break
        best = max(range(len(found)), key=lambda number: found[number][1])
        return (best, found[best][0]) if found[best][1] >= SURE else None

    def _group(self, number: int) -> Group:
        if number not in self._groups:
            self._groups[number] = self._known[self._ranges[number]] = self._laid(number)
        return self._groups[number]

    def _laid(self, number: int, *, is_smooth: bool = False) -> Group:
        found = motions(self._frames, self._ranges[number], is_smooth=is_smooth)
        found = {place: np.linalg.inv(self.back) @ one @ self.back for place, one in found.items()}
        planes = [moved(self._residual(place), found[place], is_quick=True) for place in self._ranges[number]]
        mean = np.asarray(sum(planes) / np.float32(len(planes)), np.float32)
        return Group(found, mean, is_smooth=is_smooth)

    def _residual(self, place: int) -> Plane:
        if self._residual_of is not None:
            return self._residual_of(place)
        reduced = cv2.resize(self._frames[place], self._size, interpolation=cv2.INTER_AREA)
        return residual(reduced.astype(np.float32))

    def _motion(self, start: int, end: int) -> Geometry:
        """From the middle frame of a group to that of the group after or before it."""
        first, second = sorted((start, end))
        shared = self._ranges[first][-1]  # the last frame of the first, which the second has followed too
        to_shared = self._group(first).motions[shared], self._group(second).motions[shared]
        motion = np.linalg.inv(to_shared[1]) @ to_shared[0]
        return np.asarray(motion if start < end else np.linalg.inv(motion), np.float64)

    def _refined(
        self, number: int, geometry: Geometry, carriers: Carriers, upright: Alignment
    ) -> tuple[Geometry, float]:
        """A guess bent until the pilot fits, and its score there; the guess itself where chance would fit as
        well.
        """
        guess = best = geometry, self._pilot(number, geometry, carriers, upright)
        for _ in range(ROUNDS):
            geometry = geometry @ correction(
                *rectified(self.plane(number), geometry, is_quick=True), carriers, upright
            )
            pilot = self._pilot(number, geometry, carriers, upright)
            if pilot <= best[1]:
                break
            best = geometry, pilot
        return best if best[1] >= SURE else guess

    def _pilot(self, number: int, geometry: Geometry, carriers: Carriers, upright: Alignment) -> float:
        sheet = folded(*rectified(self.plane(number), geometry, is_quick=True), PILOT_PERIOD)
        score = pilot_score(sheet, carriers)
        return -score if upright.is_inverted else score


def moved(plane: NDArray[np.float32], motion: Geometry, *, is_quick: bool = False) -> Plane:
    """A plane (H, W) as it lies where `motion` leads to it from; 0 where it shows nothing. `is_quick` loses a
    little.
    """
    flags = (cv2.INTER_LINEAR if is_quick else cv2.INTER_CUBIC) | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpPerspective(plane, motion, plane.shape[::-1], flags=flags), np.float32)
