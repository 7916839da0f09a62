"""The signing certificate's age shows in health and system checks before it is too late."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client

from provenance.checks.key_health import (
    check_development_roots,
    check_signing_certificate,
    check_timestamp_servers,
    signing_certificate_health,
)
from provenance.manifest import development_ca


@pytest.fixture
def issued(settings, tmp_path: Path):
    """Put a certificate that was issued some days ago into the service's place."""
    authority = development_ca.create(tmp_path / "ca")

    def issue(days_ago: int) -> None:
        chain, key = authority.issue_leaf(now=datetime.now(UTC) - timedelta(days=days_ago))
        (tmp_path / "chain.pem").write_text(chain)
        (tmp_path / "key.pem").write_text(key)
        settings.LIKENESS_SIGNING_CHAIN_FILE = tmp_path / "chain.pem"
        settings.LIKENESS_SIGNING_KEY_FILE = tmp_path / "key.pem"

    return issue


def ids() -> list[str | None]:
    return [message.id for message in check_signing_certificate()]


@pytest.mark.parametrize(
    ("days_ago", "expected"), [(0, []), (70, []), (80, ["provenance.W001"]), (95, ["provenance.E003"])]
)
def test_the_check_warns_in_time(issued, days_ago: int, expected: list[str]) -> None:
    issued(days_ago)
    assert ids() == expected


def test_a_certificate_that_is_not_valid_yet_is_no_use(issued) -> None:
    issued(-3)
    assert "not valid yet" in signing_certificate_health().problem


def test_an_old_key_is_mentioned(issued, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(development_ca, "LEAF_DAYS", 1000)
    issued(401)
    assert ids() == ["provenance.W002"]


@pytest.mark.parametrize("text", [None, "no certificate"])
def test_a_chain_that_is_none_is_an_error(settings, tmp_path: Path, text: str | None) -> None:
    settings.LIKENESS_SIGNING_CHAIN_FILE = tmp_path / "chain.pem"
    if text:
        (tmp_path / "chain.pem").write_text(text)
    assert ids() == ["provenance.E003"]


@pytest.mark.django_db
def test_the_health_page_tells_a_certificate_without_its_key(issued, tmp_path: Path) -> None:
    issued(0)
    assert Client().get("/readyz").json()["signing_certificate"]["has_its_key"] is True
    _, other_key = development_ca.create(tmp_path / "ca").issue_leaf()
    (tmp_path / "key.pem").write_text(other_key)
    answer = Client().get("/readyz")
    certificate = answer.json()["signing_certificate"]
    assert (answer.status_code, certificate["ok"], certificate["has_its_key"]) == (200, False, False)
    assert ids() == ["provenance.E003"]
    (tmp_path / "key.pem").write_text("no key")
    assert signing_certificate_health().has_its_key is False


def test_a_key_file_that_is_elsewhere_is_no_problem(issued, settings, tmp_path: Path) -> None:
    issued(0)
    (tmp_path / "key.pem").unlink()
    health = signing_certificate_health()
    assert (health.has_its_key, health.problem) == (None, "")


@pytest.mark.django_db
def test_the_health_page_tells_how_old_the_other_keys_are(settings, tmp_path: Path) -> None:
    for name, file in (("LIKENESS_LOG_KEY_FILE", "log.pem"), ("LIKENESS_WATERMARK_KEY_FILE", "watermark")):
        setattr(settings, name, tmp_path / file)
    (tmp_path / "log.pem").touch()
    three_days_ago = datetime.now(UTC).timestamp() - 3 * 86_400
    os.utime(tmp_path / "log.pem", (three_days_ago, three_days_ago))
    assert Client().get("/readyz").json()["keys"] == {"log_age_days": 3, "watermark_age_days": None}


@pytest.mark.django_db
def test_the_health_page_tells_the_days_that_are_left(issued) -> None:
    issued(80)
    answer = Client().get("/readyz")
    assert answer.status_code == 200
    certificate = answer.json()["signing_certificate"]
    assert (certificate["ok"], certificate["expires_soon"], certificate["age_days"]) == (True, True, 80)
    assert certificate["days_left"] == 9


def test_beyond_loopback_a_time_stamp_server_is_asked_for(settings) -> None:
    assert check_timestamp_servers() == []
    settings.LIKENESS_ON_LOOPBACK = False
    assert [message.id for message in check_timestamp_servers()] == ["provenance.E004"]
    settings.LIKENESS_TIMESTAMP_SERVERS = ["http://127.0.0.1:9/"]
    assert check_timestamp_servers() == []


def test_beyond_loopback_development_roots_are_errors(settings, tmp_path: Path) -> None:
    settings.LIKENESS_TRUST_ANCHORS_FILE = tmp_path / "anchors.pem"
    settings.LIKENESS_TIMESTAMP_ANCHORS_FILE = tmp_path / "timestamp-anchors.pem"
    (tmp_path / "anchors.pem").write_text(development_ca.create(tmp_path / "ca").root_pem)
    (tmp_path / "timestamp-anchors.pem").write_text(development_ca.create_timestamp_authority().root_pem)
    assert check_development_roots() == []
    settings.LIKENESS_ON_LOOPBACK = False
    assert [message.id for message in check_development_roots()] == ["provenance.E005", "provenance.E006"]


def test_roots_of_ones_own_are_no_errors(settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.LIKENESS_ON_LOOPBACK = False
    monkeypatch.setattr(development_ca, "ORGANISATION", "Aurora Media")
    (tmp_path / "anchors.pem").write_text(development_ca.create(tmp_path / "ca").root_pem)
    settings.LIKENESS_TRUST_ANCHORS_FILE = tmp_path / "anchors.pem"
    settings.LIKENESS_TIMESTAMP_ANCHORS_FILE = tmp_path / "none.pem"
    assert check_development_roots() == []
