"""A request goes to the contact, once; what could not be sent is sent again, what never can be ends."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.access.tokens import hash_token
from accounts.models import ConsentGrant, ConsentState
from accounts.services import consent
from accounts.tasks import send_unsent_requests
from tests.accounts.log_entries import newest_entry
from tests.accounts.reading import found
from tests.factories import ask_consent, newest_mail


@pytest.fixture
def unsent(alice, portrait_a, mailoutbox) -> ConsentGrant:
    """A request whose message did not go out."""
    grant, _ = ask_consent(portrait_a, alice)
    mailoutbox.clear()
    ConsentGrant.objects.filter(pk=grant.pk).update(link_sent_at=None, link_token_hash=None)
    return grant


def test_it_is_sent_once(alice, portrait_a, mailoutbox):
    grant, _ = ask_consent(portrait_a, alice)

    assert not consent.send_request(grant.id)
    assert len(mailoutbox) == 1


def test_the_task_sends_what_did_not_go_out_and_nothing_twice(unsent, mailoutbox):
    assert send_unsent_requests() == 0  # whoever was asked is still at it

    with time_machine.travel(timezone.now() + timedelta(minutes=3)):
        assert send_unsent_requests() == 1
        assert send_unsent_requests() == 0

    unsent.refresh_from_db()
    token = found(r"/consent/([\w-]{43})/", newest_mail(unsent.subject.email))
    assert unsent.link_token_hash == hash_token(token)
    assert len(mailoutbox) == 1


def test_a_mail_server_that_is_down_is_tried_again(unsent, settings):
    backend = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert not consent.send_request(unsent.id)
    settings.EMAIL_BACKEND = backend

    assert consent.send_request(unsent.id)
    unsent.refresh_from_db()
    assert unsent.state == ConsentState.REQUESTED


@pytest.mark.parametrize("state", [s for s in ConsentState if s != ConsentState.REQUESTED])
def test_only_open_requests_are_sent(unsent, state, mailoutbox):
    ConsentGrant.objects.filter(pk=unsent.pk).update(state=state, receipt_digest="00")

    assert not consent.send_request(unsent.id)
    assert mailoutbox == []


def test_a_request_that_can_reach_nobody_ends_and_is_logged(unsent, mailoutbox):
    unsent.subject.email = ""
    unsent.subject.save()

    assert not consent.send_request(unsent.id)

    unsent.refresh_from_db()
    assert unsent.state == ConsentState.EXPIRED
    assert unsent.reason
    assert newest_entry()["event"] == "consent.undeliverable"
    assert newest_entry()["data"]["reason"] == "contact_missing"
    assert mailoutbox == []


def test_an_earlier_request_beside_a_newer_one_ends(unsent, mailoutbox):
    ConsentGrant.objects.filter(pk=unsent.pk).update(contact=None)

    assert not consent.send_request(unsent.id)
    assert newest_entry()["data"]["reason"] == "request_open"
    assert mailoutbox == []


def test_a_request_to_the_partners_own_address_ends_too(unsent, alice, mailoutbox):
    unsent.subject.email = alice.email
    unsent.subject.save()

    assert not consent.send_request(unsent.id)

    unsent.refresh_from_db()
    assert unsent.state == ConsentState.EXPIRED
    assert newest_entry()["data"]["reason"] == "contact_of_partner"
    assert mailoutbox == []
