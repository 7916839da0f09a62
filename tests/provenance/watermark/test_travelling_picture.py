"""A marked picture that travels inside another one: floats across it, is slid in, is dragged."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from provenance.watermark import WatermarkPayload, extractor
from provenance.watermark.carrier.rectification import mapped
from provenance.watermark.content.fingerprint_match import is_same
from provenance.watermark.identification.decision import WatermarkState, decide
from provenance.watermark.identification.reading import Extraction, WatermarkReading
from provenance.watermark.identification.registry import Registry
from provenance.watermark.synchronisation.moving_parts import _filled
from provenance.watermark.synchronisation.travelling import travelling
from tests.provenance.watermark.marked import KEY, PAYLOAD, Luma, extraction, lumas, marked
from tests.provenance.watermark.test_beside_others import overlap, prints_of, through_jpeg

pytestmark = pytest.mark.slow

FRAMES, PER_SECOND, QUALITY = 30, 15, 80
SIZE = (960, 640)
OTHER = WatermarkPayload(7)
Place = tuple[float, float, float]  # left, top, side


def page() -> list[Luma]:
    sheet = np.full(SIZE[::-1], 240, np.uint8)
    for line in range(30, SIZE[1], 24):
        cv2.putText(sheet, "what was said in the hall that evening " * 2, (10, line), 0, 0.5, (60,), 1)
    return [sheet] * FRAMES


def speaker() -> list[Luma]:
    return [
        np.asarray(cv2.resize(one, (SIZE[0], SIZE[0]))[100 : 100 + SIZE[1]], np.uint8)
        for one in lumas("tomas", FRAMES)
    ]


def camera_over_clouds() -> list[Luma]:
    rng = np.random.default_rng(3)
    clouds = sum(
        cv2.resize(rng.normal(0, 12, (900 // size, 1200 // size)).astype(np.float32), (1200, 900))
        for size in (4, 12, 40)
    )
    sheet = np.clip(np.asarray(clouds) + 120, 0, 255).astype(np.uint8)
    return [sheet[4 * at :, 5 * at :][: SIZE[1], : SIZE[0]] for at in range(FRAMES)]


def floats(at: int) -> Place:
    return 40 + 11.3 * at, 200 - 4.1 * at, 380.0


def grows(at: int) -> Place:
    return 60 + 6.2 * at, 40 + 2.3 * at, 360 + 4.5 * at


def is_dragged(at: int) -> Place:
    way = np.clip((at - 6) / 14, 0, 1)
    way = way * way * (3 - 2 * way)
    return 30 + 480 * way, 30 + 190 * way, 400.0


def jumps(at: int) -> Place:
    """Dragged so fast that from one frame to the next it is elsewhere."""
    if at < 10:
        return 30.0 + 5 * at, 120, 400.0
    return (300, 180, 400.0) if at < 12 else (520, 60 + 2.0 * min(at - 12, 9), 400.0)


def is_slid_in(at: int) -> Place:
    way = 1 - (1 - min(1.0, at / 16)) ** 2
    return SIZE[0] - 470 * way, 110, 440.0


SCENES: dict[str, tuple[Callable[[], list[Luma]], Callable[[int], Place]]] = {
    "floats across a page of words": (page, floats),
    "travels over a picture that moves otherwise, and grows": (camera_over_clouds, grows),
    "is dragged over somebody who talks": (speaker, is_dragged),
    "is slid in": (page, is_slid_in),
}


def shown(ground: list[Luma], planes: list[Luma], place: Callable[[int], Place]) -> list[Luma]:
    frames = []
    for at, (sheet, plane) in enumerate(zip(ground, planes, strict=True)):
        left, top, side = place(at)
        frame = np.array(sheet)
        matrix = np.array([[side / 512, 0, left], [0, side / 512, top]])
        cv2.warpAffine(
            plane, matrix, SIZE, dst=frame, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_TRANSPARENT
        )
        frames.append(through_jpeg(frame, QUALITY))
    return frames


@pytest.mark.parametrize("scene", SCENES)
def test_it_is_named_where_it_is_in_each_second(scene: str) -> None:
    ground, place = SCENES[scene]
    planes = marked(lumas("maya", FRAMES))
    found = extraction(shown(ground(), planes, place), per_second=PER_SECOND)
    registry = Registry(KEY)
    registry.add([PAYLOAD.watermark_id, *range(100, 2000)])
    decision = decide(found, [registry])
    assert decision.watermark_id == PAYLOAD.watermark_id
    assert decision.reading is not None
    assert is_same(decision.reading.fingerprints, prints_of(planes)) is True
    assert [region.second for region in decision.reading.regions] == [0, 1]
    for region in decision.reading.regions:
        left, top, side = (round(one) for one in place(region.second * PER_SECOND + PER_SECOND // 2))
        assert overlap((left, top, side, side), region.corners, SIZE) > 0.9


@pytest.mark.parametrize("place", [is_dragged, floats])
def test_where_its_way_is_not_found_nothing_is_said_of_what_lies_elsewhere(
    monkeypatch: pytest.MonkeyPatch, place: Callable[[int], Place]
) -> None:
    monkeypatch.setattr(extractor, "travelling", lambda *_: None)
    planes = marked(lumas("maya", FRAMES))
    found = extraction(shown(page(), planes, place), per_second=PER_SECOND)
    for reading in found.readings:
        assert not reading.is_seen or is_same(reading.fingerprints, prints_of(planes)) is not False


def test_a_mark_that_was_lifted_onto_another_picture_is_seen_in_what_is_compared() -> None:
    lifted = marked(lumas("tomas", FRAMES))
    still: Place = (60, 60, 400.0)
    found = extraction(shown(page(), lifted, lambda _: still), per_second=PER_SECOND)
    (reading,) = [one for one in found.readings if one.payload is not None]
    assert reading.is_seen
    assert is_same(reading.fingerprints, prints_of(marked(lumas("maya", FRAMES)))) is False


def named(found: Extraction, payload: WatermarkPayload) -> WatermarkReading:
    """The reading for which a payload is named."""
    registry = Registry(KEY)
    registry.add([PAYLOAD.watermark_id, OTHER.watermark_id, *range(100, 2000)])
    decision = decide(found, [registry])
    assert decision.watermark_id is not None
    assert decision.reading is not None
    return {decision.watermark_id: decision.reading, **dict(decision.others)}[payload.watermark_id]


@pytest.mark.parametrize("place", [is_dragged, jumps])
def test_over_a_marked_picture_that_fills_the_frame_both_are_named(place: Callable[[int], Place]) -> None:
    sheet = [
        np.asarray(cv2.resize(one, (SIZE[0], SIZE[0]))[100 : 100 + SIZE[1]], np.uint8)
        for one in marked(lumas("tomas", FRAMES), OTHER)
    ]
    planes = marked(lumas("maya", FRAMES))
    found = extraction(shown(sheet, planes, place), per_second=PER_SECOND)
    assert named(found, OTHER).regions
    reading = named(found, PAYLOAD)
    assert is_same(reading.fingerprints, prints_of(planes)) is True
    assert [region.second for region in reading.regions] == [0, 1]
    for region in reading.regions:
        left, top, side = (round(one) for one in place(region.second * PER_SECOND + PER_SECOND // 2))
        assert overlap((left, top, side, side), region.corners, SIZE) > 0.9


def test_one_that_jumps_is_followed_to_where_it_jumped() -> None:
    travel = travelling(shown(speaker(), lumas("maya", FRAMES), jumps), [0] * FRAMES)
    assert travel is not None
    for number in (0, FRAMES - 1):
        left, top, side = jumps(number)
        middle = mapped(np.array([[travel.size[0] / 2, travel.size[1] / 2]]), travel.motions[number])[0]
        assert np.abs(middle - (left + side / 2, top + side / 2)).max() < 0.05 * side


def test_it_is_told_apart_from_a_head_that_is_larger() -> None:
    """A large head before a wall moves by itself as well; it has no corners."""
    speaks = np.zeros((48, 64), np.float32)
    cv2.ellipse(speaks, (30, 30), (17, 26), 0, 0, 360, (4.0,), -1)
    large = cv2.resize(speaks, None, fx=4, fy=4, interpolation=cv2.INTER_NEAREST)
    assert _filled(np.asarray(large, np.float32), 0.25) is None
    speaks[:] = 0
    speaks[4:48, 13:47] = 4
    large = cv2.resize(speaks, None, fx=4, fy=4, interpolation=cv2.INTER_NEAREST)
    found = _filled(np.asarray(large, np.float32), 0.25)
    assert found is not None
    assert found.corner > 0.5


def test_its_place_is_told_in_pixels_of_large_files_too() -> None:
    planes = marked(lumas("maya", FRAMES))
    frames = [cv2.resize(frame, (1920, 1280)) for frame in shown(page(), planes, floats)]
    reading = extraction([np.asarray(one, np.uint8) for one in frames], per_second=PER_SECOND).readings[0]
    assert reading.payload == PAYLOAD
    for second in (0, 1):
        at = second * PER_SECOND + PER_SECOND // 2
        left, top, side = (round(2 * one) for one in floats(at))
        corners = reading.regions[second].corners
        assert overlap((left, top, side, side), corners, (1920, 1280)) > 0.9
        motion = reading.path[second][PER_SECOND // 2]
        corner = mapped(np.array([[0.0, 0.0]]), motion @ reading.geometry)[0]
        assert np.abs(corner - (left, top)).max() < 8


def test_an_unmarked_picture_that_travels_is_not_ours() -> None:
    found = extraction(shown(page(), lumas("maya", FRAMES), floats), per_second=PER_SECOND)
    registry = Registry(KEY)
    registry.add([PAYLOAD.watermark_id, *range(100, 2000)])
    assert decide(found, [registry]).state is WatermarkState.NOT_FOUND


def test_one_that_travels_and_is_not_on_record_names_nobody() -> None:
    frames = shown(page(), marked(lumas("maya", FRAMES)), floats)
    registry = Registry(KEY)
    registry.add(range(100, 2000))
    decision = decide(extraction(frames, per_second=PER_SECOND), [registry])
    assert (decision.state, decision.watermark_id) == (WatermarkState.FOUND, None)
    assert decision.is_word_read


@pytest.mark.parametrize("name", ["amara", "kenji"])
def test_a_head_that_sways_is_no_picture_that_travels(name: str) -> None:
    assert travelling(lumas(name, 48), [0] * 48) is None


def test_nothing_travels_where_all_frames_show_one_still_page() -> None:
    assert travelling(page(), [0] * FRAMES) is None
