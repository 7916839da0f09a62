"""Gaze and lids are corrected by the picture of the eyes, and by nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from generation.animation.capture.comparison import eye_corrections
from generation.animation.capture.eye_fit import (
    EyeFit,
    EyesSeen,
    follow,
    openness,
    set_openness,
    with_corrected_eyes,
)
from generation.animation.capture.eye_motion import BLINK, CORNERS, LIDS, WIDE
from generation.animation.capture.landmark_model import LandmarkModel
from generation.animation.capture.motion_fit import FrameFit
from generation.animation.rendering.eyes.eye_control import LID_FOLLOWS_UP
from generation.animation.rendering.renderer import Renderer
from tests.generation.animation.capture.views import AHEAD, NAME, SIZE, actions_of, view_of
from tests.generation.animation.rendered import fitted

pytestmark = pytest.mark.slow

STILL = np.zeros(6)
FAR = np.array([40.0, 0.0, 0.0, 0.0, 0.0, 0.0])
ASIDE = np.array([30.0, -4.0])
UP = np.array([0.0, -22.0])
WIDER = {"eyeWideLeft": 0.5, "eyeWideRight": 0.5}
NARROWER = {"eyeBlinkLeft": 0.12, "eyeBlinkRight": 0.12}


@pytest.fixture(scope="module")
def eye_fit() -> EyeFit:
    return EyeFit(Renderer(fitted(NAME), 256))


@pytest.fixture(scope="module")
def full_eye_fit() -> EyeFit:
    return EyeFit(Renderer(fitted(NAME), SIZE))


def seen(
    true: dict[str, float],
    true_gaze: np.ndarray,
    found: dict[str, float],
    gaze: np.ndarray,
    pose: np.ndarray = STILL,
) -> EyesSeen:
    performer = fitted(NAME)
    geometry = LandmarkModel.geometric(performer.points, performer.head)
    points = geometry.project(actions_of(found), pose)
    return EyesSeen(view_of(true, pose, true_gaze), points, FrameFit(actions_of(found), pose, 0.01), gaze)


@pytest.mark.parametrize("true", [WIDER, NARROWER, {}])
def test_eyes_that_landmarks_find_too_little_aside_are_turned_as_far_as_they_are(eye_fit, true):
    gaze = np.array([20.0, -4.0])
    found = eye_fit.refine(seen(true, ASIDE, {}, gaze))
    assert abs(found[0] - ASIDE[0]) < 0.5 * abs(gaze[0] - ASIDE[0])


def test_lids_that_landmarks_find_too_low_or_too_high_are_put_where_they_are(eye_fit, full_eye_fit):
    # Drawn at half the size, a wide eye is found .06 openings off.
    for true, fit in ((WIDER, full_eye_fit), (NARROWER, eye_fit)):
        wanted = openness(FrameFit(actions_of(true), STILL, 0.0), ASIDE)
        found = fit.refine(seen(true, ASIDE, {}, np.array([26.0, -4.0])))
        assert found[2:] == pytest.approx(wanted, abs=0.04)


def test_eyes_that_are_right_already_stay(full_eye_fit):
    found = full_eye_fit.refine(seen(WIDER, ASIDE, WIDER, ASIDE))
    assert found[:2] == pytest.approx(ASIDE, abs=2.0)
    assert found[2:] == pytest.approx(openness(FrameFit(actions_of(WIDER), STILL, 0.0), ASIDE), abs=0.04)


def test_eyes_that_are_closed_are_left_to_the_landmarks(eye_fit):
    shut = {"eyeBlinkLeft": 0.9, "eyeBlinkRight": 0.9}
    eyes = seen({}, ASIDE, shut, AHEAD)
    assert np.array_equal(eye_fit.refine(eyes), np.array([0.0, 0.0, -0.9, -0.9]))


def test_eyes_beyond_the_edge_of_a_view_are_left_to_the_landmarks(eye_fit):
    eyes = seen({}, ASIDE, {}, AHEAD)
    beyond = eyes._replace(points=eyes.points + np.array([400.0, 0.0]))
    assert np.array_equal(eye_fit.refine(beyond), np.zeros(4))


def test_eyes_of_a_profile_one_of_which_hides_the_other_are_left_to_the_landmarks(eye_fit):
    eyes = seen({}, ASIDE, {}, AHEAD)
    points = eyes.points.copy()
    hidden, front = (
        [*corners, *(i for pair in lids for i in pair)] for corners, lids in zip(CORNERS, LIDS, strict=True)
    )
    points[hidden] = points[front]
    assert np.array_equal(eye_fit.refine(eyes._replace(points=points)), np.zeros(4))


def test_eyes_of_a_head_that_turns_further_than_the_renderer_would_are_left_to_the_landmarks(eye_fit):
    eyes = seen({}, ASIDE, {}, AHEAD, FAR)
    assert np.array_equal(eye_fit.refine(eyes), np.zeros(4))


def test_corrections_do_not_depend_on_the_number_of_threads(eye_fit):
    frames = [seen({}, ASIDE, {}, AHEAD), seen(WIDER, AHEAD, {}, AHEAD), seen({}, -ASIDE, {}, AHEAD)]
    one, two = (eye_corrections(eye_fit, frames, threads) for threads in (1, 2))
    assert np.array_equal(one, two)


def test_openness_is_what_lids_are_set_to():
    for gaze in (AHEAD, UP, UP / 2):
        for opened in (np.array([-0.4, 0.2]), np.array([0.0, -1.0]), np.array([0.35, 0.1])):
            actions = actions_of(WIDER)
            fit = FrameFit(actions, STILL, 0.0)
            set_openness(actions, opened, follow(fit, gaze))
            assert openness(fit, gaze) == pytest.approx(opened)


@pytest.mark.parametrize("blink", [0.0, 0.1, 0.3, 0.49])
def test_lids_that_are_set_to_their_own_openness_in_a_look_up_stay(blink):
    before = actions_of({"eyeBlinkLeft": blink, "eyeBlinkRight": blink})
    actions = before.copy()
    fit = FrameFit(before, STILL, 0.0)
    set_openness(actions, openness(fit, UP), follow(fit, UP))
    assert np.maximum(actions[list(WIDE)] - LID_FOLLOWS_UP, 0.0) == pytest.approx(0.0)  # the renderer's own
    assert actions[list(BLINK)] == pytest.approx(before[list(BLINK)])


def test_a_correction_in_a_look_up_does_not_end_in_a_jump():
    more = np.array([0.0, 0.0, 0.1, 0.1])
    fits = [FrameFit(actions_of({"eyeBlinkLeft": b, "eyeBlinkRight": b}), STILL, 0.0) for b in (0.4999, 0.5)]
    before, after = (with_corrected_eyes(fit, UP, more)[0] for fit in fits)
    assert before == pytest.approx(after, abs=1e-3)


def test_lids_that_follow_a_look_up_are_open_as_the_renderer_has_them():
    assert openness(FrameFit(actions_of({}), STILL, 0.0), UP).min() > 0.1


def test_a_correction_fades_as_the_eyes_close():
    more = np.array([8.0, 0.0, 0.1, 0.1])
    gazes = []
    for blink in (0.0, 0.25, 0.5, 1.0):
        fit = FrameFit(actions_of({"eyeBlinkLeft": blink, "eyeBlinkRight": blink}), STILL, 0.0)
        actions, gaze = with_corrected_eyes(fit, AHEAD, more)
        gazes.append(gaze[0])
        if blink >= 0.5:
            assert np.array_equal(actions, fit.actions)
    assert gazes == pytest.approx([8.0, 4.0, 0.0, 0.0])


def test_without_a_correction_lids_stay_as_found():
    fit = FrameFit(actions_of(WIDER | {"eyeBlinkLeft": 0.1}), STILL, 0.0)
    actions, gaze = with_corrected_eyes(fit, ASIDE, np.zeros(4))
    assert np.array_equal(actions, fit.actions)
    assert np.array_equal(gaze, ASIDE)
    assert actions[list(BLINK)].max() == 0.1
    assert actions[list(WIDE)].min() == 0.5
