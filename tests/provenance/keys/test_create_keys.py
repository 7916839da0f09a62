"""Key files are made once, kept for ever, and unreadable for others."""

from __future__ import annotations

import io
import stat
from pathlib import Path

import pytest
from cryptography import x509
from django.core.management import call_command

from provenance.keys.key_creation import KeysIncomplete, create_missing_keys
from provenance.keys.service_keys import SecretUnusable, input_commitment, trust_store, watermark_key
from provenance.keys.signing_identity import signing_identity
from provenance.watermark import WatermarkKey

NAMES = {
    "LIKENESS_LOG_KEY_FILE": "log-ed25519.pem",
    "LIKENESS_SIGNING_CHAIN_FILE": "signing-chain.pem",
    "LIKENESS_SIGNING_KEY_FILE": "signing-key.pem",
    "LIKENESS_TRUST_ANCHORS_FILE": "trust-anchors.pem",
    "LIKENESS_TIMESTAMP_ANCHORS_FILE": "timestamp-anchors.pem",
    "LIKENESS_WATERMARK_KEY_FILE": "watermark-key",
    "LIKENESS_COMMITMENT_KEY_FILE": "commitment-key",
}

ALL_FILES = {*NAMES.values(), "timestamp-chain.pem", "timestamp-key.pem"}


@pytest.fixture
def keys(tmp_path: Path, settings) -> Path:
    folder = tmp_path / "keys"
    settings.LIKENESS_KEYS_DIR = folder
    for name, file in NAMES.items():
        setattr(settings, name, folder / file)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_it_makes_all_files_once(keys: Path) -> None:
    assert {path.name for path in create_missing_keys()} == ALL_FILES
    before = contents(keys)
    assert create_missing_keys() == []
    assert contents(keys) == before


def test_its_secrets_are_for_the_owner_only(keys: Path) -> None:
    create_missing_keys()
    for name in (
        "log-ed25519.pem",
        "signing-key.pem",
        "timestamp-key.pem",
        "watermark-key",
        "commitment-key",
    ):
        assert stat.S_IMODE((keys / name).stat().st_mode) == 0o600


def test_what_it_makes_fits_together(keys: Path) -> None:
    create_missing_keys()
    leaf, intermediate = x509.load_pem_x509_certificates(signing_identity().chain_pem.encode())
    root = x509.load_pem_x509_certificate(trust_store().own_anchors_pem.encode())
    leaf.verify_directly_issued_by(intermediate)
    intermediate.verify_directly_issued_by(root)
    assert len(watermark_key(2026).secret) == 32
    assert len(input_commitment(role="speech", rendition_id="rnd_1", input_sha256="0" * 64)) == 64


def test_a_renewed_leaf_has_the_same_root(keys: Path) -> None:
    create_missing_keys()
    root = trust_store()
    (keys / "signing-chain.pem").unlink()
    (keys / "signing-key.pem").unlink()
    assert {path.name for path in create_missing_keys()} == {"signing-chain.pem", "signing-key.pem"}
    assert trust_store() == root


@pytest.mark.parametrize("lost", ["signing-chain.pem", "signing-key.pem"])
def test_it_does_not_guess_half_of_a_pair(keys: Path, lost: str) -> None:
    create_missing_keys()
    (keys / lost).unlink()
    with pytest.raises(KeysIncomplete):
        create_missing_keys()


def test_it_invents_no_anchors_for_a_chain_from_elsewhere(keys: Path) -> None:
    keys.mkdir()
    (keys / "signing-chain.pem").write_text("from elsewhere")
    (keys / "signing-key.pem").write_text("from elsewhere")
    with pytest.raises(KeysIncomplete):
        create_missing_keys()


def test_it_issues_nothing_under_anchors_from_elsewhere(keys: Path) -> None:
    keys.mkdir()
    (keys / "trust-anchors.pem").write_text("-----BEGIN CERTIFICATE-----\nfrom elsewhere\n")
    with pytest.raises(KeysIncomplete):
        create_missing_keys()
    assert not (keys / "signing-key.pem").exists()


def test_the_command_says_what_it_made(keys: Path) -> None:
    first, second = io.StringIO(), io.StringIO()
    call_command("create_keys", stdout=first)
    call_command("create_keys", stdout=second)
    assert sorted(Path(line.removeprefix("made ")).name for line in first.getvalue().splitlines()) == sorted(
        ALL_FILES
    )
    assert second.getvalue() == "All keys are there; nothing was changed.\n"


@pytest.mark.parametrize("text", ["", "not hexadecimal", "abcd"])
def test_a_malformed_secret_is_named(keys: Path, text: str) -> None:
    keys.mkdir()
    with pytest.raises(SecretUnusable, match="watermark-key"):
        watermark_key(2026)
    (keys / "watermark-key").write_text(text)
    with pytest.raises(SecretUnusable, match="watermark-key"):
        watermark_key(2026)


def keys_of_a_service(year: int) -> bytes:
    return year.to_bytes(32, "big")


def test_a_key_service_gives_each_years_watermark_key(keys: Path, settings) -> None:
    settings.LIKENESS_WATERMARK_KEY_CALLBACK = f"{__name__}.keys_of_a_service"
    assert watermark_key(2026) == WatermarkKey(keys_of_a_service(2026))
    settings.LIKENESS_WATERMARK_KEY_CALLBACK = "nowhere.key"
    with pytest.raises(SecretUnusable):
        watermark_key(2026)


def test_every_year_has_a_watermark_key_of_its_own(keys: Path) -> None:
    create_missing_keys()
    assert watermark_key(2026) == watermark_key(2026)
    assert watermark_key(2026) != watermark_key(2027)


def test_anchors_of_others_are_kept_apart(keys: Path) -> None:
    create_missing_keys()
    (keys / "other-trust-anchors.pem").write_text("others")
    store = trust_store()
    assert store.other_anchors_pem == "others"
    assert "others" not in store.own_anchors_pem


def test_it_makes_no_clock_of_its_own_beside_the_anchors_of_others(keys: Path) -> None:
    keys.mkdir()
    (keys / "timestamp-anchors.pem").write_text("of others")
    create_missing_keys()
    assert not (keys / "timestamp-key.pem").exists()
    assert trust_store().timestamp_anchors_pem == "of others"


def test_it_makes_no_clock_of_its_own_beyond_loopback(keys: Path, settings) -> None:
    settings.LIKENESS_ON_LOOPBACK = False
    made = {path.name for path in create_missing_keys()}
    assert made == ALL_FILES - {"timestamp-anchors.pem", "timestamp-chain.pem", "timestamp-key.pem"}
