"""Answers of the API say how many calls are left, and are not sent again as they were."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client

from accounts.models import Partner
from tests.factories import SubjectFactory

pytestmark = pytest.mark.django_db


def left(answer) -> int:
    found = re.fullmatch(r'"(key|public|verify)";r=(\d+);t=([1-9]|[1-5]\d|60)', answer["RateLimit"])
    assert found is not None, answer["RateLimit"]
    return int(found[2])


def test_each_call_leaves_one_less(api_a: Client) -> None:
    first, second = api_a.get("/v1/subjects"), api_a.get("/v1/subjects")
    assert first["RateLimit-Policy"] == '"key";q=600;w=60'
    assert left(first) in {left(second) + 1, 599}


def test_a_refusal_says_it_too(api_a: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert left(api_a.get("/v1/subjects?order=best")) > 0
    monkeypatch.setattr("accounts.access.auth.API_CALLS_PER_MINUTE", 1)
    answers = [api_a.get("/v1/subjects") for _ in range(3)]
    assert answers[-1].status_code == 429
    assert left(answers[-1]) == 0
    assert answers[-1]["RateLimit-Policy"] == '"key";q=1;w=60'
    assert answers[-1]["Retry-After"] == answers[-1]["RateLimit"].partition("t=")[2]


def test_public_calls_are_counted_by_address(vera: Client) -> None:
    assert left(vera.get("/v1/evidence/rnd_nothing")) >= 0


def test_what_counts_nothing_says_nothing(vera: Client) -> None:
    assert "RateLimit" not in vera.get("/v1/verification-keys")
    assert "RateLimit" not in vera.get("/")


def test_what_is_as_it_was_is_not_sent_again(partner_a: Partner, api_a: Client) -> None:
    first = api_a.get("/v1/subjects")
    assert first["Cache-Control"] == "private, no-cache"
    assert "Authorization" in first["Vary"]
    again = api_a.get("/v1/subjects", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    assert left(again) >= 0
    SubjectFactory(partner=partner_a)
    changed = api_a.get("/v1/subjects", headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]


def test_refusals_and_posts_have_no_etag(api_a: Client) -> None:
    assert "ETag" not in api_a.get("/v1/jobs/job_nothing")
    assert "ETag" not in api_a.post("/v1/subjects", {"display_name": "Maya"}, "application/json")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/subjects", {"display_name": "Maya", "e_mail": "maya@mail.example"}),
        ("/v1/consents", {"portait_id": "por_1"}),
        ("/v1/webhooks", {"url": "https://partner.example/", "events": []}),
        ("/v1/jobs", {"portrait_id": "por_1", "driving_audio_id": "aud_1", "titel": "x"}),
    ],
)
def test_unknown_fields_of_a_body_are_refused(api_a: Client, path: str, body: dict[str, object]) -> None:
    answer = api_a.post(path, body, "application/json")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


def test_unknown_fields_and_files_of_a_form_are_refused(api_a: Client, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    for path in ("/v1/portraits", "/v1/driving-audio"):
        for name in ("facebox", "files"):
            with (tmp_path / "a.txt").open("rb") as file, (tmp_path / "a.txt").open("rb") as other:
                answer = api_a.post(path, {"file": file, name: other if name == "files" else "1,2,3,4"})
            assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request"), path
            assert name in answer.json()["title"]


@pytest.mark.parametrize("path", ["/v1/subjects", "/v1/usage", "/v1/log/key", "/v1/verification-keys"])
def test_head_is_answered_as_get_is(api_a: Client, path: str) -> None:
    """Monitors and programs that fetch files ask so."""
    head, get = api_a.head(path), api_a.get(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head["Content-Type"] == get["Content-Type"]
    assert head["Content-Length"] == str(len(get.content))
    assert head.get("ETag") == get.get("ETag")


def test_head_is_refused_where_nothing_can_be_read(api_a: Client) -> None:
    answer = api_a.head("/v1/preflight")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert api_a.head("/v1/portraits/por_unknown").status_code == 404


@pytest.mark.parametrize("path", ["verify/vrf_unknown", "log/witnessed", "manifests/urn:c2pa:unknown"])
def test_who_needs_no_key_is_not_told_to_check_it(client: Client, path: str) -> None:
    answer = client.get(f"/v1/{path}")
    assert answer.status_code in {400, 404}
    assert "key" not in answer.json()["hint"]
