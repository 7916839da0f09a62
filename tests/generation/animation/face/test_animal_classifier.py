"""The animal classifier knows animals, and takes no person for one."""

from __future__ import annotations

import hashlib

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from generation.animation.face.animal_classifier import animal_probability
from generation.animation.face.tflite import ASSETS
from generation.animation.portrait import portrait_check
from generation.animation.portrait.portrait_check import MAX_ANIMAL, PortraitRejected, check_portrait
from tests.generation.animation.pictures import NAMES, brightened, face_of, portrait


def sea_urchin(size: int = 320) -> NDArray[np.uint8]:
    """A drawn animal: hundreds of dark spines around a point, on the ground of the sea."""
    random = np.random.default_rng(0)
    picture = np.full((size, size, 3), (60.0, 110.0, 130.0))
    middle = size // 2
    for _ in range(700):
        angle, length = random.uniform(0, 2 * np.pi), random.uniform(0.22, 0.39) * size
        tip = round(middle + length * np.cos(angle)), round(middle + length * np.sin(angle))
        shade = random.uniform(20, 90)
        colour = (0.9 * shade, 0.6 * shade, 1.1 * shade)
        cv2.line(picture, (middle, middle), tip, colour, 2, cv2.LINE_AA)
    return picture.astype(np.uint8)


def around(size: int) -> NDArray[np.float32]:
    """Landmarks of a face that fills the middle of a square picture."""
    points = np.full((478, 3), size / 2, np.float32)
    points[0], points[1] = 0.22 * size, 0.78 * size
    return points


def test_a_drawn_animal_is_one():
    assert animal_probability(sea_urchin(), around(320)) > MAX_ANIMAL


@pytest.mark.parametrize("name", NAMES)
def test_no_sample_portrait_is_one(name):
    assert animal_probability(portrait(name), face_of(name).points) < MAX_ANIMAL / 2


@pytest.mark.parametrize("name", NAMES)
def test_no_sample_portrait_is_one_in_little_light_or_without_colour(name):
    picture, points = portrait(name), face_of(name).points
    grey = np.repeat(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)[..., None], 3, 2)
    assert animal_probability(brightened(picture, 0.4), points) < MAX_ANIMAL / 2
    assert animal_probability(np.asarray(grey, np.uint8), points) < MAX_ANIMAL / 2


def test_the_check_asks_it_and_says_nothing_about_what_was_seen(monkeypatch):
    monkeypatch.setattr(portrait_check, "MAX_ANIMAL", 0.0)
    with pytest.raises(PortraitRejected) as caught:
        check_portrait(portrait("kenji"))
    assert caught.value.code == "subject_unclear"
    words = f"{caught.value.message} {caught.value.hint}".lower()
    assert not any(word in words for word in ("human", "animal", "person looks"))


def test_the_file_is_the_one_that_is_written_down():
    digest = hashlib.sha256((ASSETS / "animal_classifier.tflite").read_bytes()).hexdigest()
    assert digest in (ASSETS / "MODELS.md").read_text()
