"""What is public of a watermark, its id, hands out no bit that the frames carry."""

from __future__ import annotations

import numpy as np
import pytest

from provenance.watermark import WatermarkKey, WatermarkPayload
from provenance.watermark.coding import error_correction
from provenance.watermark.coding.payload import payloads_of
from provenance.watermark.coding.permutation import permuted, restored
from provenance.watermark.identification.decision import decide
from provenance.watermark.identification.reading import Extraction, WatermarkReading
from provenance.watermark.identification.registry import Registry

KEY, OTHER_KEY = WatermarkKey(bytes(range(32))), WatermarkKey(bytes(range(1, 33)))
IDS = np.random.default_rng(0).integers(0, 1 << 48, 4000, np.uint64)


def carried(watermark_ids: np.ndarray, version: int, key: WatermarkKey = KEY) -> np.ndarray:
    """(n, 48): the bits of the ids' numbers in the payload."""
    return np.unpackbits(payloads_of(watermark_ids, version, key), axis=1)[:, :48]


def test_every_number_comes_back_from_the_permutation() -> None:
    numbers = np.concatenate([IDS, np.array([0, 1, 2**48 - 1], np.uint64)])
    there = permuted(numbers, b"secret")
    assert there.max() < 2**48
    assert len(np.unique(there)) == len(np.unique(numbers))
    assert (restored(there, b"secret") == numbers).all()


def test_known_ids_say_nothing_of_the_bits_that_are_carried() -> None:
    known = np.unpackbits(IDS.astype(">u8").view(np.uint8).reshape(-1, 8)[:, 2:], axis=1)
    signs = 2.0 * known - 1
    in_clear, hidden = (2.0 * carried(IDS, version) - 1 for version in (1, 2))
    assert (in_clear == signs).all()
    # 48 x 48 correlations over 4,000 ids: chance reaches 4.5 standard deviations at most.
    assert np.abs(signs.T @ hidden).max() / len(IDS) ** 0.5 < 5.5
    assert np.abs(np.abs(hidden.sum(0)).max() / len(IDS) ** 0.5) < 5


def test_one_bit_of_the_id_turns_half_of_what_is_carried() -> None:
    for bit in (0, 15, 16, 31, 47):
        turned = carried(IDS, 2) != carried(IDS ^ np.uint64(1 << bit), 2)
        assert abs(turned.mean() - 0.5) < 0.01


def test_another_key_carries_another_number() -> None:
    assert abs((carried(IDS, 2) != carried(IDS, 2, OTHER_KEY)).mean() - 0.5) < 0.01


@pytest.mark.parametrize("version", [1, 2, 3])
def test_the_mark_tells_its_version(version: int) -> None:
    payload = WatermarkPayload(0x0123_4567_89AB, version)
    assert WatermarkPayload.from_bits(payload.to_bits(KEY), KEY) == payload


def test_there_is_no_fourth_version() -> None:
    with pytest.raises(ValueError, match="version"):
        WatermarkPayload(1, 4)


@pytest.mark.parametrize("version", [1, 2])
def test_a_word_is_that_of_a_record_only_in_the_version_it_was_issued_in(version: int) -> None:
    payload = WatermarkPayload(0x0123_4567_89AB, version)
    soft_bits = ((2.0 * error_correction.encode(payload.to_bits(KEY)) - 1) * 0.1).astype(np.float32)
    reading = WatermarkReading(0, 12.0, payload, soft_bits, np.eye(3))
    for issued_as in (1, 2):
        registry = Registry(KEY)
        registry.add([payload.watermark_id], issued_as)
        found = decide(Extraction(1, True, 12.0, 300, [reading]), [registry])
        assert found.is_word_read
        assert found.watermark_id == (payload.watermark_id if issued_as == version else None)
