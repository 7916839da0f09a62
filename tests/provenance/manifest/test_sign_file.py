"""Signing last, reading back, and leaving nothing behind when that fails."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import c2pa
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from provenance.manifest.claim import TRAINED, ClaimInvalid, soft_binding_value
from provenance.manifest.development_ca import DevelopmentCA
from provenance.manifest.findings.c2pa_report import PROVENANCE_LABEL
from provenance.manifest.reading import read_manifest
from provenance.manifest.signing import (
    ReadBackFailed,
    SigningFailed,
    SigningIdentity,
    SigningKeyUnusable,
    sign_file,
)
from provenance.manifest.trust import TrustStore
from tests.provenance.manifest.conftest import identity_of, make_claim


def names_in(directory: Path) -> list[str]:
    return sorted(file.name for file in directory.iterdir())


def test_it_signs_a_file_that_plain_c2pa_trusts(
    clip: Path, identity: SigningIdentity, trust: TrustStore, authority: DevelopmentCA, tmp_path: Path
) -> None:
    signed = sign_file(clip, tmp_path / "signed.mp4", make_claim(), identity, trust)
    context = c2pa.Context.from_dict({"trust": {"trust_anchors": authority.root_pem}})
    report = json.loads(c2pa.Reader(tmp_path / "signed.mp4", context=context).json())
    assert report["validation_state"] == "Trusted"
    assert report["active_manifest"] == signed.label
    assert (
        "failure" not in report["validation_results"]["activeManifest"]
        or not report["validation_results"]["activeManifest"]["failure"]
    )
    labels = {item["label"] for item in report["manifests"][signed.label]["assertions"]}
    assert {"c2pa.actions.v2", "c2pa.soft-binding", "c2pa.ai-disclosure", PROVENANCE_LABEL} <= labels
    assert {"cawg.training-mining", "cawg.metadata"} <= labels


def test_it_returns_the_manifest_as_embedded(
    clip: Path, identity: SigningIdentity, trust: TrustStore, tmp_path: Path
) -> None:
    signed = sign_file(clip, tmp_path / "signed.mp4", make_claim(), identity, trust)
    assert signed.manifest in (tmp_path / "signed.mp4").read_bytes()
    assert len(signed.manifest) < 20_000


def test_the_soft_binding_is_a_byte_string_and_reads_as_what_the_frames_carry(
    signed: bytes, trust: TrustStore, tmp_path: Path
) -> None:
    payload = make_claim().watermark_value
    assert b"evalue" + bytes([0x40 | len(payload)]) + payload in signed
    assert b"cpad\x40" in signed
    (tmp_path / "signed.mp4").write_bytes(signed)
    assert read_manifest(tmp_path / "signed.mp4", trust).watermark_value == soft_binding_value(payload)


def test_the_signed_ingredient_says_that_a_marked_portrait_is_generated(
    clip: Path, identity: SigningIdentity, trust: TrustStore, tmp_path: Path
) -> None:
    claim = replace(make_claim(), portrait_generator="FLUX")
    signed = sign_file(clip, tmp_path / "signed.mp4", claim, identity, trust)
    context = c2pa.Context.from_dict(trust.settings())
    report = json.loads(c2pa.Reader(tmp_path / "signed.mp4", context=context).detailed_json())
    assert report["validation_state"] == "Trusted"
    portrait = report["manifests"][signed.label]["assertion_store"]["c2pa.ingredient.v3"]
    assert (portrait["dc:title"], portrait["digitalSourceType"]) == ("portrait", TRAINED)
    assert "FLUX" in portrait["description"]


def test_it_attributes_own_assertions_and_gathers_the_rest(
    clip: Path, identity: SigningIdentity, trust: TrustStore, tmp_path: Path
) -> None:
    signed = sign_file(clip, tmp_path / "signed.mp4", make_claim(), identity, trust)
    context = c2pa.Context.from_dict(trust.settings())
    report = json.loads(c2pa.Reader(tmp_path / "signed.mp4", context=context).detailed_json())
    claim = report["manifests"][signed.label]["claim"]
    created = {item["url"].rpartition("/")[2] for item in claim["created_assertions"]}
    gathered = {item["url"].rpartition("/")[2] for item in claim["gathered_assertions"]}
    assert {"c2pa.actions.v2", "c2pa.soft-binding", PROVENANCE_LABEL, "c2pa.hash.bmff.v3"} <= created
    assert {"cawg.training-mining", "cawg.metadata"} <= gathered
    assert not any("thumbnail" in label for label in created | gathered)


def test_it_signs_through_a_key_service(
    clip: Path, authority: DevelopmentCA, trust: TrustStore, tmp_path: Path
) -> None:
    chain, key_pem = authority.issue_leaf()
    key = serialization.load_pem_private_key(key_pem.encode(), password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    calls = []

    def key_service(data: bytes) -> bytes:
        calls.append(len(data))
        return key.sign(data, ec.ECDSA(hashes.SHA256()))

    sign_file(
        clip, tmp_path / "signed.mp4", make_claim(), SigningIdentity.from_callback(chain, key_service), trust
    )
    assert len(calls) == 1


def test_it_keeps_the_real_reason_when_the_key_service_fails(
    clip: Path, authority: DevelopmentCA, trust: TrustStore, tmp_path: Path
) -> None:
    chain, _ = authority.issue_leaf()

    def key_service(data: bytes) -> bytes:
        raise ConnectionError("key service is down")

    with pytest.raises(SigningFailed) as caught:
        sign_file(
            clip,
            tmp_path / "signed.mp4",
            make_claim(),
            SigningIdentity.from_callback(chain, key_service),
            trust,
        )
    assert isinstance(caught.value.__cause__, ConnectionError)
    assert names_in(tmp_path) == []


def test_it_throws_away_what_our_own_anchors_do_not_trust(
    clip: Path, stranger: DevelopmentCA, trust: TrustStore, tmp_path: Path
) -> None:
    (tmp_path / "keys").mkdir()
    with pytest.raises(ReadBackFailed):
        sign_file(
            clip, tmp_path / "signed.mp4", make_claim(), identity_of(stranger, tmp_path / "keys"), trust
        )
    assert names_in(tmp_path) == ["keys"]


def test_it_throws_away_what_only_the_anchors_of_others_trust(
    clip: Path, stranger: DevelopmentCA, authority: DevelopmentCA, tmp_path: Path
) -> None:
    (tmp_path / "keys").mkdir()
    trust = TrustStore(authority.root_pem, other_anchors_pem=stranger.root_pem)
    with pytest.raises(ReadBackFailed):
        sign_file(
            clip, tmp_path / "signed.mp4", make_claim(), identity_of(stranger, tmp_path / "keys"), trust
        )
    assert names_in(tmp_path) == ["keys"]


def test_it_refuses_a_key_service_that_signs_with_another_key(
    clip: Path, authority: DevelopmentCA, trust: TrustStore, tmp_path: Path
) -> None:
    chain, _ = authority.issue_leaf()
    other = ec.generate_private_key(ec.SECP256R1())
    identity = SigningIdentity.from_callback(chain, lambda data: other.sign(data, ec.ECDSA(hashes.SHA256())))
    with pytest.raises(SigningFailed):
        sign_file(clip, tmp_path / "signed.mp4", make_claim(), identity, trust)
    assert names_in(tmp_path) == []


def test_it_refuses_an_expired_certificate(
    clip: Path, authority: DevelopmentCA, trust: TrustStore, tmp_path: Path
) -> None:
    chain, key = authority.issue_leaf(now=datetime.now(UTC) - timedelta(days=91))
    (tmp_path / "chain.pem").write_text(chain)
    (tmp_path / "key.pem").write_text(key)
    identity = SigningIdentity.from_files(tmp_path / "chain.pem", tmp_path / "key.pem")
    with pytest.raises(SigningFailed):
        sign_file(clip, tmp_path / "signed.mp4", make_claim(), identity, trust)
    assert names_in(tmp_path) == ["chain.pem", "key.pem"]


def test_it_refuses_a_key_that_is_not_the_certificates(authority: DevelopmentCA, tmp_path: Path) -> None:
    (tmp_path / "chain.pem").write_text(authority.issue_leaf()[0])
    (tmp_path / "key.pem").write_text(authority.issue_leaf()[1])
    with pytest.raises(SigningKeyUnusable):
        SigningIdentity.from_files(tmp_path / "chain.pem", tmp_path / "key.pem")


def test_it_refuses_missing_and_broken_key_files(tmp_path: Path) -> None:
    with pytest.raises(SigningKeyUnusable):
        SigningIdentity.from_files(tmp_path / "chain.pem", tmp_path / "key.pem")
    (tmp_path / "chain.pem").write_text("not a certificate")
    (tmp_path / "key.pem").write_text("not a key")
    with pytest.raises(SigningKeyUnusable):
        SigningIdentity.from_files(tmp_path / "chain.pem", tmp_path / "key.pem")


def test_it_refuses_a_claim_before_it_signs(
    clip: Path, identity: SigningIdentity, trust: TrustStore, tmp_path: Path
) -> None:
    with pytest.raises(ClaimInvalid):
        sign_file(clip, tmp_path / "s.mp4", replace(make_claim(), log_position=-1), identity, trust)
    assert names_in(tmp_path) == []


def test_it_refuses_a_source_that_is_no_video(
    identity: SigningIdentity, trust: TrustStore, tmp_path: Path
) -> None:
    (tmp_path / "text.mp4").write_text("not a video")
    with pytest.raises(SigningFailed):
        sign_file(tmp_path / "text.mp4", tmp_path / "signed.mp4", make_claim(), identity, trust)
    assert names_in(tmp_path) == ["text.mp4"]


def test_it_shows_no_key_when_printed(identity: SigningIdentity) -> None:
    assert "PRIVATE" not in repr(identity)
