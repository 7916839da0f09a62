"""A long video of one process and of several is one and the same file."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Generator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from generation.animation.track.motion_track import MotionTrack
from generation.disclosure.choice import Disclosure
from generation.pipeline.encode import EncodingFailed
from generation.pipeline.read_back import check_length, check_pictures, check_watermark
from generation.pipeline.render_stream import ProducedVideo
from generation.pipeline.segments.plan import PlannedSegment, SegmentPlan
from generation.pipeline.segments.segment import MadeSegment, SegmentDamaged
from generation.pipeline.segments.sharing import MakeSegment
from generation.pipeline.segments.stretches import ProductionFailed
from provenance.watermark import WatermarkPayload
from tests.generation.pipeline.moving_portrait import SwayingAnimator
from tests.generation.pipeline.segments.sways import KEY, SEGMENT_S, SwayingStretches, produce

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", autouse=True)
def _segments_are_short() -> Generator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("generation.pipeline.segments.plan.SEGMENT_S", SEGMENT_S)
        yield


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> ProducedVideo:
    """The video of one process."""
    return produce(tmp_path_factory.mktemp("alone") / "a.mp4")


class LastFirst:
    """Makes the segments here in another order, each through its bytes."""

    def __init__(self) -> None:
        self.counted: list[int] = []
        self.announced: list[int] = []
        self.ended = False
        self.planned: list[tuple[SegmentPlan, int]] = []

    def announce(self, plan: SegmentPlan, motion: Iterator[MotionTrack]) -> None:
        assert plan.strength is None
        self.announced.append(len(plan))

    def end(self) -> None:
        self.ended = True

    def segments(
        self, plan: SegmentPlan, motion: Iterator[MotionTrack], make: MakeSegment
    ) -> Generator[MadeSegment]:
        made = {}
        for piece in motion:
            self.planned.append((plan, len(piece)))
        for number in (0, *range(len(plan) - 1, 0, -1)):
            data = make(number, self.counted.append).to_bytes()
            made[number] = MadeSegment.from_bytes(data, plan.fps)
        for number in range(len(plan)):
            yield made[number]


class OneElsewhere:
    """Has another process make one segment, which knows nothing but the plan."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def announce(self, plan: SegmentPlan, motion: Iterator[MotionTrack]) -> None:
        assert [len(piece) for piece in motion] == [25, 25, 35]  # it may ask for all

    def end(self) -> None:
        pass

    def segments(
        self, plan: SegmentPlan, motion: Iterator[MotionTrack], make: MakeSegment
    ) -> Generator[MadeSegment]:
        _, second, _ = (PlannedSegment(plan, number, piece, "") for number, piece in enumerate(motion))
        (self.folder / "plan").write_bytes(second.to_bytes())
        arguments = [str(self.folder / "plan"), "1", str(self.folder / "made")]
        command = [sys.executable, "-m", "tests.generation.pipeline.segments.sways", *arguments]
        with subprocess.Popen(command, cwd=Path(__file__).parents[4]) as other:
            first, last = make(0, lambda done: None), make(2, lambda done: None)
            assert other.wait() == 0
        yield first
        yield MadeSegment.from_bytes((self.folder / "made").read_bytes(), plan.fps)
        yield last


def assert_same(shared: ProducedVideo, alone: ProducedVideo) -> None:
    assert shared.video.path.read_bytes() == alone.video.path.read_bytes()
    assert shared.content_prints == alone.content_prints
    assert shared.fingerprints == alone.fingerprints
    assert shared.pixel_report == alone.pixel_report
    assert shared.visible_label == alone.visible_label
    assert shared.strength == alone.strength


def test_segments_made_in_another_order_give_the_same_file(tmp_path: Path, alone: ProducedVideo) -> None:
    sharing = LastFirst()
    assert_same(produce(tmp_path / "a.mp4", sharing=sharing), alone)
    assert sharing.counted == [*range(1, 26), *range(1, 36), *range(1, 26)]
    assert (sharing.announced, [frames for _, frames in sharing.planned]) == ([3], [25, 25, 35])
    assert sharing.ended


def test_a_segment_of_another_process_gives_the_same_file(tmp_path: Path, alone: ProducedVideo) -> None:
    assert_same(produce(tmp_path / "a.mp4", sharing=OneElsewhere(tmp_path)), alone)


