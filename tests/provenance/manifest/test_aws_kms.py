"""Signing by a key service over its real API: a server on loopback, the calls of production."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from moto.server import ThreadedMotoServer

from provenance.manifest.development_ca import DevelopmentCA
from provenance.manifest.reading import ManifestState, read_manifest
from provenance.manifest.signing import SigningFailed, sign_file
from provenance.manifest.trust import TrustStore
from provenance.services import aws_kms
from provenance.services.signing import signing_identity
from tests.provenance.manifest.conftest import make_claim

REGION = "eu-central-1"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def key_id(server: str, settings, authority: DevelopmentCA, tmp_path: Path, monkeypatch) -> Iterator[str]:
    """A signing key in the service, and a certificate for it as our chain."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    service = boto3.client("kms", endpoint_url=server, region_name=REGION)
    created = service.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    public = serialization.load_der_public_key(service.get_public_key(KeyId=created)["PublicKey"])
    assert isinstance(public, ec.EllipticCurvePublicKey)
    chain = tmp_path / "chain.pem"
    chain.write_text(authority.certify(public))
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
