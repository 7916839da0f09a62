from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from generation.animation.face import face_topology as topology
from generation.animation.face.landmarks import detect_faces
from tests.generation.animation.pictures import NAMES, around_face, face_of, portrait

REFERENCE = json.loads((Path(__file__).parent / "reference_landmarks.json").read_text())


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("contours", "most"),
    [
        ((topology.LIPS_OUTER, topology.LIPS_INNER), 0.015),
        ((topology.LEFT_EYE, topology.RIGHT_EYE), 0.02),
        ((topology.LEFT_IRIS, topology.RIGHT_IRIS), 0.015),
    ],
    ids=["lips", "eyes", "irises"],
)
def test_it_agrees_with_mediapipes_attention_mesh(name, contours, most):
    expected = np.full((topology.POINTS, 2), np.nan)
    expected[REFERENCE["indices"]] = REFERENCE["points"][name]
    distance = np.linalg.norm(expected[468] - expected[473])
    indices = [index for contour in contours for index in contour]
    error = np.linalg.norm(face_of(name).points[indices, :2] - expected[indices], axis=1).mean() / distance
    assert error < most


def test_a_mirrored_picture_has_mirrored_landmarks():
    image = portrait("kenji")
    (mirrored,) = detect_faces(np.ascontiguousarray(image[:, ::-1]))
    back = mirrored.points[topology.MIRROR, :2] * (-1, 1) + (image.shape[1] - 1, 0)
    straight = face_of("kenji").points[:, :2]
    distance = np.linalg.norm(straight[468] - straight[473])
    assert np.linalg.norm(back - straight, axis=1).mean() / distance < 0.01


def test_the_size_of_the_picture_does_not_move_the_landmarks():
    small, large = (detect_faces(around_face("maya", pixels))[0].points for pixels in (120, 360))
    distance = np.linalg.norm(large[468, :2] - large[473, :2])
    error = np.linalg.norm(small[:, :2] * 3 - large[:, :2], axis=1).mean() / distance
    assert error < 0.03


def test_the_nose_is_nearest_to_the_camera():
    points = face_of("amara").points
    assert abs(int(points[:468, 2].argmin()) - topology.NOSE_TIP) <= 4
    assert points[topology.NOSE_TIP, 2] < points[topology.CHIN, 2]


def test_a_hidden_mouth_shows_as_spread():
    points = face_of("tomas")
    distance = np.linalg.norm(points.points[468] - points.points[473])
    lips = list(topology.LIPS_OUTER)
    image = portrait("tomas").copy()
    centre = points.points[14, :2].astype(int)
    reach = int(distance * 0.55)
    image[centre[1] - reach : centre[1] + reach, centre[0] - reach : centre[0] + reach] = (120, 150, 200)
    (hidden,) = detect_faces(image)
    assert points.spread[lips].mean() / distance < 0.02
    assert hidden.spread[lips].mean() / distance > 0.03


def test_every_landmark_is_the_mirror_image_of_its_mirror_image():
    np.testing.assert_array_equal(topology.MIRROR[topology.MIRROR], np.arange(topology.POINTS))
