"""What landmarks miss is found by comparing the picture with a rendered one, and nothing else is."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from generation.animation.capture.face_view import SIDE, FaceView
from generation.animation.capture.landmark_model import LandmarkModel
from generation.animation.capture.motion_fit import FrameFit
from generation.animation.capture.picture_fit import PictureFit
from generation.animation.geometry.rig import ACTION_INDEX
from tests.generation.animation.capture.views import AHEAD, NAME, actions_of, view_of
from tests.generation.animation.pictures import face_of, portrait
from tests.generation.animation.rendered import fitted

pytestmark = pytest.mark.slow  # each renders a face or asks the networks about one

TRUE = {"jawOpen": 0.5, "browInnerUp": 0.5, "mouthSmileLeft": 0.3, "mouthSmileRight": 0.3}
POSE = np.array([5.0, -3.0, 2.0, 0.0, 0.0, 0.0])


@pytest.fixture(scope="module")
def geometry() -> LandmarkModel:
    return LandmarkModel.geometric(fitted(NAME).points, fitted(NAME).head)


@pytest.fixture(scope="module")
def picture_fit(geometry) -> PictureFit:
    return PictureFit(fitted(NAME), geometry)


def test_what_landmarks_understate_is_found_in_the_picture(picture_fit):
    """The mesh network draws brows and chin too little: the picture shows how far they went."""
    seen = actions_of(TRUE | {"jawOpen": 0.3, "browInnerUp": 0.2})
    fit = picture_fit.refine(view_of(TRUE, POSE), FrameFit(seen, POSE, 0.01), AHEAD)
    for name in ("jawOpen", "browInnerUp"):
        column = ACTION_INDEX[name]
        assert abs(fit.actions[column] - TRUE[name]) < 0.6 * abs(seen[column] - TRUE[name]), name


def test_a_face_that_landmarks_put_beside_its_place_is_put_back(picture_fit, geometry):
    seen = POSE + np.array([0.0, 0.8, 0.8, 0.01, 0.01, 0.0])
    fit = picture_fit.refine(view_of(TRUE, POSE), FrameFit(actions_of(TRUE), seen, 0.01), AHEAD)
    true = geometry.project(actions_of(TRUE), POSE)
    before, after = (
        np.linalg.norm(geometry.project(actions, pose) - true, axis=1).mean()
        for actions, pose in ((actions_of(TRUE), seen), (fit.actions, fit.head_pose))
    )
    assert after < 0.7 * before


def test_what_is_right_already_stays(picture_fit):
    fit = picture_fit.refine(view_of(TRUE, POSE), FrameFit(actions_of(TRUE), POSE, 0.01), AHEAD)
    assert np.abs(fit.actions - actions_of(TRUE)).max() < 0.08
    assert fit.head_pose[:3] == pytest.approx(POSE[:3], abs=0.4)


def test_no_step_is_taken_that_makes_the_faces_less_alike(picture_fit, monkeypatch):
    start = FrameFit(actions_of(TRUE), POSE, 0.01)
    errors = iter([1.0, 1.1, 1.2])
    monkeypatch.setattr(f"{PictureFit.__module__}._difference", lambda *_: next(errors))
    fit = picture_fit.refine(view_of({"jawOpen": 0.1}, POSE), start, AHEAD)
    assert np.array_equal(fit.actions, start.actions)
    assert np.array_equal(fit.head_pose, start.head_pose)


def test_a_head_that_turns_further_than_the_renderer_would_is_left_to_the_landmarks(picture_fit):
    far = np.array([40.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    start = FrameFit(actions_of(TRUE), far, 0.01)
    assert picture_fit.refine(view_of(TRUE, far), start, AHEAD) is start


def test_actions_stay_between_rest_and_full_strength(picture_fit):
    fit = picture_fit.refine(
        view_of({"jawOpen": 1.0}, POSE), FrameFit(actions_of({"jawOpen": 0.9}), POSE, 0.01), AHEAD
    )
    assert fit.actions.min() >= 0
    assert fit.actions.max() <= 1


def test_a_view_shows_the_face_wherever_it_is_in_the_picture():
    image, points = portrait(NAME), face_of(NAME).points
    whole = FaceView.of(image, points)
    assert whole.grey.shape == (SIDE, SIDE)
    moved = points + np.array([image.shape[1], 0, 0], np.float32)
    assert FaceView.of(np.concatenate([image, image], 1), moved).grey == pytest.approx(whole.grey)


def test_a_face_at_the_edge_of_the_picture_has_a_view_too():
    image, points = portrait(NAME), face_of(NAME).points
    x, y = points[:, :2].min(0).astype(int) + 10
    cut = FaceView.of(image[y:, x:], points - np.array([x, y, 0], np.float32))
    assert cut.grey.shape == (SIDE, SIDE)
    assert cut.grey[SIDE // 2, SIDE // 2] == FaceView.of(image, points).grey[SIDE // 2, SIDE // 2]


@pytest.mark.parametrize(("along", "sign"), [(0, 1), (0, -1), (1, 1), (1, -1)])
def test_a_view_that_lies_beyond_an_edge_shows_the_edge_all_over(along, sign):
    image, points = portrait(NAME), face_of(NAME).points.copy()
    points[:, along] += sign * 3 * image.shape[1 - along]
    view = FaceView.of(image, points)
    edge = -1 if sign > 0 else 0
    assert view.grey.shape == (SIDE, SIDE)
    assert np.ptp(view.grey, axis=1 - along).max() <= 1
    line = np.take(image, [edge], axis=1 - along)
    first, side = int((view.top, view.left)[along]), int(view.side)
    line = np.take(line, np.clip(np.arange(first, first + side), 0, image.shape[along] - 1), axis=along)
    grey = cv2.resize(
        cv2.cvtColor(line, cv2.COLOR_RGB2GRAY),
        (1, SIDE) if along == 0 else (SIDE, 1),
        interpolation=cv2.INTER_AREA,
    )
    assert view.grey.take(0, axis=1 - along) == pytest.approx(grey.ravel(), abs=1)
