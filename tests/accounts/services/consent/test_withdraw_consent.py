from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from accounts import signals
from accounts.errors import ConsentWithdrawn, LinkUnknown
from accounts.models import ConsentGrant, ConsentState
from accounts.services import consent, expire_grants
from accounts.states import StateConflict
from provenance.models import LogEntry
from tests.accounts.log_entries import newest_entry
from tests.factories import PortraitFactory, ask_subject, granted_consent, say_yes


@pytest.fixture
def heard() -> Iterator[list[ConsentGrant]]:
    """The grants that receivers are told of."""
    told: list[ConsentGrant] = []

    def listen(sender: object, grant: ConsentGrant, **kwargs: object) -> None:
        told.append(grant)

    signals.consent_withdrawn.connect(listen)
    yield told
    signals.consent_withdrawn.disconnect(listen)


def test_it_withdraws_logs_and_tells_the_app_above(alice, portrait_a, heard):
    answer = granted_consent(portrait_a, alice)

    withdrawn = consent.withdraw(answer.withdraw_token)

    assert withdrawn.state == ConsentState.WITHDRAWN
    assert withdrawn.withdrawn_at is not None
    assert newest_entry()["event"] == "consent.withdrawn"
    assert newest_entry()["data"]["receipt_digest"] == answer.grant.receipt_digest
    assert [(grant.id, grant.state) for grant in heard] == [(withdrawn.id, ConsentState.WITHDRAWN)]
    with pytest.raises(ConsentWithdrawn):
        consent.consent_covering(portrait=portrait_a)


def test_withdrawing_twice_changes_nothing(alice, portrait_a, heard):
    answer = granted_consent(portrait_a, alice)
    first = consent.withdraw(answer.withdraw_token)
    entries = LogEntry.objects.count()

    second = consent.withdraw(answer.withdraw_token)

    assert second.withdrawn_at == first.withdrawn_at
    assert LogEntry.objects.count() == entries
    assert len(heard) == 1


@pytest.mark.django_db(transaction=False)
def test_nothing_is_withdrawn_when_a_receiver_fails(alice, portrait_a):
    answer = granted_consent(portrait_a, alice)

    def fail(sender: object, **kwargs: object) -> None:
        raise RuntimeError("the jobs could not be stopped")

    signals.consent_withdrawn.connect(fail)
    try:
        with pytest.raises(RuntimeError):
            consent.withdraw(answer.withdraw_token)
    finally:
        signals.consent_withdrawn.disconnect(fail)

    answer.grant.refresh_from_db()
    assert answer.grant.state == ConsentState.GRANTED
    assert newest_entry()["event"] == "consent.granted"


def test_it_works_after_the_consent_ran_out(alice, portrait_a):
    answer = granted_consent(portrait_a, alice)

    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert consent.expire_due() == 1
        assert consent.withdraw(answer.withdraw_token).state == ConsentState.WITHDRAWN


def test_what_expires_is_locked_in_the_order_in_which_a_withdrawal_locks(
    alice, portrait_a, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two that lock the same rows in two orders may wait for each other."""
    for portrait in (portrait_a, PortraitFactory(partner=portrait_a.partner)):
        granted_consent(portrait, alice)
    told: list[str] = []
    monkeypatch.setattr(expire_grants, "tell_of_consent", lambda grant: told.append(grant.pk))
    with transaction.atomic():
        assert expire_grants.expire(ConsentGrant.objects.order_by("-pk")) == 2
    assert told == sorted(told)


def test_the_link_to_answer_is_not_the_link_to_withdraw(alice, portrait_a):
    _, token = ask_subject(portrait_a, alice)
    say_yes(token)

    with pytest.raises(LinkUnknown):
        consent.withdraw(token)


@pytest.mark.parametrize(
    "state", [ConsentState.REQUESTED, ConsentState.RECORDED, ConsentState.ATTESTED, ConsentState.DECLINED]
)
def test_only_a_yes_can_be_taken_back(alice, portrait_a, state, heard):
    answer = granted_consent(portrait_a, alice)
    ConsentGrant.objects.filter(pk=answer.grant.pk).update(state=state)

    with pytest.raises(StateConflict):
        consent.withdraw(answer.withdraw_token)
    assert heard == []
