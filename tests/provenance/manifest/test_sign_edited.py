"""A video that is edited after signing keeps what it said before."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from provenance.common.strict_json import from_plain, to_plain
from provenance.manifest import signing
from provenance.manifest.claim import ClaimInvalid
from provenance.manifest.reading import ManifestState, read_manifest
from provenance.manifest.signing import (
    ReadBackFailed,
    SigningFailed,
    SigningIdentity,
    sign_edited,
    sign_file,
)
from provenance.manifest.states import ManifestReading
from provenance.manifest.trust import TrustStore
from tests.provenance import clips
from tests.provenance.manifest.conftest import make_claim
from tests.provenance.manifest.test_edit_claim import EDIT


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
    assert from_plain(ManifestReading, to_plain(reading)) == reading


def test_what_was_tampered_with_is_not_signed_over(
    parent: Path, edited: Path, identity: SigningIdentity, trust: TrustStore, tmp_path: Path
) -> None:
    parent.write_bytes(clips.with_picture_data_changed(parent.read_bytes()))
    with pytest.raises(ClaimInvalid, match="credentials"):
        sign_edited(edited, tmp_path / "signed.mp4", EDIT, identity, trust, parent=parent)
    assert not (tmp_path / "signed.mp4").exists()


def test_a_result_that_leads_to_another_video_is_thrown_away(
    parent: Path, edited: Path, identity: SigningIdentity, trust: TrustStore, monkeypatch
) -> None:
    plain, other = edited.with_name("plain.mp4"), edited.with_name("other.mp4")
    clips.write_clip(plain, clips.moving_frames(5, seed=9))
    sign_file(plain, other, make_claim("rnd_" + "B" * 22), identity, trust)
    embed = signing._Signing._embed
    monkeypatch.setattr(
        signing._Signing,
        "_embed",
        lambda signer, definition, source, target, _, __: embed(signer, definition, source, target, other),
    )
    with pytest.raises(ReadBackFailed, match="does not say what was signed"):
        sign_edited(edited, edited.with_name("signed.mp4"), EDIT, identity, trust, parent=parent)
    assert not edited.with_name("signed.mp4").exists()


def test_another_content_is_no_edit(
    parent: Path, edited: Path, identity: SigningIdentity, trust: TrustStore, tmp_path: Path
) -> None:
    drawn = replace(EDIT, action="c2pa.drawing", description="A moustache")
    with pytest.raises(ClaimInvalid, match="not an edit"):
        sign_edited(edited, tmp_path / "signed.mp4", drawn, identity, trust, parent=parent)


def test_signing_anew_does_not_drop_what_a_file_says_already(
    parent: Path, identity: SigningIdentity, trust: TrustStore, tmp_path: Path
) -> None:
    with pytest.raises(SigningFailed, match="already"):
        sign_file(parent, tmp_path / "signed.mp4", make_claim(), identity, trust)
    assert not (tmp_path / "signed.mp4").exists()
