"""What a verdict says beside its kind: days and reasons, headlines, error rates, and what was edited."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provenance.manifest.states import ManifestReading, ManifestState
from provenance.verify.evidence.signals import (
    MarkReading,
    RecordFacts,
)
from provenance.verify.verdict.verdict import verdict
from tests.provenance.verify.verdict.given_signals import (
    ABSENT,
    EDITED,
    FOUND,
    INTACT,
    NAMELESS,
    NONE,
    OTHERS,
    OURS,
    OURS_MISFIT,
    SEALED,
    UNKNOWN,
    UNKNOWN_WORD,
    WITHDRAWN,
    A,
    signals,
)


def test_a_withdrawal_is_said_with_day_and_reason() -> None:
    found = verdict(signals(OURS, FOUND, by_file=WITHDRAWN))
    assert "withdrawn on 2026-03-04" in str(found.sentence)
    assert "consent_withdrawn" in next(str(r.sentence) for r in found.reasons if r.signal == "record")


def test_never_released_has_its_own_headline() -> None:
    assert verdict(signals(OURS, FOUND, by_file=SEALED)).headline.render() == "Made here, but never released"
    assert verdict(signals(OURS, FOUND, by_file=WITHDRAWN)).headline.render() == "Made here, but withdrawn"


def test_the_error_rate_is_the_watermarks_where_nothing_else_holds() -> None:
    assert verdict(signals(NONE, FOUND, by_mark=A)).error_rate.false_match == 1e-12
    assert verdict(signals(OURS_MISFIT, FOUND, by_mark=A)).error_rate.false_match == 1e-12
    assert verdict(signals(OURS, FOUND, by_file=A, by_mark=A)).error_rate.false_match == 1e-30


def test_the_error_rate_of_an_edit_is_the_signatures_if_it_says_which_video_it_is() -> None:
    edited = verdict(signals(EDITED, FOUND, by_manifest=A, by_mark=A)).error_rate
    assert edited == verdict(signals(OURS, FOUND, by_manifest=A, by_mark=A)).error_rate
    assert edited.false_match == 1e-30
    assert verdict(signals(NAMELESS, FOUND, by_mark=A)).error_rate.false_match == 1e-12


@pytest.mark.parametrize(
    ("mark", "finding"),
    [(UNKNOWN_WORD, "not_on_record"), (replace(UNKNOWN_WORD, is_word_read=False), "unknown")],
)
def test_a_mark_without_a_record_has_its_own_words_and_its_rate(mark: MarkReading, finding: str) -> None:
    found = verdict(signals(NONE, mark))
    assert found.headline.render() == "Our mark, record unknown"
    assert {r.signal: r.finding for r in found.reasons}["watermark_record"] == finding
    assert found.error_rate.false_match == 1e-11


def test_a_draft_is_called_one_and_has_no_record() -> None:
    found = verdict(signals(NONE, replace(UNKNOWN_WORD, is_draft=True)))
    assert (found.kind, found.record) == (UNKNOWN, None)
    assert found.headline.render() == "A draft of ours, never released"
    assert "never released" in found.sentence.render()
    assert {r.signal: r.finding for r in found.reasons}["watermark_record"] == "draft"
    assert found.error_rate.false_match == 1e-11


def test_the_rate_says_how_often_another_mark_of_ours_would_be_taken_for_this_video() -> None:
    found = verdict(signals(NONE, replace(FOUND, wrong_record=2e-9), by_mark=A))
    assert "for this video: at most 1\N{NO-BREAK SPACE}:\N{NO-BREAK SPACE}5" in str(found.error_rate.sentence)


@pytest.mark.parametrize("record", [A, WITHDRAWN, SEALED])
def test_an_edit_is_said_to_be_one_whatever_became_of_the_video(record: RecordFacts) -> None:
    found = verdict(signals(EDITED, ABSENT, by_manifest=record))
    assert "edited here after it was made" in str(found.sentence)
    assert ("parent", "ours") in {(reason.signal, reason.finding) for reason in found.reasons}


def test_a_tampered_input_is_said_although_the_video_is_intact() -> None:
    manifest = replace(OURS, ingredient_codes=("assertion.dataHash.mismatch",))
    found = verdict(signals(manifest, FOUND, by_file=A, by_manifest=A, by_mark=A))
    assert found.kind is INTACT
    assert "ingredients" in {reason.signal for reason in found.reasons}


@pytest.mark.parametrize(
    ("codes", "is_content_as_signed"),
    [
        (("signingCredential.expired", "signingCredential.untrusted"), True),
        (("signingCredential.invalid",), True),
        (("assertion.bmffHash.mismatch", "signingCredential.untrusted"), False),
        (("signingCredential.untrusted",), False),  # what is wrong stands in a manifest inside
        ((), False),
    ],
)
def test_the_content_is_called_as_signed_only_if_the_certificate_is_at_fault(
    codes: tuple[str, ...], is_content_as_signed: bool
) -> None:
    found = verdict(signals(ManifestReading(ManifestState.INVALID, codes), ABSENT))
    assert found.kind is OTHERS
    assert ("The content is as it was signed" in str(found.sentence)) is is_content_as_signed
