"""The edge of hair: no more of it than the picture shows, and nothing taken off skin."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from generation.animation.portrait.hair import thin_hair_edge

SIZE = 600
DARK, LIGHT, PINK = (
    np.array(colour, np.float32) for colour in ((40, 30, 25), (190, 190, 195), (225, 150, 140))
)


def _half_a_head(inside: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A picture (SIZE, SIZE, 3) whose left half is of a colour, and its true matte, which falls over 12
    pixels."""
    step = (np.arange(SIZE) < SIZE // 2).astype(np.float32)
    true = np.tile(cv2.GaussianBlur(step[None], (0, 0), 5.0), (SIZE, 1))
    mixed = true[..., None] * inside + (1 - true[..., None]) * LIGHT
    return np.rint(mixed).astype(np.uint8), true


def _thinned(picture: np.ndarray, matte: np.ndarray, hair: float) -> np.ndarray:
    plate = np.broadcast_to(LIGHT.astype(np.uint8), picture.shape)
    return thin_hair_edge(picture, matte, plate, np.full(matte.shape, hair, np.float32))


def test_a_matte_that_is_too_opaque_in_hair_becomes_about_the_true_one() -> None:
    picture, true = _half_a_head(DARK)
    opaque = np.clip(1.6 * true, 0, 1)
    thinned = _thinned(picture, opaque, hair=0.9)
    assert np.abs(thinned - true).max() < 0.5 * np.abs(opaque - true).max()
    assert (thinned <= opaque + 1e-6).all()


def test_a_true_matte_of_hair_stays_as_it_is() -> None:
    picture, true = _half_a_head(DARK)
    assert np.abs(_thinned(picture, true, hair=0.9) - true).max() < 0.05


@pytest.mark.parametrize(("inside", "hair"), [(DARK, 0.0), (PINK, 0.1)])
def test_what_is_no_hair_is_left_alone(inside: np.ndarray, hair: float) -> None:
    picture, true = _half_a_head(inside)
    opaque = np.clip(1.6 * true, 0, 1)
    assert np.array_equal(_thinned(picture, opaque, hair), opaque)


def test_what_no_mixture_of_hair_and_background_explains_is_left_alone() -> None:
    """An ear before the hair."""
    picture, true = _half_a_head(DARK)
    opaque = np.clip(1.6 * true, 0, 1)
    ear = np.s_[200:260, SIZE // 2 - 6 : SIZE // 2 + 4]
    picture[ear] = PINK
    assert np.abs(_thinned(picture, opaque, hair=0.9) - opaque)[ear].max() < 0.1


def test_nothing_is_told_before_a_rough_background() -> None:
    picture, true = _half_a_head(DARK)
    rough = np.clip(picture + np.random.default_rng(0).normal(0, 30, picture.shape), 0, 255).astype(np.uint8)
    opaque = np.clip(1.6 * true, 0, 1)
    assert np.array_equal(_thinned(rough, opaque, hair=0.9), opaque)
