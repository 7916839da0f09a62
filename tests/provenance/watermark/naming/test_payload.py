from __future__ import annotations

import numpy as np
import pytest

from provenance.watermark import WatermarkKey, WatermarkPayload
from provenance.watermark.coding.payload import CHECK_BITS, PAYLOAD_BITS

KEY = WatermarkKey(b"a key of the tests, not of service")


@pytest.mark.parametrize("watermark_id", [0, 1, 0x0123456789AB, 2**47, 2**48 - 1])
def test_it_gives_back_every_watermark_id(watermark_id: int) -> None:
    bits = WatermarkPayload(watermark_id).to_bits(KEY)
    assert bits.shape == (PAYLOAD_BITS,)
    assert WatermarkPayload.from_bits(bits, KEY) == WatermarkPayload(watermark_id)


@pytest.mark.parametrize("position", range(PAYLOAD_BITS))
def test_it_refuses_a_word_with_one_wrong_bit(position: int) -> None:
    bits = WatermarkPayload(0x0123456789AB).to_bits(KEY)
    bits[position] ^= 1
    assert WatermarkPayload.from_bits(bits, KEY) is None


def test_it_refuses_a_word_of_another_key() -> None:
    bits = WatermarkPayload(42).to_bits(KEY)
    assert WatermarkPayload.from_bits(bits, WatermarkKey(b"another key, also not of service")) is None


def test_random_words_hardly_ever_pass_the_check() -> None:
    words = np.random.default_rng(1).integers(0, 2, (20_000, PAYLOAD_BITS), dtype=np.uint8)
    assert CHECK_BITS >= 16
    assert sum(WatermarkPayload.from_bits(word, KEY) is not None for word in words) <= 3


def test_every_year_has_a_key_of_its_own() -> None:
    assert KEY.for_year(2026) == KEY.for_year(2026)
    assert len({KEY, KEY.for_year(2026), KEY.for_year(2027)}) == 3


@pytest.mark.parametrize("watermark_id", [-1, 2**48])
def test_it_refuses_a_watermark_id_that_does_not_fit(watermark_id: int) -> None:
    with pytest.raises(ValueError, match="48 bits"):
        WatermarkPayload(watermark_id)


def test_it_refuses_a_short_secret() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        WatermarkKey(b"too short")


def test_a_key_does_not_show_its_secret() -> None:
    assert "service" not in repr(KEY)


def test_the_bits_on_air_never_change() -> None:
    """Files marked today must be read by every later release."""
    key = WatermarkKey(bytes(range(32)))
    for version, carried in ((1, "0123456789ab43e7"), (2, "bd9c4f0e78de0412")):
        bits = WatermarkPayload(0x0123456789AB, version).to_bits(key)
        assert np.packbits(bits).tobytes().hex() == carried
