"""Signing by a key service over its real API: a server on loopback, the calls of production."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from django.core.management import CommandError, call_command
from moto.server import ThreadedMotoServer

from provenance.checks.key_health import check_signing_certificate, signing_certificate_health
from provenance.keys.key_creation import DEVELOPMENT_CA_FOLDER
from provenance.keys.key_rotation import KeyIsElsewhere, rotate_signing_key
from provenance.keys.key_service import KeyServiceUnavailable
from provenance.keys.signing_identity import signing_identity
from provenance.manifest import development_ca
from provenance.manifest.development_ca import DevelopmentCA
from provenance.manifest.reading import ManifestState, read_manifest
from provenance.manifest.signing import SigningFailed, SigningKeyUnusable, sign_file
from provenance.manifest.trust import TrustStore
from provenance.services import aws_kms
from provenance.tasks import probe_signing_key
from tests.provenance.manifest.conftest import make_claim

REGION = "eu-central-1"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def service(server: str) -> Any:
    return boto3.client("kms", endpoint_url=server, region_name=REGION)


def public_key(server: str, key_id: str) -> ec.EllipticCurvePublicKey:
    public = serialization.load_der_public_key(service(server).get_public_key(KeyId=key_id)["PublicKey"])
    assert isinstance(public, ec.EllipticCurvePublicKey)
    return public


@pytest.fixture
def key_id(server: str, settings, authority: DevelopmentCA, tmp_path: Path, monkeypatch) -> Iterator[str]:
    """A signing key in the service, and a certificate for it as our chain."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    created = service(server).create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"][
        "KeyId"
    ]
    chain = tmp_path / "chain.pem"
    chain.write_text(authority.certify(public_key(server, created)))
    anchors = tmp_path / "anchors.pem"
    anchors.write_text(authority.root_pem)
    settings.LIKENESS_TRUST_ANCHORS_FILE = anchors
    settings.LIKENESS_SIGNING_CHAIN_FILE = chain
    settings.LIKENESS_SIGNING_CALLBACK = "provenance.services.aws_kms.sign"
    settings.LIKENESS_KMS_KEY_ID = created
    settings.LIKENESS_KMS_REGION = REGION
    settings.LIKENESS_KMS_ENDPOINT_URL = server
    yield created
    aws_kms._client.cache_clear()


def test_a_video_is_signed_by_a_key_that_never_was_here(
    key_id: str, clip: Path, trust: TrustStore, tmp_path: Path
) -> None:
    sign_file(clip, tmp_path / "signed.mp4", make_claim(), signing_identity(), trust)
    assert read_manifest(tmp_path / "signed.mp4", trust).state is ManifestState.TRUSTED_OURS
    assert not list(tmp_path.glob("*key*"))


def test_what_is_signed_is_small_enough_for_the_service(
    key_id: str, clip: Path, trust: TrustStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    sign = aws_kms.sign

    def weigh(data: bytes) -> bytes:
        sizes.append(len(data))
        return sign(data)

    monkeypatch.setattr(aws_kms, "sign", weigh)
    sign_file(clip, tmp_path / "signed.mp4", make_claim(), signing_identity(), trust)
    assert len(sizes) == 1
    assert sizes[0] < aws_kms.LARGEST_RAW_BYTES


@pytest.mark.usefixtures("key_id")
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"LIKENESS_KMS_KEY_ID": "00000000-0000-0000-0000-000000000000"}, "NotFound"),
        ({"LIKENESS_KMS_KEY_ID": ""}, "LIKENESS_KMS_KEY_ID"),
        ({"LIKENESS_KMS_ENDPOINT_URL": "http://127.0.0.1:9"}, "Could not connect"),
    ],
)
def test_its_refusal_is_kept_as_the_reason(
    settings, clip, trust, tmp_path, caplog, *, change, reason
) -> None:
    for name, value in change.items():
        setattr(settings, name, value)
    with pytest.raises(SigningFailed) as caught:
        sign_file(clip, tmp_path / "signed.mp4", make_claim(), signing_identity(), trust)
    assert reason in f"{type(caught.value.__cause__).__name__} {caught.value.__cause__}"
    assert reason in caplog.text
    assert not (tmp_path / "signed.mp4").exists()


@pytest.fixture
def renewed(server: str, key_id: str, authority: DevelopmentCA, tmp_path: Path) -> Path:
    """Another certificate for the same key."""
    chain = tmp_path / "renewed-chain.pem"
    chain.write_text(authority.certify(public_key(server, key_id)))
    return chain


