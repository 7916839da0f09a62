"""NUL, half surrogates, huge numbers and unknown parameters get a coded refusal on every back end."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from tests.contracts.write_openapi import reviewed

pytestmark = pytest.mark.django_db
LISTS = ("/v1/jobs", "/v1/portraits", "/v1/driving-audio", "/v1/subjects", "/v1/consents")
PATHS = sorted(path for path, operations in reviewed()["paths"].items() if "get" in operations)


def concrete(path: str, value: str) -> str:
    """The path with every parameter filled in."""
    parts = [value if part.startswith("{") else part for part in path.split("/")]
    return "/".join(parts)


@pytest.mark.parametrize("path", PATHS)
def test_no_read_falls_over_text_that_is_none(path, api_a: Client):
    for value in ("a%00b", "%ED%A0%80", "%FF"):
        answer = api_a.get(concrete(path, value))
        assert answer.status_code < 500, (path, value)
    answer = api_a.get(concrete(path, "1") + "?page=1%00")
    assert answer.status_code in {400, 404, 422}
    assert answer.json()["code"] in {"unstorable_text", "not_found", "invalid_request"}


@pytest.mark.parametrize("digits", [19, 30, 4000, 5000])
@pytest.mark.parametrize("path", LISTS)
def test_a_page_number_beyond_all_pages_is_refused(path, digits, api_a: Client):
    answer = api_a.get(f"{path}?page={'9' * digits}")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


@pytest.mark.parametrize("path", LISTS)
def test_a_cursor_that_was_not_made_for_the_list_is_refused(path, api_a: Client):
    for cursor in ("", "x", "WzAsMF0:abc", "%F0%9F%98%80", "9" * 500):
        answer = api_a.get(f"{path}?cursor={cursor}")
        assert (answer.status_code, answer.json()["code"]) == (422, "cursor_invalid"), cursor
    for query in ("cursor=a%00", f"cursor={'x' * 501}", "cursor=x&page=2"):
        assert 400 <= api_a.get(f"{path}?{query}").status_code < 500


@pytest.mark.parametrize("page", ["/console/", "/console/jobs/", "/partner/"])
def test_a_cursor_that_leads_nowhere_shows_the_first_page(page, alice_browser: Client):
    for name in ("cursor", "portraits", "recordings", "page"):
        assert alice_browser.get(f"{page}?{name}=nonsense").status_code == 200


@pytest.mark.parametrize("name", ["index", "tree_size", "first", "second", "after", "limit"])
def test_huge_numbers_in_the_log_are_refused(name, client: Client):
    for path in ("entries", "proof/inclusion", "proof/consistency"):
        answer = client.get(f"/v1/log/{path}?{name}={'9' * 30}")
        assert 400 <= answer.status_code < 500
    assert client.get(f"/v1/log/entries/{'9' * 30}").status_code == 404


@pytest.mark.parametrize("page", ["/log/", "/partner/", "/console/jobs/", "/review/", "/operator/partners/"])
@pytest.mark.parametrize("query", ["page=1%00", "id=%00", f"page={'9' * 19}", f"before={'9' * 19}", "%00=1"])
def test_no_page_falls_over(page, query, alice_browser: Client):
    assert alice_browser.get(f"{page}?{query}").status_code < 500


def test_a_parameter_that_the_call_does_not_have_is_named(api_a: Client):
    answer = api_a.get("/v1/jobs?pgae=2")
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_parameter")
    assert "'pgae'" in answer.json()["title"]
    assert api_a.get("/v1/jobs?page=1").status_code == 200
    assert api_a.head("/v1/log/checkpoint?x=1").status_code in {405, 422}


def test_a_parameter_that_is_given_twice_is_named(api_a: Client):
    """No call takes a list, and the last value would pass for the answer to both."""
    answer = api_a.get("/v1/jobs?state=released&state=failed")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    assert "'state'" in answer.json()["title"]


@pytest.mark.parametrize("path", LISTS)
def test_a_moment_that_utc_does_not_have_is_refused(path, api_a: Client):
    for query in (
        {"created_after": "9999-12-31T23:59:59-12:00"},
        {"created_before": "0001-01-01T00:00:00+14:00"},
    ):
        answer = api_a.get(path, query)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "\udfff tail"])
def test_a_body_with_text_that_is_none_is_refused(text, api_a: Client):
    for body in ({"display_name": text}, {text: 1}, {"display_name": [text]}):
        answer = api_a.post("/v1/subjects", json.dumps(body), content_type="application/json")
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")


@pytest.mark.parametrize("body", ["[" * 100_000, '{"display_name": NaN}', "9" * 5000])
def test_a_body_that_is_no_json_is_refused(body, api_a: Client):
    answer = api_a.post("/v1/subjects", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")


def test_a_form_with_a_nul_is_refused(alice_browser: Client):
    answer = alice_browser.post("/partner/keys/", {"name": "a\x00b"})
    assert answer.status_code == 400
    assert "no text" in answer.content.decode()


def test_a_body_with_a_member_twice_is_refused(api_a: Client):
    body = '{"display_name": "Amara", "display_name": "Maya", "email": "amara@example.org"}'
    answer = api_a.post("/v1/subjects", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")


def test_a_field_of_a_form_that_is_given_twice_is_named(api_a: Client):
    answer = api_a.post("/v1/portraits", {"subject_id": ["sub_a", "sub_b"]})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert answer.json()["title"] == "The field 'subject_id' cannot be used: it is given more than once."


def test_a_plus_that_stands_in_the_address_as_it_is_is_read(api_a: Client):
    for zone in ("+01:00", "%2B01:00", "+0100", "Z"):
        assert api_a.get(f"/v1/jobs?created_after=2026-11-01T00:00:00{zone}").status_code == 200, zone
    answer = api_a.get("/v1/jobs?created_after=2026-11-01+00:00:00")  # no time zone
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


@pytest.mark.parametrize("given", ["1900000000", "1.5", "0", "-1", "2026-11-01", "20261101T000000Z"])
def test_a_number_is_no_date_and_time(given: str, api_a: Client):
    answer = api_a.get("/v1/jobs", {"created_after": given})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert "2026-12-01T09:00:00Z" in answer.json()["title"]
