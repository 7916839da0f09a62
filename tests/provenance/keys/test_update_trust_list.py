"""The list by which other signers are known: what is taken in, what is left out, and when it is old."""

from __future__ import annotations

import io
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from provenance.checks.trust_list_checks import check_trust_list
from provenance.keys.key_creation import create_missing_keys
from provenance.keys.service_keys import trust_store
from provenance.keys.trust_list import trust_list_health
from provenance.manifest import development_ca

NOW = datetime.now(UTC)
NO_CERTIFICATE = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"


@pytest.fixture
def keys(tmp_path: Path, settings) -> Path:
    """A keys folder without a list."""
    folder = tmp_path / "keys"
    folder.mkdir()
    create_missing_keys()
    settings.LIKENESS_KEYS_DIR = folder
    return folder


def root(folder: Path, *, now: datetime | None = None) -> str:
    return development_ca.create(folder, now=now).root_pem


def update(file: Path, text: str) -> str:
    file.write_text(text)
    out = io.StringIO()
    call_command("update_trust_list", file, stdout=out)
    return out.getvalue()


def test_the_authorities_in_it_are_those_by_which_others_are_known(keys: Path, tmp_path: Path) -> None:
    one, other = root(tmp_path / "one"), root(tmp_path / "other")
    assert "2 authorities: 2 new, 0 gone." in update(tmp_path / "list.pem", f"# Somebody\n{one}{other}")
    assert other.strip() in trust_store().other_anchors_pem
    assert "1 authorities: 0 new, 1 gone." in update(tmp_path / "list.pem", one)
    assert other.strip() not in trust_store().other_anchors_pem
    assert [path.name for path in keys.iterdir()] == ["other-trust-anchors.pem"]


def test_expired_ones_leaves_and_our_own_are_left_out(keys: Path, tmp_path: Path) -> None:
    old = root(tmp_path / "old", now=NOW - timedelta(days=4000))
    leaf, _ = development_ca.create(tmp_path / "leaf").issue_leaf()
    ours = trust_store().own_anchors_pem
    said = update(tmp_path / "list.pem", old + leaf + ours)
    assert "Left out (expired)" in said
    assert "Left out (no certificate authority)" in said
    assert "Left out (one of our own anchors)" in said
    assert "1 authorities" in said  # the leaf's intermediate


@pytest.mark.parametrize(
    "text", ["", "a text", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
)
def test_what_is_no_list_leaves_the_former_one(text: str, keys: Path, tmp_path: Path) -> None:
    update(tmp_path / "list.pem", root(tmp_path / "one"))
    before = (keys / "other-trust-anchors.pem").read_bytes()
    with pytest.raises(CommandError):
        update(tmp_path / "list.pem", text)
    assert (keys / "other-trust-anchors.pem").read_bytes() == before


def test_a_list_with_nothing_valid_is_refused(keys: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="valid now"):
        update(tmp_path / "list.pem", root(tmp_path / "old", now=NOW - timedelta(days=4000)))
    assert trust_list_health() is None


def test_it_warns_before_an_authority_expires_and_when_the_list_is_old(keys: Path, tmp_path: Path) -> None:
    assert check_trust_list() == []
    ends_soon = NOW - timedelta(days=development_ca.ROOT_DAYS - 10)
    said = update(tmp_path / "list.pem", root(tmp_path / "one", now=ends_soon) + root(tmp_path / "two"))
    assert "The first expires on" in said
    (warning,) = check_trust_list()
    assert "0 have expired and 1 expire within 30 days" in warning.msg
    then = (NOW - timedelta(days=200)).timestamp()
    os.utime(keys / "other-trust-anchors.pem", (then, then))
    assert [found.id for found in check_trust_list()] == ["provenance.W005", "provenance.W005"]
