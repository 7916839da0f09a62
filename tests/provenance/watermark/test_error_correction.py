from __future__ import annotations

import numpy as np
import pytest

from provenance.watermark.coding import error_correction
from provenance.watermark.coding.payload import PAYLOAD_BITS


def words(count: int, seed: int = 0, length: int = PAYLOAD_BITS) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 2, (count, length), dtype=np.uint8)


def sent(bits: np.ndarray) -> np.ndarray:
    return np.stack([2.0 * error_correction.encode(row) - 1.0 for row in bits])


@pytest.mark.parametrize("length", [16, PAYLOAD_BITS])
def test_it_decodes_what_it_encoded(length: int) -> None:
    bits = words(20, length=length)
    assert (error_correction.decode(sent(bits)) == bits).all()


@pytest.mark.parametrize("fill", [0, 1])
def test_it_decodes_constant_words(fill: int) -> None:
    bits = np.full((1, PAYLOAD_BITS), fill, np.uint8)
    assert (error_correction.decode(sent(bits)) == bits).all()


def test_it_corrects_a_sixth_of_the_coded_bits_wrong() -> None:
    bits = words(40, 2)
    flips = np.where(np.random.default_rng(2).random((40, 4 * PAYLOAD_BITS)) < 0.16, -1, 1)
    assert (error_correction.decode(sent(bits) * flips) == bits).all(1).sum() >= 35


def test_it_decodes_through_noise_at_zero_decibels() -> None:
    bits = words(40, 3)
    received = sent(bits) + np.random.default_rng(3).normal(0, 1, (40, 4 * PAYLOAD_BITS))
    assert (error_correction.decode(received) == bits).all(1).sum() >= 38


def test_it_fills_in_a_third_of_the_coded_bits_missing() -> None:
    bits = words(20, 4)
    received = sent(bits) * (np.random.default_rng(4).random((20, 4 * PAYLOAD_BITS)) > 0.33)
    assert (error_correction.decode(received) == bits).all(1).sum() >= 19


def test_the_scale_of_the_beliefs_does_not_matter() -> None:
    received = sent(words(5, 5)) + np.random.default_rng(5).normal(0, 1, (5, 4 * PAYLOAD_BITS))
    assert (error_correction.decode(received) == error_correction.decode(received * 1000)).all()


def test_many_words_are_encoded_as_one_by_one() -> None:
    bits = words(50, 6)
    packed = error_correction.encode_packed(np.packbits(bits, axis=1))
    assert (np.unpackbits(packed, axis=1) == np.stack([error_correction.encode(row) for row in bits])).all()
