"""GET /v1/consents and GET /v1/consents/{id}."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import ConsentGrant, Scope
from generation.models import Portrait
from tests.factories import PortraitFactory, ask_consent, granted_consent, issue_key

ADDRESS = "/v1/consents"


@pytest.fixture
def grant(alice, portrait_a) -> ConsentGrant:
    return granted_consent(portrait_a, alice).grant


def test_it_shows_one_consent(api_a, grant, portrait_a):
    body = api_a.get(f"{ADDRESS}/{grant.id}").json()

    assert body["id"] == grant.id
    assert body["portrait_id"] == portrait_a.id
    assert body["state"] == "granted"
    assert body["receipt_digest"] == grant.receipt_digest
    assert (body["used_videos"], body["max_videos"]) == (0, 3)


def test_it_shows_no_token_hash_and_no_receipt(api_a, grant):
    body = api_a.get(f"{ADDRESS}/{grant.id}").content.decode()

    assert grant.withdraw_token_hash not in body
    assert grant.link_token_hash not in body
    assert "salt" not in body


def test_it_shows_the_state_by_the_clock(api_a, grant):
    with time_machine.travel(timezone.now() + timedelta(days=29, hours=23)):
        assert api_a.get(f"{ADDRESS}/{grant.id}").json()["state"] == "granted"
    ConsentGrant.objects.filter(pk=grant.pk).update(valid_until=timezone.now())
    assert api_a.get(f"{ADDRESS}/{grant.id}").json()["state"] == "expired"


def test_another_partners_consent_is_not_found(api_b, grant):
    assert api_b.get(f"{ADDRESS}/{grant.id}").status_code == 404
    assert api_b.get(f"{ADDRESS}/cns_nobody").json() == api_b.get(f"{ADDRESS}/{grant.id}").json() | {
        "instance": f"{ADDRESS}/cns_nobody"
    }


def test_it_lists_the_partners_own_newest_first(api_a, api_b, alice, grant, partner_a):
    other = PortraitFactory(partner=partner_a)
    newer, _ = ask_consent(other, alice)

    answer = api_a.get(ADDRESS).json()
    assert [item["id"] for item in answer["items"]] == [newer.id, grant.id]
    assert answer["count"] == 2
    assert api_b.get(ADDRESS).json() == {"items": [], "count": 0, "next_cursor": None}


def test_it_lists_those_of_one_portrait(api_a, alice, grant, partner_a, portrait_a):
    ask_consent(PortraitFactory(partner=partner_a), alice)

    answer = api_a.get(ADDRESS, {"portrait_id": portrait_a.id}).json()

    assert [item["id"] for item in answer["items"]] == [grant.id]


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_one_consent_is_only_read(api_a, grant, method):
    assert getattr(api_a, method)(f"{ADDRESS}/{grant.id}").status_code == 405


@pytest.mark.parametrize("path", ["", "/cns_any"])
def test_it_needs_a_key_with_the_scope(vera, partner_a, path):
    assert vera.get(ADDRESS + path).json()["code"] == "key_missing"
    client = Client(headers={"Authorization": f"Bearer {issue_key(partner_a, Scope.AUDIO)}"})
    assert client.get(ADDRESS + path).json()["code"] == "scope_missing"


@pytest.mark.slow
def test_it_lists_those_that_a_job_can_use(api_a, alice, grant, partner_a):
    asked, _ = ask_consent(PortraitFactory(partner=partner_a), alice)
    used_up = granted_consent(PortraitFactory(partner=partner_a), alice).grant
    ConsentGrant.objects.filter(pk=used_up.pk).update(used_videos=used_up.max_videos)
    erased = granted_consent(PortraitFactory(partner=partner_a), alice).grant
    Portrait.objects.filter(pk=erased.portrait_id).update(erasure_began_at=timezone.now())

    def listed(**wanted: str) -> set[str]:
        return {item["id"] for item in api_a.get(ADDRESS, wanted).json()["items"]}

    assert listed(is_usable="true") == {grant.id}
    assert listed(is_usable="false") == {asked.id, used_up.id, erased.id}
    assert listed(is_usable="false", state="granted") == {used_up.id, erased.id}
