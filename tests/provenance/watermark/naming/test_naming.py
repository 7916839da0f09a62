"""Files that carry marks of ours and whose own record is not known, or not alone: never a wrong name."""

from __future__ import annotations

import numpy as np
import pytest

from provenance.watermark import WatermarkPayload
from provenance.watermark.coding import error_correction
from provenance.watermark.identification.decision import (
    LIMIT,
    WRONG_RECORD_LIMIT,
    Decision,
    WatermarkState,
    decide,
)
from provenance.watermark.identification.random_ids import chance_of_random_id
from provenance.watermark.identification.reading import Extraction, WatermarkReading
from provenance.watermark.identification.registry import Registry
from tests.provenance.watermark.marked import KEY, OTHER_KEY, PAYLOAD, Luma, extraction, lumas, marked, turned

OTHERS = [int(value) for value in np.random.default_rng(3).integers(0, 1 << 48, 30_000)]
UNKNOWN = Registry(KEY)
UNKNOWN.add(OTHERS)
STRONG = 36.0  # as delivered


def codeword(watermark_id: int) -> np.ndarray:
    return 2.0 * error_correction.encode(WatermarkPayload(watermark_id).to_bits(KEY)) - 1.0


def noisy(signal: np.ndarray, seed: int = 0) -> np.ndarray:
    """Soft bits as the reader normalises them."""
    return (signal + np.random.default_rng(seed).normal(0, 1 / 16, 256)).astype(np.float32)


def answer(soft_bits: np.ndarray, registry: Registry, pilot: float = 12.0) -> Decision:
    bits = error_correction.decode(soft_bits[None])[0]
    reading = WatermarkReading(0, pilot, WatermarkPayload.from_bits(bits, KEY), soft_bits, np.eye(3))
    return decide(Extraction(8, is_judged=True, pilot=pilot, attempts=300, readings=[reading]), [registry])


def known(*watermark_ids: int) -> Registry:
    registry = Registry(KEY)
    registry.add([*OTHERS, *watermark_ids])
    return registry


def named(planes: list[Luma], registry: Registry) -> tuple[WatermarkState, int | None]:
    found = decide(extraction(planes), [registry])
    return found.state, found.watermark_id


@pytest.mark.parametrize("score", [12.0, 20.0, STRONG])
def test_a_word_beyond_doubt_that_was_not_issued_is_ours_and_nobodys(score: float) -> None:
    for seed in range(10):
        found = answer(noisy(score / 256 * codeword(PAYLOAD.watermark_id), seed), UNKNOWN, pilot=5.0)
        if found.is_word_read:
            assert (found.state, found.watermark_id) == (WatermarkState.FOUND, None)
            assert found.false_match is not None
            assert found.false_match <= LIMIT
        else:
            assert (found.state, score) == (WatermarkState.NOT_FOUND, 12.0)


@pytest.mark.slow
def test_a_mark_whose_word_cannot_be_decoded_lends_its_strength_to_nobody() -> None:
    """Two unknown marks over one another: what is decoded is neither, and other words score 9 and more."""
    both = (codeword(PAYLOAD.watermark_id) + codeword(7)) * STRONG / 256 / 2**0.5
    for seed in range(20):
        soft_bits = noisy(both, seed)
        reading = WatermarkReading(0, 12.0, None, soft_bits, np.eye(3))
        found = decide(Extraction(8, is_judged=True, pilot=12.0, attempts=300, readings=[reading]), [UNKNOWN])
        assert UNKNOWN.ranked(soft_bits, 1)[0][1] > 8
        assert (found.state, found.watermark_id) == (WatermarkState.FOUND, None)


def test_a_weak_mark_that_is_known_is_still_found_by_search() -> None:
    registry = known(PAYLOAD.watermark_id)
    signs = codeword(PAYLOAD.watermark_id)
    for seed in range(10):
        noise = noisy(np.zeros(256), seed)
        soft_bits = noise + signs * (9.8 - float(noise @ signs)) / 256
        found = answer(soft_bits, registry, pilot=5.0)
        assert found.watermark_id == PAYLOAD.watermark_id
        assert found.wrong_record is not None
        assert found.wrong_record <= WRONG_RECORD_LIMIT


def beside_a_clear_one(soft_bits: np.ndarray, registry: Registry) -> Decision:
    """The decision where another picture's word was read beyond doubt, and this, without one, beside it."""
    clear = WatermarkReading(
        0, 12.0, PAYLOAD, noisy(STRONG / 256 * codeword(PAYLOAD.watermark_id)), np.eye(3)
    )
    readings = [clear, WatermarkReading(0, 5.0, None, soft_bits, np.eye(3))]
    return decide(Extraction(8, is_judged=True, pilot=12.0, attempts=600, readings=readings), [registry])


