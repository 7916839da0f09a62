"""The development authority: who issues what, for how long, and who may read its files."""

from __future__ import annotations

import stat
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from provenance.manifest import development_ca
from provenance.manifest.key_files import write_new


def test_it_makes_a_chain_that_verifies(tmp_path: Path) -> None:
    authority = development_ca.create(tmp_path)
    leaf, intermediate = x509.load_pem_x509_certificates(authority.issue_leaf()[0].encode())
    root = x509.load_pem_x509_certificate(authority.root_pem.encode())
    leaf.verify_directly_issued_by(intermediate)
    intermediate.verify_directly_issued_by(root)
    root.verify_directly_issued_by(root)


def test_its_leaf_lives_ninety_days_and_may_sign_claims(tmp_path: Path) -> None:
    leaf = x509.load_pem_x509_certificate(development_ca.create(tmp_path).issue_leaf()[0].encode())
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc == timedelta(days=90)
    usages = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert set(usages) == {ExtendedKeyUsageOID.EMAIL_PROTECTION, development_ca.C2PA_CLAIM_SIGNING}


def test_opening_it_again_gives_the_same_authority(tmp_path: Path) -> None:
    assert development_ca.create(tmp_path).root_pem == development_ca.create(tmp_path).root_pem


def test_it_keeps_no_root_key_and_hides_the_other(tmp_path: Path) -> None:
    development_ca.create(tmp_path / "ca")
    names = {file.name for file in (tmp_path / "ca").iterdir()}
    assert names == {"root.pem", "intermediate.pem", "intermediate-key.pem"}
    assert stat.S_IMODE((tmp_path / "ca" / "intermediate-key.pem").stat().st_mode) == 0o600


def test_a_key_file_is_never_overwritten(tmp_path: Path) -> None:
    write_new(tmp_path / "key", b"first", is_secret=True)
    with pytest.raises(FileExistsError):
        write_new(tmp_path / "key", b"second", is_secret=True)
    assert (tmp_path / "key").read_bytes() == b"first"
    assert [file.name for file in tmp_path.iterdir()] == ["key"]
