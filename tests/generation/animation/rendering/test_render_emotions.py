"""Emotions at full strength are seen in the picture: measured on landmarks that are found in it again."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from generation.animation.face.landmarks import detect_faces
from generation.animation.motion.emotions import EMOTION_TABLE, sided
from tests.generation.animation.rendered import frame

pytestmark = pytest.mark.slow

INNER_BROWS, OUTER_BROWS = (55, 285), (46, 276)
UPPER_LIDS, LOWER_LIDS, EYE_CORNERS = (159, 386), (145, 374), (33, 133, 263, 362)
CORNERS, LIPS = (61, 291), (13, 14)


@cache
def _points(emotion: str, name: str) -> NDArray[np.float64]:
    """Landmarks (478, 2) of a rendered portrait with an emotion, in per cent of the distance of the outer
    corners of the eyes."""
    offsets = EMOTION_TABLE[emotion].offsets
    actions = {action: value for key, value in offsets.items() for action in sided(key)}
    (face,) = detect_faces(frame(actions, name=name))
    points = face.points[:, :2].astype(np.float64)
    return 100 * points / float(np.linalg.norm(points[33] - points[263]))


def _height(emotion: str, name: str, above: tuple[int, ...], below: tuple[int, ...]) -> float:
    points = _points(emotion, name)
    return float(points[list(below), 1].mean() - points[list(above), 1].mean())


def _raised(emotion: str, name: str, above: tuple[int, ...], below: tuple[int, ...]) -> float:
    return _height(emotion, name, above, below) - _height("neutral", name, above, below)


@pytest.mark.parametrize("name", ["amara", "tomas"])
def test_each_emotion_moves_brows_lids_and_mouth_its_own_way(name: str) -> None:
    inner = {e: _raised(e, name, INNER_BROWS, EYE_CORNERS) for e in EMOTION_TABLE}
    outer = {e: _raised(e, name, OUTER_BROWS, EYE_CORNERS) for e in EMOTION_TABLE}
    opening = {e: _raised(e, name, UPPER_LIDS, LOWER_LIDS) for e in EMOTION_TABLE}
    corners = {e: _raised(e, name, CORNERS, LIPS) for e in EMOTION_TABLE}
    assert inner["angry"] < -3
    assert inner["sad"] > 2
    assert inner["sad"] > outer["sad"] + 3
    assert inner["afraid"] > outer["afraid"] + 1 > 1
    assert min(inner["surprised"], outer["surprised"]) > 4
    assert min(opening["surprised"], opening["afraid"]) > 0.6
    assert opening["disgusted"] < -0.5
    assert corners["happy"] > corners["content"] > 1
    assert max(corners["sad"], corners["disgusted"]) < -4


@pytest.mark.parametrize("name", ["amara", "tomas"])
def test_fear_and_surprise_open_the_mouth(name: str) -> None:
    gap = {e: _raised(e, name, LIPS[:1], LIPS[1:]) for e in ("surprised", "afraid")}
    assert gap["surprised"] > 23
    assert gap["afraid"] > 14
