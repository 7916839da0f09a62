"""Where marked pictures lie in a file, as the verdict, the page and the reader's report say it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from provenance.common.strict_json import to_plain
from provenance.fingerprints.edit import Edit, EditKind
from provenance.fingerprints.motion.fingerprint import MouthBox
from provenance.pages.timeline_drawing import drawn_regions, drawn_timeline
from provenance.verify.evidence.reader_report import Corner, PartialWatermark, WatermarkReport
from provenance.verify.evidence.signals import MarkReading, MarkRegion, PictureReading, PictureState
from provenance.verify.verdict.verdict import verdict
from provenance.verify.watermark_answer import BundledWatermarks, IssuedWatermark
from provenance.watermark import WatermarkKey, WatermarkPayload
from provenance.watermark.coding import error_correction
from provenance.watermark.identification.reading import Extraction, MarkedRegion, WatermarkReading
from tests.provenance.verify.verdict.given_signals import FOUND, SAME, A, signals

SECRET, YEAR, WATERMARK_ID = bytes(32), 2026, 7
Corners = tuple[Corner, Corner, Corner, Corner]


def square(left: float, top: float, side: float) -> Corners:
    return (left, top), (left + side, top), (left + side, top + side), (left, top + side)


def said(mark: MarkReading, **more) -> list[tuple[str | None, list[tuple[int, int]]]]:
    """Whose picture each region of the verdict is, and its corners."""
    answer = verdict(signals(mark=mark, **more)).to_json()["watermark"]
    return [(one["rendition_id"], [(at["x"], at["y"]) for at in one["polygon"]]) for one in answer["regions"]]


def shown(mark: MarkReading, where: Corners) -> MarkReading:
    return replace(mark, regions=(MarkRegion(0.0, 2.0, where, "a" * 12),), frame_size=(1280, 720))


def test_a_region_is_said_in_pixels_of_the_file() -> None:
    pixels = [(320, 180), (960, 180), (960, 540), (320, 540)]
    assert said(shown(SAME, square(0.25, 0.25, 0.5)), by_mark=A) == [("rnd_a", pixels)]


def test_what_was_cropped_is_no_part_of_it() -> None:
    [(_, pixels)] = said(shown(SAME, square(-0.5, -0.5, 1.0)), by_mark=A)
    assert sorted(pixels) == [(0, 0), (0, 360), (640, 0), (640, 360)]


def test_where_no_video_is_named_the_region_names_none() -> None:
    assert [video for video, _ in said(shown(FOUND, square(0.25, 0.25, 0.5)))] == [None]


def test_without_the_size_of_the_frames_nothing_is_said() -> None:
    assert said(replace(shown(SAME, square(0.0, 0.0, 0.5)), frame_size=None), by_mark=A) == []


@pytest.mark.parametrize(("side", "drawn"), [(0.5, ["0,0 500,0 500,500 0,500"]), (1.0, [])])
def test_the_page_draws_a_picture_that_does_not_fill_the_frame(side: float, drawn: list[str]) -> None:
    answer = verdict(signals(mark=shown(SAME, square(0.0, 0.0, side)), by_mark=A)).to_json()
    assert [one["points"] for one in drawn_regions(answer)] == drawn


def test_an_answer_of_an_earlier_version_has_no_regions_to_draw() -> None:
    answer = verdict(signals(mark=SAME, by_mark=A)).to_json()
    del answer["watermark"]["regions"], answer["watermark"]["frame"]
    assert drawn_regions(answer) == []


def interpreted(*regions: MarkedRegion, carrying: tuple[int, ...] = (0, 1, 2)) -> MarkReading:
    """The answer to a report of three seconds, of which some are of a video on record and carry its mark;
    read together they gave those regions."""
    key, payload = WatermarkKey(SECRET).for_year(YEAR), WatermarkPayload(WATERMARK_ID)
    signs = 2.0 * error_correction.encode(payload.to_bits(key)) - 1.0
    bits = (signs / 16).astype(np.float32)
    reading = WatermarkReading(0, 12.0, payload, bits, np.eye(3), (0, 1, 2), regions=regions)
    extraction = Extraction(8, True, 12.0, 3, [WatermarkReading.from_json(to_plain(reading))])
    report = WatermarkReport(
        None,
        extraction,
        duration_s=3.5,
        looked_at=(0, 1, 2),
        watermarks=(PartialWatermark(WATERMARK_ID, extraction),),
        seconds=tuple((second, 0) for second in carrying),
        frame_size=(640, 360),
    )
    issued = IssuedWatermark(f"{WATERMARK_ID:012x}", YEAR, payload.version, b"")
    return BundledWatermarks(SECRET, [issued]).interpret(report)


def test_seconds_in_which_a_picture_stays_are_one_region() -> None:
    here, there = square(0.0, 0.0, 0.5), square(0.5, 0.5, 0.5)
    found = interpreted(MarkedRegion(0, here), MarkedRegion(1, here), MarkedRegion(2, there))
    assert [(one.start_s, one.end_s, one.corners) for one in found.regions] == [
        (0.0, 2.0, here),
        (2.0, 3.5, there),
    ]
    assert {one.watermark_id for one in found.regions} == {f"{WATERMARK_ID:012x}"}
    assert found.frame_size == (640, 360)


def test_who_is_seen_in_seconds_without_a_mark_is_not_in_its_region() -> None:
    """They were read together with those that carry it, at the same place."""
    here = square(0.0, 0.0, 1.0)
    found = interpreted(MarkedRegion(0, here), MarkedRegion(1, here), MarkedRegion(2, here), carrying=(1, 2))
    assert [(one.start_s, one.end_s) for one in found.regions] == [(1.0, 3.5)]
    assert [one.state for one in found.parts] == ["not_found", "found", "found"]


def test_no_reader_may_say_that_a_picture_reaches_beyond_reason() -> None:
    with pytest.raises(ValueError, match="beyond the frame"):
        interpreted(MarkedRegion(0, square(0.0, 0.0, 1e4)))


@pytest.mark.parametrize(
    ("corners", "tone", "is_around"),
    [
        # What was added lies around our picture, and our picture is not painted as something else.
        (square(0.25, 0.25, 0.5), "bad", True),
        # What the frame shows of a cropped picture is ours.
        (square(-0.25, 0.0, 1.25), "ok", False),
    ],
)
def test_what_is_drawn_in_red_is_not_ours(corners: Corners, tone: str, *, is_around: bool) -> None:
    moving = PictureReading(PictureState.SAME, corners=corners, duration_s=4.0)
    drawn = drawn_timeline(verdict(signals(mark=SAME, by_mark=A, picture=moving)).to_json(), str)
    assert drawn is not None
    [one] = drawn["regions"]
    assert (one["tone"], one["path"].startswith("M0,0H1000V1000H0ZM")) == (tone, is_around)


@pytest.mark.parametrize(
    ("edits", "pieces"),
    [
        ([], [(0.0, 16.6)]),
        ([Edit(EditKind.INSERTED, 0.0, 8.3, 0.0, 0.0)], [(8.3, 16.6)]),
        ([Edit(EditKind.REPLACED, 8.3, 16.6, 8.3, 9.0)], [(0.0, 8.3)]),
        (
            [Edit(EditKind.INSERTED, 4.0, 9.0, 4.0, 4.0), Edit(EditKind.CUT, 12.0, 12.0, 7.0, 8.0)],
            [(0.0, 4.0), (9.0, 16.6)],
        ),
    ],
)
@pytest.mark.parametrize(
    ("corners", "kind"),
    [(square(-0.25, 0.0, 1.25), "cropped"), (square(0.25, 0.25, 0.5), "embedded")],
)
def test_the_place_in_the_frame_is_told_of_the_seconds_that_show_our_picture_alone(
    corners: Corners, kind: str, edits: list[Edit], pieces: list[tuple[float, float]]
) -> None:
    """Two videos in different shapes, one after the other: the first does not show a part of the second."""
    state = PictureState.CHANGED if edits else PictureState.SAME
    moving = PictureReading(state, tuple(edits), corners=corners, duration_s=16.6)
    answer = verdict(signals(mark=SAME, by_mark=A, picture=moving)).to_json()
    told = [one for one in answer["timeline"]["findings"] if one["kind"] == kind]
    assert [(one["start_s"], one["end_s"]) for one in told] == pieces
    drawn = drawn_timeline(answer, str)
    assert drawn is not None
    assert drawn["regions"][0]["start_s"] == pieces[0][0]


def test_a_mouth_that_is_not_ours_is_drawn_in_red() -> None:
    moving = PictureReading(
        PictureState.CHANGED,
        mouths=((1.0, 2.0, 1.0, 2.0),),
        mouth=MouthBox(0.4, 0.6, 0.6, 0.8),
        corners=square(0.0, 0.0, 1.0),
        duration_s=4.0,
    )
    drawn = drawn_timeline(verdict(signals(mark=SAME, by_mark=A, picture=moving)).to_json(), str)
    assert drawn is not None
    [mouth] = drawn["regions"]
    assert mouth["tone"] == "bad"
    assert not mouth["path"].startswith("M0,0H")
