from __future__ import annotations

import numpy as np
import pytest

from provenance.watermark.content.fingerprint import fingerprint_of_found, fingerprint_of_marked
from provenance.watermark.content.fingerprint_match import FINGERPRINT_BYTES, is_same
from tests.generation.pipeline.moving_portrait import CAST
from tests.provenance.watermark.marked import Luma, extraction, lumas, marked, turned


def of_record(planes: list[Luma]) -> bytes:
    return b"".join(fingerprint_of_marked(plane).tobytes() for plane in planes)


def found_prints(planes: list[Luma]) -> np.ndarray:
    return extraction(planes, per_second=2).readings[0].fingerprints


@pytest.fixture(scope="module")
def clip() -> list[Luma]:
    return marked(lumas("maya", 8))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda c: c, id="untouched"),
        pytest.param(lambda c: [p[80:480, 60:460] for p in c], id="cropped"),
        pytest.param(lambda c: [p[:, ::-1] for p in c], id="mirrored"),
        pytest.param(lambda c: turned(c, 6), id="turned"),
        pytest.param(lambda c: [(p * 0.7 + 30).astype(np.uint8) for p in c], id="paler"),
    ],
)
def test_a_copy_shows_the_same(clip: list[Luma], change) -> None:
    assert is_same(found_prints(change(clip)), of_record(clip))


@pytest.mark.parametrize("name", [name for name in CAST if name != "maya"])
def test_another_portrait_shows_something_else(clip: list[Luma], name: str) -> None:
    other = [fingerprint_of_found(plane, np.eye(3)) for plane in lumas(name, 3)]
    assert is_same(np.stack(other), of_record(clip)) is False
    assert is_same(np.stack(other), of_record(clip), is_of_a_part=True) is None


def test_a_banner_over_a_video_does_not_make_it_another_one(clip: list[Luma]) -> None:
    covered = [plane.copy() for plane in clip]
    for plane in covered:
        plane[:62] = 40
        plane[420:] = 200
    assert is_same(found_prints(covered), of_record(clip)) is not False


def test_nothing_is_said_without_enough_to_compare(clip: list[Luma]) -> None:
    assert is_same(np.zeros((0, FINGERPRINT_BYTES), np.uint8), of_record(clip)) is None
    assert is_same(np.zeros((3, FINGERPRINT_BYTES), np.uint8), of_record(clip)) is None
    assert is_same(found_prints(clip), b"") is None
