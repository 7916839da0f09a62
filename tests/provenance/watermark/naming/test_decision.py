from __future__ import annotations

import numpy as np
import pytest

from provenance.watermark import WatermarkPayload
from provenance.watermark.carrier.pattern import carriers_of
from provenance.watermark.coding import error_correction
from provenance.watermark.identification.decision import (
    CERTAIN_PILOT,
    LIMIT,
    SUSPECT_PILOT,
    WatermarkState,
    decide,
)
from provenance.watermark.identification.reading import Extraction, WatermarkReading
from provenance.watermark.identification.registry import Registry
from tests.provenance.watermark.marked import KEY, PAYLOAD, extraction, lumas, marked


def issued(*watermark_ids: int) -> Registry:
    registry = Registry(KEY)
    registry.add(watermark_ids)
    return registry


def reading(payload: WatermarkPayload | None, score: float = 0.0, pilot: float = 5.0) -> WatermarkReading:
    """A reading whose soft bits fit PAYLOAD with a score."""
    signs = 2.0 * error_correction.encode(PAYLOAD.to_bits(KEY)) - 1.0
    return WatermarkReading(0, pilot, payload, (signs * score / 256).astype(np.float32), np.eye(3))


def answer(
    *readings: WatermarkReading, pilot: float = 5.0, registry: Registry | None = None, is_judged: bool = True
):
    found = Extraction(frames_read=8, is_judged=is_judged, pilot=pilot, attempts=200, readings=list(readings))
    return decide(found, [issued(PAYLOAD.watermark_id) if registry is None else registry])


def test_a_word_that_was_issued_is_found() -> None:
    found = answer(reading(PAYLOAD))
    assert (found.state, found.watermark_id) == (WatermarkState.FOUND, PAYLOAD.watermark_id)
    assert found.false_match is not None
    assert 0 < found.false_match <= LIMIT


def test_a_word_that_was_never_issued_is_not() -> None:
    """Sixteen bits of check alone would call one unmarked file in a few hundred ours."""
    assert answer(reading(PAYLOAD), registry=issued(1, 2, 3)).state is WatermarkState.NOT_FOUND


def test_an_issued_id_is_found_by_search_where_decoding_fails() -> None:
    found = answer(reading(None, score=9.5))
    assert (found.state, found.watermark_id) == (WatermarkState.FOUND, PAYLOAD.watermark_id)
    assert found.false_match is not None
    assert found.false_match <= LIMIT


@pytest.mark.slow
def test_a_search_needs_a_better_fit_among_more_ids() -> None:
    many = issued(PAYLOAD.watermark_id, *range(300_000))
    assert answer(reading(None, score=8.4)).watermark_id == PAYLOAD.watermark_id
    assert answer(reading(None, score=8.4), registry=many).watermark_id is None


def test_a_strong_pilot_alone_is_ours_without_saying_whose() -> None:
    found = answer(reading(None), pilot=CERTAIN_PILOT + 0.1)
    assert (found.state, found.watermark_id) == (WatermarkState.FOUND, None)
    assert found.false_match is not None
    assert found.false_match < 1e-9


def test_a_pilot_that_files_without_mark_do_not_show_is_inconclusive() -> None:
    assert answer(reading(None), pilot=SUSPECT_PILOT).state is WatermarkState.INCONCLUSIVE
    assert answer(reading(None), pilot=SUSPECT_PILOT - 0.1).state is WatermarkState.NOT_FOUND


def test_what_could_not_be_judged_is_inconclusive() -> None:
    assert answer(pilot=0.0, is_judged=False).state is WatermarkState.INCONCLUSIVE


def test_the_average_of_two_renditions_still_says_ours() -> None:
    planes = lumas("maya", 4)
    one, two = marked(planes), marked(planes, WatermarkPayload(7))
    both = [((a.astype(int) + b) // 2).astype(np.uint8) for a, b in zip(one, two, strict=True)]
    found = decide(extraction(both), [issued(PAYLOAD.watermark_id, 7, 8)])
    assert found.state is WatermarkState.FOUND
    assert found.watermark_id in {PAYLOAD.watermark_id, 7, None}


@pytest.mark.slow
def test_scores_of_content_made_without_the_key_stay_below_the_bound() -> None:
    """Keyed signs over constant, smooth and noisy chips: exp(-z^2 / 2) is never exceeded."""
    rng = np.random.default_rng(6)
    chips = [np.ones(2000), rng.normal(0, 1, 2000), np.sin(np.arange(2000) / 9), np.eye(2000)[3]]
    scores = []
    for number in range(400):
        carriers = carriers_of(type(KEY)(number.to_bytes(32, "big")))
        scores += [float(carriers.signs[:2000] @ chip / np.linalg.norm(chip)) for chip in chips]
    for level in (1.0, 2.0, 3.0):
        assert np.mean(np.array(scores) >= level) <= np.exp(-(level**2) / 2)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["amara", "tomas"])
def test_unmarked_portraits_are_not_found(name: str) -> None:
    found = decide(extraction(lumas(name, 4)), [issued(*range(1000))])
    assert (found.state, found.watermark_id) == (WatermarkState.NOT_FOUND, None)
