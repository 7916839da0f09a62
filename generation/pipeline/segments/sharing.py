"""How the segments of a long video come together: made here one after the other, or shared with others."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from typing import Protocol

from generation.animation.track.motion_track import MotionTrack
from generation.pipeline.segments.plan import SegmentPlan
from generation.pipeline.segments.segment import MadeSegment

# Makes a segment by its number; the second argument is called with 1, 2, 3, ... after each of its frames.
MakeSegment = Callable[[int, Callable[[int], None]], MadeSegment]


class SegmentSharing(Protocol):
    """Lets others make segments of a video that has several."""

    def announce(self, plan: SegmentPlan, motion: Iterator[MotionTrack]) -> None:
        """A video will be shared by this plan, whose strength is not chosen yet. Others may get ready, and
        render the first segments: `motion` gives that of one after the other, as it is driven, and is asked
        for no more than is of use."""
        ...

    def segments(
        self, plan: SegmentPlan, motion: Iterator[MotionTrack], make: MakeSegment
    ) -> Generator[MadeSegment]:
        """All segments in order: what `make` makes here, or what others made by the same plan.

        `motion` gives that of one segment after the other, as it is driven: others may begin with a segment
        as soon as its motion is there. It is asked for all of it before the first segment is made, which is
        always made here. What ends the work is raised, by `motion` too; closing the generator ends it, too.
        After that it may be called again, with another plan.
        """
        ...

    def end(self) -> None:
        """The work has ended, well or not. Nothing is left of what was announced."""
        ...
