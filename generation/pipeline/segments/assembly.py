"""Puts the segments of one video in order, whoever made them, and keeps what was measured in them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from generation.animation.track.motion_track import MotionTrack
from generation.pipeline.pictures import PictureSegment
from generation.pipeline.segments.making import SegmentInMaking, SegmentMaker
from generation.pipeline.segments.plan import SegmentPlan
from generation.pipeline.segments.segment import MadeSegment
from generation.pipeline.segments.sharing import SegmentSharing
from provenance.watermark import WatermarkKey


class Assembly:
    """The segments of the video of one plan, to be joined in order by one of `made_here` and `shared`."""

    def __init__(
        self,
        maker: SegmentMaker,
        plan: SegmentPlan,
        key: WatermarkKey,
        prepared: Callable[[int], Iterator[NDArray[np.uint8]]],
    ) -> None:
        """`prepared` gives the frames of a segment, by its number, as they are marked."""
        self._maker, self._plan, self._key, self._prepared = maker, plan, key, prepared
        self._made: list[MadeSegment] = []

    @property
    def cells(self) -> list[NDArray[np.float32]]:
        """The cells of all frames, in order, once all segments were joined."""
        return [row for segment in self._made for row in segment.cells]

    @property
    def content_prints(self) -> bytes:
        """The fingerprints of frames, one after the other, once all segments were joined."""
        return b"".join(one for segment in self._made for one in segment.fingerprints)

    def made_here(self, on_frame: Callable[[int], None]) -> Generator[PictureSegment]:
        """All segments, each made as it is joined; `on_frame` counts the frames of the video."""
        for number, first in enumerate(self._plan.cuts[:-1]):
            making = self._begin(number, lambda done, first=first: on_frame(first + done))  # type: ignore[misc]
            yield making.pictures
            self._made.append(making.made())

    def shared(self, sharing: SegmentSharing, motion: Iterator[MotionTrack]) -> Generator[PictureSegment]:
        """All segments, some of which others make as soon as the `motion` of them is there."""
        with closing(sharing.segments(self._plan, motion, self._make)) as segments:
            for first, segment in zip(self._plan.cuts[:-1], segments, strict=True):
                self._maker.watch.add(first, segment.seen)
                self._made.append(replace(segment, pictures=replace(segment.pictures, packets=())))
                yield segment.pictures

    def _begin(self, number: int, on_frame: Callable[[int], None]) -> SegmentInMaking:
        return self._maker.begin(self._plan, self._key, number, self._prepared(number), on_frame)

    def _make(self, number: int, on_frame: Callable[[int], None]) -> MadeSegment:
        return self._begin(number, on_frame).finish()
