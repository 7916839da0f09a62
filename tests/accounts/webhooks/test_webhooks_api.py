"""The API for webhooks: add, list, rotate, test, read, replay, delete."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Scope, WebhookEndpoint
from accounts.services.webhooks import sending
from tests.factories import issue_key

ADDRESS = "/v1/webhooks"


def add(client: Client, url: str, **more: object):
    return client.post(ADDRESS, {"url": url, **more}, content_type="application/json")


def test_the_whole_way(api_a, receiver):
    made = add(api_a, receiver.url, event_types=["job.released", "consent.withdrawn"])
    assert made.status_code == 201
    webhook = made.json()
    assert webhook["secret"].startswith("whsec_")
    (listed,) = api_a.get(ADDRESS).json()["items"]
    assert listed == {key: value for key, value in webhook.items() if key != "secret"}
    assert webhook["secret"] not in WebhookEndpoint.objects.get().secret

    one = f"{ADDRESS}/{webhook['id']}"
    assert api_a.post(f"{one}/test").status_code == 202
    sending.send_to(webhook["id"])
    (delivery,) = api_a.get(f"{one}/deliveries").json()["items"]
    assert (delivery["type"], delivery["state"]) == ("webhook.test", "delivered")
    assert [attempt["status"] for attempt in delivery["attempts"]] == [204]

    again = api_a.post(f"{one}/deliveries/{delivery['id']}/replay")
    assert (again.status_code, again.json()["state"]) == (202, "waiting")

    rotated = api_a.post(f"{one}/secret").json()
    assert rotated["secret"] != webhook["secret"]
    assert rotated["previous_secret_until"] is not None

    assert api_a.delete(one).status_code == 204
    assert api_a.delete(one).json()["code"] == "not_found"
    assert api_a.get(ADDRESS).json()["items"] == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("delete", ""),
        ("post", "/secret"),
        ("post", "/test"),
        ("get", "/deliveries"),
        ("post", "/deliveries/dlv_x/replay"),
    ],
)
def test_another_partners_webhook_is_not_found(api_a, api_b, receiver, method, path):
    webhook = add(api_a, receiver.url).json()
    answer = getattr(api_b, method)(f"{ADDRESS}/{webhook['id']}{path}")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert WebhookEndpoint.objects.count() == 1


def test_a_sixth_is_refused(api_a, receiver):
    for _ in range(5):
        assert add(api_a, receiver.url).status_code == 201

    assert add(api_a, receiver.url).json()["code"] == "too_many_webhooks"


def test_an_unusable_address_is_refused(api_a):
    answer = add(api_a, "ftp://hooks.example/")

    assert (answer.status_code, answer.json()["code"]) == (422, "webhook_address_refused")


def test_a_type_that_does_not_exist_is_refused(api_a, receiver):
    assert add(api_a, receiver.url, event_types=["job.exploded"]).json()["code"] == "invalid_request"


def test_it_needs_the_scope(partner_a, receiver):
    client = Client(headers={"Authorization": f"Bearer {issue_key(partner_a, Scope.JOBS)}"})

    assert add(client, receiver.url).json()["code"] == "scope_missing"
    assert add(Client(), receiver.url).json()["code"] == "key_missing"


def test_messages_are_read_page_by_page(api_a, receiver, monkeypatch):
    monkeypatch.setattr("accounts.api.webhooks.DELIVERIES_PER_PAGE", 2)
    one = f"{ADDRESS}/{add(api_a, receiver.url).json()['id']}"
    sent = [api_a.post(f"{one}/test").json()["id"] for _ in range(3)]
    first = api_a.get(f"{one}/deliveries", {"order": "oldest"}).json()
    second = api_a.get(f"{one}/deliveries", {"order": "oldest", "cursor": first["next_cursor"]}).json()
    assert [row["id"] for row in [*first["items"], *second["items"]]] == sent
    assert second["next_cursor"] is None
    wrong = api_a.get(f"{one}/deliveries", {"order": "newest", "cursor": first["next_cursor"]})
    assert wrong.json()["code"] == "cursor_invalid"
