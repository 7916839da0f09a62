from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Scope, Subject
from tests.factories import issue_key

ADDRESS = "/v1/subjects"
PAYLOAD = {"display_name": "Sam Subject", "email": "sam@mail.example"}


def post(client: Client, payload: dict[str, str]):
    return client.post(ADDRESS, payload, content_type="application/json")


def test_it_names_a_subject(api_a, partner_a):
    answer = post(api_a, PAYLOAD)

    assert answer.status_code == 201
    subject = Subject.objects.get(pk=answer.json()["id"])
    assert subject.partner == partner_a
    assert answer.json()["display_name"] == "Sam Subject"
    assert subject.id.startswith("sub_")


def test_the_address_is_optional(api_a):
    assert post(api_a, {"display_name": "A painting"}).json()["email"] == ""


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_it_refuses_other_methods(api_a, method):
    assert getattr(api_a, method)(ADDRESS).status_code == 405


def test_it_needs_a_key(vera, db):
    assert post(vera, PAYLOAD).json()["code"] == "key_missing"


def test_it_needs_the_scope(partner_a):
    client = Client(headers={"Authorization": f"Bearer {issue_key(partner_a, Scope.PORTRAITS)}"})

    assert post(client, PAYLOAD).json()["code"] == "scope_missing"


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({}, "invalid_request"),
        ({"display_name": ""}, "invalid_request"),
        ({"display_name": "x" * 121}, "invalid_request"),
        ({"display_name": "   "}, "invalid_input"),
        ({"display_name": "Sam", "email": "not an address"}, "invalid_input"),
    ],
)
def test_it_refuses_bad_input(api_a, payload, code):
    answer = post(api_a, payload)

    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert not Subject.objects.exists()
