"""The signing key is exchanged under running workers, and what was signed before stays ours."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command

from provenance.keys.key_creation import create_missing_keys
from provenance.keys.key_rotation import rotate_signing_key
from provenance.keys.service_keys import trust_store
from provenance.keys.signing_identity import signing_identity
from provenance.manifest import development_ca
from provenance.manifest.reading import ManifestState, read_manifest
from provenance.manifest.signing import SigningKeyUnusable, sign_file
from tests.provenance import clips
from tests.provenance.claims import rendition_claim
from tests.provenance.keys.test_create_keys import NAMES


@pytest.fixture
def keys(tmp_path: Path, settings) -> Path:
    """Key files of this test's own."""
    settings.LIKENESS_KEYS_DIR = tmp_path / "keys"
    for name, file in NAMES.items():
        setattr(settings, name, tmp_path / "keys" / file)
    create_missing_keys()
    return tmp_path / "keys"


def sign(folder: Path, name: str) -> Path:
    plain = clips.write_clip(folder / "plain.mp4", clips.moving_frames(10))
    claim = rendition_claim("rnd_" + "R" * 22, 7, duration_s=0.4)
    sign_file(plain, folder / name, claim, signing_identity(), trust_store())
    return folder / name


def test_old_and_new_videos_are_both_ours(keys: Path, tmp_path: Path) -> None:
    before = sign(tmp_path, "before.mp4")
    call_command("rotate_signing_key")
    after = sign(tmp_path, "after.mp4")
    readings = [read_manifest(path, trust_store()) for path in (before, after)]
    assert [reading.state for reading in readings] == [ManifestState.TRUSTED_OURS] * 2
    assert readings[0].signer_serial != readings[1].signer_serial


@pytest.mark.slow
def test_workers_sign_on_while_it_happens(keys: Path, tmp_path: Path) -> None:
    serials, errors = set(), []
    is_over = threading.Event()

    def work() -> None:
        while not is_over.is_set():
            try:
                serials.add(signing_identity().leaf.serial_number)
            except SigningKeyUnusable as error:
                errors.append(error)

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for _ in range(20):
        rotate_signing_key()
    is_over.set()
    for worker in workers:
        worker.join()
    assert errors == []
    assert len(serials) > 1


def files_of(authority: development_ca.DevelopmentCA, folder: Path, **when) -> tuple[Path, Path]:
    chain, key = authority.issue_leaf(**when)
    (folder / "new-chain.pem").write_text(chain)
    (folder / "new-key.pem").write_text(key)
    return folder / "new-chain.pem", folder / "new-key.pem"


def test_a_chain_of_another_root_needs_its_root_among_ours_first(keys: Path, tmp_path: Path) -> None:
    before = sign(tmp_path, "before.mp4")
    other = development_ca.create(tmp_path / "other-ca")
    chain, key = files_of(other, tmp_path)
    with pytest.raises(CommandError, match="no root of ours"):
        call_command("rotate_signing_key", chain=chain, key=key)
    anchors = Path(django_settings.LIKENESS_TRUST_ANCHORS_FILE)
    anchors.write_text(anchors.read_text() + other.root_pem)
    call_command("rotate_signing_key", chain=chain, key=key)
    after = sign(tmp_path, "after.mp4")
    for path in (before, after):
        assert read_manifest(path, trust_store()).state is ManifestState.TRUSTED_OURS


def test_what_does_not_fit_is_not_put_into_place(keys: Path, tmp_path: Path) -> None:
    ours = development_ca.create(keys / "development-ca")
    chain, key = files_of(ours, tmp_path)
    untouched = {path: path.read_bytes() for path in keys.glob("signing-*")}
    other_key = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    leaf_only = chain.read_text().split("-----END CERTIFICATE-----")[0] + "-----END CERTIFICATE-----\n"
    for chain_text, key_text in (
        (chain.read_text(), other_key.decode()),
        (leaf_only, key.read_text()),
        ("no chain", key.read_text()),
    ):
        (tmp_path / "c.pem").write_text(chain_text)
        (tmp_path / "k.pem").write_text(key_text)
        with pytest.raises(CommandError):
            call_command("rotate_signing_key", chain=tmp_path / "c.pem", key=tmp_path / "k.pem")
    with pytest.raises(CommandError, match="comes with its key"):
        call_command("rotate_signing_key", chain=chain)
    assert {path: path.read_bytes() for path in keys.glob("signing-*")} == untouched


def test_a_certificate_that_ran_out_is_not_put_into_place(keys: Path, tmp_path: Path) -> None:
    from datetime import UTC, datetime, timedelta

    ours = development_ca.create(keys / "development-ca")
    chain, key = files_of(ours, tmp_path, now=datetime.now(UTC) - timedelta(days=91))
    with pytest.raises(CommandError, match="not valid now"):
        call_command("rotate_signing_key", chain=chain, key=key)
