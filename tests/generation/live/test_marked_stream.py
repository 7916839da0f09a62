"""Nothing leaves without its mark, and what left can be played, hashed and read back."""

from __future__ import annotations

import contextlib
import hashlib
import io
from collections.abc import Callable
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from generation.disclosure.choice import Disclosure
from generation.disclosure.label import Label
from generation.live import marked_stream
from generation.live.marked_stream import MarkCheck, MarkedStream, MarkLost
from generation.pipeline.encode import luma_of
from generation.pipeline.read_back import LEAST_SCORE
from generation.pipeline.strength import STRENGTHS
from provenance.watermark import Extractor, WatermarkKey, WatermarkPayload
from tests.generation.pipeline.moving_portrait import moving_portrait

KEY, PAYLOAD = WatermarkKey(b"k" * 32), WatermarkPayload(0xABCDEF)
SIZE, FPS = 256, 25


class Heard:
    def __init__(self) -> None:
        self.data = b""
        self.segments: list[bytes] = []
        self.ends: list[int] = []
        self.checks: list[MarkCheck] = []

    def send(self, data: bytes) -> None:
        self.data += data

    def on_segment(self, number: int, digest: bytes) -> None:
        assert number == len(self.segments)
        self.segments.append(digest)
        self.ends.append(len(self.data))


@pytest.fixture(scope="module")
def frames() -> list[NDArray[np.uint8]]:
    return moving_portrait("maya", 60, size=SIZE)


@pytest.fixture
def made(frames: list[NDArray[np.uint8]]) -> tuple[MarkedStream, Heard]:
    heard = Heard()
    stream = MarkedStream(
        size=SIZE,
        fps=FPS,
        label=Label(Disclosure(), SIZE, SIZE),
        payload=PAYLOAD,
        key=KEY,
        warm_up=frames[:25],
        send=heard.send,
        on_segment=heard.on_segment,
        on_check=heard.checks.append,
    )
    return stream, heard


def spoken(stream: MarkedStream, frames: list[NDArray[np.uint8]], repeat: Callable[[int], bool]) -> None:
    for number, frame in enumerate(frames):
        stream.write_sound(np.full(640, 0.1, np.float32))
        if repeat(number):
            stream.repeat()
        else:
            stream.write(frame)
    stream.finish()


def spoken_without_end(stream: MarkedStream, frames: list[NDArray[np.uint8]]) -> None:
    for frame in frames:
        stream.write(frame)
        stream._checker.submit(int).result()  # the check before has ended


def decoded(data: bytes) -> tuple[list[Any], list[Any]]:
    with av.open(io.BytesIO(data)) as container:
        return list(container.decode(video=0)), list(av.open(io.BytesIO(data)).decode(audio=0))


@pytest.mark.slow
def test_what_left_plays_with_a_frame_for_each_step_and_sound_as_long(
    made: tuple[MarkedStream, Heard], frames: list[NDArray[np.uint8]]
) -> None:
    stream, heard = made
    spoken(stream, frames, repeat=lambda number: number in {10, 11, 40})
    pictures, sounds = decoded(heard.data)
    assert [round(picture.time * FPS) for picture in pictures] == list(range(60))
    assert (stream.frames, stream.repeated) == (60, 3)
    assert abs(sum(sound.samples for sound in sounds) / 48_000 - 60 / FPS) < 0.08


@pytest.mark.slow
def test_the_mark_is_read_from_it_and_from_its_middle(
    made: tuple[MarkedStream, Heard], frames: list[NDArray[np.uint8]]
) -> None:
    stream, heard = made
    spoken(stream, frames, repeat=lambda number: 20 < number < 24)
    pictures, _ = decoded(heard.data)
    extractor = Extractor()
    for picture in pictures[20:45]:
        extractor.add(luma_of(picture))
    assert [one.payload for one in extractor.read([KEY]).readings][:1] == [PAYLOAD]


def test_each_second_has_the_hash_of_its_bytes(
    made: tuple[MarkedStream, Heard], frames: list[NDArray[np.uint8]]
) -> None:
    stream, heard = made
    spoken(stream, frames, repeat=lambda _: False)
    begins = [0, *heard.ends]
    pieces = [heard.data[begin:end] for begin, end in zip(begins, heard.ends, strict=False)]
    assert [hashlib.sha256(piece).digest() for piece in pieces] == heard.segments
    assert len(heard.segments) == 3
    assert heard.ends[-1] == len(heard.data)


def test_the_mark_is_read_back_while_it_runs(
    made: tuple[MarkedStream, Heard], frames: list[NDArray[np.uint8]]
) -> None:
    stream, heard = made
    spoken(stream, frames, repeat=lambda _: False)
    assert [check.segment for check in heard.checks] == [0]
    assert heard.checks[0].score >= LEAST_SCORE


def test_a_stream_whose_mark_cannot_be_read_stops(
    made: tuple[MarkedStream, Heard], frames: list[NDArray[np.uint8]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is decoded is grey: as if the encoder had taken everything away."""
    grey = np.full((SIZE, SIZE), 128, np.uint8)
    monkeypatch.setattr(marked_stream, "decoded", lambda group, extradata: iter([grey] * 8))
    monkeypatch.setattr(marked_stream, "CHECK_EVERY_S", 1)
    stream, heard = made
    with pytest.raises(MarkLost):
        spoken_without_end(stream, frames * 3)
    assert heard.checks[0].strength == STRENGTHS[-1]


def test_a_check_that_breaks_counts_as_a_mark_that_is_not_there(
    made: tuple[MarkedStream, Heard], frames: list[NDArray[np.uint8]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(group: object, extradata: object) -> None:
        raise av.error.InvalidDataError(1, "broken")

    monkeypatch.setattr(marked_stream, "decoded", broken)
    stream, heard = made
    with contextlib.suppress(MarkLost):  # at once, where the greatest strength was needed from the start
        spoken(stream, frames, repeat=lambda _: False)
    assert heard.checks[0].score == 0
