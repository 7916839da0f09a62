"""What anybody may look up is counted by address, apart from the files that are sent."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from provenance.models import Verification
from provenance.watermark import ALGORITHM

pytestmark = pytest.mark.django_db
BINDING = {"alg": ALGORITHM, "value": "AAAAAAAA"}


def calls(**extra: Any) -> list[Any]:
    """One answer of each public call."""
    client = Client()
    return [
        client.get("/v1/matches/byBinding", BINDING, **extra),
        client.post("/v1/matches/byBinding", BINDING, content_type="application/json", **extra),
        client.get("/v1/manifests/urn:c2pa:unknown", **extra),
        client.get("/v1/evidence/rnd_unknown", **extra),
        client.get("/v1/verify/ver_unknown", **extra),
    ]


@pytest.mark.slow
def test_all_of_them_count_together(settings) -> None:
    settings.LIKENESS_PUBLIC_CALLS_PER_MINUTE = 5
    assert [answer.status_code for answer in calls()] == [200, 200, 404, 404, 404]
    for refused in calls():
        assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
        assert int(refused["Retry-After"]) > 0
    assert calls(REMOTE_ADDR="198.51.100.8")[0].status_code == 200


def test_files_that_are_sent_count_apart(settings) -> None:
    settings.LIKENESS_PUBLIC_CALLS_PER_MINUTE = 1
    calls()
    assert Client().post("/v1/verify").status_code == 422


def test_a_page_that_asks_for_its_verdict_is_told_to_wait_and_stays(settings) -> None:
    settings.LIKENESS_PUBLIC_CALLS_PER_MINUTE = 1
    verification = Verification.objects.create(file_key="verifications/x", size_bytes=1)
    here = f"/verify/later/{verification.id}/"
    assert Client().get(here).status_code == 200
    page = Client().get(here)
    assert (page.status_code, int(page["Retry-After"]) > 0) == (429, True)
    assert "Too many calls" in page.content.decode()
    fragment = Client().get(here, headers={"HX-Request": "true"})
    assert (fragment.status_code, fragment.content) == (429, b"")
