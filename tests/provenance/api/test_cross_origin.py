"""What is public can be used by a page of another origin, and nothing else can."""

from __future__ import annotations

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db
ORIGIN = {"Origin": "https://news.example"}
PREFLIGHT = {
    **ORIGIN,
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "content-type",
}


@pytest.mark.parametrize("path", ["/v1/verify", "/v1/matches/byContent", "/v1/matches/byBinding"])
def test_a_browser_that_asks_beforehand_is_told_yes(path: str) -> None:
    answer = Client().options(path, headers=PREFLIGHT)
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    assert "Content-Type" in answer.headers["Access-Control-Allow-Headers"]


@pytest.mark.parametrize(
    "path",
    [
        "/v1/services/supportedAlgorithms",
        "/v1/services/capabilities",
        "/v1/manifests/urn:c2pa:none",
        "/v1/verification-keys",
        "/v1/log/key",
        "/.well-known/c2pa-soft-binding-resolution",
    ],
)
def test_answers_and_refusals_can_be_read_from_everywhere_without_a_cookie(path: str) -> None:
    answer = Client().get(path, headers=ORIGIN)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize("path", ["/v1/jobs", "/v1/consents", "/verify/", "/account/login/"])
def test_nothing_else_can(path: str) -> None:
    for answer in (Client().get(path, headers=ORIGIN), Client().options(path, headers=PREFLIGHT)):
        assert "Access-Control-Allow-Origin" not in answer.headers
