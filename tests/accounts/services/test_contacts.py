"""Where a living subject is asked: never at an address of the partner that asks."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from accounts.access.actors import actor_of
from accounts.contact_errors import ContactOfPartner, MessageNotSent, PhoneUnavailable
from accounts.models import Basis, Channel, ConsentGrant, Contact, MemberRole, RefusedRequest, Subject
from accounts.services import consent
from accounts.services.contacts.addresses import find_contact, normal_phone
from accounts.services.likeness import consents_of_contact
from accounts.services.members import invite
from accounts.services.subjects import name_subject
from provenance.common.errors import InvalidInput
from tests.accounts.reading import found
from tests.factories import (
    LiveRecordingFactory,
    PortraitFactory,
    ask_consent,
    ask_subject,
    granted_consent,
    say_yes,
)


@pytest.mark.parametrize(
    "address",
    [
        "alice@people.example",
        "Alice+private@People.Example",
        "someone.else@people.example",
        "press@partner.example",
        "anybody@mail.partner.example",
        "invited@elsewhere.example",
    ],
)
def test_it_refuses_addresses_of_members_of_invited_people_and_of_their_domains(
    bob, alice, partner_a, address
):
    invite(
        partner=partner_a, email="invited@elsewhere.example", role=MemberRole.MEMBER, actor=actor_of(alice)
    )

    with pytest.raises(ContactOfPartner):
        name_subject(actor=actor_of(bob), display_name="Sam", email=address)
    assert not Subject.objects.exists()


def test_a_member_at_a_mailbox_for_everybody_does_not_bar_all_others_there(bob, alice, partner_a):
    alice.email = "alice@gmail.com"
    alice.save()

    assert (
        name_subject(actor=actor_of(bob), display_name="Sam", email="sam@gmail.com").email == "sam@gmail.com"
    )
    with pytest.raises(ContactOfPartner):
        name_subject(actor=actor_of(bob), display_name="Alice", email="alice+sam@gmail.com")


def test_an_address_that_became_the_partners_after_it_was_named_is_not_asked(
    bob, alice, partner_a, portrait_a
):
    invite(partner=partner_a, email=portrait_a.subject.email, role=MemberRole.MEMBER, actor=actor_of(alice))

    with pytest.raises(ContactOfPartner):
        ask_consent(portrait_a, bob)
    assert not ConsentGrant.objects.exists()
    assert RefusedRequest.objects.get().code == "contact_of_partner"


def test_an_address_that_became_the_partners_after_it_was_asked_cannot_say_yes(
    bob, alice, partner_a, portrait_a
):
    _, token = ask_subject(portrait_a, bob)
    invite(partner=partner_a, email=portrait_a.subject.email, role=MemberRole.MEMBER, actor=actor_of(alice))

    with pytest.raises(ContactOfPartner):
        say_yes(token)
    assert consent.decline(token).state == "declined"


def test_two_partners_that_name_one_mailbox_share_its_contact(alice, charlie, portrait_a, partner_b):
    other = PortraitFactory(partner=partner_b, subject__email=portrait_a.subject.email.upper())
    first, _ = ask_consent(portrait_a, alice)
    second = consent.request_consent(
        actor=actor_of(charlie),
        portrait=other,
        subject=other.subject,
        basis=Basis.OTHER_PERSON,
        purpose="Another greeting.",
        valid_until=first.valid_until,
        max_videos=1,
    )

    assert first.contact == second.contact
    assert Contact.objects.count() == 1
    assert find_contact(Channel.EMAIL, portrait_a.subject.email) == first.contact


def test_an_address_with_a_plus_sees_nothing_of_the_one_without(alice, charlie, partner_b):
    # Not every mail system takes the two for one mailbox; the limits count them together all the same.
    portrait = PortraitFactory(partner=alice.membership.partner, subject__email="sam@mail.example")
    given = granted_consent(portrait, alice).grant
    alias = PortraitFactory(partner=partner_b, subject__email="sam+films@mail.example")
    asked, _ = ask_consent(alias, charlie)

    assert asked.contact is not None
    assert asked.contact != given.contact
    assert asked.contact.identity == "sam@mail.example"
    assert given not in consents_of_contact(asked.contact)
    assert find_contact(Channel.EMAIL, "Sam@mail.example") == given.contact


def test_a_yes_proves_the_contact_and_stands_in_the_receipt(alice, portrait_a):
    grant = granted_consent(portrait_a, alice).grant

    assert grant.contact is not None
    grant.contact.refresh_from_db()
    assert grant.contact.proved_at == grant.contact_proved_at
    assert '"contact_channel":"email"' in grant.receipt
    assert grant.subject.email not in grant.receipt


def test_a_subject_without_mailbox_is_asked_by_telephone(bob, partner_a, settings, tmp_path: Path):
    settings.LIKENESS_DATA_DIR = tmp_path
    subject = name_subject(actor=actor_of(bob), display_name="Sam", phone="+44 (20) 7946-0958")
    portrait = PortraitFactory(partner=partner_a, subject=subject)
    asked = consent.request_consent(
        actor=actor_of(bob),
        portrait=portrait,
        subject=subject,
        basis=Basis.OTHER_PERSON,
        purpose="A greeting.",
        valid_until=a_month_from_now(),
        max_videos=1,
    )
    assert consent.send_request(asked.id)
    token = found(r"/consent/([\w-]{43})/", newest_text(tmp_path))

    consent.send_code(token)
    LiveRecordingFactory(consent=asked)
    agreed = consent.agree(token, code=found(r"Your code: (\d{6})", newest_text(tmp_path)))

    assert agreed.contact is not None
    assert agreed.contact.address == "+442079460958"
    assert newest_text(tmp_path).startswith("To: +442079460958\n")


def a_month_from_now() -> datetime:
    return timezone.now() + timedelta(days=30)


def newest_text(folder: Path) -> str:
    """The last text message that the development gateway wrote."""
    return max((folder / "sms").iterdir()).read_text()


def test_in_production_telephones_need_a_gateway(bob, settings):
    settings.LIKENESS_ON_LOOPBACK = False

    with pytest.raises(PhoneUnavailable):
        name_subject(actor=actor_of(bob), display_name="Sam", phone="+44 20 7946 0958")


def failing_gateway(number: str, text: str) -> None:
    raise RuntimeError("no network")


def test_a_gateway_that_fails_leaves_the_request_to_be_sent_again(bob, partner_a, settings, tmp_path: Path):
    settings.LIKENESS_DATA_DIR = tmp_path
    subject = name_subject(actor=actor_of(bob), display_name="Sam", phone="+44 20 7946 0958")
    portrait = PortraitFactory(partner=partner_a, subject=subject)
    asked = consent.request_consent(
        actor=actor_of(bob),
        portrait=portrait,
        subject=subject,
        basis=Basis.OTHER_PERSON,
        purpose="A greeting.",
        valid_until=a_month_from_now(),
        max_videos=1,
    )
    settings.LIKENESS_SMS_GATEWAY = f"{__name__}.failing_gateway"
    assert not consent.send_request(asked.id)
    settings.LIKENESS_SMS_GATEWAY = ""

    assert consent.send_request(asked.id)
    assert "/consent/" in newest_text(tmp_path)


@pytest.mark.parametrize("number", ["020 7946 0958", "+0 20", "+44 call me", "+1234567890123456"])
def test_it_refuses_what_is_no_telephone_number(number):
    with pytest.raises(InvalidInput):
        normal_phone(number)


def test_a_code_that_cannot_be_sent_is_said(alice, portrait_a, settings):
    _, token = ask_subject(portrait_a, alice)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1

    with pytest.raises(MessageNotSent):
        consent.send_code(token)
