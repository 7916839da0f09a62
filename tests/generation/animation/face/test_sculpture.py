"""A statue is told apart from people, and people in grey, in dim light and blurred are not taken for one."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.service.intake_defect_pictures import STATUES, Person, statue
from generation.animation.face.sculpture import hue_spread, looks_sculpted
from generation.animation.portrait.portrait_check import PortraitRejected, check_portrait
from tests.generation.animation.pictures import NAMES, face_of, portrait, with_bar

pytestmark = pytest.mark.slow  # each renders a face or asks the networks about one

Image = NDArray[np.uint8]


def grey(image: Image) -> Image:
    return np.repeat(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)[..., None], 3, 2)


@pytest.mark.parametrize("name", NAMES)
def test_a_statue_gets_its_own_code_and_nobody_is_accused(name: str) -> None:
    person = Person(name, portrait(name))
    material = NAMES.index(name) / (len(STATUES) - 1)
    with pytest.raises(PortraitRejected) as refusal:
        check_portrait(statue(person, material))
    assert refusal.value.code == "may_be_sculpture"
    assert "cannot be told" in refusal.value.message
    assert refusal.value.faces


@pytest.mark.parametrize("name", NAMES)
def test_a_person_in_grey_is_a_person(name: str) -> None:
    points = face_of(name).points
    assert not looks_sculpted(grey(portrait(name)), points)
    assert not looks_sculpted(grey(np.asarray(cv2.GaussianBlur(portrait(name), (0, 0), 3))), points)
    assert not looks_sculpted(np.asarray(grey(portrait(name)) * 0.5, np.uint8), points)


def test_a_person_whose_irises_cannot_be_seen_has_more_than_one_hue() -> None:
    person = Person("maya", portrait("maya"))
    blank, marble = person.image.copy(), statue(person, 0.0)
    for eye in (468, 473):
        x, y = person.at(eye)
        place = slice(y - 20, y + 20), slice(x - 40, x + 40)
        blank[place] = marble[place]
    assert not looks_sculpted(blank, person.face.points)
    assert hue_spread(blank, person.face.points) > 1.1


def test_a_bar_over_the_eyes_of_a_grey_picture_is_a_covering() -> None:
    with pytest.raises(PortraitRejected) as refusal:
        check_portrait(grey(with_bar("kenji", "eyes", (90, 90, 90))))
    assert refusal.value.code == "face_covered"
