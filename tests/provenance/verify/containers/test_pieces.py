"""A short piece among other shots is found where it lies; what was looked at too little is named."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from provenance.verify.evidence.reader_report import WatermarkReport
from provenance.verify.reader import pieces
from provenance.verify.reader.pieces import Deadline, PieceSearch, shots_of
from provenance.verify.watermark_answer import BundledWatermarks
from provenance.watermark.glance import Glance
from provenance.watermark.identification.reading import Extraction
from tests.provenance.watermark.marked import KEY, PAYLOAD, Luma, lumas, marked

pytestmark = pytest.mark.slow

WIDTH, HEIGHT = 640, 360
QUALITY = 50
APART_S, PIECE_AT = 4, 20  # between the places that were looked at


def other_shot(number: int) -> Luma:
    """A frame without a mark, unlike that of any other number."""
    rng = np.random.default_rng(number)
    shapes = cv2.resize(rng.integers(0, 256, (9, 16)).astype(np.uint8), (WIDTH, HEIGHT))
    shown: Luma = np.clip(shapes + rng.normal(0, 6, (HEIGHT, WIDTH)), 0, 255).astype(np.uint8)
    return shown


def enlarged(luma: Luma) -> Luma:
    """A square frame as wide as a wide one, cut to its height."""
    wide = cv2.resize(luma, (WIDTH, WIDTH))
    return np.ascontiguousarray(wide[100 : 100 + HEIGHT])


def with_bars(luma: Luma) -> Luma:
    """A square frame as high as a wide one, between bars."""
    frame = np.full((HEIGHT, WIDTH), 16, np.uint8)
    left = (WIDTH - HEIGHT) // 2
    frame[:, left : left + HEIGHT] = cv2.resize(luma, (HEIGHT, HEIGHT), interpolation=cv2.INTER_AREA)
    return frame


def squeezed(luma: Luma) -> Luma:
    """A frame as a frugal encoder leaves it."""
    _, data = cv2.imencode(".jpg", luma, (cv2.IMWRITE_JPEG_QUALITY, QUALITY))
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)


def search(seconds: dict[int, list[Luma]], more: list[Luma], cpu_s: float = 600.0) -> PieceSearch:
    """A search that is given `more` frames of the piece where it asks for them."""

    def closer(begin_s: float, end_s: float, count: int) -> Iterator[tuple[int, Luma]]:
        if begin_s < PIECE_AT < end_s:
            yield from ((PIECE_AT + number // 2, luma) for number, luma in enumerate(more[:count]))

    glances = {second: Glance(frames[0].shape) for second, frames in seconds.items()}
    for second, frames in seconds.items():
        glances[second].add(frames[0])
    return PieceSearch(seconds, glances, closer, Deadline.within(cpu_s=cpu_s))


def shots(piece: Luma | None = None) -> dict[int, list[Luma]]:
    """Twelve shots of one frame each; the one at PIECE_AT is the piece."""
    seconds = {APART_S * number: [squeezed(other_shot(number))] for number in range(12)}
    return seconds if piece is None else seconds | {PIECE_AT: [piece]}


@pytest.mark.parametrize("laid", [enlarged, with_bars])
def test_a_shot_of_ours_among_others_is_found_by_a_single_frame_of_it(laid) -> None:
    frames = [squeezed(laid(luma)) for luma in marked(lumas(frames=4))]
    seconds = shots(frames[0])
    read = search(seconds, frames[1:]).read(seconds, [KEY])
    assert read is not None
    assert read.extraction.readings[0].payload == PAYLOAD
    assert set(read.seconds) == {PIECE_AT, PIECE_AT + 1}


def test_frames_are_taken_together_only_where_they_show_the_same() -> None:
    seconds = shots() | {1: [other_shot(0)], 45: [other_shot(11)], 46: [other_shot(11)]}
    assert shots_of(seconds)[0] == (0, 1)
    assert shots_of(seconds)[-1] == (44, 45, 46)
    assert len(shots_of(seconds)) == 12


def test_without_a_mark_there_is_nothing_and_single_frames_stay_coarse(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seconds = dict(list(shots().items())[:3])
    monkeypatch.setattr(pieces, "WORTH_A_LOOK", 100.0)
    looked = search(seconds, [])
    assert looked.read(seconds, [KEY]) is None
    assert not looked.unseen
    assert looked.is_everywhere
    assert looked.coarse == set(seconds)


def test_without_time_nothing_counts_as_looked_at() -> None:
    seconds = shots()
    looked = search(seconds, [], cpu_s=-1.0)
    assert looked.read(seconds, [KEY]) is None
    assert looked.unseen == set(seconds)
    assert not looked.is_everywhere


def test_what_was_looked_at_coarsely_is_named_in_seconds() -> None:
    report = WatermarkReport(
        None, Extraction(is_judged=True), duration_s=20.0, looked_at=(0, 4, 8, 12), coarse=(0, 4, 12)
    )
    reading = BundledWatermarks(bytes(32), []).interpret(report)
    assert reading.coarse == ((0.0, 8.0), (12.0, 20.0))
    assert reading.coarse_s == 16
