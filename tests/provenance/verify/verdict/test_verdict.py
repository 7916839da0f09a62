"""The pure function: each combination of signals that matters, and what must be said about it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from provenance.manifest.states import ManifestState
from provenance.pages.verdict_labels import FINDINGS, SIGNALS, TONES
from provenance.verify.evidence.signals import (
    MarkReading,
    Signals,
)
from provenance.verify.verdict.verdict import VerdictKind, verdict
from tests.provenance.verify.verdict.given_signals import (
    ABSENT,
    BROKEN,
    CHANGED,
    EDITED,
    FOUND,
    GONE,
    INTACT,
    LIFTED,
    MOVED,
    NAMELESS,
    NONE,
    NOTHING,
    OTHER,
    OTHERS,
    OURS,
    OURS_B_MISFIT,
    OURS_MISFIT,
    REMOTE,
    SAME,
    SEALED,
    UNCLEAR,
    UNKNOWN,
    UNKNOWN_WORD,
    UNLOGGED,
    UNLOOKED,
    UNREADABLE,
    UNTRUSTED,
    WITHDRAWN,
    A,
    B,
    signals,
)

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


def test_a_strangers_manifest_cannot_name_a_record() -> None:
    found = verdict(signals(replace(UNTRUSTED, rendition_id="rnd_a"), ABSENT))
    assert found.kind is OTHERS
    assert found.to_json()["record"] is None


def test_the_page_has_a_word_for_every_signal_and_finding() -> None:
    reasons = [reason for given, _, _ in CASES.values() for reason in verdict(given).reasons]
    assert {reason.signal for reason in reasons} <= set(SIGNALS)
    assert {reason.finding for reason in reasons} <= set(FINDINGS)
    assert {kind.value for kind in VerdictKind} == set(TONES)
