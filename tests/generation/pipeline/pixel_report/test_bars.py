from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from generation.pipeline.pixel_report.bars import Measures, findings
from generation.quality import SENTENCES, Finding, quality_warning

GOOD = Measures(16, 16, 5, 5, 5, 5, 0.02, 0.0, 0.1, 0.006, 0.06, 0.0)


def test_a_good_rendition_has_no_findings() -> None:
    assert findings(GOOD) == ()


@pytest.mark.parametrize(
    ("fault", "finding"),
    [
        ({"faces": 12}, Finding.FACE_LOST),
        ({"closures_kept": 2}, Finding.LIPS_STAY_OPEN),
        ({"openings_kept": 0}, Finding.LIPS_STAY_CLOSED),
        ({"sound_after_picture_s": 0.3}, Finding.SOUND_APART),
        ({"sound_after_picture_s": -0.2}, Finding.SOUND_APART),
        ({"torn": 0.1}, Finding.TORN),
        ({"part_apart": 0.9}, Finding.TORN),
        ({"appearance_apart": 0.6}, Finding.FACE_CHANGED),
        ({"proportions_apart": 0.03}, Finding.FACE_CHANGED),
        ({"still_s": 2.0}, Finding.STILL),
    ],
)
def test_each_fault_has_its_finding(fault: dict[str, Any], finding: Finding) -> None:
    assert findings(replace(GOOD, **fault)) == (finding,)


def test_what_could_not_be_measured_is_no_fault() -> None:
    unknown = replace(
        GOOD,
        closures=2,
        closures_kept=0,
        sound_after_picture_s=None,
        torn=None,
        part_apart=None,
        proportions_apart=None,
        appearance_apart=None,
    )
    assert findings(unknown) == ()


def test_every_finding_has_a_sentence() -> None:
    assert set(SENTENCES) == set(Finding)


def test_the_warning_joins_the_sentences() -> None:
    low = quality_warning({"findings": ["torn", "still"]})
    assert low is not None
    assert low.code == "quality_low"
    assert low.message == f"{SENTENCES[Finding.TORN]} {SENTENCES[Finding.STILL]}"
    assert low.hint


@pytest.mark.parametrize("report", [None, {}, {"findings": []}, {"findings": ["of a later version"]}])
def test_without_findings_there_is_no_warning(report: dict[str, Any] | None) -> None:
    assert quality_warning(report) is None
