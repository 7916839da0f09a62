"""The background behind the person: completed where it is hidden, the picture itself elsewhere."""

from __future__ import annotations

import numpy as np

from generation.animation.portrait.layers import inpaint_person

SIZE = 200
PICTURE = np.random.default_rng(0).integers(90, 130, (SIZE, SIZE, 3)).astype(np.uint8)


def _matte() -> np.ndarray:
    matte = np.zeros((SIZE, SIZE), np.float32)
    matte[60:, 70:130] = 1
    return matte


def test_beyond_the_person_the_plate_is_the_picture() -> None:
    _, plate = inpaint_person(PICTURE, _matte())
    assert (plate[:40] == PICTURE[:40]).all()
    assert (plate[:, :50] == PICTURE[:, :50]).all()


def test_behind_the_person_there_is_background_with_its_grain() -> None:
    picture = PICTURE.copy()
    picture[60:, 70:130] = 250
    _, plate = inpaint_person(picture, _matte())
    behind = plate[70:, 75:125].astype(float)
    assert abs(behind.mean() - 110) < 6
    assert behind[:20].std() > 3


def test_hair_beside_the_matte_is_added_to_it() -> None:
    plain = np.full((SIZE, SIZE, 3), 120, np.uint8)
    plain[100:110, 131] = 10
    matte, _ = inpaint_person(plain, _matte())
    assert matte[102:108, 131].min() > 0.5
    assert matte[50, 150] == 0


def test_a_picture_without_a_person_stays_as_it_is() -> None:
    matte, plate = inpaint_person(PICTURE, np.zeros((SIZE, SIZE), np.float32))
    assert not matte.any()
    assert (plate == PICTURE).all()
