"""A picture that lies still over a marked picture of somebody else, which fills the frame."""

from __future__ import annotations

import cv2
import pytest

from provenance.watermark import Extractor, WatermarkPayload
from provenance.watermark.content.fingerprint_match import is_same
from provenance.watermark.identification.decision import decide
from provenance.watermark.identification.reading import Extraction
from provenance.watermark.identification.registry import Registry
from provenance.watermark.overlaid import bare_parts
from tests.provenance.watermark.marked import KEY, OTHER_KEY, PAYLOAD, Luma, extraction, lumas, marked
from tests.provenance.watermark.test_beside_others import overlap, prints_of, through_jpeg

pytestmark = pytest.mark.slow

FRAMES, PER_SECOND = 16, 8
SIZE = (960, 640)
OTHER = WatermarkPayload(7)
QUALITY = 80


def over(planes: list[Luma], place: tuple[int, int, int]) -> list[Luma]:
    """Planes at a place (left, top, side) over somebody else, who carries OTHER."""
    left, top, side = place
    frames = []
    for sheet, plane in zip(marked(lumas("tomas", FRAMES), OTHER), planes, strict=True):
        frame = cv2.resize(sheet, (SIZE[0], SIZE[0]))[100 : 100 + SIZE[1]].copy()
        frame[top : top + side, left : left + side] = cv2.resize(
            plane, (side, side), interpolation=cv2.INTER_AREA
        )
        frames.append(through_jpeg(frame, QUALITY))
    return frames


def registry() -> Registry:
    known = Registry(KEY)
    known.add([PAYLOAD.watermark_id, OTHER.watermark_id, *range(100, 2000)])
    return known


@pytest.mark.parametrize("place", [(40, 60, 360), (480, 150, 430)])
def test_both_are_named_each_with_its_region(place: tuple[int, int, int]) -> None:
    planes = marked(lumas("maya", FRAMES))
    decision = decide(extraction(over(planes, place), per_second=PER_SECOND), [registry()])
    assert decision.watermark_id is not None
    assert decision.reading is not None
    named = {decision.watermark_id: decision.reading, **dict(decision.others)}
    assert named.keys() == {PAYLOAD.watermark_id, OTHER.watermark_id}
    reading = named[PAYLOAD.watermark_id]
    assert is_same(reading.fingerprints, prints_of(planes)) is True
    assert [region.second for region in reading.regions] == [0, 1]
    assert overlap((place[0], place[1], place[2], place[2]), reading.regions[0].corners, SIZE) > 0.9


def test_an_unmarked_one_is_nobodys() -> None:
    decision = decide(
        extraction(over(lumas("maya", FRAMES), (480, 150, 430)), per_second=PER_SECOND), [registry()]
    )
    assert decision.watermark_id == OTHER.watermark_id
    assert not decision.others


def test_what_was_looked_at_counts_among_the_tests() -> None:
    """The bounds of a false match are for all rows of soft bits."""
    alone = extraction(over(lumas("maya", FRAMES), (480, 150, 430)), per_second=PER_SECOND)
    sheet = [
        cv2.resize(one, (SIZE[0], SIZE[0]))[100 : 100 + SIZE[1]]
        for one in marked(lumas("tomas", FRAMES), OTHER)
    ]
    plain = extraction([through_jpeg(one, QUALITY) for one in sheet], per_second=PER_SECOND)
    assert alone.attempts > plain.attempts


def test_one_of_another_years_key_is_read_too() -> None:
    planes = marked(lumas("maya", FRAMES))
    found = extraction(over(planes, (480, 150, 430)), OTHER_KEY, KEY, per_second=PER_SECOND)
    assert {one.payload for one in found.readings} >= {PAYLOAD, OTHER}


@pytest.mark.parametrize("name", ["amara", "kenji", "maya"])
def test_nothing_is_looked_for_over_a_picture_that_carries_its_word_everywhere(name: str) -> None:
    reader = Extractor()
    for number, plane in enumerate(marked(lumas(name, FRAMES))):
        reader.add(through_jpeg(plane, QUALITY), number // PER_SECOND)
    found: Extraction = reader.read([KEY])
    assert reader._sum is not None
    assert not bare_parts(found.readings[0], reader._sum, [KEY])
