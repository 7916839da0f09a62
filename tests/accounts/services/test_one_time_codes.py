"""The code that a yes needs: of this request, the newest, ten minutes, five attempts."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.contact_errors import CodeExpired, CodeWrong, TooManyCodes
from accounts.models import ConsentGrant, ConsentState, OneTimeCode
from accounts.services import consent
from tests.accounts.reading import found
from tests.factories import LiveRecordingFactory, PortraitFactory, ask_subject, newest_mail


def sent_code(token: str) -> str:
    """Record, have a code sent and read it in the mailbox."""
    asked = consent.send_code(token)
    LiveRecordingFactory(consent=asked)
    return found(r"Your code: (\d{6})", newest_mail(asked.subject.email))


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_nothing_but_the_code_says_yes(alice, portrait_a):
    asked, token = ask_subject(portrait_a, alice)
    LiveRecordingFactory(consent=asked)
    with pytest.raises(CodeExpired):
        consent.agree(token, code="000000")
    code = sent_code(token)

    for wrong in ("", "yes", code[:5], other_than(code)):
        with pytest.raises(CodeWrong):
            consent.agree(token, code=wrong)
    asked.refresh_from_db()
    assert asked.state == ConsentState.REQUESTED
    assert consent.agree(token, code=f" {code[:3]} {code[3:]} ").state == ConsentState.RECORDED


def test_five_attempts_end_a_code_and_a_new_one_works(alice, portrait_a):
    _, token = ask_subject(portrait_a, alice)
    code = sent_code(token)
    for _ in range(5):
        with pytest.raises(CodeWrong):
            consent.agree(token, code=other_than(code))

    with pytest.raises(CodeExpired):
        consent.agree(token, code=code)
    assert consent.agree(token, code=sent_code(token)).state == ConsentState.RECORDED


def test_it_expires_after_ten_minutes(alice, portrait_a):
    _, token = ask_subject(portrait_a, alice)
    code = sent_code(token)

    with time_machine.travel(timezone.now() + timedelta(minutes=10, seconds=1)), pytest.raises(CodeExpired):
        consent.agree(token, code=code)


def test_only_the_newest_code_works(alice, portrait_a):
    _, token = ask_subject(portrait_a, alice)
    older, newer = sent_code(token), sent_code(token)

    if older != newer:
        with pytest.raises(CodeWrong):
            consent.agree(token, code=older)
    assert consent.agree(token, code=newer).state == ConsentState.RECORDED


def test_the_code_of_another_request_does_not_work(alice, charlie, portrait_a, partner_b):
    _, token = ask_subject(portrait_a, alice)
    email = portrait_a.subject.email
    other, other_token = ask_subject(PortraitFactory(partner=partner_b, subject__email=email), charlie)
    LiveRecordingFactory(consent=other)
    consent.send_code(token)
    code = found(r"Your code: (\d{6})", newest_mail(email))

    with pytest.raises(CodeExpired):
        consent.agree(other_token, code=code)


def test_five_codes_an_hour_are_enough(alice, portrait_a):
    _, token = ask_subject(portrait_a, alice)
    for _ in range(5):
        consent.send_code(token)

    with pytest.raises(TooManyCodes):
        consent.send_code(token)
    with time_machine.travel(timezone.now() + timedelta(hours=1, seconds=1)):
        consent.send_code(token)


def test_the_code_is_not_stored_and_not_its_plain_hash(alice, portrait_a):
    _, token = ask_subject(portrait_a, alice)
    code = sent_code(token)

    row = str(OneTimeCode.objects.values().get())
    assert f"'{code}'" not in row
    assert all(code not in str(value) for value in ConsentGrant.objects.values().get().values())
