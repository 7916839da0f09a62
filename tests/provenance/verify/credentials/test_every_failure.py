"""One made file for each failure: it is told by its cause, and only changed content is called changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from provenance.manifest import development_ca
from provenance.manifest.findings.causes import Cause, by_cause, cause_of
from provenance.manifest.states import ManifestState
from provenance.manifest.trust import TrustStore
from provenance.verify.reader.inspect import inspect
from provenance.verify.verdict.verdict import Verdict, VerdictKind
from provenance.verify.verify_file import verify_file
from tests.provenance.verify.credentials.defects import DEFECTS
from tests.provenance.verify.credentials.forged_credentials import Forger, Forgery

OURS = (Path(__file__).parents[3] / "vectors/trust-anchors.pem").read_text()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> development_ca.DevelopmentCA:
    return development_ca.create(tmp_path_factory.mktemp("stranger"))


@pytest.fixture(scope="module")
def forger(authority: development_ca.DevelopmentCA) -> Forger:
    return Forger(*authority.issue_leaf())


def judged(data: bytes, path: Path, trust: TrustStore | None = None) -> Verdict:
    path.write_bytes(data)
    trust = trust or TrustStore(OURS)
    return verify_file(path, trust=trust, watermarks=None, find=lambda *_: None, read=inspect)


@pytest.mark.parametrize("name", DEFECTS)
def test_it_is_told_by_its_cause(name: str, forger: Forger, tmp_path: Path) -> None:
    defect = DEFECTS[name]
    verdict = judged(defect.make(forger), tmp_path / "file.jpg")
    manifest = verdict.signals.manifest
    assert manifest is not None
    assert set(manifest.causes) == defect.causes
    assert defect.codes <= {*manifest.codes, *manifest.ingredient_codes}
    assert ("changed" in str(verdict.sentence)) == (defect.causes == {Cause.CONTENT})
    if not defect.causes:
        assert (verdict.kind, manifest.state) == (VerdictKind.CANNOT_TELL, ManifestState.UNREADABLE)
        return
    assert verdict.kind is VerdictKind.OTHER_CREDENTIALS
    told = {reason.finding for reason in verdict.reasons if reason.signal == "cause"}
    signals = {reason.signal for reason in verdict.reasons}
    assert told == {cause.value for cause in defect.causes - {Cause.INPUT, Cause.IDENTITY}}
    assert ("ingredients" in signals) >= (Cause.INPUT in defect.causes)
    assert ("identity" in signals) == (Cause.IDENTITY in defect.causes)


def test_credentials_without_a_defect_hold(forger: Forger, tmp_path: Path) -> None:
    manifest = judged(forger.file(Forgery()), tmp_path / "file.jpg").signals.manifest
    assert manifest is not None
    assert (manifest.state, manifest.causes) == (ManifestState.VALID_UNTRUSTED, {})
    assert manifest.is_content_bound


def test_a_named_identity_takes_no_trust_away(
    forger: Forger, authority: development_ca.DevelopmentCA, tmp_path: Path
) -> None:
    data = DEFECTS["identity of an unknown kind"].make(forger)
    known = TrustStore(OURS, other_anchors_pem=authority.root_pem)
    verdict = judged(data, tmp_path / "file.jpg", known)
    assert verdict.signals.manifest is not None
    assert verdict.signals.manifest.state is ManifestState.TRUSTED_OTHER
    assert "The identity that they name does not hold." in str(verdict.sentence)


def test_the_causes_stand_in_the_answer_for_programs(forger: Forger, tmp_path: Path) -> None:
    credentials = judged(DEFECTS["content and signature"].make(forger), tmp_path / "f.jpg").to_json()[
        "credentials"
    ]
    assert credentials is not None
    assert [one["cause"] for one in credentials["causes"]] == ["content", "signature"]
    assert credentials["is_content_bound"] is False


def test_only_unknown_is_no_failure_and_an_unknown_code_accuses_nobody() -> None:
    assert by_cause(["signingCredential.untrusted", "timeStamp.untrusted"]) == {}
    assert cause_of("somebodys.new.code") is Cause.POLICY
    assert cause_of("cawg.somebodys.new.code") is Cause.IDENTITY
    assert cause_of("claimSignature.outsideValidity") is Cause.CERTIFICATE
    assert cause_of("assertion.multiAssetHash.missingPart") is Cause.INCOMPLETE
