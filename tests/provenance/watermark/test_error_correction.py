from __future__ import annotations

import numpy as np
import pytest

from provenance.watermark import error_correction
from provenance.watermark.payload import PAYLOAD_BITS


def word(seed: int, length: int = PAYLOAD_BITS) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 2, length, dtype=np.uint8)


def sent(bits: np.ndarray) -> np.ndarray:
    return 2.0 * error_correction.encode(bits) - 1.0


@pytest.mark.parametrize("length", [16, 64, PAYLOAD_BITS])
@pytest.mark.parametrize("seed", range(5))
def test_it_decodes_what_it_encoded(seed: int, length: int) -> None:
    bits = word(seed, length)
    assert (error_correction.decode(sent(bits)) == bits).all()


@pytest.mark.parametrize("fill", [0, 1])
def test_it_decodes_constant_words(fill: int) -> None:
    bits = np.full(PAYLOAD_BITS, fill, np.uint8)
    assert (error_correction.decode(sent(bits)) == bits).all()


def test_it_corrects_a_fifth_of_the_coded_bits_wrong() -> None:
    rng = np.random.default_rng(2)
    exact = 0
    for seed in range(20):
        bits = word(seed)
        received = sent(bits) * np.where(rng.random(4 * PAYLOAD_BITS) < 0.16, -1, 1)
        exact += bool((error_correction.decode(received) == bits).all())
    assert exact >= 18


def test_it_decodes_through_noise_at_zero_decibels() -> None:
    """Soft beliefs with noise as strong as the signal: one coded bit in six has the wrong sign."""
    rng = np.random.default_rng(3)
    exact = 0
    for seed in range(20):
        bits = word(seed)
        received = sent(bits) + rng.normal(0, 1, 4 * PAYLOAD_BITS)
        exact += bool((error_correction.decode(received) == bits).all())
    assert exact >= 19


def test_it_fills_in_a_third_of_the_coded_bits_missing() -> None:
    rng = np.random.default_rng(4)
    for seed in range(10):
        bits = word(seed)
        received = sent(bits) * (rng.random(4 * PAYLOAD_BITS) > 0.33)
        assert (error_correction.decode(received) == bits).all()


def test_the_scale_of_the_beliefs_does_not_matter() -> None:
    bits = word(5)
    received = sent(bits) + np.random.default_rng(5).normal(0, 1, 4 * PAYLOAD_BITS)
    assert (error_correction.decode(received) == error_correction.decode(received * 1000)).all()
