from __future__ import annotations

import sys
import threading
import tracemalloc
from collections.abc import Iterator

import numpy as np
import pytest

from provenance.watermark import WatermarkPayload
from provenance.watermark.coding import error_correction
from provenance.watermark.identification.registry import Registry
from tests.provenance.watermark.marked import KEY

IDS = [int(value) for value in np.random.default_rng(0).integers(0, 2**48, 5000)]


def soft_bits(watermark_id: int, level: float) -> np.ndarray:
    """Soft bits of a record with a signal of `level` in noise of 1, normalised as the reader does."""
    signs = 2.0 * error_correction.encode(WatermarkPayload(watermark_id).to_bits(KEY)) - 1.0
    return (level * signs + np.random.default_rng(1).normal(0, 1, 256)) / 16


def registry() -> Registry:
    issued = Registry(KEY)
    issued.add(IDS)
    return issued


def test_it_finds_the_record_that_fits_best() -> None:
    found = registry().best(soft_bits(IDS[777], 0.6))
    assert found is not None
    assert found[0] == IDS[777]
    assert found[1] > 8


def test_its_score_is_the_sum_over_all_coded_bits() -> None:
    soft = soft_bits(IDS[3], 0.6)
    signs = 2.0 * error_correction.encode(WatermarkPayload(IDS[3]).to_bits(KEY)) - 1.0
    found = registry().best(soft)
    assert found is not None
    assert np.isclose(found[1], soft @ signs, rtol=1e-4)


def test_noise_fits_no_record_well() -> None:
    found = registry().best(soft_bits(IDS[0], 0.0))
    assert found is not None
    assert found[1] < 6


def test_it_knows_what_was_issued_and_takes_more() -> None:
    issued = registry()
    assert WatermarkPayload(IDS[5]) in issued
    assert WatermarkPayload(1) not in issued
    issued.add([1, IDS[5]])
    assert WatermarkPayload(1) in issued
    assert len(issued) == len(set(IDS)) + 1
    found = issued.best(soft_bits(1, 0.6))
    assert found is not None
    assert found[0] == 1


def test_an_empty_one_finds_nothing() -> None:
    assert Registry(KEY).best(soft_bits(1, 1.0)) is None


@pytest.mark.parametrize("level", [0.0, 0.3, 0.6, 2.0])
@pytest.mark.parametrize("least", [2.0, 3.5, 5.0, 9.0])
def test_what_fits_well_enough_is_found_as_if_all_were_scored(level: float, least: float) -> None:
    issued = registry()
    for soft in (soft_bits(IDS[777], level), np.sign(soft_bits(IDS[777], level)) / 16):
        everything = issued.ranked(soft, len(IDS))
        fitting = issued.ranked(soft, len(IDS), least)
        assert fitting == [one for one in everything if one[1] >= least]
        assert issued.ranked(soft, 2, least) == fitting[:2]


def test_ids_it_begins_with_and_ids_that_were_added_are_searched_alike() -> None:
    first = Registry(KEY)
    first.add(IDS[:3000])
    issued = Registry(KEY, first.issued())
    issued.add(IDS[2000:])
    assert len(issued) == len(set(IDS))
    for watermark_id in (IDS[5], IDS[4005]):
        found = issued.best(soft_bits(watermark_id, 0.6))
        assert found is not None
        assert found[0] == watermark_id
        assert WatermarkPayload(watermark_id) in issued


@pytest.fixture
def threads_alternate() -> Iterator[None]:
    """Threads take turns as often as they can, so that what one must not see of another is seen."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("threads_alternate")
def test_it_is_searched_while_ids_are_added() -> None:
    issued = registry()
    searches_done = threading.Event()

    def keep_adding() -> None:
        for watermark_id in range(100_000):
            if searches_done.is_set():
                return
            issued.add([watermark_id])

    adding = threading.Thread(target=keep_adding)
    adding.start()
    try:
        found = [issued.best(soft_bits(IDS[777], 0.6)) for _ in range(40)]
    finally:
        searches_done.set()
        adding.join()
    assert {hit[0] for hit in found if hit is not None} == {IDS[777]}
    assert len(issued) > len(IDS)


def test_an_id_takes_forty_bytes() -> None:
    registry()  # the code's own tables are made once
    tracemalloc.start()
    try:
        issued = Registry(KEY)
        issued.add(range(20_000))
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(issued) == 20_000
    assert held < 45 * 20_000
