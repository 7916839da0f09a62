from __future__ import annotations

import numpy as np
import pytest

from generation.animation.arrays import Float32Array
from generation.animation.portrait.layers import doubt_limit

SIDE = 512
LOBES, WIDTH = 200.0, 170.0  # frame units
BALD = np.zeros((SIDE, SIDE), np.float32)
BESIDE_THE_NECK = np.s_[330:400, 330:400]
ABOVE_THE_EARS = np.s_[60:110, 330:400]


def matte(doubt: float, wide: int = 150) -> Float32Array:
    """A person on the left half of the canvas, beside whom `wide` pixels are in `doubt`."""
    found = np.zeros((SIDE, SIDE), np.float32)
    found[:, :256] = 1.0
    found[:, 256 : 256 + wide] = doubt
    return found


@pytest.mark.parametrize("doubt", [0.2, 0.4, 0.6])
def test_what_is_half_a_person_beside_a_neck_is_background(doubt):
    limit = doubt_limit(matte(doubt), BALD, LOBES, WIDTH)
    assert limit[BESIDE_THE_NECK].max() < 0.05


def test_what_is_most_likely_a_person_stays_one():
    limit = doubt_limit(matte(0.93), BALD, LOBES, WIDTH)
    assert limit[BESIDE_THE_NECK].min() > 0.95


def test_the_person_and_everything_above_the_ears_are_left_as_they_are():
    limit = doubt_limit(matte(0.5), BALD, LOBES, WIDTH)
    assert limit[ABOVE_THE_EARS].min() == 1
    assert limit[:, :256].min() == 1


def test_a_soft_edge_is_no_doubt():
    limit = doubt_limit(matte(0.5, wide=6), BALD, LOBES, WIDTH)
    assert limit.min() == 1


def test_loose_hair_that_hangs_beside_the_neck_is_left_but_a_dark_shadow_is_not():
    dark = np.ones_like(BALD)
    assert doubt_limit(matte(0.75), dark, LOBES, WIDTH)[BESIDE_THE_NECK].min() > 0.95
    assert doubt_limit(matte(0.4), dark, LOBES, WIDTH)[BESIDE_THE_NECK].max() < 0.05
