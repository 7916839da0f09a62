from __future__ import annotations

import cv2
import numpy as np
import pytest

from provenance.watermark import (
    Embedder,
    WatermarkKey,
    WatermarkPayload,
    carrier,
    error_correction,
    extract,
)
from provenance.watermark.embedder import FrameTooSmall
from provenance.watermark.layout import layout_for
from provenance.watermark.payload import PAYLOAD_BITS
from tests.generation.pipeline.moving_portrait import moving_portrait, portrait

KEY = WatermarkKey(b"a key of the tests, not of service")
OTHER_KEY = WatermarkKey(b"another key, also not of service")
PAYLOAD = WatermarkPayload(0x0123456789ABCDEF)


@pytest.fixture(scope="module")
def marked() -> list[np.ndarray]:
    return list(Embedder(PAYLOAD, KEY).mark(moving_portrait("kenji", 10)))


def test_it_finds_the_exact_record_id(marked: list[np.ndarray]) -> None:
    reading = extract(marked, KEY)
    assert (reading.state, reading.record_id) == ("found", PAYLOAD.record_id)
    assert 0 < reading.false_positive_rate < 1e-9


def test_one_frame_is_enough_before_encoding(marked: list[np.ndarray]) -> None:
    reading = extract(marked[4:5], KEY)
    assert (reading.state, reading.frames_read) == ("found", 1)


@pytest.mark.parametrize("frames", range(1, 10))
def test_any_number_of_frames_is_looked_at(marked: list[np.ndarray], frames: int) -> None:
    assert extract(marked[:frames], KEY).record_id == PAYLOAD.record_id


def test_it_stops_reading_at_the_first_hit(marked: list[np.ndarray]) -> None:
    frames = iter(marked)
    assert extract(frames, KEY).frames_read == 8
    assert len(list(frames)) == 2


def test_another_key_finds_nothing(marked: list[np.ndarray]) -> None:
    reading = extract(marked, OTHER_KEY)
    assert (reading.state, reading.record_id) == ("not_found", None)


def test_unmarked_frames_hold_nothing() -> None:
    reading = extract(moving_portrait("kenji", 10), KEY)
    assert (reading.state, reading.record_id) == ("not_found", None)
    assert 0 < reading.false_positive_rate < 1e-9


def test_order_does_not_matter(marked: list[np.ndarray]) -> None:
    assert extract(marked[::-1], KEY).record_id == PAYLOAD.record_id


def test_marking_twice_gives_the_same_frames(marked: list[np.ndarray]) -> None:
    again = Embedder(PAYLOAD, KEY).mark(moving_portrait("kenji", 10))
    assert all((first == second).all() for first, second in zip(marked, again, strict=True))


def test_reading_twice_gives_the_same_reading(marked: list[np.ndarray]) -> None:
    assert extract(marked, KEY) == extract(marked, KEY)


@pytest.mark.parametrize("size", [176, 256, 300, 512])
def test_it_marks_other_sizes(size: int) -> None:
    frames = Embedder(PAYLOAD, KEY).mark(moving_portrait("maya", 8, size=size))
    assert extract(frames, KEY).record_id == PAYLOAD.record_id


@pytest.mark.parametrize(("width", "height"), [(360, 360), (640, 480), (720, 720)])
def test_a_scaled_copy_is_scaled_back(marked: list[np.ndarray], width: int, height: int) -> None:
    scaled = [cv2.resize(frame, (width, height), interpolation=cv2.INTER_AREA) for frame in marked]
    assert extract(scaled, KEY).record_id == PAYLOAD.record_id


def test_frames_of_another_size_are_passed_over(marked: list[np.ndarray]) -> None:
    reading = extract([marked[0], portrait("maya", 256), marked[1]], KEY)
    assert (reading.record_id, reading.frames_read) == (PAYLOAD.record_id, 2)


def test_a_mark_whose_word_fails_its_check_is_inconclusive() -> None:
    """What a mark damaged beyond decoding looks like: the pilot is there, the word is not one of ours."""
    layout = layout_for(KEY, carrier.block_count(512, 512))
    chance = np.random.default_rng(8).integers(0, 2, PAYLOAD_BITS, dtype=np.uint8)
    damaged = carrier.mark(portrait("tomas"), layout.spread(error_correction.encode(chance)))
    reading = extract([damaged], KEY)
    assert (reading.state, reading.record_id) == ("inconclusive", None)
    assert extract([damaged], OTHER_KEY).state == "not_found"


def test_no_frames_is_inconclusive() -> None:
    assert extract([], KEY).state == "inconclusive"


def test_frames_too_small_to_hold_a_mark_are_inconclusive() -> None:
    assert extract([portrait("maya", 64)], KEY).state == "inconclusive"


def test_it_refuses_to_mark_frames_that_are_too_small() -> None:
    with pytest.raises(FrameTooSmall, match="168x168"):
        Embedder(PAYLOAD, KEY).mark_frame(portrait("maya", 168))


def test_it_refuses_frames_of_another_form() -> None:
    with pytest.raises(ValueError, match="uint8"):
        Embedder(PAYLOAD, KEY).mark_frame(np.zeros((512, 512, 3), np.float32))
