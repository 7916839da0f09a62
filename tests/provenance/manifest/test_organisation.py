"""An organisation's own certificate stands behind what is signed, where the operator names one."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import c2pa
import pytest

from provenance.keys.signing_identity import signing_identity
from provenance.manifest import development_ca
from provenance.manifest.findings.identity import IdentityState
from provenance.manifest.reading import ManifestState, read_manifest
from provenance.manifest.signature.organisation import OrganisationIdentity, OrganisationKeyUnusable
from provenance.manifest.signing import ReadBackFailed, SigningIdentity, SigningKeyUnusable, sign_file
from provenance.manifest.trust import TrustStore
from tests.provenance.manifest.conftest import make_claim


@pytest.fixture
def organisation(tmp_path: Path) -> OrganisationIdentity:
    """An organisation whose certificate comes from an authority that nobody here knows."""
    chain, key = development_ca.create(tmp_path / "organisation").issue_leaf()
    (tmp_path / "chain.pem").write_text(chain)
    (tmp_path / "key.pem").write_text(key)
    return OrganisationIdentity.from_files(tmp_path / "chain.pem", tmp_path / "key.pem")


def test_the_identity_is_named_and_holds(
    clip: Path,
    identity: SigningIdentity,
    trust: TrustStore,
    organisation: OrganisationIdentity,
    tmp_path: Path,
) -> None:
    named = replace(identity, organisation=organisation)
    signed = sign_file(clip, tmp_path / "signed.mp4", make_claim(), named, trust)
    reading = read_manifest(tmp_path / "signed.mp4", trust)
    assert (reading.state, reading.identity) == (ManifestState.TRUSTED_OURS, IdentityState.UNKNOWN)
    report = json.loads(c2pa.Reader(tmp_path / "signed.mp4").json())
    results = report["validation_results"]["activeManifest"]
    codes = {kind: {one["code"] for one in found} for kind, found in results.items()}
    assert {"cawg.identity.well-formed", "cawg.x509.signature.validated"} <= codes["success"]
    assert {code for code in codes["failure"] if code.startswith("cawg.")} == {
        "cawg.x509.credential.untrusted"
    }
    assertions = report["manifests"][signed.label]["assertions"]
    (said,) = [one["data"] for one in assertions if one["label"] == "cawg.identity"]
    referenced = {one["url"].rpartition("/")[2] for one in said["signer_payload"]["referenced_assertions"]}
    assert referenced == {"c2pa.hash.bmff.v3", "c2pa.actions.v2", "org.likeness.provenance"}


def test_without_one_nobody_is_named(
    clip: Path, identity: SigningIdentity, trust: TrustStore, tmp_path: Path
) -> None:
    sign_file(clip, tmp_path / "signed.mp4", make_claim(), identity, trust)
    assert read_manifest(tmp_path / "signed.mp4", trust).identity is None


def test_a_signature_that_does_not_hold_is_thrown_away(
    clip: Path,
    identity: SigningIdentity,
    trust: TrustStore,
    organisation: OrganisationIdentity,
    tmp_path: Path,
) -> None:
    another = replace(organisation, _sign=lambda data: organisation._sign(data + b"!"))
    with pytest.raises(ReadBackFailed):
        sign_file(clip, tmp_path / "signed.mp4", make_claim(), replace(identity, organisation=another), trust)
    assert not (tmp_path / "signed.mp4").exists()


def test_a_key_of_somebody_else_is_refused(organisation: OrganisationIdentity, tmp_path: Path) -> None:
    _, other = development_ca.create(tmp_path / "other").issue_leaf()
    (tmp_path / "key.pem").write_text(other)
    with pytest.raises(OrganisationKeyUnusable):
        OrganisationIdentity.from_files(tmp_path / "chain.pem", tmp_path / "key.pem")
    with pytest.raises(OrganisationKeyUnusable):
        OrganisationIdentity.from_files(tmp_path / "chain.pem", tmp_path / "none.pem")


def test_the_settings_name_it_and_half_of_it_signs_nothing(
    organisation: OrganisationIdentity, settings, tmp_path: Path
) -> None:
    assert signing_identity().organisation is None
    settings.LIKENESS_ORGANISATION_CHAIN_FILE = tmp_path / "chain.pem"
    settings.LIKENESS_ORGANISATION_KEY_FILE = tmp_path / "key.pem"
    named = signing_identity().organisation
    assert named is not None
    assert named.chain_pem == organisation.chain_pem
    settings.LIKENESS_ORGANISATION_KEY_FILE = tmp_path / "none.pem"
    with pytest.raises(SigningKeyUnusable):
        signing_identity()
