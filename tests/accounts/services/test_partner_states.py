from __future__ import annotations

from typing import Any

import pytest

from accounts import signals
from accounts.access.actors import actor_of
from accounts.errors import (
    AlreadyMember,
    FourEyesRequired,
    PartnerNotActive,
    ReasonRequired,
    RoleRequired,
)
from accounts.models import (
    Invitation,
    MemberRole,
    Membership,
    Partner,
    PartnerState,
    ReviewPolicy,
    StaffRole,
)
from accounts.services import partners, people, staff
from accounts.states import PARTNER_TRANSITIONS, StateConflict
from provenance.common.errors import NotFound
from provenance.models import LogEntry
from tests.accounts.log_entries import newest_entry
from tests.factories import PartnerFactory, person

APPLICATION: dict[str, Any] = {
    "name": "Cirrus Radio",
    "website": "https://cirrus.example",
    "contact_name": "Carla",
    "contact_email": "Carla@Cirrus.example",
    "purpose": "Station greetings.",
}
STEPS = {
    "approve": (partners.approve, PartnerState.APPLIED, PartnerState.APPROVED, "partner.approved"),
    "refuse": (partners.refuse, PartnerState.APPLIED, PartnerState.REFUSED, "partner.refused"),
    "suspend": (partners.suspend, PartnerState.APPROVED, PartnerState.SUSPENDED, "partner.suspended"),
    "reinstate": (partners.reinstate, PartnerState.SUSPENDED, PartnerState.APPROVED, "partner.reinstated"),
}


def events() -> list[str]:
    """What the log has, oldest first."""
    return list(LogEntry.objects.order_by("index").values_list("event", flat=True))


def test_a_signed_in_applicant_owns_the_organisation_at_once(db):
    dora = person("Dora")

    partner = partners.apply(**APPLICATION, user=dora)

    assert partner.state == PartnerState.APPLIED
    assert Membership.objects.get(user=dora).role == MemberRole.OWNER
    assert events() == ["partner.applied", "member.joined", "member.log_began"]
    assert LogEntry.objects.get(event="partner.applied").actor == dora.id


def test_an_applicant_without_account_is_invited_as_owner_on_approval(
    otto, mailoutbox, django_capture_on_commit_callbacks
):
    partner = partners.apply(**APPLICATION)
    assert newest_entry()["actor"] == partner.id

    with django_capture_on_commit_callbacks(execute=True):
        partners.approve(partner_id=partner.id, actor=actor_of(otto), reason="A known station.")

    invitation = Invitation.objects.get(partner=partner)
    assert (invitation.email, invitation.role) == ("carla@cirrus.example", MemberRole.OWNER)
    assert {tuple(letter.to) for letter in mailoutbox} == {("carla@cirrus.example",)}
    assert any("/join/" in letter.body for letter in mailoutbox)
    assert any("A known station." in letter.body for letter in mailoutbox)


def test_a_member_of_an_organisation_cannot_apply_with_another(bob):
    with pytest.raises(AlreadyMember):
        partners.apply(**APPLICATION, user=bob)
    assert not Partner.objects.filter(name="Cirrus Radio").exists()


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("state", PartnerState)
def test_each_step_is_allowed_from_one_state_only(otto, name, state):
    step, source, target, event = STEPS[name]
    partner = PartnerFactory(state=state)

    if state == source:
        moved = step(partner_id=partner.id, actor=actor_of(otto), reason="Because.")
        assert moved.state == target
        assert moved.reason == "Because."
        assert moved.decided_at is not None
        assert event in events()
        assert LogEntry.objects.get(event=event).entry.data == {"partner_id": partner.id}
    else:
        with pytest.raises(StateConflict):
            step(partner_id=partner.id, actor=actor_of(otto), reason="Because.")
        partner.refresh_from_db()
        assert partner.state == state


def test_the_steps_are_exactly_the_table():
    assert {(source, target) for _, source, target, _ in STEPS.values()} == {
        (source, target) for source, targets in PARTNER_TRANSITIONS.items() for target in targets
    }


@pytest.mark.parametrize("name", STEPS)
class TestWhoMayDecide:
    def test_it_needs_a_reason(self, otto, name):
        step, source, _, _ = STEPS[name]
        with pytest.raises(ReasonRequired):
            step(partner_id=PartnerFactory(state=source).id, actor=actor_of(otto), reason=" ")

    def test_not_a_reviewer_and_not_a_member(self, rita, alice, name):
        step, source, _, _ = STEPS[name]
        partner = PartnerFactory(state=source)
        for user in (rita, alice):
            with pytest.raises(RoleRequired):
                step(partner_id=partner.id, actor=actor_of(user), reason="Because.")

    def test_not_an_operator_who_belongs_to_it(self, name, db):
        step, source, _, _ = STEPS[name]
        partner = PartnerFactory(state=source)
        ida = person("Ida", partner=partner, role=MemberRole.OWNER)
        staff.grant_role(user=ida, role=StaffRole.OPERATOR)
        people.enrol_totp(user=ida)

        with pytest.raises(FourEyesRequired):
            step(partner_id=partner.id, actor=actor_of(ida), reason="Because.")

    def test_not_for_a_partner_that_does_not_exist(self, otto, name):
        with pytest.raises(NotFound):
            STEPS[name][0](partner_id="prt_nobody", actor=actor_of(otto), reason="Because.")


def test_suspension_is_told_in_the_same_transaction(otto, partner_a):
    told = []

    def listen(sender: object, partner: Partner, **kwargs: object) -> None:
        told.append(partner.state)

    signals.partner_suspended.connect(listen)
    try:
        partners.suspend(partner_id=partner_a.id, actor=actor_of(otto), reason="Complaints.")
    finally:
        signals.partner_suspended.disconnect(listen)

    assert told == [PartnerState.SUSPENDED]
    with pytest.raises(PartnerNotActive):
        partners.require_active(partner_a)


def test_an_operator_says_whether_videos_are_reviewed(otto, rita, partner_a):
    assert partner_a.review_policy == ReviewPolicy.REVIEW

    partners.set_review_policy(
        partner_id=partner_a.id, review_policy=ReviewPolicy.RELEASE, actor=actor_of(otto)
    )

    partner_a.refresh_from_db()
    assert partner_a.review_policy == ReviewPolicy.RELEASE
    entry = newest_entry()
    assert (entry["event"], entry["actor"]) == ("partner.policy_set", otto.id)
    assert entry["data"] == {"partner_id": partner_a.id, "review_policy": "release"}
    with pytest.raises(RoleRequired):
        partners.set_review_policy(
            partner_id=partner_a.id, review_policy=ReviewPolicy.REVIEW, actor=actor_of(rita)
        )
