from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import ConsentGrant, ConsentState
from tests.accounts.reading import found


@pytest.fixture
def form() -> dict[str, str]:
    return {
        "basis": "other_person",
        "purpose": "A greeting in the newsletter.",
        "valid_until": (timezone.now() + timedelta(days=30)).date().isoformat(),
        "max_videos": "5",
        "statement": "",
    }


def test_a_member_asks_and_never_sees_the_link(  # noqa: PLR0917
    bob_browser, portrait_a, form, vera, mailoutbox, django_capture_on_commit_callbacks
):
    address = f"/partner/portraits/{portrait_a.id}/consent/"
    assert portrait_a.subject.display_name in bob_browser.get(address).content.decode()

    with django_capture_on_commit_callbacks(execute=True):
        answer = bob_browser.post(address, form)

    assert answer.status_code == 201
    (message,) = mailoutbox
    path = found(r"/consent/[\w-]{43}/", message.body)
    assert vera.get(path).status_code == 200
    for page in (
        answer,
        bob_browser.get("/partner/"),
        bob_browser.get("/console/"),
        bob_browser.get(address),
    ):
        assert "/consent/" not in page.content.decode().replace(address, "")
    grant = ConsentGrant.objects.get()
    assert (grant.state, grant.max_videos) == (ConsentState.REQUESTED, 5)
    assert grant.valid_until.date().isoformat() == form["valid_until"]


def test_a_refusal_stands_on_the_form(bob_browser, portrait_a, form):
    address = f"/partner/portraits/{portrait_a.id}/consent/"
    bob_browser.post(address, form)

    answer = bob_browser.post(address, form)

    assert answer.status_code == 409
    assert b"has an open request" in answer.content
    assert form["purpose"].encode() in answer.content


def test_an_attestation_needs_a_statement(bob_browser, portrait_a, form):
    address = f"/partner/portraits/{portrait_a.id}/consent/"
    form["basis"] = "nonexistent_person"
    assert bob_browser.post(address, form).status_code == 422

    answer = bob_browser.post(address, form | {"statement": "Rendered from CC0 data."})

    assert answer.status_code == 201
    assert b"reviewer" in answer.content
    assert ConsentGrant.objects.get().state == ConsentState.ATTESTED


def test_another_partners_portrait_is_not_there(charlie_browser, portrait_a, form):
    address = f"/partner/portraits/{portrait_a.id}/consent/"

    assert charlie_browser.get(address).status_code == 404
    assert charlie_browser.post(address, form).status_code == 404
    assert not ConsentGrant.objects.exists()


def test_strangers_sign_in_first(vera, portrait_a):
    assert vera.get(f"/partner/portraits/{portrait_a.id}/consent/").url.startswith("/account/login/")


@pytest.mark.parametrize(
    "change", [{"purpose": ""}, {"max_videos": "0"}, {"valid_until": "2020-01-01"}, {"basis": "because"}]
)
def test_it_refuses_bad_input(bob_browser, portrait_a, form, change):
    answer = bob_browser.post(f"/partner/portraits/{portrait_a.id}/consent/", form | change)

    assert answer.status_code == 422
    assert not ConsentGrant.objects.exists()
