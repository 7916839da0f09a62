from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import ConsentGrant, Scope
from tests.accounts.reading import found
from tests.factories import issue_key

ADDRESS = "/v1/consents"


@pytest.fixture
def payload(portrait_a) -> dict[str, Any]:
    return {
        "portrait_id": portrait_a.id,
        "basis": "other_person",
        "purpose": "A greeting in the newsletter.",
        "valid_until": (timezone.now() + timedelta(days=30)).isoformat(),
        "max_videos": 3,
    }


def post(client: Client, payload: dict[str, Any]):
    return client.post(ADDRESS, payload, content_type="application/json")


def test_it_asks_the_subject_and_shows_nobody_else_the_link(
    api_a, payload, portrait_a, mailoutbox, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        answer = post(api_a, payload)

    assert answer.status_code == 201
    body = answer.json()
    grant = ConsentGrant.objects.get(pk=body["id"])
    assert grant.partner == portrait_a.partner
    assert grant.requested_by == portrait_a.partner.api_keys.get().id
    assert body["state"] == "requested"
    (message,) = mailoutbox
    assert message.to == [portrait_a.subject.email]
    token = found(r"/consent/([\w-]{43})/", message.body)
    assert Client().get(f"/consent/{token}/").status_code == 200
    assert body["subject_link"] is None
    for address in (ADDRESS, f"{ADDRESS}/{grant.id}", "/v1/subjects"):
        assert token not in api_a.get(address).content.decode()


def test_an_attestation_has_no_link(api_a, payload):
    answer = post(api_a, payload | {"basis": "public_domain_artwork", "statement": "Oil, 1503."})

    assert answer.status_code == 201
    assert answer.json()["subject_link"] is None
    assert answer.json()["state"] == "attested"


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_it_refuses_other_methods(api_a, method):
    assert getattr(api_a, method)(ADDRESS).status_code == 405


def test_it_needs_a_key(vera, payload):
    assert post(vera, payload).json()["code"] == "key_missing"


def test_it_needs_the_scope(partner_a, payload):
    client = Client(headers={"Authorization": f"Bearer {issue_key(partner_a, Scope.JOBS)}"})

    assert post(client, payload).json()["code"] == "scope_missing"


def test_another_partners_portrait_is_not_found(api_b, payload):
    answer = post(api_b, payload)

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert not ConsentGrant.objects.exists()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"portrait_id": "por_nobody"}, "not_found"),
        ({"basis": "because"}, "invalid_request"),
        ({"purpose": ""}, "invalid_request"),
        ({"purpose": "  "}, "invalid_input"),
        ({"max_videos": 0}, "invalid_request"),
        ({"valid_until": "2020-01-01T00:00:00Z"}, "invalid_input"),
        ({"valid_until": "2030-01-01T00:00:00"}, "invalid_request"),
        ({"valid_until": 1900000000}, "invalid_request"),
        ({"valid_until": "1900000000"}, "invalid_request"),
        ({"valid_until": "2099-01-01T00:00:00Z"}, "invalid_input"),
        ({"basis": "nonexistent_person"}, "invalid_input"),
    ],
)
def test_it_refuses_bad_input(api_a, payload, change, code):
    assert post(api_a, payload | change).json()["code"] == code
    assert not ConsentGrant.objects.exists()


def test_no_field_can_make_it_granted(api_a, payload):
    for field in ({"state": "granted"}, {"used_videos": -5}, {"receipt_digest": "00"}):
        answer = post(api_a, payload | field)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert not ConsentGrant.objects.exists()
