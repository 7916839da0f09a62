from __future__ import annotations

import numpy as np
import pytest

from generation.animation.track.motion_track import MotionTrack
from generation.pipeline.segments.plan import PlanDamaged, PlannedSegment, SegmentPlan, cut
from provenance.watermark import WatermarkPayload
from tests.generation.pipeline.moving_portrait import SWAY


@pytest.mark.parametrize(
    ("frames", "fps", "expected"),
    [
        (999, 25, (0, 999)),
        (1000, 25, (*range(0, 1000, 125), 1000)),
        (1060, 25, (*range(0, 1000, 125), 1060)),
        (1063, 25, (*range(0, 1063, 125), 1063)),
        (3000, 25, (*range(0, 3000, 125), 3000)),
        (1, 60, (0, 1)),
    ],
)
def test_a_long_video_is_cut_every_five_seconds_and_a_short_one_is_not(frames, fps, expected) -> None:
    assert cut(frames, fps) == expected


@pytest.mark.parametrize("frames", range(375, 1500, 7))
def test_no_segment_is_made_of_a_few_frames(frames: int) -> None:
    lengths = np.diff(cut(frames, 25, split_from_s=15))
    assert lengths.sum() == frames
    assert lengths.min() >= 62
    assert lengths.max() <= 188


def planned(number: int = 1) -> PlannedSegment:
    values = np.random.default_rng(1).random((4, 60)).astype(np.float32)
    motion = MotionTrack(25, values[:, :52], values[:, 52:58], values[:, 58:])
    plan = SegmentPlan(25, WatermarkPayload(7), 63, (0, 5, 9), SWAY, "top_left")
    return PlannedSegment(plan, number, motion, "segments/before.plan")


def test_a_planned_segment_is_read_as_it_was_written() -> None:
    written = planned()
    read = PlannedSegment.from_bytes(written.to_bytes())
    assert (read.plan, read.number, read.before) == (written.plan, 1, "segments/before.plan")
    assert (read.motion.actions == written.motion.actions).all()
    assert (read.motion.head_pose == written.motion.head_pose).all()
    assert (read.motion.gaze == written.motion.gaze).all()


@pytest.mark.parametrize("number", [0, 2])
def test_motion_of_another_segment_is_refused(number: int) -> None:
    with pytest.raises(PlanDamaged):
        PlannedSegment.from_bytes(planned(number).to_bytes())


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"not a plan of anything"])
def test_what_is_no_plan_is_refused(data: bytes) -> None:
    with pytest.raises(PlanDamaged):
        PlannedSegment.from_bytes(data)
