from __future__ import annotations

from django.test import Client

from accounts.models import Scope
from tests.factories import SubjectFactory, issue_key

ADDRESS = "/v1/subjects"


def test_it_lists_the_partners_own_subjects_newest_first(api_a, partner_a, partner_b):
    first, second = SubjectFactory(partner=partner_a), SubjectFactory(partner=partner_a)
    SubjectFactory(partner=partner_b)

    answer = api_a.get(ADDRESS).json()

    assert [item["id"] for item in answer["items"]] == [second.id, first.id]
    assert answer["count"] == 2


def test_it_gives_fifty_to_a_page(api_a, partner_a):
    SubjectFactory.create_batch(51, partner=partner_a)

    assert len(api_a.get(ADDRESS).json()["items"]) == 50
    assert len(api_a.get(f"{ADDRESS}?page=2").json()["items"]) == 1
    assert api_a.get(f"{ADDRESS}?page=3").json() == {"items": [], "count": 51, "next_cursor": None}


def test_it_refuses_page_nought(api_a):
    assert api_a.get(f"{ADDRESS}?page=0").json()["code"] == "invalid_request"


def test_it_needs_a_key_with_the_scope(vera, partner_a):
    assert vera.get(ADDRESS).json()["code"] == "key_missing"
    client = Client(headers={"Authorization": f"Bearer {issue_key(partner_a, Scope.JOBS)}"})
    assert client.get(ADDRESS).json()["code"] == "scope_missing"
