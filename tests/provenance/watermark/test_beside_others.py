"""A marked picture beside others in one frame: content is judged where the mark lies."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import cv2
import numpy as np
import pytest

from provenance.watermark import WatermarkPayload
from provenance.watermark.carrier.rectification import mapped
from provenance.watermark.content.fingerprint import fingerprint_of_marked
from provenance.watermark.content.fingerprint_match import is_same
from provenance.watermark.identification.decision import decide
from provenance.watermark.identification.reading import WatermarkReading
from provenance.watermark.identification.registry import Registry
from tests.provenance.watermark.marked import KEY, PAYLOAD, Luma, extraction, lumas, marked

pytestmark = pytest.mark.slow  # each looks for a mark in frames through and through

FRAMES = 6
Box = tuple[int, int, int, int]  # left, top, width, height
STRANGERS = ("kenji", "amara", "tomas")
OTHER = WatermarkPayload(7)

SCENES: dict[str, tuple[tuple[int, int], list[Box], Box]] = {
    "left of another": ((1024, 512), [(512, 0, 512, 512)], (0, 0, 512, 512)),
    "right of another": ((1024, 512), [(0, 0, 512, 512)], (512, 0, 512, 512)),
    "in a grid of four": (
        (1024, 1024),
        [(512, 0, 512, 512), (0, 512, 512, 512), (512, 512, 512, 512)],
        (0, 0, 512, 512),
    ),
    "400 pixels on a page": ((1280, 1000), [], (100, 300, 400, 400)),
    "on a telephone's page": ((390, 1200), [], (20, 200, 350, 350)),
    "over a larger moving picture": ((1280, 720), [(0, 0, 1280, 720)], (60, 60, 400, 400)),
}


@cache
def planes_of(name: str) -> tuple[Luma, ...]:
    """A sample portrait that sways, without a mark."""
    return tuple(lumas(name, FRAMES))


def laid_out(size: tuple[int, int], pictures: Sequence[tuple[Sequence[Luma], Box]]) -> list[Luma]:
    frames = [np.full((size[1], size[0]), 235, np.uint8) for _ in range(FRAMES)]
    for planes, (left, top, width, height) in pictures:
        for frame, plane in zip(frames, planes, strict=True):
            frame[top : top + height, left : left + width] = cv2.resize(
                plane, (width, height), interpolation=cv2.INTER_AREA
            )
    return frames


def overlap(box: Box, corners: Sequence[tuple[float, float]], size: tuple[int, int]) -> float:
    """Intersection over union of a box and a region in parts of a frame of this width and height."""
    left, top, width, height = box
    truth, found = np.zeros((2, size[1], size[0]), np.uint8)
    truth[top : top + height, left : left + width] = 1
    cv2.fillConvexPoly(found, np.rint(np.array(corners) * size).astype(np.int32), (1,))
    return float((truth & found).sum() / (truth | found).sum())


def through_jpeg(plane: Luma, quality: int) -> Luma:
    data = cv2.imencode(".jpg", plane, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)


def prints_of(planes: list[Luma]) -> bytes:
    return np.stack([fingerprint_of_marked(plane) for plane in planes]).tobytes()


def reading_of(frames: list[Luma], payload: WatermarkPayload = PAYLOAD) -> WatermarkReading:
    return next(one for one in extraction(frames).readings if one.payload == payload)


@pytest.mark.parametrize("scene", SCENES)
def test_its_content_is_compared_where_it_lies(scene: str) -> None:
    size, boxes, own = SCENES[scene]
    planes = marked(planes_of("maya"))
    beside = list(zip(map(planes_of, STRANGERS), boxes, strict=False))
    reading = reading_of(laid_out(size, [*beside, (planes, own)]))
    assert is_same(reading.fingerprints, prints_of(planes)) is True
    corner = mapped(np.array([[0.0, 0.0]]), reading.geometry)[0]
    assert np.abs(corner - own[:2]).max() < 5
    assert [overlap(own, region.corners, size) > 0.95 for region in reading.regions] == [True]


def test_a_picture_at_the_foot_of_a_page_of_words_is_found() -> None:
    page = np.full((1920, 1080), 244, np.uint8)
    for line in range(40, 1440, 28):
        cv2.putText(page, "what was said in the hall that evening " * 2, (16, line), 0, 0.55, (60,), 1)
    own = (649, 1467, 412, 412)
    planes = marked(planes_of("maya"))
    frames = laid_out((1080, 1920), [([page] * FRAMES, (0, 0, 1080, 1920)), (planes, own)])
    reading = reading_of([through_jpeg(frame, 70) for frame in frames])
    assert is_same(reading.fingerprints, prints_of(planes)) is True
    assert overlap(own, reading.regions[0].corners, (1080, 1920)) > 0.95


def test_two_marked_pictures_side_by_side_are_two_answers() -> None:
    one, two = marked(planes_of("maya")), marked(planes_of("kenji"), OTHER)
    frames = laid_out((1024, 512), [(one, (0, 0, 512, 512)), (two, (512, 0, 512, 512))])
    registry = Registry(KEY)
    registry.add([PAYLOAD.watermark_id, OTHER.watermark_id, *range(100, 2000)])
    found = decide(extraction(frames), [registry])
    readings = dict(found.others) | {found.watermark_id: found.reading}
    assert set(readings) == {PAYLOAD.watermark_id, OTHER.watermark_id}
    for watermark_id, planes, left in ((PAYLOAD.watermark_id, one, 0), (OTHER.watermark_id, two, 512)):
        reading = readings[watermark_id]
        assert reading is not None
        assert overlap((left, 0, 512, 512), reading.regions[0].corners, (1024, 512)) > 0.95
        assert is_same(reading.fingerprints, prints_of(planes)) is True


def test_both_halves_of_a_duet_are_read_although_they_lie_otherwise() -> None:
    one, two = marked(planes_of("maya")), marked(planes_of("kenji"), OTHER)
    upper = [plane[30:460] for plane in one]
    lower = [plane[50:480] for plane in two]
    frames = laid_out((512, 860), [(upper, (0, 0, 512, 430)), (lower, (0, 430, 512, 430))])
    assert {reading.payload for reading in extraction(frames).readings} >= {PAYLOAD, OTHER}


@pytest.mark.parametrize("zoom", [1.08, 1.3])
def test_a_zoom_in_time_is_not_another_content(zoom: float) -> None:
    planes = marked(lumas("maya", 32))
    frames = []
    for number, plane in enumerate(planes):
        scale = 1 + (zoom - 1) * 0.5 * (1 - np.cos(2 * np.pi * number / len(planes)))
        matrix = np.array([[scale, 0, 256 * (1 - scale)], [0, scale, 256 * (1 - scale)]])
        frames.append(np.asarray(cv2.warpAffine(plane, matrix, (512, 512)), np.uint8))
    reading = extraction(frames, per_second=4).readings[0]
    assert is_same(reading.fingerprints, prints_of(planes)) is True


@pytest.mark.parametrize(("stranger", "of"), [("maya", "amara"), ("kenji", "maya"), ("tomas", "maya")])
def test_a_mark_on_another_content_is_still_told(stranger: str, of: str) -> None:
    reading = reading_of(marked(planes_of(stranger)))
    assert is_same(reading.fingerprints, prints_of(marked(planes_of(of)))) is False
    beside = laid_out(
        (1024, 512), [(marked(planes_of(stranger)), (0, 0, 512, 512)), (planes_of(of), (512, 0, 512, 512))]
    )
    assert is_same(reading_of(beside).fingerprints, prints_of(marked(planes_of(of)))) is False
