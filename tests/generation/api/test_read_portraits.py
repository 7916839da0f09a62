from __future__ import annotations

from django.test import Client

from accounts.models import Partner, Scope
from generation.models import Portrait
from tests.factories import PortraitFactory
from tests.generation.api.calls import api_without, problem


def test_it_lists_the_partners_portraits(api_a: Client, portrait_a: Portrait, partner_b: Partner) -> None:
    PortraitFactory(partner=partner_b)
    body = api_a.get("/v1/portraits").json()
    assert body["count"] == 1
    assert [item["id"] for item in body["items"]] == [portrait_a.id]


def test_it_gives_fifty_to_a_page(api_a: Client, partner_a: Partner) -> None:
    for _ in range(51):
        PortraitFactory(partner=partner_a, image_key="portraits/none.png")
    first, second = (api_a.get(f"/v1/portraits?page={page}").json() for page in (1, 2))
    assert (len(first["items"]), len(second["items"]), first["count"]) == (50, 1, 51)
    assert len({item["id"] for item in first["items"] + second["items"]}) == 51
    problem(api_a.get("/v1/portraits?page=0"), 422, "invalid_request")


def test_it_reads_one_portrait(api_a: Client, portrait_a: Portrait) -> None:
    body = api_a.get(f"/v1/portraits/{portrait_a.id}").json()
    assert (body["id"], body["sha256"]) == (portrait_a.id, portrait_a.sha256)


def test_another_partners_portrait_does_not_exist(api_b: Client, portrait_a: Portrait) -> None:
    problem(api_b.get(f"/v1/portraits/{portrait_a.id}"), 404, "not_found")
    assert api_b.get("/v1/portraits").json()["count"] == 0


def test_it_needs_a_key_with_the_scope(vera: Client, partner_a: Partner, portrait_a: Portrait) -> None:
    for address in ("/v1/portraits", f"/v1/portraits/{portrait_a.id}"):
        problem(vera.get(address), 401, "key_missing")
        problem(api_without(partner_a, Scope.PORTRAITS).get(address), 403, "scope_missing")
