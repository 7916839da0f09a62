"""How far a head can turn, and what becomes of motion that goes further."""

from __future__ import annotations

import numpy as np
import pytest

from generation.animation.portrait.turn_limits import turn_limits
from tests.generation.animation.rendered import fitted


def posed(yaw: float = 0.0, pitch: float = 0.0) -> np.ndarray:
    return np.array([yaw, pitch, 3.0, 0.1, 0.2, 0.3], np.float32)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["amara", "kenji", "maya", "tomas"])
def test_a_face_that_looks_ahead_turns_by_25_degrees_as_commanded(name):
    limits = fitted(name).turn_limits
    for pose in (posed(25), posed(-25), posed(0, 15), posed(0, -15)):
        assert (limits.bounded(pose) == pose).all()


def test_a_head_turned_away_in_its_picture_can_hardly_be_turned_back():
    limits = turn_limits(-32, 0)
    assert limits.right < 15 < limits.left < 25
    assert limits.bounded(posed(25))[0] < 15
    assert limits.up == limits.down == turn_limits(0, 0).up


def test_either_side_is_treated_alike():
    assert turn_limits(25, 0).left == turn_limits(-25, 0).right
    assert turn_limits(0, 25).up == turn_limits(0, -25).down


def test_motion_is_compressed_without_a_jump_and_never_reversed():
    limits = turn_limits(-32, 0)
    angles = np.arange(-60, 60, 0.5)
    turned = np.array([limits.bounded(posed(angle))[0] for angle in angles])
    assert (np.diff(turned) >= 0).all()
    assert np.diff(turned).max() <= 0.501
    assert turned.max() <= limits.right + 1e-3
    assert -turned.min() <= limits.left + 1e-3


def test_everything_but_the_turn_is_left_as_it_is():
    pose = posed(40, 40)
    assert (turn_limits(-32, 0).bounded(pose)[2:] == pose[2:]).all()
