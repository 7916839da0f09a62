"""What is found in some frames holds for those around them, and for no others."""

from __future__ import annotations

import numpy as np
import pytest

from generation.animation.capture.comparison import WIDTH, frames_to_compare, spread
from generation.animation.capture.face_tracking import TrackedFace
from generation.animation.capture.face_view import FaceView

FPS = 25.0
ONE = np.ones(WIDTH)


def faces(*confidences: float | None) -> list[TrackedFace | None]:
    view = FaceView(np.zeros((1, 1), np.uint8), 0.0, 0.0, 1.0)
    points = np.zeros((478, 3), np.float32)
    return [None if value is None else TrackedFace(points, value, view, view) for value in confidences]


def test_where_no_frame_was_compared_nothing_is_corrected():
    assert np.array_equal(spread([], [], 5, FPS), np.zeros((5, WIDTH)))


def test_of_one_frame_the_correction_holds_near_it_and_fades():
    found = spread([25], [ONE], 50, FPS)[:, 0]
    assert found[25] == pytest.approx(1.0, abs=0.02)
    assert (np.diff(found[:26]) >= 0).all()
    assert (np.diff(found[25:]) <= 0).all()
    assert found[[0, 14, 36, 49]] == pytest.approx(0.0, abs=0.01)


def test_frames_on_both_sides_of_a_long_gap_are_not_blended():
    at = [*range(0, 20, 2), *range(80, 100, 2)]
    found = spread(at, [(-1) ** (i < 50) * ONE for i in at], 100, FPS)[:, 0]
    assert found[:19] == pytest.approx(-1.0, abs=0.02)
    assert found[30:70] == pytest.approx(0.0, abs=0.01)
    assert found[81:] == pytest.approx(1.0, abs=0.02)


def test_between_compared_frames_the_correction_is_between_theirs():
    at = list(range(0, 50, 2))
    found = spread(at, [i * ONE for i in at], 49, FPS)[:, 0]
    assert found[10:40] == pytest.approx(np.arange(10, 40), abs=0.01)


def test_frames_are_compared_by_their_times_where_they_are_seen_well():
    seen = faces(0.9, 0.9, 0.9, None, None, None, 0.9, 0.1, 0.1, 0.9, 0.9, 0.9)
    assert frames_to_compare(seen, FPS) == [0, 2, 6, 9, 11]
    assert frames_to_compare(seen[:3], 5.0) == [0, 1, 2]
