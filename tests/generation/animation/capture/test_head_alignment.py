"""Where the head is, its hair and its outline say, not the mouth."""

from __future__ import annotations

import numpy as np
import pytest

from generation.animation.capture import picture_fit
from generation.animation.capture.face_view import FaceView
from generation.animation.capture.landmark_model import LandmarkModel
from generation.animation.capture.motion_fit import FrameFit
from generation.animation.capture.picture_fit import PictureFit
from tests.generation.animation.capture.views import AHEAD, NAME, actions_of, view_of
from tests.generation.animation.rendered import fitted

pytestmark = pytest.mark.slow

POSE = np.array([3.0, -2.0, 2.0, 0.02, 0.0, 0.0])
ASIDE = {"mouthLeft": 0.6, "mouthPucker": 0.5}
WEIGHTS = np.array([1.0, 1.0, 1.0, 50.0, 50.0, 50.0])  # of degrees and head widths


@pytest.fixture(scope="module")
def fit() -> PictureFit:
    return PictureFit(fitted(NAME), LandmarkModel.geometric(fitted(NAME).points, fitted(NAME).head))


def aligned(fit: PictureFit, seen: np.ndarray, actions: dict[str, float] = ASIDE) -> np.ndarray:
    head = view_of(ASIDE, POSE, cut=FaceView.of_head)
    return fit.aligned(head, FrameFit(actions_of(actions), seen, 0.01), AHEAD).head_pose


def off(found: np.ndarray) -> float:
    """The largest error of a pose, in degrees; a fiftieth of a head's width is one."""
    return float(np.abs(WEIGHTS * (found - POSE)).max())


@pytest.mark.parametrize(
    "by", [(0.0, 0.0, 2.5, 0.0, 0.0, 0.0), (1.5, 0.0, 0.0, -0.03, 0.0, 0.0), (0.0, 2.0, 0.0, 0.0, 0.02, 0.0)]
)
def test_a_head_that_landmarks_place_beside_its_outline_is_put_back(fit, by):
    found = aligned(fit, POSE + np.array(by))
    before, after = (np.linalg.norm(WEIGHTS * error) for error in (np.array(by), found - POSE))
    assert after < 0.5 * before


def test_a_mouth_that_landmarks_miss_does_not_turn_the_head(fit):
    assert off(aligned(fit, POSE, {})) < 0.5


def test_a_head_in_its_place_stays(fit):
    assert off(aligned(fit, POSE)) < 0.15


def test_a_brighter_picture_moves_nothing(fit):
    head = view_of(ASIDE, POSE, cut=FaceView.of_head)
    brighter = np.clip(head.grey.astype(int) + 12, 0, 255).astype(np.uint8)
    head = FaceView(brighter, head.left, head.top, head.side)
    found = fit.aligned(head, FrameFit(actions_of(ASIDE), POSE, 0.01), AHEAD).head_pose
    assert off(found) < 0.4


def test_a_picture_that_shows_nothing_leaves_the_pose_to_the_landmarks(fit):
    head = view_of(ASIDE, POSE, cut=FaceView.of_head)
    empty = FaceView(np.full_like(head.grey, 128), head.left, head.top, head.side)
    found = fit.aligned(empty, FrameFit(actions_of(ASIDE), POSE, 0.01), AHEAD).head_pose
    assert off(found) < 4.0


def test_a_view_that_shows_nothing_of_the_head_leaves_the_pose_to_the_landmarks(fit):
    head = view_of(ASIDE, POSE, cut=FaceView.of_head)
    elsewhere = FaceView(head.grey, head.left + 100 * head.side, head.top, head.side)
    found = fit.aligned(elsewhere, FrameFit(actions_of(ASIDE), POSE, 0.01), AHEAD).head_pose
    assert np.array_equal(found, POSE)


def test_a_frame_is_drawn_once_for_the_same_motion(fit):
    once = fit._frame(actions_of(ASIDE), POSE, AHEAD)
    assert fit._frame(actions_of(ASIDE), POSE, AHEAD) is once
    assert len(once) == picture_fit.SIZE
    assert not np.array_equal(fit._frame(actions_of({}), POSE, AHEAD), once)
