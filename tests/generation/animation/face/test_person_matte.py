from __future__ import annotations

import numpy as np
import pytest

from generation.animation.face.face_topology import FACE_OVAL
from generation.animation.face.matting import person_matte
from tests.generation.animation.pictures import NAMES, face_of, portrait


@pytest.mark.parametrize("name", NAMES)
def test_the_face_is_person_and_the_upper_corners_are_not(name):
    matte = person_matte(portrait(name))
    assert matte.dtype == np.float32
    assert matte.shape == portrait(name).shape[:2]
    assert 0.0 <= matte.min() <= matte.max() <= 1.0
    x, y = face_of(name).points[list(FACE_OVAL), :2].mean(0).astype(int)
    assert matte[y - 50 : y + 50, x - 50 : x + 50].min() > 0.97
    assert matte[:80, :80].max() < 0.03
    assert matte[:80, -80:].max() < 0.03


def test_the_edge_is_where_the_picture_has_it():
    image = portrait("kenji").copy()
    person = person_matte(image) > 0.5
    # A person cut out on white: the edge may move by little when the ground changes.
    on_white = np.where(person[..., None], image, 255).astype(np.uint8)
    again = person_matte(on_white) > 0.5
    union = (person | again).sum()
    assert (person & again).sum() / union > 0.98


def test_it_takes_pictures_of_any_shape():
    assert person_matte(np.zeros((37, 211, 3), np.uint8)).shape == (37, 211)
