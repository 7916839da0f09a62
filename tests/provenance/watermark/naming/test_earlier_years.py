"""A mark of an earlier year is found where pictures usually lie, and what was left out is said."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from provenance.watermark import WatermarkKey
from provenance.watermark.identification.decision import WatermarkState, decide
from provenance.watermark.identification.registry import Registry
from tests.provenance.watermark.marked import KEY, PAYLOAD, Luma, extraction, lumas, marked, turned

pytestmark = pytest.mark.slow

FRAMES = 12
LATER = [WatermarkKey(bytes([number]) * 32) for number in range(9)]


def travelling(planes: list[Luma]) -> list[Luma]:
    """A window of 0.8 of the picture that travels 50 pixels."""
    return [
        np.asarray(
            cv2.warpAffine(plane, np.array([[1.25, 0, -100 + 50 * way], [0, 1.25, -70]]), (512, 512)),
            np.uint8,
        )
        for plane, way in zip(planes, np.linspace(0, 1, len(planes)), strict=True)
    ]


CHANGES: dict[str, Callable[[list[Luma]], list[Luma]]] = {
    "as it was marked": lambda planes: planes,
    "cropped by a quarter": lambda planes: [plane[60:444, 60:444] for plane in planes],
    "mirrored": lambda planes: [plane[:, ::-1] for plane in planes],
    "turned by 5 degrees": lambda planes: turned(planes, 5),
    "another size": lambda planes: [np.asarray(cv2.resize(plane, (640, 400)), np.uint8) for plane in planes],
    "moving": travelling,
}


@pytest.fixture(scope="module")
def clip() -> list[Luma]:
    return marked(lumas("maya", FRAMES))


@pytest.mark.parametrize("change", CHANGES)
def test_the_mark_of_ten_years_ago_is_read(clip: list[Luma], change: str) -> None:
    found = extraction(CHANGES[change](clip), *LATER, KEY, per_second=6)
    assert (found.readings[0].payload, found.readings[0].key) == (PAYLOAD, len(LATER))


def test_a_file_without_a_mark_was_looked_at_everywhere_under_one_key() -> None:
    found = extraction(lumas("kenji", FRAMES))
    assert found.is_everywhere
    assert decide(found, [Registry(KEY)]).state is WatermarkState.NOT_FOUND


def test_what_was_left_out_under_many_keys_is_said() -> None:
    found = extraction(lumas("kenji", FRAMES), KEY, *LATER)
    assert not found.is_everywhere
    registries = [Registry(key) for key in (KEY, *LATER)]
    assert decide(found, registries).state is WatermarkState.NOT_FOUND


def test_a_search_that_takes_too_long_ends_without_an_answer() -> None:
    found = extraction(lumas("kenji", 2), most_s=-1.0)
    assert not found.is_everywhere
    assert decide(found, [Registry(KEY)]).state is WatermarkState.INCONCLUSIVE