@pytest.fixture
def of_another_key(authority: DevelopmentCA, tmp_path: Path) -> Path:
    """A certificate for a key that is not in the service."""
    chain, _ = authority.issue_leaf()
    (tmp_path / "other-chain.pem").write_text(chain)
    return tmp_path / "other-chain.pem"


def test_a_renewed_certificate_comes_without_a_key(
    renewed: Path, clip: Path, trust: TrustStore, tmp_path: Path
) -> None:
    before = signing_identity().leaf.serial_number
    call_command("rotate_signing_key", chain=renewed)
    assert signing_identity().leaf.serial_number != before
    sign_file(clip, tmp_path / "signed.mp4", make_claim(), signing_identity(), trust)
    assert read_manifest(tmp_path / "signed.mp4", trust).state is ManifestState.TRUSTED_OURS
    assert not list(tmp_path.glob("*key*"))


def test_a_certificate_of_another_key_is_not_put_into_place(key_id: str, of_another_key: Path) -> None:
    before = signing_identity().chain_pem
    with pytest.raises(CommandError, match="signs with another key"):
        call_command("rotate_signing_key", chain=of_another_key)
    assert signing_identity().chain_pem == before


def test_a_chain_that_cannot_be_read_is_not_put_into_place(key_id: str, tmp_path: Path) -> None:
    (tmp_path / "no-chain.pem").write_text("no chain")
    before = signing_identity().chain_pem
    for path in (tmp_path / "no-chain.pem", tmp_path / "nowhere.pem"):
        with pytest.raises(SigningKeyUnusable, match="cannot be read"):
            rotate_signing_key(chain=path)
    assert signing_identity().chain_pem == before


def test_no_development_certificate_replaces_the_services(key_id: str, renewed: Path, settings) -> None:
    development_ca.create(Path(settings.LIKENESS_KEYS_DIR) / DEVELOPMENT_CA_FOLDER)
    before = signing_identity().chain_pem
    with pytest.raises(KeyIsElsewhere):
        rotate_signing_key()
    with pytest.raises(KeyIsElsewhere, match="would sign nothing"):
        rotate_signing_key(chain=renewed, key=renewed)
    assert signing_identity().chain_pem == before


def test_without_an_answer_nothing_is_put_into_place(renewed: Path, settings) -> None:
    before = signing_identity().chain_pem
    settings.LIKENESS_KMS_KEY_ID = "00000000-0000-0000-0000-000000000000"
    with pytest.raises(KeyServiceUnavailable):
        rotate_signing_key(chain=renewed)
    settings.LIKENESS_SIGNING_CALLBACK = "nowhere.sign"
    with pytest.raises(KeyServiceUnavailable):
        rotate_signing_key(chain=renewed)
    settings.LIKENESS_SIGNING_CALLBACK = "provenance.services.aws_kms.sign"
    assert signing_identity().chain_pem == before


def test_health_tells_what_the_service_answered_a_worker(key_id: str, of_another_key: Path, settings) -> None:
    assert signing_certificate_health().has_its_key is None
    probe_signing_key()
    assert signing_certificate_health().has_its_key is True
    assert check_signing_certificate() == []
    settings.LIKENESS_SIGNING_CHAIN_FILE = of_another_key
    assert signing_certificate_health().has_its_key is None
    probe_signing_key()
    health = signing_certificate_health()
    assert (health.has_its_key, health.problem) == (
        False,
        "The signing key does not belong to the certificate.",
    )
    assert [message.id for message in check_signing_certificate()] == ["provenance.E003"]


def test_the_check_says_when_the_service_does_not_answer(key_id: str, settings) -> None:
    settings.LIKENESS_KMS_KEY_ID = ""
    assert [message.id for message in check_signing_certificate()] == ["provenance.W003"]


def sign_as_r_and_s(data: bytes) -> bytes:
    """Stands for a key service whose signatures are r || s."""
    r, s = decode_dss_signature(aws_kms.sign(data))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def test_a_signature_may_be_r_and_s(renewed: Path, of_another_key: Path, settings) -> None:
    settings.LIKENESS_SIGNING_CALLBACK = f"{__name__}.sign_as_r_and_s"
    rotate_signing_key(chain=renewed)
    with pytest.raises(SigningKeyUnusable):
        rotate_signing_key(chain=of_another_key)
