"""Consents of earlier versions: grants stay in force, links that partners saw open nothing any more."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps

from accounts.access.tokens import hash_token
from accounts.models import Basis, ConsentGrant, ConsentState
from accounts.services import consent
from tests.factories import PortraitFactory, ask_consent, ask_subject, granted_consent

give_contacts = import_module("accounts.migrations.0004_links_go_to_contacts").give_contacts


def as_before(*grants: ConsentGrant) -> None:
    """The rows as the version before wrote them: no contact, and nothing about sending."""
    for grant in grants:
        ConsentGrant.objects.filter(pk=grant.pk).update(contact=None, link_sent_at=None)


def test_a_grant_stays_in_force_and_belongs_to_its_contact(alice, portrait_a):
    given = granted_consent(portrait_a, alice)
    as_before(given.grant)

    give_contacts(apps, None)

    grant = consent.consent_covering(portrait=portrait_a)
    assert grant == given.grant
    assert grant.contact is not None
    assert grant.contact.address == portrait_a.subject.email
    assert consent.withdraw(given.withdraw_token).state == ConsentState.WITHDRAWN


def test_the_link_that_the_partner_has_opens_nothing_and_the_subject_gets_a_new_one(alice, portrait_a):
    asked, shown_to_partner = ask_subject(portrait_a, alice)
    as_before(asked)

    give_contacts(apps, None)

    assert not ConsentGrant.objects.filter(link_token_hash=hash_token(shown_to_partner)).exists()
    assert consent.send_request(asked.id)


def test_a_request_without_an_address_ends(alice, portrait_a):
    asked, _ = ask_subject(portrait_a, alice)
    as_before(asked)
    portrait_a.subject.email = ""
    portrait_a.subject.save()

    give_contacts(apps, None)

    assert not consent.send_request(asked.id)
    asked.refresh_from_db()
    assert asked.state == ConsentState.EXPIRED


def test_of_several_open_requests_to_one_person_the_newest_stays(alice, portrait_a, partner_a):
    older, _ = ask_subject(portrait_a, alice)
    as_before(older)
    email = portrait_a.subject.email
    newer, _ = ask_subject(PortraitFactory(partner=partner_a, subject__email=email), alice)
    as_before(newer)

    give_contacts(apps, None)

    older.refresh_from_db()
    newer.refresh_from_db()
    assert (older.contact, newer.contact is None) == (None, False)


def test_attestations_have_no_contact(alice, portrait_a):
    attested, _ = ask_consent(portrait_a, alice, basis=Basis.NONEXISTENT_PERSON)

    give_contacts(apps, None)

    attested.refresh_from_db()
    assert (attested.contact, attested.state) == (None, ConsentState.ATTESTED)


@pytest.mark.parametrize("spelling", ["SUBJECT@mail.example", " Subject@Mail.example"])
def test_it_knows_one_mailbox_in_any_spelling(alice, portrait_a, partner_a, spelling):
    portrait = PortraitFactory(partner=partner_a, subject__email="subject@mail.example")
    first = granted_consent(portrait, alice).grant
    as_before(first)
    portrait.subject.email = spelling
    portrait.subject.save()

    give_contacts(apps, None)

    first.refresh_from_db()
    assert first.contact is not None
    assert first.contact.identity == "subject@mail.example"
