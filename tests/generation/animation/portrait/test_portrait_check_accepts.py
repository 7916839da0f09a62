from __future__ import annotations

import pytest

from generation.animation.portrait.portrait_check import check_portrait, head_yaw
from tests.generation.animation.pictures import (
    NAMES,
    around_face,
    brightened,
    face_of,
    pencil_drawing,
    portrait,
)

pytestmark = pytest.mark.slow  # each asks the networks about a face or more


@pytest.mark.parametrize("name", NAMES)
def test_it_accepts_the_sample_portraits_without_a_warning(name):
    report = check_portrait(portrait(name))
    assert report.warnings == ()
    assert report.landmarks.box == pytest.approx(face_of(name).box)


@pytest.mark.parametrize("name", NAMES)
def test_it_accepts_a_face_of_the_smallest_size(name):
    check_portrait(around_face(name, 100))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("light", [0.4, 0.5])
def test_it_accepts_less_than_half_the_light_whatever_the_skin(name, light):
    check_portrait(brightened(around_face(name, 240), light))


@pytest.mark.parametrize("name", NAMES)
def test_it_accepts_a_pencil_drawing_on_white_paper(name):
    check_portrait(pencil_drawing(portrait(name)))


def test_it_accepts_a_tilted_head():
    check_portrait(around_face("kenji", 240, turned=30))


def test_a_small_face_in_the_background_does_not_matter():
    large, small = around_face("amara", 320), around_face("tomas", 60, view=1.8)
    picture = large.copy()
    picture[: small.shape[0], : small.shape[1]] = small
    x, _, width, _ = check_portrait(picture).landmarks.box
    assert width > 200
    assert x > small.shape[1] / 2


def test_the_yaw_of_the_sample_portraits_is_the_one_they_were_rendered_with():
    for name in NAMES:
        assert head_yaw(face_of(name).points) == pytest.approx(-7.0, abs=1.5)


def test_mirroring_a_face_turns_its_yaw_round():
    mirrored = check_portrait(portrait("maya")[:, ::-1].copy()).landmarks
    assert head_yaw(mirrored.points) == pytest.approx(7.0, abs=1.5)
