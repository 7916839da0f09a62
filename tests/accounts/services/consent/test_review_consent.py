from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.access.actors import actor_of
from accounts.errors import ConsentDeclined, FourEyesRequired, PartnerNotActive, ReasonRequired, RoleRequired
from accounts.models import (
    Basis,
    ConsentGrant,
    ConsentState,
    PartnerState,
    StaffRole,
)
from accounts.services import consent, people, staff
from accounts.states import StateConflict
from provenance.common.errors import NotFound
from tests.accounts.log_entries import newest_entry
from tests.factories import ask_consent, join


@pytest.fixture
def attested(alice, portrait_a) -> ConsentGrant:
    return ask_consent(portrait_a, alice, basis=Basis.NONEXISTENT_PERSON)[0]


def test_a_reviewer_confirms_and_the_portrait_can_be_used(attested, rita, portrait_a):
    grant = consent.confirm(grant_id=attested.id, actor=actor_of(rita))

    assert grant.state == ConsentState.GRANTED
    assert grant.reviewed_by == rita
    assert f'"granted_by":"{rita.id}"' in grant.receipt
    assert newest_entry()["event"] == "consent.confirmed"
    assert newest_entry()["data"]["receipt_digest"] == grant.receipt_digest
    assert consent.consent_covering(portrait=portrait_a) == grant


def test_a_reviewer_refuses_with_a_reason(attested, rita, portrait_a):
    grant = consent.refuse(grant_id=attested.id, actor=actor_of(rita), reason="Looks like somebody I know.")

    assert grant.state == ConsentState.REFUSED
    assert grant.reason == "Looks like somebody I know."
    assert newest_entry()["event"] == "consent.refused"
    with pytest.raises(ConsentDeclined):
        consent.consent_covering(portrait=portrait_a)


def test_a_refusal_needs_a_reason(attested, rita):
    with pytest.raises(ReasonRequired):
        consent.refuse(grant_id=attested.id, actor=actor_of(rita), reason="  ")


def test_a_reviewer_takes_a_confirmation_back(attested, rita):
    consent.confirm(grant_id=attested.id, actor=actor_of(rita))

    grant = consent.withdraw_confirmed(
        grant_id=attested.id, actor=actor_of(rita), reason="It is a photograph."
    )

    assert grant.state == ConsentState.WITHDRAWN
    assert newest_entry()["event"] == "consent.withdrawn"
    assert newest_entry()["actor"] == rita.id


def test_an_attestation_that_ran_out_unconfirmed_cannot_be_taken_back(attested, rita):
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        consent.expire_due()
        with pytest.raises(StateConflict):
            consent.withdraw_confirmed(grant_id=attested.id, actor=actor_of(rita), reason="Too late.")


@pytest.mark.parametrize(
    "step",
    [
        lambda grant, actor: consent.confirm(grant_id=grant.id, actor=actor),
        lambda grant, actor: consent.refuse(grant_id=grant.id, actor=actor, reason="No."),
    ],
    ids=["confirm", "refuse"],
)
class TestWhoMayDecide:
    def test_not_a_member_of_the_partner_not_even_as_reviewer(self, step, attested, alice):
        staff.grant_role(user=alice, role=StaffRole.REVIEWER)
        people.enrol_totp(user=alice)

        with pytest.raises(FourEyesRequired):
            step(attested, actor_of(alice))

    def test_not_an_operator(self, step, attested, otto):
        with pytest.raises(RoleRequired):
            step(attested, actor_of(otto))

    def test_not_a_reviewer_without_second_factor(self, step, attested, rita):
        rita.authenticator_set.all().delete()

        with pytest.raises(RoleRequired):
            step(attested, actor_of(rita))

    def test_nobody_decides_for_a_living_person(self, step, alice, portrait_a, rita):
        asked, _ = ask_consent(portrait_a, alice)

        with pytest.raises(NotFound):
            step(asked, actor_of(rita))
        asked.refresh_from_db()
        assert asked.state == ConsentState.REQUESTED

    @pytest.mark.parametrize("state", [s for s in ConsentState if s != ConsentState.ATTESTED])
    def test_nobody_decides_twice(self, step, attested, rita, state):
        ConsentGrant.objects.filter(pk=attested.pk).update(state=state, receipt_digest="00")

        with pytest.raises(StateConflict):
            step(attested, actor_of(rita))


def test_a_reviewer_who_is_a_member_elsewhere_may_decide(attested, rita, partner_b):
    join(partner_b, rita)

    assert consent.confirm(grant_id=attested.id, actor=actor_of(rita)).state == ConsentState.GRANTED


def test_nothing_is_confirmed_for_a_suspended_partner(attested, rita, partner_a):
    partner_a.state = PartnerState.SUSPENDED
    partner_a.save()

    with pytest.raises(PartnerNotActive):
        consent.confirm(grant_id=attested.id, actor=actor_of(rita))


def test_nothing_is_confirmed_after_its_date(attested, rita):
    with time_machine.travel(timezone.now() + timedelta(days=31)), pytest.raises(StateConflict):
        consent.confirm(grant_id=attested.id, actor=actor_of(rita))
