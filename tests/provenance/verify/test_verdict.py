"""The pure function: each combination of signals that matters, and what must be said about it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from provenance.fingerprints.edit import Edit, EditKind
from provenance.fingerprints.stretch import Change, Stretch
from provenance.manifest.states import InputReading, InputState, ManifestReading, ManifestState
from provenance.pages.verdict_labels import FINDINGS, SIGNALS, TONES
from provenance.verify import verify_file as verifying
from provenance.verify.evidence.media_type import FileKind, FileType
from provenance.verify.evidence.reader_report import ContainerReport, FileReport, SoundReport
from provenance.verify.evidence.signals import (
    InputRecord,
    MarkReading,
    MarkState,
    PictureReading,
    PictureState,
    RecordFacts,
    Signals,
    SoundReading,
    SoundState,
)
from provenance.verify.verdict.parts.sound_findings import may_be_of_others
from provenance.verify.verdict.verdict import VerdictKind, verdict

DAY = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
A = RecordFacts(
    rendition_id="rnd_a",
    state="released",
    file_sha256="a" * 64,
    watermark_id="a" * 12,
    is_in_log=True,
    log_index=7,
    sealed_at=DAY,
    released_at=DAY,
)
B = replace(A, rendition_id="rnd_b", file_sha256="b" * 64, watermark_id="b" * 12, log_index=8)
WITHDRAWN = replace(A, state="withdrawn", withdrawn_at=DAY, withdrawal_reason="consent_withdrawn")
SEALED = replace(A, state="sealed", released_at=None)
UNLOGGED = replace(A, is_in_log=False)

OURS = ManifestReading(ManifestState.TRUSTED_OURS, is_signed_by_us=True, rendition_id="rnd_a")
OURS_MISFIT = ManifestReading(
    ManifestState.INVALID, ("assertion.bmffHash.mismatch",), is_signed_by_us=True, rendition_id="rnd_a"
)
EDITED = replace(OURS, is_edited=True)
NAMELESS = replace(OURS, rendition_id=None)
OURS_B_MISFIT = replace(OURS_MISFIT, rendition_id="rnd_b")
BROKEN = ManifestReading(ManifestState.INVALID, ("claimSignature.mismatch",), rendition_id="rnd_a")
UNTRUSTED = ManifestReading(
    ManifestState.VALID_UNTRUSTED, ("signingCredential.untrusted",), signer_name="Likeness"
)
OTHER = ManifestReading(ManifestState.TRUSTED_OTHER, signer_name="Camera Maker")
NONE = ManifestReading(ManifestState.NONE)
REMOTE = ManifestReading(ManifestState.REMOTE_ONLY)
UNREADABLE = ManifestReading(ManifestState.UNREADABLE)

FOUND = MarkReading(MarkState.FOUND, "a" * 12, 8, 1e-12)
SAME = replace(FOUND, is_same_content=True)
LIFTED = replace(FOUND, is_same_content=False)
UNKNOWN_WORD = MarkReading(MarkState.FOUND, None, 8, 1e-11, is_word_read=True)
ABSENT = MarkReading(MarkState.NOT_FOUND, None, 64, 1e-11)
UNCLEAR = MarkReading(MarkState.INCONCLUSIVE, None, 0)
UNLOOKED = MarkReading(MarkState.NOT_LOOKED_FOR)


def signals(manifest: ManifestReading | None = NONE, mark: MarkReading = ABSENT, **more) -> Signals:
    return Signals("c" * 64, 1000, FileType("video/mp4", "video"), manifest, mark, **more)


INTACT, CHANGED, RECORDED, GONE, MOVED, OTHERS, NOTHING, UNKNOWN = VerdictKind

CASES = {
    "exact file": (signals(OURS, FOUND, by_file=A, by_manifest=A, by_mark=A), INTACT, "rnd_a"),
    "exact file, certificate expired": (signals(OURS_MISFIT, FOUND, by_file=A, by_mark=A), INTACT, "rnd_a"),
    "exact file, reader timed out": (
        signals(None, UNLOOKED, by_file=A, read_failure="time"),
        INTACT,
        "rnd_a",
    ),
    "exact file, mark lost in a dark scene": (
        signals(OURS, ABSENT, by_file=A, by_manifest=A),
        INTACT,
        "rnd_a",
    ),
    "exact file, withdrawn": (signals(OURS, FOUND, by_file=WITHDRAWN, by_mark=WITHDRAWN), GONE, "rnd_a"),
    "exact file, never released": (signals(OURS, FOUND, by_file=SEALED), GONE, "rnd_a"),
    "exact file, log says otherwise": (signals(OURS, FOUND, by_file=UNLOGGED), UNKNOWN, None),
    "signature fits, bytes around it changed": (
        signals(OURS, FOUND, by_manifest=A, by_mark=A),
        CHANGED,
        "rnd_a",
    ),
    # A fitting signature covers every byte, so other bytes under it mean that somebody else has the key.
    "signature fits, no mark, bytes changed": (signals(OURS, ABSENT, by_manifest=A), UNKNOWN, None),
    "signature fits, withdrawn": (
        signals(OURS, FOUND, by_manifest=WITHDRAWN, by_mark=WITHDRAWN),
        GONE,
        "rnd_a",
    ),
    "signature fits, no record": (signals(OURS, ABSENT), UNKNOWN, None),
    "signature and mark of two videos": (signals(OURS, FOUND, by_manifest=B, by_mark=A), UNKNOWN, None),
    "edited here": (signals(EDITED, FOUND, by_manifest=A, by_mark=A), CHANGED, "rnd_a"),
    "edited here, no mark": (signals(EDITED, ABSENT, by_manifest=A), CHANGED, "rnd_a"),
    "edited here, mark not looked for": (signals(EDITED, UNLOOKED, by_manifest=A), CHANGED, "rnd_a"),
    "edited here, withdrawn": (signals(EDITED, ABSENT, by_manifest=WITHDRAWN), GONE, "rnd_a"),
    "edited here, never released": (signals(EDITED, ABSENT, by_manifest=SEALED), GONE, "rnd_a"),
    "edited here, log says otherwise": (signals(EDITED, ABSENT, by_manifest=UNLOGGED), UNKNOWN, None),
    "edited here, no record": (signals(EDITED, ABSENT), UNKNOWN, None),
    "edited here, no record and another's mark": (signals(EDITED, FOUND, by_mark=B), UNKNOWN, None),
    "edited here, mark of another": (signals(EDITED, FOUND, by_manifest=A, by_mark=B), UNKNOWN, None),
    "signed by us without a name": (signals(NAMELESS, ABSENT), UNKNOWN, None),
    "signed by us without a name, mark": (signals(NAMELESS, SAME, by_mark=A), CHANGED, "rnd_a"),
    "signed by us without a name, withdrawn": (signals(NAMELESS, FOUND, by_mark=WITHDRAWN), GONE, "rnd_a"),
    "signed by us without a name, never released": (signals(NAMELESS, FOUND, by_mark=SEALED), GONE, "rnd_a"),
    "signed by us without a name, log says otherwise": (
        signals(NAMELESS, FOUND, by_mark=UNLOGGED),
        UNKNOWN,
        None,
    ),
    "signed by us without a name, mark lifted": (signals(NAMELESS, LIFTED, by_mark=A), MOVED, None),
    "content changed": (signals(OURS_MISFIT, FOUND, by_manifest=A, by_mark=A), CHANGED, "rnd_a"),
    "content changed, withdrawn": (signals(OURS_MISFIT, FOUND, by_mark=WITHDRAWN), GONE, "rnd_a"),
    "manifest transplanted between ours": (
        signals(OURS_B_MISFIT, FOUND, by_manifest=B, by_mark=A),
        CHANGED,
        "rnd_a",
    ),
    "our manifest on foreign content": (signals(OURS_MISFIT, ABSENT, by_manifest=A), UNKNOWN, None),
    "our manifest, mark undecided": (signals(OURS_MISFIT, UNCLEAR, by_manifest=A), UNKNOWN, None),
    "broken signature, mark": (signals(BROKEN, FOUND, by_mark=A), CHANGED, "rnd_a"),
    "broken signature, no mark": (signals(BROKEN, ABSENT), OTHERS, None),
    "stripped": (signals(NONE, FOUND, by_mark=A), CHANGED, "rnd_a"),
    "stripped and withdrawn": (signals(NONE, FOUND, by_mark=WITHDRAWN), GONE, "rnd_a"),
    "stripped and never released": (signals(NONE, FOUND, by_mark=SEALED), GONE, "rnd_a"),
    "stripped, log says otherwise": (signals(NONE, FOUND, by_mark=UNLOGGED), UNKNOWN, None),
    "signed again by somebody else": (signals(OTHER, FOUND, by_mark=A), CHANGED, "rnd_a"),
    "self-signed over our mark": (signals(UNTRUSTED, FOUND, by_mark=A), CHANGED, "rnd_a"),
    "stripped, content compared": (signals(NONE, SAME, by_mark=A), CHANGED, "rnd_a"),
    "mark laid over something else beside a withdrawn video": (
        signals(NONE, LIFTED, by_mark=B, by_other_marks=(WITHDRAWN,)),
        GONE,
        "rnd_a",
    ),
    "mark of a withdrawn video laid over something else beside one of ours": (
        signals(NONE, LIFTED, by_mark=WITHDRAWN, by_other_marks=(B,)),
        CHANGED,
        "rnd_b",
    ),
    "mark laid over something else": (signals(NONE, LIFTED, by_mark=A), MOVED, None),
    "mark and manifest laid over something else": (
        signals(OURS_MISFIT, LIFTED, by_manifest=A, by_mark=A),
        MOVED,
        None,
    ),
    "mark laid over somebody else's signed video": (signals(OTHER, LIFTED, by_mark=A), MOVED, None),
    "exact file, content misjudged": (signals(OURS, LIFTED, by_file=A, by_mark=A), INTACT, "rnd_a"),
    "mark without a record": (signals(NONE, FOUND), UNKNOWN, None),
    "mark read beyond doubt, not on record": (signals(NONE, UNKNOWN_WORD), UNKNOWN, None),
    "mark not on record, signed by somebody else": (signals(OTHER, UNKNOWN_WORD), UNKNOWN, None),
    "damaged file with our mark": (signals(UNREADABLE, FOUND, by_mark=A), CHANGED, "rnd_a"),
    "known other signer": (signals(OTHER, ABSENT), OTHERS, None),
    "unknown signer": (signals(UNTRUSTED, ABSENT), OTHERS, None),
    "other signer, no picture": (signals(OTHER, UNLOOKED), OTHERS, None),
    "nothing": (signals(NONE, ABSENT), NOTHING, None),
    "nothing but a generator's mark": (signals(generator="FLUX"), NOTHING, None),
    "nothing, mark undecided": (signals(NONE, UNCLEAR), UNKNOWN, None),
    "nothing, no picture": (signals(NONE, UNLOOKED), UNKNOWN, None),
    "credentials elsewhere": (signals(REMOTE, ABSENT), UNKNOWN, None),
    "damaged": (signals(UNREADABLE, UNCLEAR), UNKNOWN, None),
    "reader crashed": (signals(None, UNLOOKED, read_failure="crashed"), UNKNOWN, None),
    "decoder crashed, no credentials": (signals(NONE, UNLOOKED, read_failure="crashed"), UNKNOWN, None),
}


@pytest.mark.parametrize(("given", "kind", "rendition_id"), CASES.values(), ids=CASES.keys())
def test_it_says(given: Signals, kind: VerdictKind, rendition_id: str | None) -> None:
    found = verdict(given)
    assert (found.kind, found.rendition_id) == (kind, rendition_id)
    assert str(found.sentence).endswith(".")
    assert all(str(reason.sentence).endswith(".") for reason in found.reasons)


@pytest.mark.parametrize("mark", [UNKNOWN_WORD, replace(UNKNOWN_WORD, is_word_read=False)])
def test_nobody_is_warned_of_a_mark_whose_record_may_only_not_be_at_hand(mark: MarkReading) -> None:
    found = verdict(signals(NONE, mark, has_all_records=False))
    assert found.kind is VerdictKind.CANNOT_TELL
    assert "evidence at hand" in str(found.sentence)
    assert "Do not rely on it" not in str(found.sentence)


def test_the_beginning_of_a_download_is_not_said_to_have_been_changed() -> None:
    """Of its first kilobytes the credentials can be read and no frame."""
    found = verdict(signals(OURS_MISFIT, replace(UNCLEAR, frames_read=0)))
    assert found.kind is VerdictKind.CANNOT_TELL
    assert "broke off" in str(found.sentence)
    assert "The video was changed" not in str(found.sentence)


@pytest.mark.parametrize("given", [case[0] for case in CASES.values()], ids=CASES.keys())
def test_its_json_is_plain_and_complete(given: Signals) -> None:
    answer = verdict(given).to_json()
    assert json.loads(json.dumps(answer, allow_nan=False)) == answer
    assert {reason["signal"] for reason in answer["reasons"]} >= {"file_hash", "manifest", "watermark"}
    assert answer["error_rate"]["sentence"]


def test_nothing_is_ours_on_the_word_of_a_file_alone() -> None:
    """Without a record found by hash, by a trusted signature or by the mark, no file may be called ours."""
    for given, kind, _ in CASES.values():
        if kind in {INTACT, CHANGED, GONE}:
            is_signed = given.manifest is not None and given.manifest.state is ManifestState.TRUSTED_OURS
            assert given.by_file or given.by_mark or (is_signed and given.by_manifest)


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


def test_a_strangers_manifest_cannot_name_a_record() -> None:
    found = verdict(signals(replace(UNTRUSTED, rendition_id="rnd_a"), ABSENT))
    assert found.kind is OTHERS
    assert found.to_json()["record"] is None


def test_the_page_has_a_word_for_every_signal_and_finding() -> None:
    reasons = [reason for given, _, _ in CASES.values() for reason in verdict(given).reasons]
    assert {reason.signal for reason in reasons} <= set(SIGNALS)
    assert {reason.finding for reason in reasons} <= set(FINDINGS)
    assert {kind.value for kind in VerdictKind} == set(TONES)


CAPTURED = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"
GENERATED = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
PARENT = InputReading("urn:c2pa:1", "parentOf", InputState.UNKNOWN_SIGNER, digital_source_type=CAPTURED)
INPUT_OF_OURS = InputReading("urn:c2pa:2", "componentOf", InputState.OURS, rendition_id="rnd_b")
SAME_SOUND, OTHER_SOUND = SoundReading(SoundState.SAME), SoundReading(SoundState.OTHER)


def contradictions(given: Signals) -> set[str]:
    return {reason.finding for reason in verdict(given).reasons if reason.signal == "layers"}


LAYERS = {
    "a camera's credentials over our mark": (
        signals(replace(OTHER, digital_source_type=CAPTURED), SAME, by_mark=A),
        "captured_over_mark",
        "Both cannot be so.",
    ),
    "an unknown signer's": (
        signals(replace(UNTRUSTED, digital_source_type=CAPTURED), SAME, by_mark=A),
        "captured_over_mark",
        "Both cannot be so.",
    ),
    "what they were edited from says it": (
        signals(replace(UNTRUSTED, inputs=(PARENT,)), SAME, by_mark=A),
        "captured_over_mark",
        "Both cannot be so.",
    ),
    "over a mark that is not on record": (
        signals(replace(OTHER, digital_source_type=CAPTURED), UNKNOWN_WORD),
        "captured_over_mark",
        "Both cannot be so.",
    ),
    "over a generator's mark": (
        signals(replace(OTHER, digital_source_type=CAPTURED), ABSENT, generator="FLUX"),
        "captured_over_mark",
        "the mark that FLUX writes",
    ),
    "our credentials over the sound alone": (
        signals(OURS_MISFIT, ABSENT, by_manifest=WITHDRAWN, sound=SAME_SOUND),
        "sound_without_picture",
        "That video was withdrawn on 2026-03-04",
    ),
    "credentials and sound of one, mark of another": (
        signals(
            OURS_B_MISFIT, SAME, by_manifest=B, by_mark=A, sound=OTHER_SOUND, sound_of_manifest=SAME_SOUND
        ),
        "sound_of_credentials",
        "credentials of another",
    ),
    "credentials and picture of one, sound of nobody": (
        signals(OURS_MISFIT, SAME, by_manifest=A, by_mark=A, sound=OTHER_SOUND),
        "picture_without_sound",
        "Its sound is not the one that we made",
    ),
    "the mark of one over the picture of another": (
        signals(NONE, replace(LIFTED, shows="b" * 12), by_mark=A, by_shown=B),
        "shows_another",
        "what it shows is that of another",
    ),
}


@pytest.mark.parametrize(("given", "finding", "words"), LAYERS.values(), ids=LAYERS.keys())
def test_each_contradiction_between_layers_is_a_finding_and_is_said(
    given: Signals, finding: str, words: str
) -> None:
    assert contradictions(given) == {finding}
    assert words in str(verdict(given).sentence)


AGREEING = {
    "credentials that say generated": signals(replace(OTHER, digital_source_type=GENERATED), SAME, by_mark=A),
    "a camera's over nothing of ours": signals(replace(OTHER, digital_source_type=CAPTURED), ABSENT),
    "a camera's that are not signed": signals(replace(BROKEN, digital_source_type=CAPTURED), SAME, by_mark=A),
    "all of one video": signals(OURS_MISFIT, SAME, by_manifest=A, by_mark=A, sound=SAME_SOUND),
    "sound that could not be compared": signals(OURS_MISFIT, ABSENT, by_manifest=A),
}


@pytest.mark.parametrize("given", AGREEING.values(), ids=AGREEING.keys())
def test_where_layers_agree_or_are_silent_there_is_no_contradiction(given: Signals) -> None:
    assert contradictions(given) == set()


def test_a_withdrawn_input_of_ours_is_named_beside_the_video_that_the_mark_leads_to() -> None:
    gone = InputRecord(INPUT_OF_OURS, replace(WITHDRAWN, rendition_id="rnd_b"))
    given = signals(replace(UNTRUSTED, inputs=(INPUT_OF_OURS,)), SAME, by_mark=A, by_inputs=(gone,))
    assert verdict(given).rendition_id == "rnd_a"
    assert "That video was withdrawn on 2026-03-04" in str(verdict(given).sentence)


UNCLEAR_PICTURE = ContainerReport(pictures=2, is_picture_unclear=True)
COVER = ContainerReport(is_cover=True)
WHAT_PLAYS = {
    "one of several pictures": (
        signals(NONE, SAME, by_mark=A, container=UNCLEAR_PICTURE),
        UNKNOWN,
        "several pictures",
    ),
    "one of several, withdrawn": (
        signals(NONE, SAME, by_mark=WITHDRAWN, container=UNCLEAR_PICTURE),
        UNKNOWN,
        "That video was withdrawn on 2026-03-04",
    ),
    "a cover over an unknown sound": (
        signals(NONE, SAME, by_mark=A, container=COVER),
        UNKNOWN,
        "The cover of the file",
    ),
    "a cover over our sound": (
        signals(NONE, SAME, by_mark=A, container=COVER, sound=SAME_SOUND),
        CHANGED,
        "its credentials are gone",
    ),
    "shown in part": (
        signals(NONE, SAME, by_mark=A, container=ContainerReport(is_cut=True)),
        CHANGED,
        "only parts of it",
    ),
    "several pictures under our signature, which covers them": (
        signals(OURS, SAME, by_mark=A, by_manifest=A, container=UNCLEAR_PICTURE),
        CHANGED,
        "Picture and sound are those of a video that was made here",
    ),
    "the sealed file itself": (
        signals(OURS, SAME, by_file=A, container=UNCLEAR_PICTURE),
        INTACT,
        "byte for byte",
    ),
}


@pytest.mark.parametrize(("given", "kind", "words"), WHAT_PLAYS.values(), ids=WHAT_PLAYS.keys())
def test_nothing_is_called_ours_by_a_picture_that_may_not_be_what_plays(
    given: Signals, kind: VerdictKind, words: str
) -> None:
    assert verdict(given).kind is kind
    assert words in str(verdict(given).sentence)


IN_PLACE_OF_OURS = (Edit(EditKind.REPLACED, 3.0, 8.0, 3.0, 8.0),)
MIXED = SoundReading(
    SoundState.CHANGED,
    IN_PLACE_OF_OURS,
    stretches=(Stretch(0.0, 3.0, 0.0, 3.0, Change(), 0.75),),
    duration_s=8.0,
)
ELSE = SoundReading(SoundState.OTHER, IN_PLACE_OF_OURS, duration_s=8.0)
OURS_THROUGHOUT = (Stretch(0.0, 8.0, 0.0, 8.0, Change(), 0.9),)
TRIMMED, FASTER = (
    SoundReading(
        SoundState.CHANGED, (Edit(kind, 8.0, 8.0, 8.0, 9.0),), stretches=OURS_THROUGHOUT, duration_s=8.0
    )
    for kind in (EditKind.CUT, EditKind.SPEED)
)
SOUNDS_OF_TWO = {
    "the sound of the second, trimmed": (ELSE, TRIMMED, "one of these videos was made with: rnd_b"),
    "the sound of the second, faster": (ELSE, FASTER, "Its sound was changed"),
    "the sound of the second": (ELSE, SAME_SOUND, "one of these videos was made with: rnd_b"),
    "both mixed, each heard somewhere": (MIXED, MIXED, "it holds sound of several of them"),
    "both mixed, neither heard": (ELSE, ELSE, "theirs may be mixed in it"),
    "one heard somewhere": (MIXED, ELSE, "theirs may be mixed in it"),
}


@pytest.mark.parametrize(("sound", "of_other", "words"), SOUNDS_OF_TWO.values(), ids=SOUNDS_OF_TWO.keys())
def test_of_two_videos_side_by_side_the_sound_is_compared_with_both(
    sound: SoundReading, of_other: SoundReading, words: str
) -> None:
    given = signals(
        NONE,
        SAME,
        by_mark=A,
        by_other_marks=(B,),
        sound=sound,
        sound_of_other_marks=(of_other,),
        picture=PictureReading(
            PictureState.SAME, stretches=(Stretch(0.0, 8.0, 0.0, 8.0, Change(), 0.9),), duration_s=8.0
        ),
    )
    sentence = str(verdict(given).sentence)
    assert words in sentence
    assert "in place of ours" not in sentence
    assert "from beginning to end" not in sentence
    answer = verdict(given).to_json()
    (reason,) = (one["sentence"] for one in answer["reasons"] if one["signal"] == "sound")
    assert words in reason
    assert "timeline" not in {one["signal"] for one in answer["reasons"]}
    assert answer["timeline"]["findings"] == []


def test_of_two_videos_side_by_side_with_the_sound_of_the_named_one_nothing_is_said_of_it() -> None:
    given = signals(
        NONE, SAME, by_mark=A, by_other_marks=(B,), sound=SAME_SOUND, sound_of_other_marks=(ELSE,)
    )
    assert "sound" not in str(verdict(given).sentence)


@pytest.mark.parametrize(
    "heard",
    [
        {"sound": TRIMMED},
        {"sound": FASTER},
        {"sound": ELSE, "other_sounds": (SAME_SOUND,), "container": ContainerReport(pictures=1, sounds=2)},
    ],
    ids=("trimmed", "faster", "beside another track"),
)
def test_of_two_videos_the_sound_of_the_named_one_is_not_said_to_be_that_of_none(
    heard: dict[str, Any],
) -> None:
    given = signals(NONE, SAME, by_mark=A, by_other_marks=(B,), sound_of_other_marks=(ELSE,), **heard)
    assert "of these videos alone" not in str(verdict(given).sentence)


def test_places_that_were_not_looked_at_are_said() -> None:
    everywhere, not_everywhere = (
        {gap.what for gap in verdict(signals(mark=replace(ABSENT, is_everywhere=said))).unchecked}
        for said in (True, False)
    )
    assert not_everywhere - everywhere == {"everywhere"}


STILL, MOVING = FileType("image/webp", "image"), FileType("image/gif", "image")
ONE_FRAME = replace(SAME, frames_read=1)


def not_checked(given: Signals) -> dict[str, str]:
    return {one.what: str(one.sentence) for one in verdict(given).unchecked}


def test_of_a_single_picture_nothing_is_said_that_is_true_of_videos_alone() -> None:
    gaps = not_checked(replace(signals(mark=ONE_FRAME, by_mark=A), media_type=STILL))
    assert set(gaps) == {"details", "truth"}
    for word in ("frames", "sound", "pieces", "a video comes from"):
        assert not any(word in sentence for sentence in gaps.values())


def test_a_picture_that_moves_has_frames_and_motion_but_no_sound() -> None:
    gaps = not_checked(replace(signals(mark=SAME, by_mark=A), media_type=MOVING))
    assert set(gaps) == {"every_frame", "motion", "truth"}


@pytest.mark.parametrize("name", ["image/tiff", "image/gif", "image/heic", "image/heif", "image/avif"])
def test_a_picture_of_a_type_that_can_hold_several_is_not_said_to_be_all_that_was_there(name: str) -> None:
    given = replace(signals(mark=ONE_FRAME, by_mark=A), media_type=FileType(name, "image"))
    assert not_checked(given)["every_frame"].startswith("Other pictures in the file")


@pytest.mark.parametrize(("sounds", "is_said"), [(0, False), (1, True)])
def test_a_picture_that_holds_sound_has_a_sound_that_was_not_checked(sounds: int, is_said: bool) -> None:
    given = signals(mark=SAME, by_mark=A, container=ContainerReport(pictures=1, sounds=sounds))
    gaps = not_checked(replace(given, media_type=FileType("image/avif", "image")))
    assert ("sound" in gaps) is is_said


def test_frames_that_could_not_be_read_behind_the_first_ones_are_said() -> None:
    given = signals(mark=ONE_FRAME, by_mark=A, container=ContainerReport(pictures=1, is_damaged=True))
    assert "damaged" in not_checked(replace(given, media_type=STILL))["rest_of_frames"]


def test_one_frame_is_not_called_frames() -> None:
    assert not_checked(signals(mark=ONE_FRAME, by_mark=A))["every_frame"].endswith("one frame was looked at.")


@pytest.mark.parametrize("kind", ["video", "image", "audio", "document"])
def test_what_is_not_known_to_be_true_is_named_by_its_kind(kind: FileKind) -> None:
    truth = not_checked(replace(signals(), media_type=FileType("x/y", kind)))["truth"]
    assert ("a video comes from" in truth) is (kind == "video")


def test_a_picture_that_cannot_be_read_is_called_that_and_what_to_send_is_said() -> None:
    given = replace(signals(mark=UNCLEAR), media_type=STILL)
    assert "cannot be read here" in str(verdict(given).sentence)
    assert "Send it whole, as MP4, GIF, PNG or JPEG." in str(verdict(given).sentence)
    assert set(not_checked(given)) == {"frames", "truth"}


def test_words_that_were_added_beside_our_picture_are_said_and_accuse_nobody() -> None:
    given = signals(
        mark=SAME, by_mark=A, container=ContainerReport(pictures=1, sounds=1, texts=2, chapters=3)
    )
    answer = verdict(given)
    assert answer.kind is VerdictKind.OURS_CHANGED
    assert "had no subtitles and no chapters: they were added" in str(answer.sentence)
    (said,) = (str(one.sentence) for one in answer.reasons if one.finding == "text")
    assert "(tracks of subtitles: 2, chapters: 3)" in said
    assert "(tracks of subtitles: 2, chapters: 3)" in not_checked(given)["text"]


def test_words_beside_a_picture_that_is_not_ours_are_not_said_to_have_been_added() -> None:
    given = signals(container=ContainerReport(pictures=1, texts=1))
    assert "added" not in " ".join(str(one.sentence) for one in verdict(given).reasons)
    assert "text" in not_checked(given)


NOT_ADDED = {
    "our mark on something else": signals(mark=LIFTED, by_mark=A),
    "our credentials on something else": signals(OURS_MISFIT, ABSENT, by_manifest=A),
}


@pytest.mark.parametrize("given", NOT_ADDED.values(), ids=NOT_ADDED.keys())
def test_nobody_is_said_to_have_added_words_to_a_video_that_is_not_ours(given: Signals) -> None:
    given = replace(given, container=ContainerReport(pictures=1, texts=1))
    (said,) = (str(one.sentence) for one in verdict(given).reasons if one.finding == "text")
    assert "added" not in said


@pytest.mark.parametrize("of_first", [SAME_SOUND, ELSE])
def test_a_sound_is_compared_with_other_videos_only_where_it_may_be_theirs(
    of_first: SoundReading, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And then the track that is not the named video's, not the one that plays by default."""
    theirs, other = (SoundReport(None, b"1"), SoundReport(None, b"2"))
    answers = {theirs: SAME_SOUND, other: of_first}
    monkeypatch.setattr(verifying, "compare_sound", lambda report, *_: answers[report])
    report = FileReport(NONE, has_hidden_data=False, watermark=None, sound=theirs, other_sounds=(other,))
    sound, _, heard = verifying._compare_sounds(report, A, ())
    assert (sound, heard) == ((SAME_SOUND, theirs) if of_first is SAME_SOUND else (ELSE, other))
    assert may_be_of_others(sound, ()) is (of_first is ELSE)
