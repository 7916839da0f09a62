"""A partner asks a person once at a time, and not again soon after a no."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError
from django.utils import timezone

from accounts.access.actors import SYSTEM
from accounts.contact_errors import AskedTooOften, AskedTooSoon, AskingStopped, RequestOpen
from accounts.models import ConsentGrant, ConsentState, RefusedRequest
from accounts.selectors import refusals_of
from accounts.services import consent
from accounts.services.contacts.stops import allow_requests, stop_requests
from provenance.common.errors import CodedError
from tests.accounts.log_entries import newest_entry
from tests.factories import PortraitFactory, SubjectFactory, ask_consent, ask_subject, granted_consent


def another_portrait(portrait, **subject):
    """Of the same mailbox, named by the same partner as somebody else."""
    named = SubjectFactory(partner=portrait.partner, email=portrait.subject.email, **subject)
    return PortraitFactory(partner=portrait.partner, subject=named)


def test_fifteen_requests_in_a_row_reach_the_subject_once(alice, portrait_a, mailoutbox):
    ask_consent(portrait_a, alice)
    for number in range(14):
        with pytest.raises(RequestOpen):
            ask_consent(portrait_a if number % 2 else another_portrait(portrait_a), alice)

    assert len(mailoutbox) == 1
    assert ConsentGrant.objects.count() == 1
    assert refusals_of(portrait_a.partner) == {"request_open": 14}


def test_the_database_itself_lets_one_request_be_open(alice, portrait_a):
    asked, _ = ask_consent(portrait_a, alice)
    asked.pk, asked.link_token_hash = "cns_another", None

    with pytest.raises(IntegrityError):
        asked.save(force_insert=True)


def test_a_part_after_a_plus_does_not_get_round_it(alice, portrait_a):
    ask_consent(portrait_a, alice)
    name, _, domain = portrait_a.subject.email.partition("@")
    portrait = PortraitFactory(partner=portrait_a.partner, subject__email=f"{name}+again@{domain}")

    with pytest.raises(RequestOpen):
        ask_consent(portrait, alice)


def test_fifteen_requests_after_a_withdrawal_reach_nobody(alice, portrait_a, mailoutbox):
    consent.withdraw(granted_consent(portrait_a, alice).withdraw_token)
    mailoutbox.clear()

    for _ in range(15):
        with pytest.raises(AskedTooSoon):
            ask_consent(portrait_a, alice)
    assert mailoutbox == []
    assert RefusedRequest.objects.filter(code="asked_too_soon").count() == 15


def test_after_a_no_the_partner_waits_thirty_days(alice, portrait_a):
    consent.decline(ask_subject(portrait_a, alice)[1])

    with time_machine.travel(timezone.now() + timedelta(days=29)), pytest.raises(AskedTooSoon):
        ask_consent(another_portrait(portrait_a), alice)
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        until = timezone.now() + timedelta(days=30)
        assert ask_consent(portrait_a, alice, valid_until=until)[0].state == ConsentState.REQUESTED


def test_the_no_to_one_partner_is_none_to_another(alice, charlie, portrait_a, partner_b):
    consent.decline(ask_subject(portrait_a, alice)[1])

    theirs = PortraitFactory(partner=partner_b, subject__email=portrait_a.subject.email)
    assert ask_consent(theirs, charlie)[0].state == ConsentState.REQUESTED


def test_a_request_that_expired_is_not_open(alice, portrait_a):
    ask_consent(portrait_a, alice)

    with time_machine.travel(timezone.now() + timedelta(days=15)):
        until = timezone.now() + timedelta(days=30)
        ask_consent(portrait_a, alice, valid_until=until)
    assert ConsentGrant.objects.filter(state=ConsentState.EXPIRED).count() == 1


@pytest.mark.slow
def test_five_requests_in_thirty_days_are_enough(alice, portrait_a):
    for _ in range(5):
        granted_consent(portrait_a, alice)

    with pytest.raises(AskedTooOften):
        ask_consent(portrait_a, alice)


def test_who_does_not_want_to_be_asked_is_not_asked(  # noqa: PLR0917
    alice, charlie, portrait_a, partner_a, partner_b, mailoutbox
):
    answer = granted_consent(portrait_a, alice)
    contact = answer.grant.contact
    assert contact is not None
    theirs = PortraitFactory(partner=partner_b, subject__email=portrait_a.subject.email)
    mailoutbox.clear()

    stop_requests(contact=contact, partner=partner_a, actor=SYSTEM)
    assert newest_entry()["event"] == "subject.asking_stopped"
    with pytest.raises(AskingStopped):
        ask_consent(portrait_a, alice)
    stop_requests(contact=contact, partner=None, actor=SYSTEM)
    with pytest.raises(AskingStopped):
        ask_consent(theirs, charlie)
    assert mailoutbox == []

    allow_requests(contact=contact, partner=None, actor=SYSTEM)
    assert newest_entry()["event"] == "subject.asking_allowed"
    assert ask_consent(theirs, charlie)[0].state == ConsentState.REQUESTED


def test_a_reviewer_is_not_pestered_by_people_who_do_not_exist(alice, portrait_a):
    for _ in range(6):
        ask_consent(portrait_a, alice, basis="nonexistent_person")
    assert RefusedRequest.objects.count() == 0


def test_the_operator_sees_who_pesters(otto_browser, alice, portrait_a, partner_a):
    ask_consent(portrait_a, alice)
    for _ in range(3):
        with pytest.raises(CodedError):
            ask_consent(portrait_a, alice)

    listed = otto_browser.get("/operator/partners/").content.decode()
    detail = otto_browser.get(f"/operator/partners/{partner_a.id}/").content.decode()

    assert '<span class="tag tag-warn">3</span>' in listed
    assert "3 × <code>request_open</code>" in detail
    assert "1 waiting for the subject" in detail


def test_the_operator_sees_who_has_the_same_name(otto_browser, partner_a, partner_b):
    partner_b.name = partner_a.name.lower()
    partner_b.save()

    assert partner_b.id in otto_browser.get(f"/operator/partners/{partner_a.id}/").content.decode()


def test_a_partner_is_told_by_the_api_with_a_code(api_a, alice, portrait_a):
    ask_consent(portrait_a, alice)

    answer = api_a.post(
        "/v1/consents",
        {
            "portrait_id": portrait_a.id,
            "basis": "other_person",
            "purpose": "A greeting.",
            "valid_until": (timezone.now() + timedelta(days=3)).isoformat(),
            "max_videos": 1,
        },
        content_type="application/json",
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "request_open")
