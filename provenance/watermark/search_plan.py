"""The order in which frames are searched: where they may lie, under which keys, until enough was spent.

Every year has a key, and a full search under each would make every old year dearer for every file. So the
first key is looked for everywhere; the others wherever a picture usually lies, which most files do and which
costs little, since all pilots lie on one lattice and what has its power is found once for all keys. What is
left, a full search under the others, is made as long as it costs little beside the rest. If something was
left out, the extraction says so.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from provenance.watermark.attempts import (
    as_marked,
    aslant,
    by_second,
    read_at,
    read_bent,
    to_sum,
    without_pilot,
)
from provenance.watermark.carrier.arrays import Plane
from provenance.watermark.carrier.moving_content import without_moving_content
from provenance.watermark.carrier.pattern import Carriers, carriers_of
from provenance.watermark.carrier.rectification import Geometry
from provenance.watermark.carrier.residual import ResidualSum
from provenance.watermark.coding.payload import WatermarkKey
from provenance.watermark.group_readings import GroupReadings
from provenance.watermark.identification.reading import Extraction, WatermarkReading
from provenance.watermark.synchronisation.framing import boxes_to_search, is_large_enough
from provenance.watermark.synchronisation.slant import MIDDLES
from provenance.watermark.synchronisation.synchroniser import Synchroniser, cut, moved_into, whole_frame

WORTH_FOLLOWING = 6.2  # what moves, from where its picture is found; one of four unmarked clips shows as much
PARTS = 3  # of a clip that are also looked at by themselves: the rest may be somebody else's
OTHERS_SHARE = 0.25  # of what the search under the first key took, for all others together
MOST_S = 10.0  # processor seconds after which no search is begun

# Stages in which a picture that was not laid aslant is read where it lies, also while it moves.
FIRST_STAGES = frozenset({"as marked", "usual", "tracked"})

Readings = Iterator[WatermarkReading]
Stage = tuple[str, Callable[[], Readings]]


def attempts(
    residuals: ResidualSum,
    keys: Sequence[WatermarkKey],
    result: Extraction,
    *,
    has_cuts: bool = False,
    most_s: float = MOST_S,
    is_enough: Callable[[], bool] = lambda: False,
    groups: GroupReadings | None = None,
) -> Readings:
    """Readings with soft bits worth decoding, the likeliest and cheapest first.

    `has_cuts`: the frames are from many shots, so that nothing that moves can be followed through them.
    `most_s`: processor seconds after which no search is begun. `is_enough` is asked between searches, once a
    picture that moves was followed, whether what was given leaves nothing to look for. `groups`: what was
    read in groups of these frames before.

    What could not be looked for any more is noted in `result`.
    """
    plan = _Plan(residuals, keys, result, GroupReadings() if groups is None else groups, has_cuts=has_cuts)
    to_file = np.linalg.inv(to_sum(residuals))
    begun = time.process_time()
    took: dict[str, float] = {}
    for name, stage in plan.stages():
        if name not in FIRST_STAGES and is_enough():
            return
        start = time.process_time()
        if start - begun > most_s:
            result.is_everywhere = result.is_judged = False
            return
        for reading in stage():
            yield replace(reading, geometry=to_file @ reading.geometry)
        took[name] = time.process_time() - start
    if len(keys) > 1 and is_enough():
        return
    end = time.process_time() + OTHERS_SHARE * (time.process_time() - begun) - plan.spent_on_others
    for name, stage in plan.stages_of_others():
        # It takes about as long as under the first key.
        if time.process_time() + took[name] > end:
            result.is_everywhere = False
            return
        for reading in stage():
            yield replace(reading, geometry=to_file @ reading.geometry)


class _Plan:
    """The stages of a search; their readings' geometries lead to pixels of the sum."""

    def __init__(
        self,
        residuals: ResidualSum,
        keys: Sequence[WatermarkKey],
        result: Extraction,
        groups: GroupReadings,
        *,
        has_cuts: bool = False,
    ) -> None:
        self._groups = groups
        self._residuals, self._keys, self._result = residuals, keys, result
        self._has_cuts = has_cuts
        self._total = residuals.total()
        self._whole = list(whole_frame(self._total.shape))
        picture = residuals.mean_picture()
        result.is_judged = is_large_enough(picture)
        self._boxes = boxes_to_search(picture)
        self._plain = Synchroniser(cut(self._total, self._boxes[0]))
        self._synchronisers: list[Synchroniser] = []  # of the boxes, without what moves
        self._moves = False
        self.spent_on_others = 0.0

    def stages(self) -> Iterator[Stage]:
        """Everything under the first key, and what is usual under the others."""
        yield "as marked", partial(as_marked, self._total, self._whole[0], self._keys, self._result)
        yield "usual", self._usual
        self._moves = not self._has_cuts and self._groups.are_of_a_picture_that_moves(self._residuals)
        if self._moves:
            yield "tracked", self._tracked
        for number in range(len(self._boxes)):
            yield f"cleared {number}", partial(self._cleared, number)
            yield f"searched {number}", partial(self._searched, number, 0)
        yield from self._last(0)

    def stages_of_others(self) -> Iterator[Stage]:
        """The rest under the other keys, one after the other; named as under the first."""
        for key in range(1, len(self._keys)):
            for number in range(len(self._boxes)):
                yield f"searched {number}", partial(self._searched, number, key)
            yield from self._last(key)

    def _last(self, key: int) -> Iterator[Stage]:
        yield "aslant", partial(self._aslant, key)
        yield "without pilot", partial(without_pilot, self._total, key, self._keys[key], self._result)

    def _usual(self) -> Readings:
        """Frames as they were made or cut, and parts of the clip by themselves."""
        for geometry in self._whole:
            yield from self._read(self._total, geometry, 0)
        box = self._boxes[0]
        for geometry in self._plain.nearby(carriers_of(self._keys[0])):
            for reading in self._read(self._plain.plane, geometry, 0):
                yield _moved(reading, moved_into(np.eye(3), box))
        for part in _parts(self._residuals):
            yield from self._read(part, self._whole[0], 0)
        # All else follows once moving content is out of the plane, which shows more of a mark then.
        for reading in self._under_others(self._plain, Synchroniser.nearby_in_common):
            yield _moved(reading, moved_into(np.eye(3), box))

    def _cleared(self, number: int) -> Readings:
        """Makes the plane of a box without the content that moves, and looks for what is usual in it."""
        box = self._boxes[number]
        plane = cut(self._total, box)
        lumas = [] if self._has_cuts else [cut(luma, box) for luma in self._residuals.lumas]
        cleared = without_moving_content(lumas, plane) if lumas else None
        if cleared is None and number == 0:
            synchroniser = self._plain
        else:
            synchroniser = Synchroniser(plane if cleared is None else cleared)
        self._synchronisers.append(synchroniser)
        to_whole = moved_into(np.eye(3), box)
        if cleared is not None:
            for geometry in synchroniser.nearby(carriers_of(self._keys[0])):
                for reading in self._read(synchroniser.plane, geometry, 0):
                    yield _moved(reading, to_whole)
        for reading in self._under_others(synchroniser, Synchroniser.in_common):
            yield _moved(reading, to_whole)

    def _searched(self, number: int, key: int) -> Readings:
        synchroniser, to_whole = self._synchronisers[number], moved_into(np.eye(3), self._boxes[number])
        for geometry in synchroniser.searched(carriers_of(self._keys[key])):
            for reading in self._read(synchroniser.plane, geometry, key):
                yield _moved(reading, to_whole)

    def _under_others(
        self, synchroniser: Synchroniser, searched: Callable[[Synchroniser, Carriers], Iterator[Geometry]]
    ) -> Readings:
        begun = time.process_time()
        for key in range(1, len(self._keys)):
            for geometry in searched(synchroniser, carriers_of(self._keys[key])):
                yield from self._read(synchroniser.plane, geometry, key)
        self.spent_on_others += time.process_time() - begun

    def _aslant(self, key: int) -> Readings:
        # What lies still in a picture that moves is seldom seen aslant: its larger middle is enough.
        middles = MIDDLES[:1] if self._moves else MIDDLES
        for score, reading in aslant(self._total, key, self._keys[key], self._result, middles):
            yield replace(reading, pilot=score)

    def _read(self, plane: Plane, geometry: Geometry, key: int) -> Readings:
        return read_at(plane, geometry, key, self._keys[key], self._result)

    def _tracked(self) -> Readings:
        """The readings of a picture that moves within the frame."""
        residuals = self._residuals
        tracker = self._groups.tracker(residuals)
        for start in tracker.starts:
            plane = tracker.plane(start)
            for number, key in enumerate(self._keys):
                begun = time.process_time()
                carriers = carriers_of(key)
                best = self._groups.best(tracker, start, number, self._keys)
                track = None
                if best is not None and best.pilot >= WORTH_FOLLOWING:
                    track = tracker.followed(start, best.geometry, carriers, is_inverted=best.is_inverted)
                self.spent_on_others += time.process_time() - begun if number else 0.0
                if best is None or track is None:
                    continue
                path = by_second(track.path, residuals, tracker.back)
                for place in (track.plane, plane):
                    for one in read_bent(place, track.geometry, number, key, self._result):
                        at = tracker.back @ one.geometry
                        yield replace(one, geometry=at, pilot=best.pilot, path=path)


def _moved(reading: WatermarkReading, to_whole: Geometry) -> WatermarkReading:
    return replace(reading, geometry=to_whole @ reading.geometry)


def _parts(residuals: ResidualSum) -> Iterator[Plane]:
    """The means over the beginning, the middle and the end of a clip of several seconds."""
    seconds = sorted(residuals.seconds)
    if len(seconds) < PARTS:
        return
    for part in np.array_split(seconds, PARTS):
        chosen = [residuals.seconds[int(second)] for second in part]
        yield np.asarray(sum(plane for plane, _ in chosen) / sum(count for _, count in chosen), np.float32)
