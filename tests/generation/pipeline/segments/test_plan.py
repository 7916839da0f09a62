from __future__ import annotations

import numpy as np
import pytest

from generation.animation.track.motion_track import MotionTrack
from generation.pipeline.segments.plan import PlanDamaged, SegmentPlan, cut
from provenance.watermark import WatermarkPayload
from tests.generation.pipeline.moving_portrait import SWAY


@pytest.mark.parametrize(
    ("frames", "fps", "expected"),
    [
        (999, 25, (0, 999)),
        (1000, 25, (0, 250, 500, 750, 1000)),
        (1100, 25, (0, 250, 500, 750, 1100)),
        (1126, 25, (0, 250, 500, 750, 1000, 1126)),
        (3000, 25, (*range(0, 3000, 250), 3000)),
        (1, 60, (0, 1)),
    ],
)
def test_a_long_video_is_cut_every_ten_seconds_and_a_short_one_is_not(frames, fps, expected) -> None:
    assert cut(frames, fps) == expected


@pytest.mark.parametrize("frames", range(375, 1500, 7))
def test_no_segment_is_made_of_a_few_frames(frames: int) -> None:
    lengths = np.diff(cut(frames, 25, split_from_s=15))
    assert lengths.sum() == frames
    assert lengths.min() >= 125
    assert lengths.max() <= 375


def test_a_plan_is_read_as_it_was_written() -> None:
    values = np.random.default_rng(1).random((9, 60)).astype(np.float32)
    track = MotionTrack(25, values[:, :52], values[:, 52:58], values[:, 58:])
    plan = SegmentPlan(track, WatermarkPayload(7), 63, (0, 5, 9), SWAY, "top_left")
    read = SegmentPlan.from_bytes(plan.to_bytes())
    assert (read.payload, read.strength, read.cuts, read.renderer) == (plan.payload, 63, (0, 5, 9), SWAY)
    assert (read.track.actions == track.actions).all()
    assert (read.track.head_pose == track.head_pose).all()
    assert (read.track.gaze == track.gaze).all()


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"not a plan of anything"])
def test_what_is_no_plan_is_refused(data: bytes) -> None:
    with pytest.raises(PlanDamaged):
        SegmentPlan.from_bytes(data)