def test_a_weak_mark_beside_a_clear_one_is_found_by_search_too() -> None:
    registry, signs = known(PAYLOAD.watermark_id, 7), codeword(7)
    for seed in range(10):
        noise = noisy(np.zeros(256), seed)
        found = beside_a_clear_one(noise + signs * (9.8 - float(noise @ signs)) / 256, registry)
        assert (found.watermark_id, [number for number, _ in found.others]) == (PAYLOAD.watermark_id, [7])


def test_beside_a_clear_one_no_id_is_found_by_chance_or_lent_strength() -> None:
    for seed in range(20):
        for strength in (0.0, STRONG):
            soft_bits = noisy(strength / 256 * codeword(PAYLOAD.watermark_id), seed + 1)
            assert not beside_a_clear_one(soft_bits, known(PAYLOAD.watermark_id)).others
        unknown = noisy(STRONG / 256 * codeword(12345), seed)
        assert not beside_a_clear_one(unknown, known(PAYLOAD.watermark_id)).others


@pytest.mark.slow
def test_marks_that_lie_over_one_another_are_all_named() -> None:
    both = (codeword(PAYLOAD.watermark_id) + codeword(7)) * STRONG / 256 / 2
    for seed in range(10):
        found = answer(noisy(both, seed), known(PAYLOAD.watermark_id, 7))
        assert {found.watermark_id, *dict(found.others)} == {PAYLOAD.watermark_id, 7}


@pytest.mark.slow
def test_an_average_of_many_names_a_true_one_or_nobody() -> None:
    ids = OTHERS[:16]
    for count in (3, 6, 16):
        for seed in range(5):
            mean = sum(codeword(one) for one in ids[:count]) / count**0.5
            found = answer(noisy(np.asarray(mean) * STRONG / 256, seed), UNKNOWN)
            assert {found.watermark_id, *dict(found.others)} <= {None, *ids[:count]}
            assert found.state is WatermarkState.FOUND


@pytest.mark.slow
def test_the_chance_of_a_random_id_is_that_of_random_ids() -> None:
    """30,000 ids beside soft bits of an unmarked file, of a strong mark and of two."""
    for signal in (
        np.zeros(256),
        codeword(PAYLOAD.watermark_id),
        (codeword(PAYLOAD.watermark_id) + codeword(7)) / 2**0.5,
    ):
        soft_bits = noisy(signal * STRONG / 256)
        scores = np.array([score for _, score in UNKNOWN.ranked(soft_bits, len(OTHERS) - 1)])
        spread = float(np.linalg.norm(soft_bits))
        for level in (1.0, 2.0, 3.0, 3.6):
            bound = chance_of_random_id(soft_bits, level * spread)
            assert np.mean(scores >= level * spread) <= bound <= 1.5 * np.exp(-(level**2) / 2)


def test_a_file_whose_record_is_unknown_is_ours_without_a_name() -> None:
    assert named(marked(lumas("maya", 6)), UNKNOWN) == (WatermarkState.FOUND, None)


@pytest.mark.slow
def test_a_mark_of_another_key_is_none_of_ours() -> None:
    planes = marked(lumas("maya", 6))
    registry = Registry(OTHER_KEY)
    registry.add([*OTHERS, PAYLOAD.watermark_id])
    assert decide(extraction(planes, OTHER_KEY), [registry]).state is not WatermarkState.FOUND


def negative(planes: list[Luma]) -> list[Luma]:
    return [np.asarray(255 - plane, np.uint8) for plane in planes]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["amara", "kenji", "maya", "tomas"])
def test_an_inverted_picture_is_read_rightly(name: str) -> None:
    planes = negative(marked(lumas(name, 6)))
    assert named(planes, known(PAYLOAD.watermark_id)) == (WatermarkState.FOUND, PAYLOAD.watermark_id)
    assert named(planes, UNKNOWN) == (WatermarkState.FOUND, None)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["amara", "tomas"])
def test_an_inverted_picture_is_read_turned_and_cut(name: str) -> None:
    planes = [plane[30:470, 20:460] for plane in turned(negative(marked(lumas(name, 8))), 4)]
    assert named(planes, known(PAYLOAD.watermark_id)) == (WatermarkState.FOUND, PAYLOAD.watermark_id)


def test_an_inverted_picture_shows_what_the_marked_one_showed() -> None:
    planes = marked(lumas("kenji", 6))
    upright, inverted = extraction(planes).readings[0], extraction(negative(planes)).readings[0]
    assert (upright.is_inverted, inverted.is_inverted) == (False, True)
    half = upright.fingerprints.shape[1] // 2
    differing = np.unpackbits(upright.fingerprints[:, :half] ^ inverted.fingerprints[:, :half])
    assert differing.mean() < 0.1
    assert WatermarkReading.from_json(inverted.to_json()).is_inverted
