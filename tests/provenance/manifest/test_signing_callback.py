"""In production a key service may sign, so that the key is never in a file of ours."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from provenance.keys.key_creation import create_missing_keys
from provenance.keys.service_keys import trust_store
from provenance.keys.signing_identity import signing_identity
from provenance.manifest.signing import SigningKeyUnusable, sign_file
from tests.provenance.manifest.conftest import make_claim

ASKED: list[bytes] = []
SERVICE_KEY = Path()  # each test puts its key somewhere else


def sign_in_the_key_service(data: bytes) -> bytes:
    """Stands for the call to a key service: the key lies where only this function looks."""
    ASKED.append(data)
    key = serialization.load_pem_private_key(SERVICE_KEY.read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key.sign(data, ec.ECDSA(hashes.SHA256()))


@pytest.fixture
def key_service(settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keys whose signing key was moved out of the service's own folder."""
    settings.LIKENESS_KEYS_DIR = tmp_path / "keys"
    for name, file in (
        ("LIKENESS_SIGNING_CHAIN_FILE", "signing-chain.pem"),
        ("LIKENESS_SIGNING_KEY_FILE", "signing-key.pem"),
        ("LIKENESS_TRUST_ANCHORS_FILE", "trust-anchors.pem"),
        ("LIKENESS_LOG_KEY_FILE", "log.pem"),
        ("LIKENESS_WATERMARK_KEY_FILE", "watermark-key"),
        ("LIKENESS_COMMITMENT_KEY_FILE", "commitment-key"),
    ):
        setattr(settings, name, tmp_path / "keys" / file)
    create_missing_keys()
    elsewhere = tmp_path / "in-the-key-service.pem"
    (tmp_path / "keys" / "signing-key.pem").rename(elsewhere)
    monkeypatch.setattr("tests.provenance.manifest.test_signing_callback.SERVICE_KEY", elsewhere)
    settings.LIKENESS_SIGNING_CALLBACK = f"{__name__}.sign_in_the_key_service"
    return elsewhere


def test_a_video_is_signed_by_the_key_service(key_service: Path, clip: Path, tmp_path: Path):
    asked_before = len(ASKED)
    signed = sign_file(clip, tmp_path / "signed.mp4", make_claim(), signing_identity(), trust_store())
    assert signed.label
    assert len(ASKED) == asked_before + 1


def test_no_key_file_is_made_beside_a_key_service(key_service: Path, settings):
    create_missing_keys()
    assert not Path(settings.LIKENESS_SIGNING_KEY_FILE).exists()


def test_a_function_that_is_not_there_is_refused(key_service: Path, settings):
    settings.LIKENESS_SIGNING_CALLBACK = "nowhere.sign"
    with pytest.raises(SigningKeyUnusable, match="cannot be loaded"):
        signing_identity()
