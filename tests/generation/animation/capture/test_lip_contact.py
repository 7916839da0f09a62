"""Lips that touch in the video touch on every face, whatever the jaw behind them does."""

from __future__ import annotations

import numpy as np
import pytest

from generation.animation.capture.landmark_model import LandmarkModel
from generation.animation.capture.lip_contact import CLOSE, close_lips, lip_opening
from generation.animation.geometry.rig import ACTION_INDEX, FaceRig
from generation.animation.portrait.head_fit import fit_head, inner_lips
from tests.generation.animation.pictures import face_of

STILL = np.zeros(6)


@pytest.fixture(scope="module")
def points() -> np.ndarray:
    return face_of("maya").points.astype(np.float64) * 0.5


@pytest.fixture(scope="module")
def geometry(points) -> LandmarkModel:
    return LandmarkModel.geometric(points, fit_head(FaceRig.load(), points, inner_lips(points)))


def pouting(**more: float) -> np.ndarray:
    weights = np.zeros(52)
    for name, value in ({"jawOpen": 0.5, "mouthPucker": 1.0} | more).items():
        weights[ACTION_INDEX[name]] = value
    return weights


def test_pouting_lips_that_are_seen_closed_are_closed(geometry, points):
    fitted, rest = pouting(), lip_opening(points)
    assert lip_opening(geometry.project(fitted, STILL)) > 0.02 * geometry.head_width
    fitted[CLOSE] = close_lips(geometry, points, fitted, STILL, rest)
    assert abs(lip_opening(geometry.project(fitted, STILL)) - rest) < 0.003 * geometry.head_width
    assert fitted[CLOSE] <= fitted[ACTION_INDEX["jawOpen"]]


def test_parted_lips_stay_as_they_were_fitted(geometry, points):
    fitted = pouting(mouthClose=0.1)
    parted = points.copy()
    parted[:468, :2] = geometry.project(fitted, STILL)
    assert close_lips(geometry, parted, fitted, STILL, lip_opening(points)) == pytest.approx(0.1)


def test_lips_that_the_fit_has_closed_already_are_left_alone(geometry, points):
    fitted = pouting(mouthClose=0.5)
    assert close_lips(geometry, points, fitted, STILL, lip_opening(points)) == 0.5
