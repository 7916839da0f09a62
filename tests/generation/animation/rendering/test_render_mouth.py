from __future__ import annotations

import numpy as np
import pytest

from tests.generation.animation.pictures import NAMES
from tests.generation.animation.rendered import fitted, frame, landmark, neutral, renderer

pytestmark = pytest.mark.slow

LIPS_CENTRE = (13, 14)


def gap(actions: dict[str, float], name: str = "amara") -> float:
    """Largest distance between the lips' inner edges, in face widths."""
    frame(actions, name=name)
    render = renderer(name)
    lip_gap = render._mouth.lip_gap(render._deformer.projected)
    return float(lip_gap.height.max() / fitted(name).head.head_width)


@pytest.mark.parametrize("name", NAMES)
def test_an_opened_jaw_parts_the_lips_and_shows_a_dark_cavity(name):
    x, y = (np.mean([landmark(i, name)[k] for i in LIPS_CENTRE]) for k in (0, 1))
    opened = frame({"jawOpen": 0.5}, name=name)
    assert gap({"jawOpen": 0.5}, name) > 0.08
    inside = opened[int(y) + 9 : int(y) + 14, int(x) - 4 : int(x) + 5].astype(float).mean()
    lips = neutral(name)[int(y) - 6 : int(y) + 7, int(x) - 6 : int(x) + 7].astype(float).mean()
    assert inside < 0.75 * lips


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("strength", [0.2, 0.5, 1.0])
def test_mouth_close_undoes_what_jaw_open_opens(name, strength):
    assert gap({"jawOpen": strength, "mouthClose": strength}, name) < 0.01


def test_teeth_are_brighter_than_the_cavity():
    smiling = frame(
        {"jawOpen": 0.15, "mouthUpperUpLeft": 0.6, "mouthUpperUpRight": 0.6, "mouthSmileLeft": 0.4,
         "mouthSmileRight": 0.4}
    )  # fmt: skip
    x, y = landmark(13)
    column = smiling[int(y) - 12 : int(y) + 16, int(x) - 3 : int(x) + 4].astype(float).mean((1, 2))
    lips = neutral()[int(y) - 6 : int(y) + 7, int(x) - 6 : int(x) + 7].astype(float).mean()
    assert column.max() > 1.25 * lips


def test_the_inside_does_not_show_between_closed_lips():
    x, y = landmark(13)
    closed = frame({"browInnerUp": 1.0, "eyeBlinkLeft": 1.0})
    box = np.s_[int(y) - 8 : int(y) + 9, int(x) - 20 : int(x) + 21]
    assert np.abs(closed[box].astype(int) - neutral()[box]).max() <= 2


def test_lower_teeth_never_fill_half_of_an_opening_however_far_the_lip_is_drawn_down():
    frame({"jawOpen": 0.2, "mouthFunnel": 0.8})
    mouth, render = renderer()._mouth, renderer()
    lip_gap = mouth.lip_gap((render._deformer.projected + 0.5) * render._scale - 0.5)
    middle = int(lip_gap.height.argmax())
    top = mouth._points[mouth._second + mouth._incisors, 1].min()
    assert lip_gap.lower[middle] - top < 0.45 * lip_gap.height[middle]
