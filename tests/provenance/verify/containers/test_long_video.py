"""A short piece of ours in a long video is found, or the seconds that nobody looked at are named."""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle, islice
from pathlib import Path

import av
import numpy as np
import pytest

from generation.pipeline.encode import luma_of, set_luma
from provenance.verify.evidence.reader_report import WatermarkReport
from provenance.verify.evidence.signals import MarkReading, MarkState
from provenance.verify.reader import places, watermark_search
from provenance.verify.reader.frames import PacketTimes
from provenance.verify.reader.places import chosen_places
from provenance.verify.reader.watermark_search import search_watermark
from provenance.verify.watermark_answer import BundledWatermarks, IssuedWatermark
from provenance.watermark import Embedder, WatermarkKey, WatermarkPayload
from provenance.watermark.coding.payload import VERSION, format_watermark_id
from tests.provenance.clips import moving_frames

pytestmark = pytest.mark.slow

SECRET, YEAR, OURS = b"0123456789abcdef0123456789abcdef", 2026, 5
KEY = WatermarkKey(SECRET).for_year(YEAR)
FPS, SECONDS, PIECE = 5, 200, (104, 112)  # none of the twelve places that are looked at first


@pytest.fixture(scope="module")
def frames() -> list[np.ndarray]:
    return list(moving_frames(10))


@pytest.fixture(autouse=True)
def _bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watermark_search, "MOST_CPU_S", 6.0)


def written(path: Path, frames: list[np.ndarray], piece: tuple[int, int] | None) -> Path:
    mark: Callable[[np.ndarray], np.ndarray] = Embedder(WatermarkPayload(OURS), KEY).mark
    options = {"crf": "22", "preset": "ultrafast", "g": "40", "sc_threshold": "0"}
    with av.open(str(path), "w", format="mp4") as out:
        video = out.add_stream("libx264", rate=FPS, options=options)
        video.width, video.height, video.pix_fmt = frames[0].shape[1], frames[0].shape[0], "yuv420p"
        for number, frame in enumerate(islice(cycle(frames), FPS * SECONDS)):
            picture = av.VideoFrame.from_ndarray(frame, "rgb24").reformat(format="yuv420p")
            if piece and piece[0] * FPS <= number < piece[1] * FPS:
                set_luma(picture, mark(luma_of(picture)))
            picture.pts = number
            out.mux(video.encode(picture))
        out.mux(video.encode())
    return path


@pytest.fixture(scope="module")
def with_piece(frames, tmp_path_factory) -> Path:
    return written(tmp_path_factory.mktemp("long") / "piece.mp4", frames, PIECE)


@pytest.fixture(scope="module")
def without(frames, tmp_path_factory) -> Path:
    return written(tmp_path_factory.mktemp("long") / "plain.mp4", frames, None)


def answer(report: WatermarkReport) -> MarkReading:
    issued = IssuedWatermark(format_watermark_id(OURS), YEAR, VERSION, b"")
    return BundledWatermarks(SECRET, [issued]).interpret(report)


def test_eight_seconds_in_five_minutes_are_found_where_they_are(with_piece: Path) -> None:
    reading = answer(search_watermark(with_piece, [KEY.secret]))
    assert (reading.state, reading.watermark_id) == (MarkState.FOUND, format_watermark_id(OURS))
    found = [part for part in reading.parts if part.state == "found"]
    assert PIECE[0] - 1 <= found[0].start_s
    assert found[-1].end_s <= PIECE[1] + 3


def test_of_a_long_video_without_a_mark_only_what_was_looked_at_is_claimed(without: Path) -> None:
    reading = answer(search_watermark(without, [KEY.secret]))
    assert reading.state is MarkState.NOT_FOUND
    assert reading.frames_read > 100
    assert reading.longest_unseen_s <= 3
    assert reading.coarse_s > SECONDS / 2


def test_what_there_was_no_time_for_is_named_as_unseen(with_piece: Path, monkeypatch) -> None:
    monkeypatch.setattr(watermark_search, "MOST_CPU_S", 0.0)
    monkeypatch.setattr(places, "MOST_PIXELS_ON_THE_WAY", 0)
    reading = answer(search_watermark(with_piece, [KEY.secret]))
    assert reading.state is MarkState.NOT_FOUND
    assert any(start <= PIECE[0] and PIECE[1] <= end for start, end in reading.unseen)


def test_places_are_as_even_as_the_budget_allows() -> None:
    packets = PacketTimes(tuple(number / 25 for number in range(600 * 25)), tuple(range(0, 600 * 25, 250)))

    def widest(budget: int) -> float:
        times = [packets.times[place] for place in chosen_places(packets, budget)]
        return float(max(np.diff([*times, 600.0])))

    assert widest(15_000) <= 6
    assert widest(0) <= 10
    assert len(chosen_places(packets, 15_000)) <= 200


def test_places_are_few_where_every_frame_is_a_key_frame() -> None:
    packets = PacketTimes(tuple(number / 25 for number in range(3600 * 25)), tuple(range(3600 * 25)))
    assert len(chosen_places(packets, 15_000)) <= places.MOST_PLACES + 1
