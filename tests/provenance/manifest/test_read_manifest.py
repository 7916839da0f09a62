"""The tamper table: what was done to a signed file, and what its credentials then say."""

from __future__ import annotations

import http.server
import io
import json
import threading
from pathlib import Path

import c2pa
import pytest

from provenance.common.strict_json import parse, to_plain
from provenance.manifest.claim import manifest_definition
from provenance.manifest.development_ca import DevelopmentCA
from provenance.manifest.reading import ManifestReading, ManifestState, read_manifest
from provenance.manifest.signing import SigningIdentity, sign_file
from provenance.manifest.trust import TrustAnchorsMissing, TrustStore
from tests.provenance import clips
from tests.provenance.library_signing import library_signer
from tests.provenance.manifest.conftest import identity_of, make_claim


def read(data: bytes, trust: TrustStore, tmp_path: Path) -> ManifestReading:
    path = tmp_path / "file.mp4"
    path.write_bytes(data)
    return read_manifest(path, trust)


def test_it_trusts_what_we_signed(signed: bytes, trust: TrustStore, tmp_path: Path) -> None:
    reading = read(signed, trust, tmp_path)
    assert reading.state is ManifestState.TRUSTED_OURS
    assert reading.is_signed_by_us
    assert reading.codes == ()
    assert reading.rendition_id == "rnd_AAAAAAAAAAAAAAAAAAAAAA"
    assert reading.watermark_value == "AAECAwQFBgc="
    assert reading.signer_name == "Likeness (development)"


def test_a_reading_survives_the_way_through_json(signed: bytes, trust: TrustStore, tmp_path: Path) -> None:
    reading = read(signed, trust, tmp_path)
    assert parse(ManifestReading, json.dumps(to_plain(reading))) == reading


def test_it_finds_nothing_in_an_unsigned_file(clip: Path, trust: TrustStore) -> None:
    assert read_manifest(clip, trust).state is ManifestState.NONE


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (clips.with_picture_data_changed, (ManifestState.INVALID, "assertion.bmffHash.mismatch")),
        (clips.truncated, (ManifestState.INVALID, "assertion.bmffHash.mismatch")),
        (clips.with_signature_changed, (ManifestState.INVALID, "claimSignature.mismatch")),
        (clips.truncated_inside_manifest, (ManifestState.UNREADABLE,)),
        (clips.with_manifest_hidden, (ManifestState.NONE,)),
        (clips.remuxed, (ManifestState.NONE,)),
        (clips.with_free_box, (ManifestState.TRUSTED_OURS,)),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_it_names_what_was_done(signed, trust, tmp_path, change, expected) -> None:
    reading = read(change(signed), trust, tmp_path)
    assert (reading.state, *reading.codes[:1]) == expected


def test_a_changed_picture_leaves_our_signature_good(
    signed: bytes, trust: TrustStore, tmp_path: Path
) -> None:
    reading = read(clips.with_picture_data_changed(signed), trust, tmp_path)
    assert reading.is_signed_by_us
    assert reading.rendition_id == "rnd_AAAAAAAAAAAAAAAAAAAAAA"


def test_a_broken_signature_is_not_ours(signed: bytes, trust: TrustStore, tmp_path: Path) -> None:
    assert not read(clips.with_signature_changed(signed), trust, tmp_path).is_signed_by_us


def test_it_does_not_believe_an_altered_assertion(signed: bytes, trust: TrustStore, tmp_path: Path) -> None:
    reading = read(clips.with_assertion_changed(signed, b"Likeness (tests)"), trust, tmp_path)
    assert reading.state is ManifestState.INVALID
    assert "assertion.hashedURI.mismatch" in reading.codes
    assert reading.rendition_id is None


def test_a_manifest_from_another_of_our_files_does_not_fit(
    signed: bytes, identity: SigningIdentity, trust: TrustStore, tmp_path: Path
) -> None:
    other = clips.write_clip(tmp_path / "other.mp4", clips.moving_frames(25, seed=9))
    sign_file(other, tmp_path / "other-signed.mp4", make_claim("rnd_" + "B" * 22), identity, trust)
    swapped = clips.with_manifest_of(signed, (tmp_path / "other-signed.mp4").read_bytes())
    reading = read(swapped, trust, tmp_path)
    assert reading.state is ManifestState.INVALID
    assert reading.is_signed_by_us
    assert reading.rendition_id == "rnd_" + "B" * 22


def test_it_keeps_other_signers_apart(
    clip: Path, stranger: DevelopmentCA, authority: DevelopmentCA, tmp_path: Path
) -> None:
    identity = identity_of(stranger, tmp_path)
    sign_file(clip, tmp_path / "theirs.mp4", make_claim(), identity, TrustStore(stranger.root_pem))
    unknown = read_manifest(tmp_path / "theirs.mp4", TrustStore(authority.root_pem))
    assert unknown.state is ManifestState.VALID_UNTRUSTED
    assert unknown.codes == ("signingCredential.untrusted",)
    known = read_manifest(tmp_path / "theirs.mp4", TrustStore(authority.root_pem, stranger.root_pem))
    assert known.state is ManifestState.TRUSTED_OTHER
    assert not unknown.is_signed_by_us
    assert not known.is_signed_by_us


@pytest.mark.parametrize("data", [b"hello world" * 50, b"", b"\x00" * 4096, b"\x00\x00\x00\x01ftypisom"])
def test_it_never_raises_for_what_is_no_media(data: bytes, trust: TrustStore, tmp_path: Path) -> None:
    assert read(data, trust, tmp_path).state in {ManifestState.UNREADABLE, ManifestState.NONE}


def test_it_never_follows_the_address_that_a_file_names(
    clip: Path, identity: SigningIdentity, trust: TrustStore, tmp_path: Path
) -> None:
    asked: list[str] = []

    class Recorder(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Recorder)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        context = c2pa.Context.from_dict(trust.settings() | {"verify": {"verify_after_sign": False}})
        builder = c2pa.Builder(json.dumps(manifest_definition(make_claim())), context=context)
        builder.set_no_embed()
        builder.set_remote_url(f"http://127.0.0.1:{server.server_port}/manifest.c2pa")
        out = io.BytesIO()
        builder.sign(library_signer(identity), "video/mp4", io.BytesIO(clip.read_bytes()), out)
        reading = read(out.getvalue(), trust, tmp_path)
    finally:
        server.shutdown()
        server.server_close()
    assert reading == ManifestReading(ManifestState.REMOTE_ONLY)
    assert asked == []


def test_it_needs_to_know_which_root_is_ours(tmp_path: Path) -> None:
    with pytest.raises(TrustAnchorsMissing):
        TrustStore.from_files(tmp_path / "missing.pem")
    (tmp_path / "empty.pem").write_text("")
    with pytest.raises(TrustAnchorsMissing):
        TrustStore.from_files(tmp_path / "empty.pem")
