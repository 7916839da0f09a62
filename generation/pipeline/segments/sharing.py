"""How the segments of a long video come together: made here one after the other, or shared with others."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Protocol

from generation.pipeline.segments.plan import SegmentPlan
from generation.pipeline.segments.segment import MadeSegment

# Makes a segment by its number; the second argument is called with 1, 2, 3, ... after each of its frames.
MakeSegment = Callable[[int, Callable[[int], None]], MadeSegment]


class SegmentSharing(Protocol):
    """Lets others make segments of a video that has several."""

    def segments(self, plan: SegmentPlan, make: MakeSegment) -> Generator[MadeSegment]:
        """All segments in order: what `make` makes here, or what others made by the same plan.

        The first is always made here. What ends the work is raised; closing the generator ends it, too.
        """
        ...
