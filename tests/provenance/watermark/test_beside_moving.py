"""What may lie beside a picture, in the frame or in the seconds left, is looked for."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from provenance.verify.reader.watermark_by_part import ReadFrames, watermarks_by_second
from provenance.watermark import Extractor, WatermarkKey, WatermarkPayload, extractor
from provenance.watermark.completion import WordFit
from provenance.watermark.identification.reading import Extraction, MarkedRegion, WatermarkReading
from provenance.watermark.synchronisation.travelling import Travel
from tests.provenance.watermark.marked import KEY, PAYLOAD, Luma, extraction, lumas, marked
from tests.provenance.watermark.test_moving_picture import (
    FRAMES,
    PER_SECOND,
    Fits,
    held_by_hand,
    seen,
    travelling,
)

pytestmark = pytest.mark.slow  # each looks for a mark in frames through and through


@pytest.fixture(scope="module")
def clip() -> list[Luma]:
    return marked(lumas("maya", FRAMES))


class Beside(Fits):
    """Fits as they are wanted, and in one second another mark: strong in it, little in four together."""

    def __init__(self, fits: dict[int, tuple[float, float]], *, strange: int) -> None:
        super().__init__(fits)
        self.strange = strange

    def fit_together(
        self, seconds: Sequence[int], reading: WatermarkReading, keys: Sequence[WatermarkKey]
    ) -> WordFit:
        fit = super().fit_together(seconds, reading, keys)
        return fit._replace(beside=90.0 / len(seconds) if self.strange in seconds else 0.0)


@pytest.mark.parametrize(
    ("seconds", "strange", "is_searched"),
    [
        ((3, 4, 5, 6), -1, False),
        ((3, 4, 5, 6), 5, True),  # in a third of them
        ((3, 4, 6, 7), -1, False),
        ((3, 5, 7, 9), 7, True),  # in a stretch
    ],
)
def test_another_mark_is_looked_for_where_a_part_of_what_is_left_may_hold_it(
    clip: list[Luma], seconds: tuple[int, ...], strange: int, is_searched: bool
) -> None:
    fits = {0: (6.0, 9.0), 1: (6.0, 9.0)} | dict.fromkeys(seconds, (3.0, 1.0))
    first = ReadFrames(extraction(clip[:16]), tuple(fits), Beside(fits, strange=strange))
    searched: list[int] = []
    by_second = dict.fromkeys(fits, clip[:4])
    watermarks_by_second(by_second, first, [KEY], lambda left, keys: searched.extend(left))
    assert searched == [*seconds] * is_searched


def test_beside_a_picture_that_leaves_room_another_mark_is_looked_for(clip: list[Luma]) -> None:
    fits = {0: (6.0, 9.0), 1: (5.0, 1.0)}
    small = ((0.1, 0.1), (0.5, 0.1), (0.5, 0.5), (0.1, 0.5))
    whole = extraction(clip[:16])
    inset = replace(whole.readings[0], regions=(MarkedRegion(0, small),))
    first = ReadFrames(replace(whole, readings=[inset]), (0, 1), Fits(fits))
    searched: list[int] = []
    by_second = {0: clip[:8], 1: clip[8:16]}
    watermarks_by_second(by_second, first, [KEY], lambda left, keys: searched.extend(left))
    assert searched == [1]


def test_behind_a_cut_another_mark_is_looked_for_although_the_picture_lies_still(clip: list[Luma]) -> None:
    first = ReadFrames(extraction(clip[:16]), (0, 1), Fits({0: (6.0, 9.0), 1: (5.0, 1.0)}))
    assert not first.extraction.readings[0].path
    searched: list[int] = []
    by_second = {0: clip[:8], 1: lumas("kenji", 8)}
    watermarks_by_second(by_second, first, [KEY], lambda left, keys: searched.extend(left))
    assert searched == [1]


def test_of_readings_without_a_word_along_one_path_each_is_completed(clip: list[Luma]) -> None:
    one = extraction(seen(clip, travelling()), per_second=PER_SECOND).readings[0]
    assert one.path
    wordless = [replace(one, payload=None, soft_bits=part * one.soft_bits) for part in (0.5, 0.4)]
    assert len(Extractor()._worth_completing(Extraction(readings=wordless), [KEY])) == 2
    assert len(Extractor()._worth_completing(Extraction(readings=[one, replace(one)]), [KEY])) == 1


def test_of_frames_without_detail_nothing_is_said_to_move() -> None:
    reader = Extractor()
    for _ in range(8):
        reader.add(np.full((256, 256), 16, np.uint8))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not reader.seems_marked([KEY])


@pytest.mark.parametrize(("move", "columns"), [(travelling, (0, 512)), (held_by_hand, (150, 350))])
def test_beside_a_picture_that_moves_another_one_is_found_or_said_to_be_possible(
    clip: list[Luma], move: Callable[[], Iterator[NDArray[np.float64]]], columns: tuple[int, int]
) -> None:
    other = WatermarkPayload(7)
    beside = [plane[:, slice(*columns)] for plane in marked(lumas("kenji", FRAMES), other)]
    frames = [np.hstack(both) for both in zip(seen(clip, move()), beside, strict=True)]
    found = extraction(frames, per_second=PER_SECOND)
    assert {one.payload for one in found.readings} >= {PAYLOAD, other} or not found.is_everywhere


def test_beside_a_picture_known_to_move_another_one_is_found() -> None:
    """The first one's word ended the search; a window in the left half of the frames travels down."""
    other = WatermarkPayload(7)
    back = lumas("maya", FRAMES)
    frames = [np.hstack(both) for both in zip(back, marked(lumas("kenji", FRAMES), other), strict=True)]
    path: dict[int, list[NDArray[np.float64]]] = {}
    for number in range(FRAMES):
        motion = np.array([[1.0, 0, 0], [0, 1, number / 2 - 2], [0, 0, 1]])
        path.setdefault(number // PER_SECOND, []).append(motion)
    half = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
    reader = Extractor()
    for number, luma in enumerate(frames):
        reader.add(luma, number // PER_SECOND)
    moving = WatermarkReading(
        0,
        7.0,
        PAYLOAD,
        np.zeros(256, np.float32),
        np.eye(3),
        path={second: tuple(motions) for second, motions in path.items()},
        regions=tuple(MarkedRegion(second, half) for second in path),
    )
    result = Extraction(readings=[moving])
    assert [one.payload for one in reader._in_the_rest([KEY], result, 10.0, is_searched=False)] == [other]
    assert not reader._in_the_rest([KEY], result, 10.0, is_searched=True)
    unplaced = Extraction(readings=[replace(moving, regions=())])
    assert not reader._in_the_rest([KEY], unplaced, 10.0, is_searched=False)
    assert not unplaced.is_everywhere


@pytest.mark.parametrize(("beside", "is_read"), [(80, False), (200, True)])
def test_paint_over_a_picture_that_was_found_is_not_read_as_one_that_travels(
    monkeypatch: pytest.MonkeyPatch, beside: int, is_read: bool
) -> None:
    """The windows about it are nearly all paint; those about another that it hides in part are not."""
    motions = {number: np.array([[1.0, 0, 100 + 9 * number], [0, 1, 90], [0, 0, 1]]) for number in range(6)}
    monkeypatch.setattr(extractor, "travelling", lambda *_: Travel((320, 320), motions, tuple(motions)))
    read: list[bool] = []
    search = Extractor._search

    def counted(self: Extractor, *arguments: Any, **settings: Any) -> bool:
        read.append(self._is_window)
        return search(self, *arguments, **settings)

    monkeypatch.setattr(Extractor, "_search", counted)
    rest = Extractor(is_rest=True)
    for number, luma in enumerate(lumas("maya", 6)):
        luma[90 : 410 - beside, 100 + 9 * number :][:, :320] = extractor.PAINT
        rest.add(luma)
    rest.read([KEY])
    assert (True in read) is is_read
