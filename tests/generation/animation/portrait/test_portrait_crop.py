from __future__ import annotations

import numpy as np
import pytest

from generation.animation.portrait.portrait_crop import cut_frame, frame_square
from tests.generation.animation.pictures import face_of, portrait


def test_the_frame_holds_head_and_shoulders_inside_of_the_picture():
    left, top, side = frame_square(face_of("maya").points, 1024, 1024)
    cheeks = face_of("maya").points[[234, 454], :2]
    assert 2.0 < side / np.linalg.norm(cheeks[0] - cheeks[1]) <= 2.6
    assert left >= 0
    assert top >= 0
    assert left + side <= 1024
    assert top + side <= 1024


def test_a_narrow_picture_gets_a_closer_view_rather_than_an_invented_side():
    points = face_of("kenji").points.copy()
    points[:, 0] -= 290
    left, _, side = frame_square(points, 734, 1024)
    assert side <= 734
    assert left >= 0


@pytest.mark.parametrize("square", [(100.0, 50.0, 800.0), (-60.0, 0.0, 1100.0), (10.0, 5.0, 300.0)])
def test_frame_units_and_canvas_pixels_agree(square):
    canvas, to_frame = cut_frame(portrait("tomas"), square)
    margin = (canvas.shape[0] - round(canvas.shape[0] / 1.25)) // 2
    scale = (canvas.shape[0] - 2 * margin) / 512
    # A point of the picture, a quarter into the frame, has the colour that the canvas has there.
    x, y = square[0] + square[2] * 0.45, square[1] + square[2] * 0.4
    u, v = to_frame[:, :2] @ (x, y) + to_frame[:, 2]
    at = np.rint((np.array([u, v]) + 0.5) * scale - 0.5 + margin).astype(int)
    there = canvas[at[1] - 2 : at[1] + 3, at[0] - 2 : at[0] + 3].mean((0, 1))
    here = portrait("tomas")[int(y) - 2 : int(y) + 3, int(x) - 2 : int(x) + 3].mean((0, 1))
    assert np.abs(there - here).max() < 12
