"""Which moments of a video stand beside the file that was sent."""

from __future__ import annotations

from typing import Any, cast

import pytest

from provenance.pages.comparison import Comparison, NoComparison, compared_moments, comparison
from provenance.verify.verdict.verdict_json import VerdictJson

VIDEO = "rnd_" + "C" * 22


def stretch(start_s: float, end_s: float, record_start_s: float, **more: Any) -> dict[str, Any]:
    place = {"start_s": start_s, "end_s": end_s, "record_start_s": record_start_s}
    return {**place, "record_end_s": record_start_s + end_s - start_s, "is_reversed": False, **more}


def finding(
    kind: str, start_s: float, end_s: float, record_start_s: float, record_end_s: float
) -> dict[str, Any]:
    times = {
        "start_s": start_s,
        "end_s": end_s,
        "record_start_s": record_start_s,
        "record_end_s": record_end_s,
    }
    return {"kind": kind, "tracks": ["picture", "sound"], **times}


def answer(
    *findings: dict[str, Any], stretches: list[dict[str, Any]] | None = None, **more: Any
) -> VerdictJson:
    stretches = [stretch(0, 8, 0)] if stretches is None else stretches
    found: dict[str, Any] = {
        "verdict": "ours_changed",
        "rendition_id": VIDEO,
        "record": {"state": "released"},
        "timeline": {"findings": list(findings), "stretches": stretches},
    }
    return cast("VerdictJson", {**found, **more})


def moments(found: Comparison | None) -> list[tuple[float | None, float | None]]:
    assert found is not None
    return [(one.file_s, one.record_s) for one in found.moments]


def test_a_copy_without_edits_is_shown_at_moments_spread_over_it() -> None:
    assert moments(comparison(answer())) == [(1.0, 1.0), (3.0, 3.0), (5.0, 5.0), (7.0, 7.0)]


def test_what_was_cut_out_is_shown_as_we_made_it_alone_in_its_place() -> None:
    found = answer(finding("cut", 3, 3, 3, 5), stretches=[stretch(0, 3, 0), stretch(3, 6, 5)])
    assert (None, 4.0) in moments(comparison(found))
    assert moments(comparison(found)).index((None, 4.0)) == 2
    assert (3.75, 5.75) in moments(comparison(found))


def test_what_was_put_in_is_shown_as_it_was_sent_alone() -> None:
    found = comparison(
        answer(finding("inserted", 3, 5, 3, 3), stretches=[stretch(0, 3, 0), stretch(5, 8, 3)])
    )
    assert (4.0, None) in moments(found)
    assert found is not None
    assert found.count == len(found.moments) - 1


def test_a_replaced_mouth_is_shown_in_both_with_its_name() -> None:
    found = comparison(answer(finding("mouth_replaced", 3, 5, 3, 5)))
    assert found is not None
    (named,) = [one for one in found.moments if one.label]
    assert (named.file_s, named.record_s, str(named.label)) == (4.0, 4.0, "mouth replaced")


def test_backwards_and_another_order_are_followed() -> None:
    assert moments(comparison(answer(stretches=[stretch(0, 8, 0, is_reversed=True)])))[0] == (1.0, 7.0)
    moved = answer(stretches=[stretch(0, 4, 4), stretch(4, 8, 0)])
    assert moments(comparison(moved)) == [(1.0, 5.0), (3.0, 7.0), (5.0, 1.0), (7.0, 3.0)]


@pytest.mark.parametrize(
    "more",
    [
        {"record": None},
        {"record": {"state": "withdrawn"}, "verdict": "ours_withdrawn"},
        {"record": {"state": "released", "is_live": True}},
        {"verdict": "mark_transplanted"},
        {"timeline": {"findings": [], "stretches": []}},
        {"timeline": {"findings": []}},
    ],
    ids=["no record", "withdrawn", "live", "on something else", "not compared", "of an earlier version"],
)
def test_nothing_is_shown_where_there_is_nothing_to_compare(more: dict[str, Any]) -> None:
    assert comparison(answer(**more)) is None


def test_the_address_says_what_it_is_about_and_no_other_is_taken() -> None:
    found = comparison(answer())
    assert found is not None
    token = found.address.split("/")[-1].removesuffix(".jpg")
    assert compared_moments(token) == (VIDEO, (1.0, 3.0, 5.0, 7.0))
    with pytest.raises(NoComparison):
        compared_moments(token[:-2] + "xx")
