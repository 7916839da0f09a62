from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from generation.pipeline.pixel_report.stillness import Stillness

FPS = 25.0


def longest(moving: np.ndarray, speech: np.ndarray) -> float:
    """The longest stillness of a picture in which a bright square moves in some frames."""
    watch = Stillness(FPS)
    for place in np.cumsum(moving):
        frame = np.zeros((64, 64, 3), np.uint8)
        frame[:, place % 56 : place % 56 + 8] = 200
        watch.add(frame)
    return watch.longest_s(speech)


def test_a_picture_that_moves_is_not_still() -> None:
    assert longest(np.full(50, 3), np.ones(50, bool)) == 0.0


def test_a_picture_that_stops_in_speech_is() -> None:
    moving = np.full(100, 3)
    moving[20:70] = 0
    assert 1.8 <= longest(moving, np.ones(100, bool)) <= 2.1


def test_in_silence_it_may_be_still() -> None:
    moving = np.full(100, 3)
    moving[20:70] = 0
    assert longest(moving, np.zeros(100, bool)) == 0.0


@pytest.mark.parametrize("cuts", [(0, 30, 100), (0, 45, 70, 100), (0, 5, 12, 20, 100), (0, 40, 43, 100)])
def test_stretches_looked_at_apart_give_what_the_whole_gives(cuts: tuple[int, ...]) -> None:
    moving = np.full(100, 3)
    moving[20:70] = 0
    frames = []
    for place in np.cumsum(moving):
        frame = np.zeros((64, 64, 3), np.uint8)
        frame[:, place % 56 : place % 56 + 8] = 200
        frames.append(frame)
    together = Stillness(FPS)
    for start, stop in pairwise(cuts):
        apart = Stillness(FPS)
        for frame in frames[start:stop]:
            apart.add(frame)
        together.extend(Stillness.from_arrays(FPS, apart.to_arrays()))
    speech = np.ones(100, bool)
    assert together.longest_s(speech) == longest(moving, speech) > 1
