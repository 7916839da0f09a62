from __future__ import annotations

import numpy as np

from provenance.watermark import WatermarkKey
from provenance.watermark.decision import (
    GEOMETRIES,
    PILOT_THRESHOLD,
    WatermarkState,
    hit_rate_by_chance,
    pilot_rate_by_chance,
    state_without_hit,
)
from provenance.watermark.extractor import FIRST_LOOK, MAXIMUM_FRAMES
from provenance.watermark.layout import layout_for


def test_all_attempts_on_one_file_stay_below_one_in_a_thousand_million() -> None:
    looks = 1 + int(np.log2(MAXIMUM_FRAMES // FIRST_LOOK))
    assert hit_rate_by_chance(GEOMETRIES * looks) < 1e-10


def test_the_pilots_bound_holds_for_other_peoples_content() -> None:
    """Readings made without the key, among them constant ones: the bound is never exceeded in 6000 keys."""
    rng = np.random.default_rng(6)
    readings = [np.ones(1024), rng.normal(0, 1, 1024), np.sin(np.arange(1024) / 9), np.eye(1024)[3]]
    scores = []
    for number in range(1500):
        layout = layout_for(WatermarkKey(number.to_bytes(32, "big")), 1024)
        for soft in readings:
            pilot = layout.pilot_readings(soft)
            norm = np.sqrt((pilot**2).sum())
            scores.append(-pilot.sum() / norm if norm else 0.0)
    for threshold in (1.0, 2.0, 3.0):
        assert np.mean(np.array(scores) >= threshold) <= pilot_rate_by_chance(threshold) / GEOMETRIES
    assert max(scores) < PILOT_THRESHOLD


def test_without_a_hit_the_pilot_decides() -> None:
    assert state_without_hit(judged=True, pilot_score=PILOT_THRESHOLD) is WatermarkState.INCONCLUSIVE
    assert state_without_hit(judged=True, pilot_score=PILOT_THRESHOLD - 0.1) is WatermarkState.NOT_FOUND
    assert state_without_hit(judged=False, pilot_score=0.0) is WatermarkState.INCONCLUSIVE
