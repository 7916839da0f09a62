"""The pages for webhooks: for owners, with the secret shown once."""

from __future__ import annotations

import pytest

from accounts.models import WebhookDelivery, WebhookEndpoint
from accounts.services.webhooks import sending
from tests.accounts.reading import found

ADDRESS = "/partner/webhooks/"


def test_an_owner_adds_a_webhook_and_sees_its_secret_once(alice_browser, receiver):
    made = alice_browser.post(ADDRESS, {"url": receiver.url, "event_types": ["job.released"]})

    assert made.status_code == 201
    assert "no-store" in made["Cache-Control"]
    secret = found(r"(whsec_[\w+/=]+)", made.content.decode())
    endpoint = WebhookEndpoint.objects.get()
    assert endpoint.event_types == ["job.released"]
    for page in (ADDRESS, f"{ADDRESS}{endpoint.id}/"):
        shown = alice_browser.get(page)
        assert receiver.url in shown.content.decode().replace("&amp;", "&")
        assert secret not in shown.content.decode()


def test_a_test_shows_on_the_page_and_can_be_sent_again(alice_browser, hook, receiver):
    page = f"{ADDRESS}{hook.endpoint.id}/"
    assert alice_browser.post(f"{page}test/").status_code == 302
    sending.send_to(hook.endpoint.id)
    shown = alice_browser.get(page).content.decode()
    assert "webhook.test" in shown
    assert "status 204" in shown

    delivery = WebhookDelivery.objects.get()
    alice_browser.post(f"{page}deliveries/{delivery.id}/replay/")
    sending.send_to(hook.endpoint.id)
    assert len(receiver.taken) == 2


def test_a_new_secret_replaces_the_old_one(alice_browser, hook):
    answer = alice_browser.post(f"{ADDRESS}{hook.endpoint.id}/secret/")

    assert "whsec_" in answer.content.decode()
    assert hook.secret not in answer.content.decode()


def test_a_webhook_is_deleted(alice_browser, hook):
    assert alice_browser.post(f"{ADDRESS}{hook.endpoint.id}/delete/").status_code == 302
    assert not WebhookEndpoint.objects.exists()


def test_a_refused_address_is_told_beside_the_form(alice_browser):
    answer = alice_browser.post(ADDRESS, {"url": "gopher://hooks.example/"})

    assert answer.status_code == 422
    assert "Messages cannot be sent to this address." in answer.content.decode()
    assert not WebhookEndpoint.objects.exists()


@pytest.mark.parametrize("browser", ["bob_browser", "charlie_browser", "vera"])
def test_nobody_else_sees_or_changes_them(request, hook, browser):
    client = request.getfixturevalue(browser)
    page = f"{ADDRESS}{hook.endpoint.id}/"
    for answer in (client.get(page), client.post(f"{page}secret/"), client.post(f"{page}delete/")):
        assert answer.status_code in {302, 403, 404}
        assert hook.endpoint.url not in answer.content.decode()
    assert WebhookEndpoint.objects.get().secret == hook.endpoint.secret
