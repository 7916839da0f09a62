"""Real files through the whole of verification: what was done to them, and what is said about it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from provenance.manifest import development_ca
from provenance.manifest.signing import SigningIdentity, sign_file
from provenance.manifest.trust import TrustStore
from provenance.models import Record
from provenance.services.records import release_record, withdraw_record
from provenance.services.verify import verify_file
from provenance.verify.verdict.verdict import Verdict, VerdictKind
from provenance.verify.verify_file import UnsupportedMedia
from tests.provenance import clips
from tests.provenance.manifest.conftest import make_claim
from tests.provenance.sealing import SealedClip, seal

pytestmark = pytest.mark.slow


def verdict_on(data: bytes, tmp_path: Path, name: str = "file.mp4") -> Verdict:
    path = tmp_path / name
    path.write_bytes(data)
    return verify_file(path)


def findings(verdict: Verdict) -> dict[str, str]:
    return {reason.signal: reason.finding for reason in verdict.reasons}


def test_it_knows_its_own_video(released: Record, clip: SealedClip) -> None:
    verdict = verify_file(clip.path)
    assert verdict.kind is VerdictKind.OURS_INTACT
    assert verdict.rendition_id == clip.rendition_id
    assert findings(verdict) == {
        "file_hash": "known",
        "manifest": "trusted_ours",
        "watermark": "found",
        "content": "same",
        "agreement": "same",
        "log": "included",
        "record": "released",
    }


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        (clips.with_picture_data_changed, "invalid"),
        (clips.truncated, "invalid"),
        (clips.with_signature_changed, "invalid"),
        (clips.with_manifest_hidden, "none"),
        (clips.remuxed, "none"),
        (clips.with_free_box, "trusted_ours"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_it_knows_its_own_video_after_a_change(released, clip, tmp_path, change, finding) -> None:
    verdict = verdict_on(change(clip.data), tmp_path)
    assert verdict.kind is VerdictKind.OURS_CHANGED
    assert verdict.rendition_id == clip.rendition_id
    assert findings(verdict)["manifest"] == finding
    assert findings(verdict)["watermark"] == "found"


def test_it_finds_its_record_after_another_encoder_dropped_everything(
    released: Record, clip: SealedClip, tmp_path: Path
) -> None:
    verdict = verdict_on(clips.reencoded(clip.data), tmp_path)
    assert verdict.kind is VerdictKind.OURS_CHANGED
    assert verdict.rendition_id == clip.rendition_id
    assert verdict.error_rate.false_match is not None
    assert 0 < verdict.error_rate.false_match < 1e-9


def test_it_mentions_data_that_no_signature_covers(
    released: Record, clip: SealedClip, tmp_path: Path
) -> None:
    assert findings(verdict_on(clips.with_free_box(clip.data), tmp_path))["container"] == "hidden_data"


def test_it_says_that_a_video_was_withdrawn(released: Record, clip: SealedClip, tmp_path: Path) -> None:
    withdraw_record(clip.rendition_id, reason_code="consent_withdrawn", actor="system")
    for data in (clip.data, clips.remuxed(clip.data), clips.with_picture_data_changed(clip.data)):
        verdict = verdict_on(data, tmp_path)
        assert verdict.kind is VerdictKind.OURS_WITHDRAWN
        assert "withdrawn" in str(verdict.sentence)
        assert findings(verdict)["record"] == "withdrawn"


def test_it_says_that_a_video_was_never_released(sealed: Record, clip: SealedClip) -> None:
    verdict = verify_file(clip.path)
    assert verdict.kind is VerdictKind.OURS_WITHDRAWN
    assert "never released" in str(verdict.sentence)
    assert verdict.headline.render() == "Made here, but never released"


def test_it_names_a_manifest_that_was_moved_to_another_of_our_videos(
    released: Record, clip: SealedClip, other_clip: SealedClip, tmp_path: Path
) -> None:
    release_record(seal(other_clip).rendition_id, actor="system")
    verdict = verdict_on(clips.with_manifest_of(clip.data, other_clip.data), tmp_path)
    assert verdict.kind is VerdictKind.OURS_CHANGED
    assert verdict.rendition_id == clip.rendition_id
    assert findings(verdict)["agreement"] == "transplanted"


def test_it_is_not_taken_in_by_our_manifest_on_a_strangers_video(
    released: Record, clip: SealedClip, tmp_path: Path
) -> None:
    strangers = clips.write_clip(tmp_path / "stranger.mp4", clips.moving_frames(40, seed=7)).read_bytes()
    verdict = verdict_on(clips.with_manifest_from(strangers, clip.data), tmp_path)
    assert findings(verdict)["watermark"] == "not_found"
    assert verdict.kind is VerdictKind.CANNOT_TELL
    assert "copied" in str(verdict.sentence)
    assert verdict.rendition_id is None


def test_it_keeps_a_strangers_credentials_apart(db: None, tmp_path: Path) -> None:
    authority = development_ca.create(tmp_path / "ca")
    chain, key = authority.issue_leaf()
    (tmp_path / "chain.pem").write_text(chain)
    (tmp_path / "key.pem").write_text(key)
    identity = SigningIdentity.from_files(tmp_path / "chain.pem", tmp_path / "key.pem")
    plain = clips.write_clip(tmp_path / "plain.mp4", clips.moving_frames(40, seed=7))
    sign_file(plain, tmp_path / "theirs.mp4", make_claim(), identity, TrustStore(authority.root_pem))
    verdict = verify_file(tmp_path / "theirs.mp4")
    assert verdict.kind is VerdictKind.OTHER_CREDENTIALS
    assert findings(verdict)["manifest"] == "valid_untrusted"
    assert verdict.rendition_id is None


def test_it_finds_nothing_in_a_plain_video(db: None, tmp_path: Path) -> None:
    plain = clips.write_clip(tmp_path / "plain.mp4", clips.moving_frames(40, seed=7))
    verdict = verify_file(plain)
    assert verdict.kind is VerdictKind.NO_PROVENANCE
    assert verdict.error_rate.false_match is None


def test_it_cannot_tell_about_a_file_that_only_looks_like_a_video(db: None, tmp_path: Path) -> None:
    verdict = verdict_on(b"\x00\x00\x00\x18ftypisom" + bytes(range(256)) * 20, tmp_path)
    assert verdict.kind is VerdictKind.CANNOT_TELL


def test_it_cannot_tell_when_the_log_contradicts_the_record(released: Record, clip: SealedClip) -> None:
    Record.objects.filter(pk=released.pk).update(consent_receipt_digest="d" * 64)
    verdict = verify_file(clip.path)
    assert verdict.kind is VerdictKind.CANNOT_TELL
    assert verdict.rendition_id is None
    assert findings(verdict)["log"] == "not_proven"


def test_it_cannot_tell_about_our_signature_without_a_record(db: None, clip: SealedClip) -> None:
    verdict = verify_file(clip.path)
    assert verdict.kind is VerdictKind.CANNOT_TELL
    assert "no record" in str(verdict.sentence)


def test_it_refuses_text_that_is_called_a_video(db: None, tmp_path: Path) -> None:
    with pytest.raises(UnsupportedMedia):
        verdict_on(b"this is a text, whatever its name says\n" * 100, tmp_path)
    with pytest.raises(UnsupportedMedia, match="is empty"):
        verdict_on(b"", tmp_path)


def test_it_looks_into_pictures_and_sound_too(db: None, tmp_path: Path) -> None:
    samples = Path(__file__).parents[4] / "samples"
    shutil.copy(next((samples / "portraits").glob("*.jpg")), tmp_path / "picture.jpg")
    assert verify_file(tmp_path / "picture.jpg").kind is VerdictKind.NO_PROVENANCE
    verdict = verify_file(next((samples / "speech").glob("*.wav")))
    assert verdict.kind is VerdictKind.CANNOT_TELL
    assert findings(verdict)["watermark"] == "not_looked_for"


def test_a_reader_that_fails_still_gives_a_verdict(
    released: Record, clip: SealedClip, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file.mp4").write_bytes(clips.remuxed(clip.data))
    with monkeypatch.context() as impatient:
        impatient.setattr("provenance.verify.reader.reader_pool.WALL_S", 0.01)
        late = verify_file(tmp_path / "file.mp4")
    assert late.kind is VerdictKind.CANNOT_TELL
    assert findings(late)["reader"] == "time"
    assert verify_file(clip.path).kind is VerdictKind.OURS_INTACT
