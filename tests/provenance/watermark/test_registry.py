from __future__ import annotations

import numpy as np

from provenance.watermark import WatermarkPayload, error_correction
from provenance.watermark.registry import Registry
from tests.provenance.watermark.marked import KEY

IDS = [int(value) for value in np.random.default_rng(0).integers(0, 2**48, 5000)]


def beliefs(record_id: int, level: float) -> np.ndarray:
    """Soft bits of a record with a signal of `level` in noise of 1, normalised as the reader does."""
    signs = 2.0 * error_correction.encode(WatermarkPayload(record_id).to_bits(KEY)) - 1.0
    return (level * signs + np.random.default_rng(1).normal(0, 1, 256)) / 16


def registry() -> Registry:
    issued = Registry(KEY)
    issued.add(IDS)
    return issued


def test_it_finds_the_record_that_fits_best() -> None:
    found = registry().best(beliefs(IDS[777], 0.6))
    assert found is not None
    assert found[0] == IDS[777]
    assert found[1] > 8


def test_its_score_is_the_sum_over_all_coded_bits() -> None:
    soft = beliefs(IDS[3], 0.6)
    signs = 2.0 * error_correction.encode(WatermarkPayload(IDS[3]).to_bits(KEY)) - 1.0
    found = registry().best(soft)
    assert found is not None
    assert np.isclose(found[1], soft @ signs, rtol=1e-4)


def test_noise_fits_no_record_well() -> None:
    found = registry().best(beliefs(IDS[0], 0.0))
    assert found is not None
    assert found[1] < 6


def test_it_knows_what_was_issued_and_takes_more() -> None:
    issued = registry()
    assert IDS[5] in issued
    assert 1 not in issued
    issued.add([1, IDS[5]])
    assert 1 in issued
    assert len(issued) == len(set(IDS)) + 1
    found = issued.best(beliefs(1, 0.6))
    assert found is not None
    assert found[0] == 1


def test_an_empty_one_finds_nothing() -> None:
    assert Registry(KEY).best(beliefs(1, 1.0)) is None
