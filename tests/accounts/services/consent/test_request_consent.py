from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.access.actors import actor_of
from accounts.access.tokens import hash_token
from accounts.contact_errors import ContactMissing
from accounts.errors import PartnerNotActive
from accounts.models import Basis, ConsentGrant, ConsentState, PartnerState
from accounts.services import consent
from provenance.common.errors import InvalidInput, NotFound
from provenance.log.entries import LogEvent
from provenance.selectors.decisions import newest_decision
from tests.accounts.log_entries import newest_entry
from tests.factories import PortraitFactory, SubjectFactory, ask_consent, ask_subject


@pytest.mark.parametrize("basis", [Basis.OWN_LIKENESS, Basis.OTHER_PERSON])
def test_it_asks_the_subject_of_a_living_person_by_a_link(bob, portrait_a, basis):
    grant, token = ask_subject(portrait_a, bob, basis=basis)

    assert grant.state == ConsentState.REQUESTED
    assert grant.link_token_hash == hash_token(token)
    assert grant.link_expires_at is not None
    assert timedelta(days=13) < grant.link_expires_at - timezone.now() <= timedelta(days=14)
    asked = newest_decision(grant.id, {LogEvent.CONSENT_REQUESTED})
    assert asked is not None
    assert asked.actor == bob.id
    assert newest_entry()["event"] == "consent.sent"


@pytest.mark.parametrize("basis", [Basis.NONEXISTENT_PERSON, Basis.PUBLIC_DOMAIN_ARTWORK])
def test_it_leaves_an_attestation_to_a_reviewer(bob, portrait_a, mailoutbox, basis):
    grant, token = ask_consent(portrait_a, bob, basis=basis)

    assert token is None
    assert grant.link_token_hash is None
    assert grant.state == ConsentState.ATTESTED
    assert newest_entry()["event"] == "consent.attested"
    assert mailoutbox == []


def test_the_link_does_not_outlast_the_consent_it_asks_for(bob, portrait_a):
    until = timezone.now() + timedelta(days=2)

    grant, _ = ask_consent(portrait_a, bob, valid_until=until)

    assert grant.link_expires_at == until


def test_nobody_is_asked_through_the_partner(bob, partner_a, mailoutbox):
    portrait = PortraitFactory(partner=partner_a, subject__email="")

    with pytest.raises(ContactMissing):
        ask_consent(portrait, bob)

    assert mailoutbox == []
    assert not ConsentGrant.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"purpose": "   "},
        {"max_videos": 0},
        {"max_videos": 10_001},
        {"valid_until": timezone.now() - timedelta(seconds=1)},
        {"valid_until": timezone.now() + timedelta(days=6 * 366)},
        {"basis": Basis.NONEXISTENT_PERSON, "statement": " "},
    ],
)
def test_it_refuses_terms_nobody_could_agree_to(bob, portrait_a, fields):
    with pytest.raises(InvalidInput):
        ask_consent(portrait_a, bob, **fields)
    assert not ConsentGrant.objects.exists()


def test_it_refuses_another_partners_portrait(charlie, portrait_a):
    with pytest.raises(NotFound):
        ask_consent(portrait_a, charlie)


def test_it_refuses_a_subject_that_is_not_the_portraits(bob, partner_a, portrait_a):
    with pytest.raises(NotFound):
        consent.request_consent(
            actor=actor_of(bob),
            portrait=portrait_a,
            subject=SubjectFactory(partner=partner_a),
            basis=Basis.OTHER_PERSON,
            purpose="A greeting.",
            valid_until=timezone.now() + timedelta(days=1),
            max_videos=1,
        )


@pytest.mark.parametrize("state", [s for s in PartnerState if s != PartnerState.APPROVED])
def test_it_refuses_partners_that_are_not_approved(bob, partner_a, portrait_a, state):
    partner_a.state = state
    partner_a.save()

    with pytest.raises(PartnerNotActive):
        ask_consent(portrait_a, bob)
