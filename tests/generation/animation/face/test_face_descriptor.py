"""The face descriptor gives what its source's own program gives, and tells the sample people apart."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from generation.animation.face.face_descriptor import describe_face, describe_squares
from tests.generation.animation.pictures import NAMES, face_of, portrait

pytestmark = pytest.mark.slow

# By @vladmandic/face-api 1.7.15 itself, on the CPU, for the square below.
REFERENCE = json.loads(Path(__file__).with_name("reference_descriptor.json").read_text())


def test_it_is_the_published_network():
    y, x = np.mgrid[0:150, 0:150]
    square = np.stack([(x * 3 + y) % 256, (x + 2 * y + 40) % 256, (x * y // 40) % 256], -1).astype(np.uint8)

    assert np.abs(describe_squares(square[None])[0] - np.array(REFERENCE)).max() < 2e-6


def test_people_are_further_apart_than_pictures_of_one():
    faces = {name: describe_face(portrait(name), face_of(name).points) for name in NAMES}
    apart = [np.linalg.norm(faces[a] - faces[b]) for a, b in itertools.combinations(NAMES, 2)]

    for name in NAMES:
        dark = cv2.GaussianBlur((portrait(name) * 0.5).astype(np.uint8), (0, 0), 2)
        again = describe_face(np.asarray(dark, np.uint8), face_of(name).points)
        assert np.linalg.norm(again - faces[name]) < 0.3
    assert min(apart) > 0.5
