"""A picture on its side is set upright, and what is accepted renders."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from generation.animation.track.motion_track import MotionTrack
from generation.intake.picture import proof
from generation.intake.picture.proof import probe_track, prove_it_renders
from generation.intake.picture.upright import set_upright
from generation.intake.refusals import IntakeRefused
from tests.generation.animation.pictures import NAMES, around_face, portrait

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("turns", [1, 2, 3])
@pytest.mark.parametrize("name", NAMES)
def test_a_turned_picture_comes_out_upright(name: str, turns: int) -> None:
    turned = np.ascontiguousarray(np.rot90(portrait(name), turns))
    upright, turned_back = set_upright(turned)
    assert np.array_equal(upright, portrait(name))
    assert turned_back == 4 - turns


@pytest.mark.parametrize("degrees", [0.0, 20.0, -30.0])
def test_a_tilted_head_stays_as_it_is(degrees: float) -> None:
    image = around_face("kenji", 240, turned=degrees)
    upright, turns = set_upright(image)
    assert upright is image
    assert turns == 0


def test_a_picture_of_nothing_stays_as_it_is() -> None:
    grey = np.full((300, 400, 3), 128, np.uint8)
    assert set_upright(grey) == (grey, 0)


def test_what_is_accepted_has_been_rendered() -> None:
    proven = prove_it_renders(portrait("maya"))
    assert proven.warnings == ()
    assert proven.still.shape == (512, 512, 3)


def test_a_face_that_cannot_be_fitted_is_refused_with_a_code(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise IndexError("no columns")

    monkeypatch.setattr(proof, "fit_portrait", fails)
    with pytest.raises(IntakeRefused) as refusal:
        prove_it_renders(portrait("maya"))
    assert refusal.value.code == "face_not_animatable"


def test_a_face_that_does_not_move_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def at_rest() -> MotionTrack:
        zeros: NDArray[np.float32] = np.zeros((3, 52), np.float32)
        return MotionTrack(fps=25, actions=zeros, head_pose=zeros[:, :6], gaze=zeros[:, :2])

    monkeypatch.setattr(proof, "probe_track", at_rest)
    with pytest.raises(IntakeRefused) as refusal:
        prove_it_renders(portrait("maya"))
    assert refusal.value.code == "face_not_animatable"


def test_the_probe_opens_the_mouth_and_shuts_the_eyes() -> None:
    track = probe_track()
    assert len(track) == 3
    assert not track.actions[0].any()
    assert track.actions[1, MotionTrack.ACTIONS.index("jawOpen")] > 0
    assert track.actions[2, MotionTrack.ACTIONS.index("eyeBlinkLeft")] == 1
