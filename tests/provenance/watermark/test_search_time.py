"""What a search has no time for is noted, and parts of the frames have no time of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace

import numpy as np
import pytest

from provenance.watermark import extractor as extracting
from provenance.watermark.coding import error_correction
from provenance.watermark.coding.payload import WatermarkKey, WatermarkPayload
from provenance.watermark.extractor import Extractor
from provenance.watermark.identification.reading import Extraction, WatermarkReading
from provenance.watermark.search_plan import MOST_S, _Plan, attempts

KEYS = [WatermarkKey(bytes(32))]


@pytest.fixture
def given_s(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time that each search was given; the second one does not get through."""
    given: list[float] = []

    def search(
        _sum: object, _keys: object, result: Extraction, *, most_s: float, **_: object
    ) -> list[object]:
        given.append(most_s)
        result.is_everywhere = len(given) == 1
        return []

    monkeypatch.setattr(extracting, "attempts", search)
    return given


def frames() -> Extractor:
    extractor = Extractor()
    extractor.add(np.zeros((128, 128), np.uint8))
    return extractor


def test_travelling_pictures_that_there_was_no_time_to_look_for_are_noted(
    given_s: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert frames().read(KEYS).is_everywhere
    given_s.clear()
    monkeypatch.setattr(extracting, "MOST_BEFORE_WINDOWS_S", -1.0)
    assert not frames().read(KEYS).is_everywhere


def test_windows_have_what_is_left_of_the_time_and_what_they_missed_is_noted(
    given_s: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    travel = SimpleNamespace(seen=[0], cut=lambda luma, _number: luma)
    monkeypatch.setattr(extracting, "travelling", lambda *_: travel)
    assert not frames().read(KEYS).is_everywhere
    whole_s, of_windows_s = given_s
    assert of_windows_s <= whole_s == MOST_S


def test_once_the_time_is_over_nothing_is_begun_in_windows(
    given_s: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extracting, "travelling", lambda *_: pytest.fail("looked for"))
    assert not frames().read(KEYS, most_s=-1.0).is_everywhere


@pytest.mark.parametrize(("strength", "is_enough"), [(12.5, True), (11.0, False)])
def test_a_word_beyond_doubt_ends_the_search_however_faint_its_pilot(
    monkeypatch: pytest.MonkeyPatch, strength: float, is_enough: bool
) -> None:
    key, payload = KEYS[0], WatermarkPayload(7)
    signs = 2.0 * error_correction.encode(payload.to_bits(key)) - 1.0
    asked: list[bool] = []

    def search(
        _sum: object, _keys: object, _result: object, *, is_enough: Callable[[], bool], **_: object
    ) -> Iterator[WatermarkReading]:
        asked.append(is_enough())
        for pilot, bits in ((4.0, np.zeros(256)), (5.0, signs * strength / 256)):
            yield WatermarkReading(0, pilot, None, bits.astype(np.float32), np.eye(3))
        asked.append(is_enough())

    monkeypatch.setattr(extracting, "attempts", search)
    (word, *_) = frames().words(KEYS)
    assert word.payload == payload
    assert asked == [False, is_enough]


def test_once_enough_was_found_nothing_is_searched_in_other_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    extractor = frames()
    assert extractor._sum is not None
    monkeypatch.setattr(_Plan, "_searched", lambda *_: pytest.fail("searched"))
    monkeypatch.setattr(_Plan, "_aslant", lambda *_: pytest.fail("searched"))
    for keys in (KEYS, [*KEYS, WatermarkKey(bytes(31) + b"1")]):
        result = Extraction()
        list(attempts(extractor._sum, keys, result, is_enough=lambda: True))
        assert result.is_everywhere
