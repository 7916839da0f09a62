"""A link to "My likeness" is made by the service for one contact and one hour, whatever the table says."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.access.tokens import hash_token
from accounts.errors import LinkExpired, LinkUnknown
from accounts.models import Channel, Contact, ContactLink
from accounts.services.contacts.addresses import find_or_make_contact
from accounts.services.likeness import LINK_LASTS, open_contact, send_link
from tests.accounts.reading import found
from tests.factories import newest_mail


@pytest.fixture
def vera(db: None) -> Contact:
    return find_or_make_contact(Channel.EMAIL, "vera@mail.example")


@pytest.fixture
def token(vera: Contact) -> str:
    send_link(vera)
    return found(r"/likeness/([\w-]{43})/", newest_mail("vera@mail.example"))


def test_it_opens_the_contact_it_was_sent_to(token: str, vera: Contact) -> None:
    assert open_contact(token) == vera


def test_it_does_not_open_another_contact(token: str) -> None:
    ContactLink.objects.update(contact=find_or_make_contact(Channel.EMAIL, "other@mail.example"))

    with pytest.raises(LinkUnknown):
        open_contact(token)


def test_it_is_not_prolonged(token: str) -> None:
    ContactLink.objects.update(expires_at=timezone.now() + timedelta(days=400))
    with pytest.raises(LinkUnknown):
        open_contact(token)


def test_nobody_else_makes_one(token: str, vera: Contact) -> None:
    ContactLink.objects.create(
        contact=vera, token_hash=hash_token("known"), expires_at=timezone.now() + LINK_LASTS
    )
    with pytest.raises(LinkUnknown):
        open_contact("known")


def test_it_works_for_an_hour(token: str) -> None:
    with time_machine.travel(timezone.now() + LINK_LASTS), pytest.raises(LinkExpired):
        open_contact(token)
