"""A video of ours that somebody else edited and signed: its own credentials inside lead to its record."""

from __future__ import annotations

import io
import json
from pathlib import Path

import c2pa
import pytest
from django.conf import settings

from provenance.keys.service_keys import trust_store
from provenance.manifest import development_ca
from provenance.manifest.findings.c2pa_report import PROVENANCE_LABEL
from provenance.manifest.trust import TrustStore
from provenance.models import Record
from provenance.selectors.evidence import record_facts
from provenance.services.records import withdraw_record
from provenance.services.verify import verify_file as verify_as_service
from provenance.verify.reader.inspect import inspect
from provenance.verify.verdict.verdict import Verdict, VerdictKind
from provenance.verify.verify_file import verify_file
from tests.provenance import clips
from tests.provenance.sealing import SealedClip
from tests.provenance.verify.credentials.defects import INNER, updated_by
from tests.provenance.verify.credentials.forged_credentials import ACTIONS, Forger, Forgery
from tests.provenance.verify.credentials.test_other_formats import video

MP4 = "video/mp4"


class Editor:
    """A tool of somebody else, which keeps what it edits as an input."""

    def __init__(self, folder: Path) -> None:
        authority = development_ca.create(folder)
        self.root_pem = authority.root_pem
        chain, key = authority.issue_leaf()
        self._pem = chain.encode(), key.encode()
        self.forger = Forger(chain, key)

    def edit(self, content: bytes, *inputs: tuple[bytes, str]) -> bytes:
        """`content` signed, with the inputs (file and relationship) kept inside."""
        is_edit = any(relationship == "parentOf" for _, relationship in inputs)
        action = {"action": "c2pa.opened", "parameters": {"ingredientIds": ["i0"]}} if is_edit else {
            "action": "c2pa.created", "digitalSourceType": "http://c2pa.org/digitalsourcetype/empty"
        }  # fmt: skip
        definition = {
            "claim_version": 2,
            "claim_generator_info": [{"name": "editor", "version": "1"}],
            "assertions": [{"label": "c2pa.actions.v2", "created": True, "data": {"actions": [action]}}],
        }
        # The tool knows neither us nor our anchors.
        context = c2pa.Context.from_dict(TrustStore(self.root_pem).settings())
        builder = c2pa.Builder(json.dumps(definition), context=context)
        for number, (data, relationship) in enumerate(inputs):
            about = {"title": f"input {number}", "relationship": relationship, "label": f"i{number}"}
            builder.add_ingredient(json.dumps(about), MP4, io.BytesIO(data))
        signer = c2pa.Signer.from_info(c2pa.C2paSignerInfo(b"es256", *self._pem, None))
        out = io.BytesIO()
        builder.sign(signer, MP4, io.BytesIO(content), out)
        return out.getvalue()


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Editor:
    return Editor(tmp_path_factory.mktemp("editor"))


@pytest.fixture(scope="module")
def plain() -> bytes:
    """What the edit left: other pixels, and no mark."""
    return video("mp4")


def judged(data: bytes, path: Path) -> Verdict:
    """The verdict without a search for the mark, which is not there."""
    path.write_bytes(data)
    return verify_file(
        path,
        trust=trust_store(),
        watermarks=None,
        find=lambda field, value: record_facts(**{field: value}),
        read=inspect,
    )


def findings(verdict: Verdict) -> set[tuple[str, str]]:
    return {(reason.signal, reason.finding) for reason in verdict.reasons}


RELATIONSHIPS = {
    "parentOf": ("parent", "what it was edited from"),
    "componentOf": ("input", "among what it was made from"),
}


@pytest.mark.usefixtures("released")
@pytest.mark.parametrize("relationship", RELATIONSHIPS)
def test_it_names_our_video_and_who_says_so(
    relationship: str, clip: SealedClip, editor, plain, tmp_path
) -> None:
    signal, words = RELATIONSHIPS[relationship]
    verdict = judged(editor.edit(plain, (clip.data, relationship)), tmp_path / "v.mp4")
    assert (verdict.kind, verdict.rendition_id) == (VerdictKind.OTHER_CREDENTIALS, clip.rendition_id)
    assert words in str(verdict.sentence)
    assert "only whoever signed it says" in str(verdict.sentence)
    assert str(verdict.headline) == "Signed by somebody else, from a video made here"
    assert {(signal, "ours"), ("record", "released")} <= findings(verdict)
    assert "ingredients" not in {signal for signal, _ in findings(verdict)}  # ours is not unknown to us
    assert verdict.error_rate.false_match is None


def test_it_says_that_our_video_was_withdrawn(
    released: Record, clip: SealedClip, editor, plain, tmp_path
) -> None:
    withdraw_record(released.rendition_id, reason_code="consent_withdrawn", actor="system")
    (tmp_path / "v.mp4").write_bytes(editor.edit(plain, (clip.data, "parentOf")))
    verdict = verify_as_service(tmp_path / "v.mp4")
    assert verdict.rendition_id == released.rendition_id
    assert "That video was withdrawn on" in str(verdict.sentence)
    assert str(verdict.headline) == "Signed by somebody else, from a video that was withdrawn"
    assert ("record", "withdrawn") in findings(verdict)


