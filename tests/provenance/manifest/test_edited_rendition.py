"""Which rendition an edited video is: that of its parent, if all of it is ours and holds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from provenance.manifest.claim import ClaimInvalid
from provenance.manifest.development_ca import DevelopmentCA
from provenance.manifest.editing import edit_definition
from provenance.manifest.reading import ManifestReading, ManifestState, read_manifest
from provenance.manifest.signing import SigningIdentity, _Signing, sign_edited, sign_file
from provenance.manifest.trust import TrustStore
from tests.provenance import clips
from tests.provenance.manifest.conftest import identity_of, make_claim
from tests.provenance.manifest.test_edit_claim import EDIT

RENDITION_ID = make_claim().rendition_id
NAMELESS = (None, False)


@dataclass(frozen=True)
class Bench:
    """Where files are signed, by us and by a stranger, and read as we read them."""

    folder: Path
    identity: SigningIdentity
    trust: TrustStore
    stranger: DevelopmentCA

    def signed(self, edited: Path, parent: Path) -> Path:
        sign_edited(edited, self.folder / "signed.mp4", EDIT, self.identity, self.trust, parent=parent)
        return self.folder / "signed.mp4"

    def signed_unchecked(self, edited: Path, parent: Path, identity: SigningIdentity | None = None) -> Path:
        """Signed without any of our own checks."""
        signer = _Signing(identity or self.identity, self.trust, None)
        signer._embed(edit_definition(EDIT), edited, self.folder / "unchecked.mp4", parent)
        return self.folder / "unchecked.mp4"

    @property
    def their_identity(self) -> SigningIdentity:
        return identity_of(self.stranger, self.folder)

    def theirs(self, clip: Path) -> Path:
        """A video that a stranger signed and called as we call ours."""
        target = self.folder / "theirs.mp4"
        sign_file(clip, target, make_claim(), self.their_identity, TrustStore(self.stranger.root_pem))
        return target

    def read(self, file: Path) -> ManifestReading:
        return read_manifest(file, self.trust)


@pytest.fixture
def bench(identity: SigningIdentity, trust: TrustStore, stranger: DevelopmentCA, tmp_path: Path) -> Bench:
    return Bench(tmp_path, identity, trust, stranger)


def named(reading: ManifestReading) -> tuple[str | None, bool]:
    return reading.rendition_id, reading.is_edited


def test_it_is_the_rendition_that_was_edited(bench: Bench, edited: Path, parent: Path) -> None:
    assert named(bench.read(parent)) == (RENDITION_ID, False)
    assert named(bench.read(bench.signed(edited, parent))) == (RENDITION_ID, True)


@pytest.fixture
def edited_twice(bench: Bench, edited: Path, parent: Path) -> Path:
    once = bench.signed(edited, parent).rename(bench.folder / "once.mp4")
    edited.write_bytes(clips.reencoded(once.read_bytes()))
    again = replace(EDIT, action="c2pa.trimmed", description="Cut shorter")
    sign_edited(edited, bench.folder / "twice.mp4", again, bench.identity, bench.trust, parent=once)
    return bench.folder / "twice.mp4"


def test_an_edit_of_an_edit_is_still_the_same_rendition(bench: Bench, edited_twice: Path) -> None:
    assert named(bench.read(edited_twice)) == (RENDITION_ID, True)


@pytest.mark.parametrize("text", [RENDITION_ID.encode(), b"renditionId", b"Encoded for a messenger"])
def test_nothing_in_the_former_manifests_can_be_altered(
    bench: Bench, edited_twice: Path, text: bytes
) -> None:
    data = edited_twice.read_bytes()
    assert text in data
    edited_twice.write_bytes(data.replace(text, text[:-1] + b"B"))
    reading = bench.read(edited_twice)
    assert reading.state is ManifestState.INVALID
    assert named(reading) == NAMELESS


def test_a_copied_manifest_of_an_edit_names_nothing(bench: Bench, edited: Path, parent: Path) -> None:
    foreign = clips.write_clip(bench.folder / "foreign.mp4", clips.moving_frames(5, seed=9))
    copied = bench.signed(edited, parent).read_bytes()
    foreign.write_bytes(clips.with_manifest_from(foreign.read_bytes(), copied))
    reading = bench.read(foreign)
    assert (reading.state, reading.is_signed_by_us) == (ManifestState.INVALID, True)
    assert named(reading) == NAMELESS


def test_an_edit_that_somebody_else_signed_names_nothing(bench: Bench, edited: Path, parent: Path) -> None:
    reading = bench.read(bench.signed_unchecked(edited, parent, bench.their_identity))
    assert reading.state is ManifestState.VALID_UNTRUSTED
    assert named(reading) == NAMELESS


def test_a_strangers_parent_names_nothing(bench: Bench, clip: Path, edited: Path) -> None:
    reading = bench.read(bench.signed_unchecked(edited, bench.theirs(clip)))
    assert reading.state is ManifestState.TRUSTED_OURS
    assert reading.tree is not None
    assert reading.tree.has_parent
    assert named(reading) == NAMELESS


def test_a_parent_that_did_not_hold_when_it_was_edited_names_nothing(
    bench: Bench, edited: Path, parent: Path
) -> None:
    parent.write_bytes(clips.with_picture_data_changed(parent.read_bytes()))
    reading = bench.read(bench.signed_unchecked(edited, parent))
    assert reading.state is ManifestState.TRUSTED_OURS
    assert named(reading) == NAMELESS


def test_what_names_nothing_cannot_be_edited_further(bench: Bench, clip: Path, edited: Path) -> None:
    nameless = bench.signed_unchecked(edited, bench.theirs(clip))
    with pytest.raises(ClaimInvalid, match="which video"):
        bench.signed(edited, nameless)
    assert not (bench.folder / "signed.mp4").exists()
