"""Credentials, mark and sound that contradict each other, and pictures that may not be what plays."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provenance.manifest.states import InputReading, InputState
from provenance.verify.evidence.reader_report import ContainerReport
from provenance.verify.evidence.signals import (
    InputRecord,
    Signals,
)
from provenance.verify.verdict.verdict import VerdictKind, verdict
from tests.provenance.verify.verdict.given_signals import (
    ABSENT,
    BROKEN,
    CHANGED,
    INTACT,
    LIFTED,
    NONE,
    OTHER,
    OTHER_SOUND,
    OURS,
    OURS_B_MISFIT,
    OURS_MISFIT,
    SAME,
    SAME_SOUND,
    UNKNOWN,
    UNKNOWN_WORD,
    UNTRUSTED,
    WITHDRAWN,
    A,
    B,
    signals,
)

CAPTURED = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"
GENERATED = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
PARENT = InputReading("urn:c2pa:1", "parentOf", InputState.UNKNOWN_SIGNER, digital_source_type=CAPTURED)
INPUT_OF_OURS = InputReading("urn:c2pa:2", "componentOf", InputState.OURS, rendition_id="rnd_b")


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