def test_it_finds_our_video_below_other_edits_and_among_others(
    released: Record, clip: SealedClip, editor, plain, tmp_path
) -> None:
    withdraw_record(released.rendition_id, reason_code="consent_withdrawn", actor="system")
    once = editor.edit(plain, (clip.data, "parentOf"))
    twice = editor.edit(plain, (editor.edit(plain), "componentOf"), (once, "inputTo"))
    verdict = judged(twice, tmp_path / "v.mp4")
    assert verdict.rendition_id == released.rendition_id
    assert "That video was withdrawn on" in str(verdict.sentence)


def test_it_still_names_it_when_the_edit_was_changed_but_not_as_this_file(
    released: Record, clip: SealedClip, editor, plain, tmp_path
) -> None:
    withdraw_record(released.rendition_id, reason_code="consent_withdrawn", actor="system")
    data = clips.with_picture_data_changed(editor.edit(plain, (clip.data, "parentOf")))
    verdict = judged(data, tmp_path / "v.mp4")
    assert (verdict.kind, verdict.rendition_id) == (VerdictKind.OTHER_CREDENTIALS, None)
    assert "it was changed after it was signed" in str(verdict.sentence)
    assert "That video was withdrawn on" in str(verdict.sentence)


def test_nobody_says_it_where_the_signature_is_not_good(
    released: Record, clip: SealedClip, editor, plain, tmp_path
) -> None:
    data = clips.with_signature_changed(editor.edit(plain, (clip.data, "parentOf")))
    verdict = judged(data, tmp_path / "v.mp4")
    assert verdict.rendition_id is None
    assert "made here" not in str(verdict.sentence)


def test_an_altered_manifest_of_ours_inside_names_nothing(
    released: Record, clip: SealedClip, editor, plain, tmp_path
) -> None:
    data = editor.edit(plain, (clip.data, "parentOf"))
    at = data.index(released.rendition_id.encode())
    verdict = judged(data[:at] + b"rnd_B" + data[at + 5 :], tmp_path / "v.mp4")
    assert verdict.rendition_id is None
    assert ("ingredients", "invalid") in findings(verdict)
    assert ("parent", "ours") not in findings(verdict)


def test_what_a_tool_wrote_down_about_an_input_is_not_believed(
    released: Record, clip: SealedClip, editor, plain, tmp_path
) -> None:
    """A tool that does not know our anchors finds our signer unknown; here it is known."""
    credentials = judged(editor.edit(plain, (clip.data, "parentOf")), tmp_path / "v.mp4").to_json()[
        "credentials"
    ]
    assert credentials is not None
    (found,) = credentials["inputs"]
    assert (found["state"], found["codes"]) == ("ours", [])
    assert found["rendition_id"] == released.rendition_id
    assert credentials["ingredient_codes"] == []
    assert credentials["tree"] is not None
    assert credentials["tree"]["ingredients"][0]["state"] == "ours"


def test_a_record_that_the_log_denies_is_not_named(
    released: Record, clip: SealedClip, editor, plain, tmp_path
) -> None:
    Record.objects.filter(pk=released.pk).update(consent_receipt_digest="d" * 64)
    verdict = judged(editor.edit(plain, (clip.data, "parentOf")), tmp_path / "v.mp4")
    assert verdict.rendition_id is None
    assert "does not agree with the public log" in str(verdict.sentence)


def test_under_an_update_of_somebody_else_our_own_signature_over_the_content_counts(
    released: Record, editor: Editor, tmp_path: Path
) -> None:
    ours = Forger(
        Path(settings.LIKENESS_SIGNING_CHAIN_FILE).read_text(),
        Path(settings.LIKENESS_SIGNING_KEY_FILE).read_text(),
    )
    stated = {"c2pa.actions.v2": ACTIONS, PROVENANCE_LABEL: {"renditionId": released.rendition_id}}
    inner = Forgery(label=INNER.label, assertions=stated)
    updated = updated_by(editor.forger, ours.manifest(inner), inner.label)
    verdict = judged(updated, tmp_path / "v.jpg")
    assert (verdict.kind, verdict.rendition_id) == (VerdictKind.OURS_CHANGED, released.rendition_id)
    assert "our own signature fits them" in str(verdict.sentence)
    assert verdict.error_rate.false_match == 1e-30
    changed = judged(updated[:-60] + bytes([updated[-60] ^ 1]) + updated[-59:], tmp_path / "v.jpg")
    assert changed.kind is VerdictKind.OTHER_CREDENTIALS
    withdraw_record(released.rendition_id, reason_code="consent_withdrawn", actor="system")
    assert judged(updated, tmp_path / "v.jpg").kind is VerdictKind.OURS_WITHDRAWN
