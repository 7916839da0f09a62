"""Muscles that pull together move the skin as neither does alone."""

from __future__ import annotations

import numpy as np
import pytest

from generation.animation.arrays import Float32Array
from generation.animation.geometry.rig import ACTION_INDEX, FaceRig
from generation.animation.portrait.brow_motion import LOWER
from generation.animation.rendering.muscle_combinations import combine_muscles
from tests.generation.animation.rendered import fitted

_BROW = LOWER[5:]  # the left one, from its inner end to its tail


def _combined(**actions: float) -> Float32Array:
    row = np.zeros(52, np.float32)
    for name, value in actions.items():
        row[ACTION_INDEX[name]] = value
    combine_muscles(row)
    return row


def _raised(row: Float32Array) -> Float32Array:
    """By how many millimetres each of five landmarks of the left brow rises: (5,)."""
    portrait = fitted("tomas")
    moved = np.tensordot(row, portrait.actions, 1) / portrait.head.scale
    return np.asarray(-1e3 * FaceRig.load().at_landmarks(moved)[list(_BROW), 1], np.float32)


def test_inner_ends_that_rise_and_draw_together_make_a_slope_of_the_brow() -> None:
    rise = _raised(_combined(browInnerUp=1.0, browDownLeft=0.38, browDownRight=0.38))
    assert rise[0] > 4.5
    assert rise[3:].max() < -1
    assert (np.diff(rise[:4]) < 0).all()


def test_a_frightened_brow_is_raised_as_a_whole() -> None:
    rise = _raised(_combined(browInnerUp=1.0, browOuterUpLeft=0.6, browDownLeft=0.5))
    assert rise.min() > 0


@pytest.mark.parametrize("name", ["browInnerUp", "browDownLeft", "browOuterUpLeft", "mouthUpperUpLeft"])
def test_one_muscle_alone_does_what_its_action_says(name: str) -> None:
    row = _combined(**{name: 0.8})
    assert row[ACTION_INDEX[name]] == pytest.approx(0.8)
    assert np.count_nonzero(row) == 1


def test_the_play_of_a_voice_changes_no_brow() -> None:
    row = _combined(browInnerUp=0.3, browDownLeft=0.25)
    assert abs(float(row[ACTION_INDEX["browOuterUpLeft"]])) < 1e-6


def test_a_wrinkled_nose_raises_a_raised_lip_further_and_opens_no_closed_one() -> None:
    raised = _combined(noseSneerLeft=1.0, mouthUpperUpLeft=0.8)
    assert raised[ACTION_INDEX["mouthUpperUpLeft"]] > 1.2
    assert _combined(noseSneerLeft=1.0)[ACTION_INDEX["mouthUpperUpLeft"]] == 0


def test_a_wrinkled_nose_draws_lowered_brows_further_down() -> None:
    frown = dict.fromkeys(("browDownLeft", "browDownRight"), 1.0)
    sneer = dict.fromkeys(("noseSneerLeft", "noseSneerRight"), 0.5)
    assert _raised(_combined(**frown, **sneer))[0] < _raised(_combined(**frown))[0] - 0.5


def test_a_lid_rises_further_below_a_raised_brow_than_below_a_lowered_one() -> None:
    lid = ACTION_INDEX["eyeWideLeft"]
    raised = _combined(eyeWideLeft=0.8, browInnerUp=1.0, browOuterUpLeft=1.0)
    assert raised[lid] > 0.9
    assert _combined(eyeWideLeft=0.8, browDownLeft=1.0)[lid] == pytest.approx(0.8)
