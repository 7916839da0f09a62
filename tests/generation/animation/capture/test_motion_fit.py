"""The fit inverts the landmark model, within the bounds of actions."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from scipy.optimize import lsq_linear

from generation.animation.capture.bounded_least_squares import solve_bounded
from generation.animation.capture.landmark_model import LandmarkModel
from generation.animation.capture.landmark_response import ASSET, LandmarkResponse
from generation.animation.capture.motion_fit import LIPS, FrameFit, fit_frame, landmark_weights
from generation.animation.geometry.rig import ACTION_INDEX, FaceRig
from generation.animation.portrait.head_fit import fit_head, inner_lips
from tests.generation.animation.pictures import face_of

pytestmark = pytest.mark.slow  # a head is fitted


@pytest.fixture(scope="module")
def model() -> LandmarkModel:
    points = face_of("maya").points.astype(np.float64)
    points *= 512 / 1024
    head = fit_head(FaceRig.load(), points, inner_lips(points))
    return LandmarkModel.geometric(points, head).corrected(LandmarkResponse.load(), head)


def test_the_solution_is_that_of_a_reference_solver():
    random = np.random.default_rng(3)
    design, target = random.normal(size=(40, 12)), random.normal(size=40)
    low, high = np.zeros(12), np.full(12, 0.3)
    found = solve_bounded(design.T @ design, design.T @ target, low, high, np.zeros(12))
    assert found == pytest.approx(lsq_linear(design, target, (low, high), tol=1e-12).x, abs=1e-5)


def test_at_rest_landmarks_are_where_they_are_seen(model):
    seen = face_of("maya").points[:468, :2] * 0.5
    assert np.abs(model.project(np.zeros(52), np.zeros(6)) - seen).max() < 1e-3


def test_a_known_motion_is_found_again(model):
    weights = np.zeros(52)
    for name, value in (("jawOpen", 0.5), ("mouthSmileLeft", 0.7), ("mouthSmileRight", 0.7)):
        weights[ACTION_INDEX[name]] = value
    pose = np.array([-11.0, 6.0, 4.0, 0.05, -0.02, 0.0])
    still = FrameFit(np.zeros(52), np.zeros(6), 0.0)
    fit = fit_frame(model, model.project(weights, pose), landmark_weights(), still)
    assert fit.head_pose[:3] == pytest.approx(pose[:3], abs=0.8)
    for name in ("jawOpen", "mouthSmileLeft", "mouthSmileRight"):
        assert fit.actions[ACTION_INDEX[name]] == pytest.approx(weights[ACTION_INDEX[name]], abs=0.15)
    assert fit.actions.min() >= 0
    assert fit.actions.max() <= 1


def test_lips_that_go_further_than_the_rig_do_not_carry_the_head_along(model):
    pose = np.array([6.0, -4.0, 2.0, 0.02, 0.01, 0.05])
    points = model.project(np.zeros(52), pose)
    points[LIPS, 1] -= 0.05 * model.head_width
    fit = fit_frame(model, points, landmark_weights(), FrameFit(np.zeros(52), np.zeros(6), 0.0))
    assert fit.head_pose[:3] == pytest.approx(pose[:3], abs=2.0)
    assert fit.head_pose[3:5] == pytest.approx(pose[3:5], abs=0.02)


def test_the_derivative_of_a_laugh_is_that_of_its_landmarks(model):
    """A smile holds the corners against the jaw: what one of them adds depends on the other."""
    weights, pose, step = np.zeros(52), np.array([8.0, -3.0, 2.0, 0.0, 0.0, 0.0]), 1e-4
    names = ("jawOpen", "mouthSmileLeft", "mouthSmileRight", "mouthClose")
    for name, value in zip(names, (0.5, 0.8, 0.6, 0.1), strict=True):
        weights[ACTION_INDEX[name]] = value
    image, by_actions, _ = model.linearise(weights, pose)
    for name in names:
        more = weights.copy()
        more[ACTION_INDEX[name]] += step
        assert (model.project(more, pose) - image) / step == pytest.approx(
            by_actions[ACTION_INDEX[name]], abs=0.05
        )


def test_the_response_is_the_one_whose_hash_is_written_beside_it():
    written = ASSET.with_suffix(".sha256").read_text().split()[0]
    assert hashlib.sha256(ASSET.read_bytes()).hexdigest() == written
