"""/metrics tells operators, and nobody else, what waits, what failed and what is missing."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from provenance.models.verification import Verification
from tests.config.operations.scraping import TOKEN, figures

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def token(settings: Any) -> None:
    settings.LIKENESS_METRICS_TOKEN = TOKEN


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer wrong", TOKEN])
def test_without_the_token_there_is_no_such_page(header: str) -> None:
    assert Client().get("/metrics", headers={"Authorization": header}).status_code == 404


def test_without_a_token_in_the_settings_there_is_no_such_page(settings: Any) -> None:
    settings.LIKENESS_METRICS_TOKEN = ""
    assert Client().get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_it_tells_what_else_waits_and_which_parts_are_missing() -> None:
    Verification.objects.create()
    told = figures()
    assert told["likeness_verifications_waiting", ()] == 1
    assert told["likeness_webhooks_waiting", ()] == 0
    assert told["likeness_misuse_reports_open", ()] == 0
    assert told["likeness_part_ok", ("database",)] == 1
    assert told["likeness_part_ok", ("broker",)] == 0
    assert told["likeness_log_size", ()] >= 0


def test_requests_are_counted_by_route_and_not_by_address() -> None:
    Client().get("/livez")
    Client().get("/consent/a-secret-that-nobody-may-read/")
    told = figures()
    assert told["likeness_request_seconds_count", ("livez", "2xx")] >= 1
    assert not [labels for name, labels in told if "a-secret" in " ".join(labels)]
