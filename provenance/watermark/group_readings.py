"""Reads groups of neighbouring frames of a picture that moves, and keeps what was read for who asks again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from provenance.watermark.attempts import read_at
from provenance.watermark.carrier.pattern import carriers_of
from provenance.watermark.carrier.residual import ResidualSum
from provenance.watermark.coding.payload import WatermarkKey
from provenance.watermark.identification.reading import Extraction, WatermarkReading
from provenance.watermark.synchronisation.camera_motion import GROUP, CornerFollower, is_moving
from provenance.watermark.synchronisation.synchroniser import Synchroniser, cut, moved_into
from provenance.watermark.synchronisation.tracking import Group, Tracker

# Places in a group of frames; a mark that can be followed has the strongest pilot or nearly.
READ_IN_GROUP = 2
# The pilot's score in the first frames, from which a mark is likely; unmarked clips reach 6.2 in one of four,
# and e times less often with every .2 more.
LIKELY_PILOT = 7.0
STILL_ALIKE = 0.3  # correlation of the residuals of two frames, from which most stays where it is
_SPARSE = (slice(None, None, 4), slice(None, None, 4))


class GroupReadings:
    """The groups of one clip's frames that were laid upon each other, and the best reading in each."""

    def __init__(self) -> None:
        self._laid: dict[range, Group] = {}
        self._best: dict[tuple[range, WatermarkKey], WatermarkReading | None] = {}
        self._synchronisers: dict[range, Synchroniser] = {}
        self._has_moved = False  # in its first frames

    def tracker(self, residuals: ResidualSum) -> Tracker:
        """Follows the frames of `residuals`, which may have become more since the last time."""
        return Tracker(residuals.lumas, residuals.shown, residuals.of, self._laid)

    def best(
        self, tracker: Tracker, start: int, number: int, keys: Sequence[WatermarkKey]
    ) -> WatermarkReading | None:
        """The reading with the strongest pilot of the key with this number in group `start`, in pixels of the
        tracker's planes. Under keys other than the first less is looked at.
        """
        places, key = tracker.places(start), keys[number]
        if (places, key) not in self._best:
            plane = tracker.plane(start)
            if places not in self._synchronisers:
                self._synchronisers[places] = Synchroniser(cut(plane, tracker.middle))
            synchroniser, carriers = self._synchronisers[places], carriers_of(key)
            searched = (
                synchroniser.in_common(carriers)
                if number
                else synchroniser.likeliest(carriers, READ_IN_GROUP)
            )
            tried = (moved_into(geometry, tracker.middle) for geometry in searched)
            found = (one for at in tried for one in read_at(plane, at, number, key, Extraction()))
            self._best[places, key] = max(found, key=lambda one: one.pilot, default=None)
        return self._best[places, key]

    def are_of_a_picture_that_moves(self, residuals: ResidualSum) -> bool:
        """Whether the picture moves within the clip's frames."""
        return self._has_moved or is_moving(residuals.lumas)

    def seem_marked(self, residuals: ResidualSum, keys: Sequence[WatermarkKey]) -> bool:
        """Whether the first frames of a clip, which are all that there are yet, show the pilot of a picture
        that moves. What is done for it, the search in all frames need not do again.
        """
        if len(residuals.lumas) != GROUP:
            return False
        self._has_moved = _has_moved(residuals)
        if not self._has_moved:
            return False
        tracker = self.tracker(residuals)
        if len(tracker.places(0)) != GROUP:
            return False
        readings = (self.best(tracker, 0, number, keys) for number in range(len(keys)))
        return any(one is not None and one.pilot >= LIKELY_PILOT for one in readings)


def _has_moved(residuals: ResidualSum) -> bool:
    """Whether the picture moves within the first few frames of a clip, which are all that there are yet."""
    last = len(residuals.lumas) - 1
    begin, end = (residuals.of(number)[_SPARSE].reshape(-1) for number in (0, last))
    # Without detail, such as in a fade from black, nothing can be said to stay.
    if begin.std() and end.std() and float(np.corrcoef(begin, end)[0, 1]) >= STILL_ALIKE:
        return False
    follower = CornerFollower(residuals.lumas[last // 2])
    return follower.has_corners and not follower.stays(residuals.lumas[last])
