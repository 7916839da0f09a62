"""A video without one face throughout is refused, with a code and the time."""

from __future__ import annotations

import numpy as np
import pytest

from generation.animation import Animator, CaptureRejected
from generation.animation.capture.refusals import REFUSALS
from tests.generation.animation.capture.performances import FPS, still
from tests.generation.animation.pictures import around_face, side_by_side

GREY = np.full((260, 260, 3), 128, np.uint8)


def capture(frames):
    return Animator.load("cpu").capture(frames, FPS)


def face(name="tomas", size=130.0):
    return around_face(name, size, view=2.0)


# Made by the test: to find the faces of all takes as long as to collect many files of tests.
REFUSED = {
    "capture_without_frames": list,
    "capture_without_face": lambda: still(GREY, 1.0),
    "capture_several_faces": lambda: still(side_by_side(face(), face("maya")), 0.2),
    "capture_face_lost": lambda: [*still(face(), 0.2), *still(GREY, 0.8)],
    "capture_face_too_small": lambda: still(face(size=70.0), 0.2),
}


@pytest.mark.parametrize("code", REFUSED)
def test_it_refuses(code):
    with pytest.raises(CaptureRejected) as caught:
        capture(iter(REFUSED[code]()))
    assert caught.value.code == code
    assert (caught.value.message, caught.value.hint) == REFUSALS[code]


def test_it_says_when_the_face_was_lost():
    with pytest.raises(CaptureRejected) as caught:
        capture([*still(face(), 0.4), *still(GREY, 1.0)])
    assert caught.value.time_s == pytest.approx(0.9, abs=0.15)


@pytest.mark.slow
def test_a_second_face_is_noticed_when_it_comes_in_later():
    alone, both = side_by_side(face(), GREY), side_by_side(face(), face("maya"))
    with pytest.raises(CaptureRejected) as caught:
        capture([*still(alone, 0.4), *still(both, 1.0)])
    assert caught.value.code == "capture_several_faces"


@pytest.mark.slow  # the one whose motion is captured to its end
def test_a_face_that_is_away_for_a_moment_is_bridged_without_confidence():
    track = capture([*still(face(), 0.2), *still(GREY, 0.2), *still(face(), 0.2)])
    assert np.flatnonzero(track.confidence == 0).tolist() == [5, 6, 7, 8, 9]
    assert np.abs(track.head_pose[:, :3]).max() < 1


def test_frames_of_another_form_are_a_value_error():
    with pytest.raises(ValueError, match="uint8"):
        capture([GREY.astype(np.float32)])
    with pytest.raises(ValueError, match="one size"):
        capture([face(), GREY[:100]])


def test_a_rate_that_no_track_has_is_refused_before_the_first_frame():
    frames = iter([face()])
    with pytest.raises(ValueError, match="fps"):
        Animator.load("cpu").capture(frames, 0)
    assert next(frames, None) is not None
