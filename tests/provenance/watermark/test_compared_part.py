"""How much of a marked picture is compared: as much as carries the mark, and the verdict claims no more."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import pytest

from provenance.watermark.identification.reading import WatermarkReading
from tests.provenance.watermark.marked import Luma, extraction, lumas, marked

pytestmark = pytest.mark.slow  # each looks for a mark in frames through and through


@pytest.fixture(scope="module")
def clip() -> list[Luma]:
    return marked(lumas())


def read(planes: Sequence[Luma]) -> WatermarkReading:
    return next(one for one in extraction(planes).readings if one.payload is not None)


def before(scene: Luma, planes: Sequence[Luma]) -> list[Luma]:
    """Head and shoulders of the planes before a scene that travels."""
    height, width = planes[0].shape
    person = np.zeros((height, width), np.float32)
    cv2.ellipse(person, (width // 2, round(0.45 * height)), (140, 190), 0, 0, 360, 1.0, -1)
    cv2.ellipse(person, (width // 2, round(1.08 * height)), (235, 170), 0, 0, 360, 1.0, -1)
    return [
        np.where(person > 0, plane, np.roll(scene, 7 * number, 1)).astype(np.uint8)
        for number, plane in enumerate(planes)
    ]


def test_a_whole_picture_is_compared_as_a_whole(clip: list[Luma]) -> None:
    assert read(clip).compared == 1


def test_of_a_person_before_another_background_the_person_alone_is_compared(clip: list[Luma]) -> None:
    rough = np.random.default_rng(3).normal(128, 60, (64, 64)).astype(np.float32)
    scene = np.clip(cv2.resize(rough, (512, 512), interpolation=cv2.INTER_CUBIC), 0, 255).astype(np.uint8)
    assert read(before(scene, clip)).compared < 0.7


def test_what_was_cropped_is_not_missed(clip: list[Luma]) -> None:
    assert read([np.ascontiguousarray(plane[40:480, 30:490]) for plane in clip]).compared > 0.9


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_no_reader_may_say_that_another_share_was_compared(clip: list[Luma], share: float) -> None:
    plain = read(clip).to_json()
    assert isinstance(plain, dict)
    with pytest.raises(ValueError, match=r"share|form"):
        WatermarkReading.from_json(plain | {"compared": share})
