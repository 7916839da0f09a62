"""Content that moves is taken out of what the mark is read from."""

from __future__ import annotations

import numpy as np
import pytest

from provenance.watermark.carrier.moving_content import without_moving_content
from provenance.watermark.carrier.residual import residual
from provenance.watermark.extractor import Extractor
from tests.provenance.watermark.marked import KEY, PAYLOAD, Luma, lumas, marked

LEFT, TOP, SIDE = 115, 76, 256  # a crop to the face


def face_crop(planes: list[Luma]) -> list[Luma]:
    return [np.ascontiguousarray(plane[TOP : TOP + SIDE, LEFT : LEFT + SIDE]) for plane in planes]


def mean_residual(planes: list[Luma]) -> np.ndarray:
    return np.asarray(np.mean([residual(plane.astype(np.float32)) for plane in planes], axis=0), np.float32)


def fits(plane: np.ndarray) -> float:
    """How well what is left fits the mark, where it lies."""
    frame = np.zeros((512, 512), np.float32)
    frame[TOP : TOP + SIDE, LEFT : LEFT + SIDE] = plane / plane.std()
    extractor = Extractor()
    extractor.add(np.clip(128 + 20 * frame, 0, 255).astype(np.uint8))
    return extractor.fit(PAYLOAD, KEY)[1]


@pytest.mark.slow
def test_a_mark_on_a_moving_face_stands_out_more() -> None:
    crop = face_crop(marked(lumas("maya", 40)))
    plain = mean_residual(crop)
    cleared = without_moving_content(crop, plain)
    assert cleared is not None
    assert fits(cleared) > 1.2 * fits(plain)


def test_nothing_is_taken_out_of_a_still_picture() -> None:
    still = [lumas("maya", 1)[0]] * 10
    assert without_moving_content(still, mean_residual(still)) is None


def test_nothing_is_taken_out_of_frames_that_have_no_content_in_common() -> None:
    rng = np.random.default_rng(0)
    noise = [rng.integers(0, 255, (SIDE, SIDE)).astype(np.uint8) for _ in range(8)]
    assert without_moving_content(noise, mean_residual(noise)) is None
