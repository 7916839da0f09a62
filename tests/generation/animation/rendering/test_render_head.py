from __future__ import annotations

import numpy as np
import pytest

from generation.animation.face.landmarks import detect_faces
from tests.generation.animation.rendered import frame

pytestmark = pytest.mark.slow

NOSE, CHEEKS, CROWN, CHIN = 1, (234, 454), 10, 152


def landmarks(*pose: float) -> np.ndarray:
    (face,) = detect_faces(frame(pose=pose))
    return face.points[:, :2]


def nose_between_cheeks(points: np.ndarray) -> float:
    left, right = points[CHEEKS[0], 0], points[CHEEKS[1], 0]
    return float((points[NOSE, 0] - left) / (right - left))


def test_positive_yaw_turns_to_the_right_edge_of_the_picture():
    assert nose_between_cheeks(landmarks(12)) > nose_between_cheeks(landmarks(0)) + 0.08
    assert nose_between_cheeks(landmarks(-12)) < nose_between_cheeks(landmarks(0)) - 0.08


def test_positive_pitch_looks_down():
    def nose_down(points: np.ndarray) -> float:
        top, bottom = points[CROWN, 1], points[CHIN, 1]
        return float((points[NOSE, 1] - top) / (bottom - top))

    assert nose_down(landmarks(0, 9)) > nose_down(landmarks(0, 0)) + 0.02 > nose_down(landmarks(0, -9)) + 0.04


def test_positive_roll_tips_the_crown_to_the_right():
    def tilt(points: np.ndarray) -> float:
        across, down = points[CHIN] - points[CROWN]
        return float(np.degrees(np.arctan2(-across, down)))

    assert 7 < tilt(landmarks(0, 0, 10)) - tilt(landmarks()) < 13


def test_a_head_further_away_is_smaller_by_perspective():
    near, usual, far = (np.ptp(landmarks(0, 0, 0, 0, 0, z)[:, 0]) for z in (-2.0, 0, 2.5))
    # The camera stands 10 head widths away: 8 is 0.8 of that, 12.5 is 1.25.
    assert abs(near / usual - 1.25) < 0.04
    assert abs(far / usual - 0.8) < 0.03
