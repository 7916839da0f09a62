"""A video that was edited here after it was made, through the whole of verification."""

from __future__ import annotations

from pathlib import Path

import pytest

from provenance.keys.service_keys import trust_store
from provenance.keys.signing_identity import signing_identity
from provenance.manifest.signing import sign_edited
from provenance.models import Record
from provenance.services.records import withdraw_record
from provenance.services.verify import verify_file
from provenance.verify.verdict.verdict import VerdictKind
from tests.provenance import clips
from tests.provenance.manifest.test_edit_claim import EDIT
from tests.provenance.sealing import SealedClip


@pytest.fixture
def edition(clip: SealedClip, tmp_path: Path) -> Path:
    """The clip encoded anew, mark and all, and signed again."""
    edited, target = tmp_path / "edited.mp4", tmp_path / "signed.mp4"
    edited.write_bytes(clips.reencoded(clip.data))
    sign_edited(edited, target, EDIT, signing_identity(), trust_store(), parent=clip.path)
    return target


@pytest.fixture
def unmarked_edition(clip: SealedClip, tmp_path: Path) -> Path:
    """An edit that lost the mark: only the credentials lead to the record."""
    edited, target = tmp_path / "edited.mp4", tmp_path / "signed.mp4"
    clips.write_clip(edited, clips.moving_frames(25, seed=1))
    sign_edited(edited, target, EDIT, signing_identity(), trust_store(), parent=clip.path)
    return target


def test_it_is_ours_and_said_to_be_edited(released: Record, edition: Path) -> None:
    verdict = verify_file(edition)
    assert (verdict.kind, verdict.rendition_id) == (VerdictKind.OURS_CHANGED, released.rendition_id)
    assert "edited here after it was made" in str(verdict.sentence)
    assert {reason.signal: reason.finding for reason in verdict.reasons} == {
        "file_hash": "unknown",
        "manifest": "trusted_ours",
        "parent": "ours",
        "watermark": "found",
        "content": "same",
        "agreement": "same",
        "log": "included",
        "record": "released",
    }
    assert verdict.error_rate.false_match == 1e-30


def test_it_is_ours_without_the_mark(released: Record, unmarked_edition: Path) -> None:
    verdict = verify_file(unmarked_edition)
    assert (verdict.kind, verdict.rendition_id) == (VerdictKind.OURS_CHANGED, released.rendition_id)


def test_it_is_withdrawn_with_the_video_that_was_edited(released: Record, unmarked_edition: Path) -> None:
    withdraw_record(released.rendition_id, reason_code="consent_withdrawn", actor="system")
    verdict = verify_file(unmarked_edition)
    assert (verdict.kind, verdict.rendition_id) == (VerdictKind.OURS_WITHDRAWN, released.rendition_id)
    assert "edited here after it was made" in str(verdict.sentence)
    assert "must not circulate" in str(verdict.sentence)


def test_it_is_not_believed_when_the_log_says_otherwise(released: Record, edition: Path) -> None:
    Record.objects.filter(pk=released.pk).update(consent_receipt_digest="d" * 64)
    assert verify_file(edition).kind is VerdictKind.CANNOT_TELL


def test_its_credentials_over_something_else_say_nothing(
    released: Record, edition: Path, tmp_path: Path
) -> None:
    foreign = clips.write_clip(tmp_path / "foreign.mp4", clips.moving_frames(25, seed=9))
    foreign.write_bytes(clips.with_manifest_from(foreign.read_bytes(), edition.read_bytes()))
    verdict = verify_file(foreign)
    assert (verdict.kind, verdict.rendition_id) == (VerdictKind.CANNOT_TELL, None)


@pytest.mark.django_db
def test_without_a_record_we_cannot_tell(edition: Path) -> None:
    assert verify_file(edition).kind is VerdictKind.CANNOT_TELL
