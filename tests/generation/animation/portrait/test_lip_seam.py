from __future__ import annotations

import numpy as np
import pytest

from generation.animation.portrait.head_fit import inner_lips
from generation.animation.portrait.lip_seam import lips_closed, trace_lip_seam
from tests.generation.animation.pictures import NAMES
from tests.generation.animation.rendered import fitted

pytestmark = pytest.mark.slow

SIDE = 640  # canvas of a frame with one pixel a frame unit


def test_it_follows_a_dark_line_that_the_network_missed():
    points = np.zeros((478, 3))
    points[61, :2], points[291, :2] = (220, 300), (300, 300)
    x = np.linspace(222, 298, 11)
    guess = np.stack([x, np.full(11, 301.0), np.zeros(11)], 1)
    canvas = np.full((SIDE, SIDE, 3), 180, np.uint8)
    true = 300 + 3 * np.sin((np.arange(200, 321) - 220) / 80 * np.pi)
    for column, y in zip(np.arange(200, 321), true, strict=True):
        canvas[round(float(y)) + 64 - 1 : round(float(y)) + 64 + 2, column + 64] = 90
    line = trace_lip_seam(canvas, points, guess, guess)
    assert np.abs(line[:, 1] - np.interp(line[:, 0], np.arange(200, 321), true)).max() < 1.2
    assert line[0, 0] == pytest.approx(220, abs=1)
    assert line[-1, 0] == pytest.approx(300, abs=1)


@pytest.mark.parametrize("name", NAMES)
def test_the_cast_has_closed_lips(name):
    assert lips_closed(*inner_lips(fitted(name).points))


def test_lips_apart_are_not_closed():
    upper = np.stack([np.linspace(0, 10, 11), np.zeros(11), np.zeros(11)], 1)
    assert not lips_closed(upper, upper + np.array([0, 4, 0]))