def test_each_segment_begins_with_a_key_frame_and_time_goes_on(alone: ProducedVideo) -> None:
    with av.open(str(alone.video.path)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
        times = sorted(round(float(packet.pts * packet.time_base) * 25) for packet in packets)
        keys = [round(float(packet.pts * packet.time_base) * 25) for packet in packets if packet.is_keyframe]
    assert times == list(range(85))
    assert keys == [0, 25, 50]


def test_a_joined_file_carries_its_mark_and_its_length(alone: ProducedVideo) -> None:
    check_length(alone.video.path, alone.video)
    check_pictures(alone.video.path, alone.video)
    assert check_watermark(alone.video.path, WatermarkPayload(0x0123456789AB), KEY) >= 16


def test_a_short_label_ends_at_the_same_frame(tmp_path: Path) -> None:
    disclosure = Disclosure(preset="china", language="zh", first_seconds=3, sound_cue=True)
    whole = produce(tmp_path / "a.mp4", disclosure=disclosure)
    shared = produce(tmp_path / "b.mp4", disclosure=disclosure, sharing=LastFirst())
    assert_same(shared, whole)


def test_a_renderer_of_whole_videos_shares_nothing(tmp_path: Path, alone: ProducedVideo) -> None:
    class Untouched:
        def announce(self, *_: Any) -> None:
            raise AssertionError("This renderer cannot render a stretch.")

        segments = end = announce

    assert_same(produce(tmp_path / "a.mp4", animator=SwayingAnimator(), sharing=Untouched()), alone)


def test_a_segment_of_another_encoder_is_not_joined(tmp_path: Path) -> None:
    class OtherEncoder(LastFirst):
        def segments(
            self, plan: SegmentPlan, motion: Iterator[MotionTrack], make: MakeSegment
        ) -> Generator[MadeSegment]:
            for segment in super().segments(plan, motion, make):
                yield replace(segment, pictures=replace(segment.pictures, header=b"another"))

    with pytest.raises(EncodingFailed, match="another encoder"):
        produce(tmp_path / "a.mp4", sharing=OtherEncoder())
    assert list(tmp_path.iterdir()) == []


class InPieces(SwayingStretches):
    """Knows how much motion it was asked for when the first frame was rendered."""

    def __init__(self) -> None:
        super().__init__()
        self.driven = self.driven_at_first_frame = 0

    def drive_in_pieces(self, audio: np.ndarray, sample_rate: int, **arguments: Any) -> Iterator[MotionTrack]:
        for piece in super().drive_in_pieces(audio, sample_rate, **arguments):
            self.driven += len(piece)
            yield piece

    def render_stretch(self, fitted, track, *, video, frames):
        self.driven_at_first_frame = self.driven_at_first_frame or self.driven
        return super().render_stretch(fitted, track, video=video, frames=frames)


def test_the_first_frames_are_rendered_before_the_last_motion_is_driven(
    tmp_path: Path, alone: ProducedVideo
) -> None:
    animator = InPieces()
    assert_same(produce(tmp_path / "a.mp4", sharing=LastFirst(), animator=animator), alone)
    assert (animator.driven_at_first_frame, animator.driven) == (25, 85)


class ComesNear(SwayingStretches):
    """Drives motion that brings the face under a label in the corner, but not before the last second."""

    def drive(self, audio: np.ndarray, sample_rate: int, **arguments: Any) -> MotionTrack:
        track = super().drive(audio, sample_rate, **arguments)
        track.head_pose[60:] = (20, -15, 0, 0.3, -0.3, -4)
        return track


def test_a_face_that_comes_under_its_label_late_moves_it_in_all_segments(tmp_path: Path) -> None:
    sharing = LastFirst()
    whole = produce(tmp_path / "a.mp4", animator=ComesNear())
    shared = produce(tmp_path / "b.mp4", animator=ComesNear(), sharing=sharing)
    assert_same(shared, whole)
    first, *_, last = [plan.label_place for plan, _ in sharing.planned]
    assert (first, last) == (Disclosure().place, shared.visible_label and shared.visible_label.place)
    assert first != last


class LastsLonger(SwayingStretches):
    """Drives three frames more, or fewer, than the speech has."""

    def __init__(self, frames_more: int) -> None:
        super().__init__()
        self.frames_more = frames_more

    def drive(self, audio: np.ndarray, sample_rate: int, **arguments: Any) -> MotionTrack:
        track = super().drive(audio, sample_rate, **arguments)
        return MotionTrack.neutral(len(track) + self.frames_more, track.fps)


@pytest.mark.parametrize("frames_more", [-3, 3])
def test_shared_motion_of_another_length_is_refused(tmp_path: Path, frames_more: int) -> None:
    with pytest.raises(ProductionFailed, match="The motion lasts"):
        produce(tmp_path / "a.mp4", animator=LastsLonger(frames_more), sharing=LastFirst())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"no segment"])
def test_what_is_no_segment_is_refused(data: bytes) -> None:
    with pytest.raises(SegmentDamaged):
        MadeSegment.from_bytes(data, 25)
