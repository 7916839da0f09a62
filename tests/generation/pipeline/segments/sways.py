"""A long video on a small scale: a face that sways for three seconds, cut every second."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from generation.animation.framing.video_format import VideoFormat
from generation.animation.motion.controls import MotionControls
from generation.animation.track.motion_track import MotionTrack
from generation.disclosure.choice import Disclosure
from generation.pipeline.render_stream import ProducedVideo, produce_video
from generation.pipeline.segments.making import SegmentMaker
from generation.pipeline.segments.plan import PlannedSegment
from generation.pipeline.segments.stretches import stretches
from provenance.watermark import WatermarkKey, WatermarkPayload
from tests.generation.pipeline.moving_portrait import SwayingAnimator, portrait

KEY = WatermarkKey(b"a key of the tests, not of service")
VIDEO = VideoFormat(size=256)
SEGMENT_S = 1.0


class SwayingStretches(SwayingAnimator):
    """Sways any stretch of a video by itself, and drives motion in pieces of a second."""

    renders_stretches: ClassVar[bool] = True

    def drive_in_pieces(self, audio: np.ndarray, sample_rate: int, **arguments: Any) -> Iterator[MotionTrack]:
        arguments.pop("direction")
        whole = self.drive(audio, sample_rate, **arguments)
        for first in range(0, len(whole), round(whole.fps)):
            yield whole.between(first, first + round(whole.fps))

    def render_stretch(
        self, fitted: np.ndarray, track: MotionTrack, *, video: VideoFormat, frames: range
    ) -> Iterator[np.ndarray]:
        return islice(self.render(fitted, track, size=video.size), frames.start, frames.stop)


def produce(destination: Path, **changes: Any) -> ProducedVideo:
    """A video of 3.4 seconds, that is of three segments, with a label on all frames."""
    values: dict[str, Any] = {
        "portrait": portrait("maya", 256),
        "audio": (0.2 * np.sin(np.arange(81_600) * 0.05)).astype(np.float32),
        "sample_rate": 24_000,
        "controls": MotionControls(),
        "seed": 0,
        "video": VIDEO,
        "disclosure": Disclosure(),
        "payload": WatermarkPayload(0x0123456789AB),
        "key": KEY,
        "on_stage": lambda stage: None,
        "on_frame": lambda done, known: None,
        "animator": SwayingStretches(),
        "split_from_s": 2.0,
    }
    return produce_video(destination=destination, **(values | changes))


def make_elsewhere(plan_file: Path, number: int, made_file: Path) -> None:
    """What a helper does: all that it knows is the plan and the job."""
    planned = PlannedSegment.from_bytes(plan_file.read_bytes())
    plan = planned.plan
    maker = SegmentMaker(portrait("maya", 256), Disclosure(), plan.fps, plan.cuts)
    track = MotionTrack.neutral(plan.cuts[number + 1], plan.fps)
    frames = stretches(SwayingStretches(), portrait("maya", 256), track, VIDEO)(plan.frames(number))
    prepared = maker.prepared(number, planned.motion, frames)
    made = maker.begin(plan, KEY, number, prepared, lambda done: None).finish()
    made_file.write_bytes(made.to_bytes())


if __name__ == "__main__":
    make_elsewhere(Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
