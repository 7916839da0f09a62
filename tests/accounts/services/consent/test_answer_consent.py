"""The subject says yes or no; every state that is not an open question refuses both."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta

import pytest
import rfc8785
import time_machine
from django.utils import timezone

from accounts.errors import LinkAnswered, LinkExpired, LinkUnknown, PartnerNotActive
from accounts.models import ConsentGrant, ConsentState, PartnerState
from accounts.services import consent
from tests.accounts.log_entries import newest_entry
from tests.factories import ask_subject, granted_consent, say_yes


def test_it_grants_and_writes_a_receipt_whose_digest_is_in_the_log(alice, portrait_a):
    asked, token = ask_subject(portrait_a, alice)

    answer = say_yes(token)

    grant = answer.grant
    assert grant.state == ConsentState.GRANTED
    assert hashlib.sha256(grant.receipt.encode()).hexdigest() == grant.receipt_digest
    receipt = json.loads(grant.receipt)
    assert rfc8785.dumps(receipt).decode() == grant.receipt
    assert receipt["portrait_sha256"] == portrait_a.sha256
    assert receipt["purpose"] == asked.purpose
    assert receipt["max_videos"] == asked.max_videos
    entry = newest_entry()
    assert entry["event"] == "consent.granted"
    assert entry["actor"] == f"subject:{portrait_a.subject_id}"
    assert entry["data"]["receipt_digest"] == grant.receipt_digest


def test_it_declines(alice, portrait_a):
    _, token = ask_subject(portrait_a, alice)

    assert consent.decline(token).state == ConsentState.DECLINED
    assert newest_entry()["event"] == "consent.declined"


def test_it_stores_hashes_of_tokens_only(alice, portrait_a):
    asked, token = ask_subject(portrait_a, alice)
    answer = say_yes(token)

    row = str(ConsentGrant.objects.filter(pk=asked.pk).values().get())
    assert token not in row
    assert answer.withdraw_token not in row


def test_it_refuses_a_link_nobody_made(db):
    with pytest.raises(LinkUnknown):
        say_yes("not-a-token")


@pytest.mark.parametrize("step", [say_yes, consent.decline])
@pytest.mark.parametrize(
    "state",
    [state for state in ConsentState if state not in {ConsentState.REQUESTED, ConsentState.EXPIRED}],
)
def test_it_refuses_when_the_question_is_not_open(alice, portrait_a, step, state):
    if step is consent.decline and state in {ConsentState.RECORDED, ConsentState.DECLINED}:
        return  # a yes that waits for a reviewer can be taken back (test_live_consent.py), and a no stays one
    asked, token = ask_subject(portrait_a, alice)
    ConsentGrant.objects.filter(pk=asked.pk).update(state=state, receipt_digest="00")

    with pytest.raises(LinkAnswered):
        step(token)
    asked.refresh_from_db()
    assert asked.state == state


@pytest.mark.parametrize("step", [say_yes, consent.decline])
def test_it_refuses_after_fourteen_days(alice, portrait_a, step):
    _, token = ask_subject(portrait_a, alice)

    with time_machine.travel(timezone.now() + timedelta(days=14, seconds=1)), pytest.raises(LinkExpired):
        step(token)


def test_it_refuses_a_yes_past_the_date_that_was_asked_for(alice, portrait_a):
    _, token = ask_subject(portrait_a, alice, valid_until=timezone.now() + timedelta(days=1))

    with time_machine.travel(timezone.now() + timedelta(days=1, seconds=1)), pytest.raises(LinkExpired):
        say_yes(token)


def test_it_refuses_a_yes_to_a_suspended_partner_but_takes_a_no(alice, portrait_a, partner_a):
    _, token = ask_subject(portrait_a, alice)
    partner_a.state = PartnerState.SUSPENDED
    partner_a.save()

    with pytest.raises(PartnerNotActive):
        say_yes(token)
    assert consent.decline(token).state == ConsentState.DECLINED


def test_the_same_question_gets_a_digest_of_its_own_each_time(alice, portrait_a):
    first = granted_consent(portrait_a, alice).grant
    second = granted_consent(portrait_a, alice).grant

    assert first.receipt_digest != second.receipt_digest


def test_it_sends_the_receipt_to_the_subject(
    alice, portrait_a, mailoutbox, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        _, token = ask_subject(portrait_a, alice)
        answer = say_yes(token)

    request, code, receipt = mailoutbox
    assert request.to == code.to == receipt.to == [portrait_a.subject.email]
    assert token in request.body
    assert token not in code.body
    assert answer.withdraw_token in receipt.body
