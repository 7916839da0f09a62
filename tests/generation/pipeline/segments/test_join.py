"""A long video of one process and of several is one and the same file."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import av
import pytest

from generation.disclosure.choice import Disclosure
from generation.pipeline.encode import EncodingFailed
from generation.pipeline.render_stream import ProducedVideo, check_length, check_watermark
from generation.pipeline.segments.plan import SegmentPlan
from generation.pipeline.segments.segment import MadeSegment, SegmentDamaged
from generation.pipeline.segments.sharing import MakeSegment
from provenance.watermark import WatermarkPayload
from tests.generation.pipeline.moving_portrait import SwayingAnimator
from tests.generation.pipeline.segments.sways import KEY, SEGMENT_S, produce

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

    def segments(self, plan: SegmentPlan, make: MakeSegment) -> Generator[MadeSegment]:
        made = {}
        for number in (0, *range(len(plan) - 1, 0, -1)):
            data = make(number, self.counted.append).to_bytes()
            made[number] = MadeSegment.from_bytes(data, plan.track.fps)
        for number in range(len(plan)):
            yield made[number]


class OneElsewhere:
    """Has another process make one segment, which knows nothing but the plan."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def segments(self, plan: SegmentPlan, make: MakeSegment) -> Generator[MadeSegment]:
        (self.folder / "plan").write_bytes(plan.to_bytes())
        arguments = [str(self.folder / "plan"), "1", str(self.folder / "made")]
        command = [sys.executable, "-m", "tests.generation.pipeline.segments.sways", *arguments]
        with subprocess.Popen(command, cwd=Path(__file__).parents[4]) as other:
            first, last = make(0, lambda done: None), make(2, lambda done: None)
            assert other.wait() == 0
        yield first
        yield MadeSegment.from_bytes((self.folder / "made").read_bytes(), plan.track.fps)
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
    assert check_watermark(alone.video.path, WatermarkPayload(0x0123456789AB), KEY) >= 16


def test_a_short_label_ends_at_the_same_frame(tmp_path: Path) -> None:
    disclosure = Disclosure(preset="china", language="zh", first_seconds=3, sound_cue=True)
    whole = produce(tmp_path / "a.mp4", disclosure=disclosure)
    shared = produce(tmp_path / "b.mp4", disclosure=disclosure, sharing=LastFirst())
    assert_same(shared, whole)


def test_a_renderer_of_whole_videos_shares_nothing(tmp_path: Path, alone: ProducedVideo) -> None:
    class Untouched:
        def segments(self, plan: SegmentPlan, make: MakeSegment) -> Generator[MadeSegment]:
            raise AssertionError("This renderer cannot render a stretch.")

    assert_same(produce(tmp_path / "a.mp4", animator=SwayingAnimator(), sharing=Untouched()), alone)


def test_a_segment_of_another_encoder_is_not_joined(tmp_path: Path) -> None:
    class OtherEncoder(LastFirst):
        def segments(self, plan: SegmentPlan, make: MakeSegment) -> Generator[MadeSegment]:
            for segment in super().segments(plan, make):
                yield replace(segment, pictures=replace(segment.pictures, header=b"another"))

    with pytest.raises(EncodingFailed, match="another encoder"):
        produce(tmp_path / "a.mp4", sharing=OtherEncoder())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"no segment"])
def test_what_is_no_segment_is_refused(data: bytes) -> None:
    with pytest.raises(SegmentDamaged):
        MadeSegment.from_bytes(data, 25)
