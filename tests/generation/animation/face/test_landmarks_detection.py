from __future__ import annotations

import numpy as np
import pytest

from generation.animation.face.landmarks import detect_faces
from tests.generation.animation.pictures import NAMES, around_face, face_of, portrait, side_by_side


@pytest.mark.parametrize("name", NAMES)
def test_it_finds_exactly_one_face_in_a_portrait(name):
    (face,) = detect_faces(portrait(name))
    assert face.score > 0.9
    assert face.presence > 0.99


def test_it_finds_nothing_in_noise_and_flat_colour():
    noise = np.random.default_rng(0).integers(0, 256, (400, 500, 3), dtype=np.uint8)
    assert detect_faces(noise) == []
    assert detect_faces(np.full((300, 200, 3), 128, np.uint8)) == []


def test_it_finds_a_small_face_in_a_corner_of_a_large_picture():
    picture = np.full((1400, 1800, 3), 90, np.uint8)
    small = around_face("kenji", 90)
    picture[100 : 100 + len(small), 1500 : 1500 + len(small)] = small
    (face,) = detect_faces(picture)
    assert 1500 < face.box[0] < 1500 + len(small)
    assert max(face.box[2:]) == pytest.approx(90, rel=0.08)


def test_it_finds_a_face_that_fills_the_whole_picture():
    (face,) = detect_faces(around_face("maya", 500, view=1.1))
    assert max(face.box[2:]) == pytest.approx(500, rel=0.08)


@pytest.mark.parametrize("turned", [-60, -30, 30, 60])
def test_it_finds_a_face_that_is_tilted(turned):
    face = detect_faces(around_face("tomas", 300, turned=turned))[0]
    across = face.points[473, :2] - face.points[468, :2]
    upright = face_of("tomas").points[473, :2] - face_of("tomas").points[468, :2]
    tilt = np.degrees(np.arctan2(across[1], across[0]) - np.arctan2(upright[1], upright[0]))
    assert tilt == pytest.approx(-turned, abs=1.5)


def test_it_lists_several_faces_the_largest_first():
    large, small = around_face("amara", 320), around_face("kenji", 160)
    small = np.pad(small, ((0, len(large) - len(small)), (0, 0), (0, 0)), mode="edge")
    faces = detect_faces(side_by_side(small, large))
    assert len(faces) == 2
    assert faces[0].box[0] > small.shape[1]
    assert faces[0].box[2] > 1.5 * faces[1].box[2]


def test_it_gives_the_same_answer_every_time():
    again = detect_faces(portrait("amara"))[0]
    np.testing.assert_array_equal(again.points, face_of("amara").points)
