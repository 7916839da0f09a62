"""A video that is edited after signing keeps what it said before."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from provenance.manifest.claim import ClaimInvalid
from provenance.manifest.editing import EditClaim
from provenance.manifest.reading import ManifestState, read_manifest
from provenance.manifest.signing import SigningFailed, SigningIdentity, sign_edited, sign_file
from provenance.manifest.states import ManifestReading
from provenance.manifest.trust import TrustStore
from tests.provenance import clips
from tests.provenance.manifest.conftest import make_claim

EDIT = EditClaim("c2pa.transcoded", "Encoded for a messenger", datetime(2026, 3, 5, tzinfo=UTC), "0.1.0")


@pytest.fixture
def parent(signed: bytes, tmp_path: Path) -> Path:
    (tmp_path / "parent.mp4").write_bytes(signed)
    return tmp_path / "parent.mp4"


@pytest.fixture
def edited(signed: bytes, tmp_path: Path) -> Path:
    (tmp_path / "edited.mp4").write_bytes(clips.reencoded(signed, tmp_path))
    return tmp_path / "edited.mp4"


def test_the_former_manifest_stays_as_the_parent(
    parent: Path, edited: Path, identity: SigningIdentity, trust: TrustStore, tmp_path: Path
) -> None:
    sign_edited(edited, tmp_path / "signed.mp4", EDIT, identity, trust, parent=parent)
    reading, before = read_manifest(tmp_path / "signed.mp4", trust), read_manifest(parent, trust)
    assert reading.state is ManifestState.TRUSTED_OURS
    assert reading.ingredient_codes == ()
    assert reading.tree is not None
    assert before.tree is not None
    assert reading.tree.actions == ("c2pa.opened", "c2pa.transcoded")
    (former,) = reading.tree.ingredients
    assert (former.relationship, former.label) == ("parentOf", before.label)
    assert former.actions == before.tree.actions
    assert [item.title for item in former.ingredients] == [item.title for item in before.tree.ingredients]
    assert ManifestReading.from_json(reading.to_json()) == reading


def test_what_was_tampered_with_is_not_signed_over(
    parent: Path, edited: Path, identity: SigningIdentity, trust: TrustStore, tmp_path: Path
) -> None:
    parent.write_bytes(clips.with_picture_data_changed(parent.read_bytes()))
    with pytest.raises(ClaimInvalid, match="credentials"):
        sign_edited(edited, tmp_path / "signed.mp4", EDIT, identity, trust, parent=parent)
    assert not (tmp_path / "signed.mp4").exists()


def test_another_content_is_no_edit(
    parent: Path, edited: Path, identity: SigningIdentity, trust: TrustStore, tmp_path: Path
) -> None:
    drawn = EditClaim("c2pa.drawing", "A moustache", EDIT.edited_at, "0.1.0")
    with pytest.raises(ClaimInvalid, match="not an edit"):
        sign_edited(edited, tmp_path / "signed.mp4", drawn, identity, trust, parent=parent)


def test_signing_anew_does_not_drop_what_a_file_says_already(
    parent: Path, identity: SigningIdentity, trust: TrustStore, tmp_path: Path
) -> None:
    with pytest.raises(SigningFailed, match="already"):
        sign_file(parent, tmp_path / "signed.mp4", make_claim(), identity, trust)
    assert not (tmp_path / "signed.mp4").exists()
