"""From a fitted face and its motion to the marked pictures of a video, in segments joined in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generation.animation.framing.video_format import VideoFormat
from generation.animation.protocols import PortraitAnimator, renders_stretches
from generation.animation.track.motion_track import MotionTrack
from generation.disclosure.choice import Disclosure
from generation.pipeline.label_place import placed
from generation.pipeline.mouth_box import mouth_box
from generation.pipeline.pictures import PictureSegment
from generation.pipeline.segments.assembly import Assembly
from generation.pipeline.segments.making import Finishing, SegmentMaker
from generation.pipeline.segments.motion_so_far import MotionSoFar
from generation.pipeline.segments.plan import SegmentPlan, cut
from generation.pipeline.segments.sharing import SegmentSharing
from generation.pipeline.segments.stretches import ProductionFailed, stretches, whole
from generation.pipeline.strength import TRIAL_FRAMES, choose_strength
from provenance.fingerprints.motion.fingerprint import MouthBox
from provenance.watermark import WatermarkKey, WatermarkPayload

MOST_BUFFERED = 200 * 1024**2  # bytes of frames

Frame = NDArray[np.uint8]


class PlannedTooSoon(Exception):
    """The rest of the motion wants another plan than its beginning did. All of it is driven now."""


@dataclass(frozen=True)
class Production:
    """What a video is made of: the face and its motion, how it is shown and marked.

    `speech_s` is how long the speech lasts, `split_from_s` the shortest video that is cut. `on_frame` is
    called with the number of encoded frames, and of all.
    """

    portrait: Frame
    animator: PortraitAnimator
    fitted: Any
    motion: MotionSoFar
    speech_s: float
    video: VideoFormat
    split_from_s: float
    disclosure: Disclosure
    payload: WatermarkPayload
    key: WatermarkKey
    finishing: Finishing
    on_frame: Callable[[int, int], None]

    def begin(self, sharing: SegmentSharing | None) -> Begun:
        """Render the first second, find the strength of the mark, and plan the rest.

        Shared with others, the plan is made as soon as the motion of the first segment is there. Without
        them, all of the motion is driven. Raises ProductionFailed where it lasts longer or shorter than the
        speech.
        """
        if sharing is None or self.motion.is_whole:
            track = self.motion.whole()
            _require_same_length(track, self.speech_s)
            total = len(track)
        else:
            track, total = self.motion.so_far, round(self.speech_s * self.video.fps)
        fps = self.video.fps
        cuts = cut(total, fps, split_from_s=self.split_from_s)
        maker = SegmentMaker(
            self.portrait,
            self.disclosure,
            fps,
            cuts,
            place_label=lambda first: placed(self.disclosure, first, track, is_square=self.video.is_square),
            finishing=self.finishing,
        )
        rendered = whole(self.animator, self.fitted, track, self.video) if sharing is None else self._stretch
        beginning: deque[Frame] = deque()
        frames = maker.prepared(0, track.between(*cuts[:2]), rendered(range(*cuts[:2])))
        for frame in frames:
            beginning.append(frame)
            self.on_frame(0, total)
            if len(beginning) == frames_buffered(fps, frame.nbytes):
                break
        strength = choose_strength(beginning, self.payload, self.key)
        plan = SegmentPlan(fps, self.payload, strength, cuts, self.animator.identity, maker.label_place)
        head = beginning[0] if beginning else None

        def prepared(number: int) -> Iterator[Frame]:
            if number == 0:
                return chain(_handed_over(beginning), frames)
            stretch = plan.frames(number)
            ordered = self.motion.until(stretch.stop).between(stretch.start, stretch.stop)
            return maker.prepared(number, ordered, rendered(stretch))

        return Begun(self, maker, plan, head, Assembly(maker, plan, self.key, prepared), sharing)

    def _stretch(self, frames: range) -> Iterator[Frame]:
        if not renders_stretches(self.animator):
            raise TypeError("This renderer renders whole videos only.")
        track = self.motion.until(frames.stop)
        return stretches(self.animator, self.fitted, track, self.video)(frames)


@dataclass(frozen=True)
class Begun:
    """A video whose first second is rendered, and whose mark and label are chosen."""

    production: Production
    maker: SegmentMaker
    plan: SegmentPlan
    head: Frame | None
    assembly: Assembly
    sharing: SegmentSharing | None

    @property
    def strength(self) -> int:
        """Of the mark, in sixty-fourths of the usual one."""
        if self.plan.strength is None:
            raise ValueError("The strength of the mark is not chosen.")
        return self.plan.strength

    @cached_property
    def mouth(self) -> MouthBox | None:
        """Where the mouth moves in the first frame; looked for when it is asked for."""
        return None if self.head is None else mouth_box(self.head)

    def segments(self) -> Generator[PictureSegment]:
        """All segments in order, made as they are asked for or by others. Raises PlannedTooSoon."""
        if self.sharing is not None:
            return self.assembly.shared(self.sharing, self._planned_motion())
        total = self.plan.cuts[-1]
        return self.assembly.made_here(lambda done: self.production.on_frame(done, total))

    def _planned_motion(self) -> Iterator[MotionTrack]:
        yield from motion_of_segments(self.production.motion, self.plan.cuts)
        self._require_right_plan(self.production.motion.whole())

    def _require_right_plan(self, track: MotionTrack) -> None:
        """Raises PlannedTooSoon where all of the motion has another length than was expected, or brings eyes
        or mouth under the label of its beginning."""
        made, first = self.production, self.maker.first_frame
        if len(track) != self.plan.cuts[-1]:
            raise PlannedTooSoon
        if first is not None:
            asked = placed(made.disclosure, first, track, is_square=made.video.is_square)
            if asked.place != self.plan.label_place:
                raise PlannedTooSoon


def motion_of_segments(motion: MotionSoFar, cuts: Sequence[int]) -> Iterator[MotionTrack]:
    """The motion of one segment after the other, each as soon as it is driven; of the last ones none where it
    ends before."""
    for first, stop in pairwise(cuts):
        track = motion.until(stop)
        if len(track) < stop:
            return
        yield track.between(first, stop)


def frames_buffered(fps: float, frame_bytes: int) -> int:
    """How many frames of a clip's beginning are held back: a second, less where that is over MOST_BUFFERED.

    Never fewer than the embedding strength is found with.
    """
    return min(round(fps), max(TRIAL_FRAMES, MOST_BUFFERED // frame_bytes))


def _require_same_length(track: MotionTrack, speech_s: float) -> None:
    if len(track) == 0 or abs(track.duration_s - speech_s) > 1 / track.fps:
        raise ProductionFailed(f"The motion lasts {track.duration_s:.3f} s, the speech {speech_s:.3f} s.")


def _handed_over(frames: deque[Frame]) -> Iterator[Frame]:
    """The frames in order; each is removed from the buffer when it is yielded, to free its memory."""
    while frames:
        yield frames.popleft()
