"""Codes, links and refusals are gone when nothing counts them any more."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.contact_errors import RequestOpen
from accounts.models import ContactLink, OneTimeCode, RefusedRequest
from accounts.services import consent, likeness
from accounts.tasks import delete_expired_codes
from tests.factories import ask_consent, ask_subject


def test_they_stay_while_they_count_and_go_after(alice, portrait_a):
    asked, token = ask_subject(portrait_a, alice)
    consent.send_code(token)
    assert asked.contact is not None
    likeness.send_link(asked.contact)
    with pytest.raises(RequestOpen):
        ask_consent(portrait_a, alice)

    with time_machine.travel(timezone.now() + timedelta(hours=23)):
        assert delete_expired_codes() == 0
    with time_machine.travel(timezone.now() + timedelta(hours=26)):
        assert delete_expired_codes() == 2
    assert not OneTimeCode.objects.exists()
    assert not ContactLink.objects.exists()
    with time_machine.travel(timezone.now() + timedelta(days=30, seconds=1)):
        assert delete_expired_codes() == 1
        assert delete_expired_codes() == 0
    assert not RefusedRequest.objects.exists()
