"""The library writes the words, we read them."""

from __future__ import annotations

import numpy as np
import pytest
from imwatermark import WatermarkEncoder

from provenance.watermark.third_party_marks import WORDS, detect_generator_watermark
from tests.generation.pipeline.moving_portrait import CAST, portrait


def written(name: str, picture: np.ndarray) -> np.ndarray:
    encoder = WatermarkEncoder()
    encoder.set_watermark("bits", WORDS[name].astype(int).tolist())
    return np.ascontiguousarray(encoder.encode(picture[..., ::-1].copy(), "dwtDct")[..., ::-1])


@pytest.mark.parametrize("name", WORDS)
@pytest.mark.parametrize("portrayed", CAST)
def test_it_knows_a_generator_by_its_word(name: str, portrayed: str) -> None:
    assert detect_generator_watermark(written(name, portrait(portrayed))) == name


def test_sizes_that_are_no_multiple_of_a_block_are_read() -> None:
    assert (
        detect_generator_watermark(written("Stable Diffusion 1", portrait("kenji")[:391, :502]))
        == "Stable Diffusion 1"
    )


@pytest.mark.parametrize("name", CAST)
def test_it_sees_nothing_in_plain_portraits(name: str) -> None:
    assert detect_generator_watermark(portrait(name)) is None


@pytest.mark.parametrize("shade", [0, 128, 255])
def test_it_sees_nothing_in_flat_or_tiny_pictures(shade: int) -> None:
    assert detect_generator_watermark(np.full((300, 300, 3), shade, np.uint8)) is None
    assert detect_generator_watermark(np.full((64, 64, 3), shade, np.uint8)) is None
