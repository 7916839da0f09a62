from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.errors import ConsentDeclined, ConsentExpired, ConsentMissing, ConsentUsedUp, ConsentWithdrawn
from accounts.models import Basis, ConsentGrant, ConsentState
from accounts.services import consent
from accounts.tasks import expire_consents
from provenance.log.entries import LogEvent
from provenance.services import log
from tests.factories import PortraitFactory, ask_consent, granted_consent


def used(grant: ConsentGrant) -> int:
    return ConsentGrant.objects.get(pk=grant.pk).used_videos


def test_a_granted_consent_covers_its_portrait(alice, portrait_a):
    grant = granted_consent(portrait_a, alice).grant

    assert consent.consent_covering(portrait=portrait_a) == grant
    assert consent.require_in_force(grant) == grant


def test_it_covers_no_other_portrait_of_the_same_subject(alice, portrait_a, partner_a):
    granted_consent(portrait_a, alice)
    other = PortraitFactory(partner=partner_a, subject=portrait_a.subject)

    with pytest.raises(ConsentMissing):
        consent.consent_covering(portrait=other)


def test_a_portrait_nobody_was_asked_about_is_not_covered(portrait_a):
    with pytest.raises(ConsentMissing):
        consent.consent_covering(portrait=portrait_a)


@pytest.mark.parametrize("basis", [Basis.OTHER_PERSON, Basis.NONEXISTENT_PERSON])
def test_an_open_question_covers_nothing(alice, portrait_a, basis):
    grant, _ = ask_consent(portrait_a, alice, basis=basis)

    with pytest.raises(ConsentMissing):
        consent.consent_covering(portrait=portrait_a)
    with pytest.raises(ConsentMissing):
        consent.reserve_use(grant)
    assert used(grant) == 0


@pytest.mark.parametrize(
    ("state", "refusal"),
    [
        (ConsentState.DECLINED, ConsentDeclined),
        (ConsentState.REFUSED, ConsentDeclined),
        (ConsentState.WITHDRAWN, ConsentWithdrawn),
        (ConsentState.EXPIRED, ConsentExpired),
    ],
)
def test_each_ending_has_its_own_refusal_at_every_gate(alice, portrait_a, state, refusal):
    grant = granted_consent(portrait_a, alice).grant
    ConsentGrant.objects.filter(pk=grant.pk).update(state=state)

    for gate in (
        lambda: consent.consent_covering(portrait=portrait_a),
        lambda: consent.require_in_force(grant),
        lambda: consent.reserve_use(grant),
    ):
        with pytest.raises(refusal):
            gate()
    assert used(grant) == 0


def test_it_ends_by_the_clock_before_any_row_says_so(alice, portrait_a):
    grant = granted_consent(portrait_a, alice).grant

    with time_machine.travel(grant.valid_until):
        for gate in (
            lambda: consent.consent_covering(portrait=portrait_a),
            lambda: consent.require_in_force(grant),
            lambda: consent.reserve_use(grant),
        ):
            with pytest.raises(ConsentExpired):
                gate()
        grant.refresh_from_db()
        assert grant.state == ConsentState.GRANTED
        assert grant.current_state == ConsentState.EXPIRED


def test_the_task_writes_down_what_the_clock_decided_and_nothing_the_second_time(
    alice, portrait_a, monkeypatch
):
    monkeypatch.setattr("provenance.common.clock.now_of_database", timezone.now)  # it travels too
    grant = granted_consent(portrait_a, alice).grant
    asked, _ = ask_consent(portrait_a, alice, valid_until=timezone.now() + timedelta(days=90))
    assert expire_consents() == 0

    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert expire_consents() == 2
        assert expire_consents() == 0

    for row in (grant, asked):
        row.refresh_from_db()
        assert row.state == ConsentState.EXPIRED


def take(grant: ConsentGrant, job_id: str) -> None:
    """Reserve a use as submitting a job does, with its entry in the log."""
    with transaction.atomic():
        consent.reserve_use(grant)
        data = {"job_id": job_id, "consent_id": grant.id, "partner_id": grant.partner_id}
        data |= {"portrait_id": grant.portrait_id, "inputs_digest": "0" * 64, "voice": "not_stated"}
        log.append(LogEvent.JOB_SUBMITTED, actor="system", data=data)


def test_it_is_never_used_more_often_than_agreed(alice, portrait_a):
    grant = granted_consent(portrait_a, alice, max_videos=2).grant
    take(grant, "job_first")
    take(grant, "job_second")

    with pytest.raises(ConsentUsedUp):
        consent.reserve_use(grant)
    with pytest.raises(ConsentUsedUp):
        consent.consent_covering(portrait=portrait_a)
    assert used(grant) == 2
    assert consent.require_in_force(grant) == grant  # the jobs that hold the two uses go on


def test_a_returned_use_can_be_taken_again(alice, portrait_a):
    grant = granted_consent(portrait_a, alice, max_videos=1).grant
    consent.reserve_use(grant)

    consent.return_use(grant)
    consent.reserve_use(grant)

    assert used(grant) == 1


def test_returning_more_than_was_taken_gives_nothing_away(alice, portrait_a):
    grant = granted_consent(portrait_a, alice, max_videos=1).grant

    consent.return_use(grant)

    assert used(grant) == 0


def test_the_database_itself_refuses_one_use_too_many(alice, portrait_a):
    grant = granted_consent(portrait_a, alice, max_videos=1).grant

    with pytest.raises(IntegrityError):
        ConsentGrant.objects.filter(pk=grant.pk).update(used_videos=2)


def test_the_database_itself_refuses_a_yes_without_receipt(alice, portrait_a):
    grant, _ = ask_consent(portrait_a, alice)

    with pytest.raises(IntegrityError):
        ConsentGrant.objects.filter(pk=grant.pk).update(state=ConsentState.GRANTED)


def test_of_several_consents_the_first_to_end_is_used_first(alice, portrait_a):
    late = granted_consent(portrait_a, alice, valid_until=timezone.now() + timedelta(days=60)).grant
    soon = granted_consent(portrait_a, alice, max_videos=1).grant
    assert consent.consent_covering(portrait=portrait_a) == soon

    consent.reserve_use(soon)

    assert consent.consent_covering(portrait=portrait_a) == late
