"""A membership that a row alone gives, changes or takes away is named, and opens no page."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.access.actors import actor_of
from accounts.contact_errors import ContactOfPartner
from accounts.models import MemberRole, Membership, Partner, StaffRole, User
from accounts.services import members, partners
from accounts.services.contacts.addresses import require_not_of_partner
from generation.models import Rendition
from provenance.selectors.decisions import RowContradictsLog
from tests.conftest import browser_of
from tests.factories import join, person, staff_member
from tests.generation.edited_rows.editing import edit, named

pytestmark = pytest.mark.django_db

HOME = "/partner/"
CASES = [
    (Membership, "partner"),
    (Membership, "user"),
    (Membership, "role"),
    (Partner, "contact_email"),
]


@pytest.mark.parametrize("column", ["partner", "user", "role"])
def test_an_edited_membership_is_named_and_opens_nothing(
    bob: User, alice: User, partner_b: Partner, column: str
) -> None:
    eve = person("Eve")
    assert browser_of(bob).get(HOME).status_code == 200
    values: dict[str, Any] = {"partner": partner_b.pk, "user": eve.pk, "role": MemberRole.OWNER}
    edit(bob.membership, column, values[column])

    assert ("membership", column) in named()
    assert browser_of(eve if column == "user" else bob).get(HOME).status_code == 409


def test_a_membership_that_was_put_in_opens_nothing(alice: User, partner_a: Partner) -> None:
    eve = person("Eve")
    Membership.objects.create(partner=partner_a, user=eve, role=MemberRole.OWNER)

    assert ("membership", "user") in named()
    assert browser_of(eve).get(HOME).status_code == 409
    with pytest.raises(RowContradictsLog):
        actor_of(eve)


def test_a_member_who_was_removed_does_not_come_back(alice: User, bob: User, partner_a: Partner) -> None:
    members.remove_member(partner=partner_a, membership_id=bob.membership.id, actor=actor_of(alice))
    assert named() == set()
    assert browser_of(bob).get(HOME).status_code == 302  # to the application, as anybody
    Membership.objects.create(partner=partner_a, user=bob)

    assert ("membership", "user") in named()
    assert browser_of(bob).get(HOME).status_code == 409


def test_nobody_decides_about_their_own_partner_whose_membership_was_taken_out(
    waiting: Rendition, partner_a: Partner
) -> None:
    ruth = staff_member("Ruth", StaffRole.REVIEWER)
    join(partner_a, ruth)
    Membership.objects.filter(user=ruth).delete()

    assert ("membership", "id") in named()
    assert browser_of(ruth).get("/review/consents/").status_code == 409


def test_a_member_whose_row_was_taken_out_is_not_asked_as_a_stranger(bob: User, partner_a: Partner) -> None:
    Membership.objects.filter(user=bob).delete()

    with pytest.raises(ContactOfPartner):
        require_not_of_partner(partner_a, bob.email)


def test_another_mailbox_than_the_applicants_is_not_invited_as_owner(otto: User) -> None:
    partner = partners.apply(
        name="Cirrus", website="https://cirrus.example", contact_name="C", contact_email="c@cirrus.example",
        purpose="Greetings.",
    )  # fmt: skip
    assert named() == set()
    edit(partner, "contact_email", "eve@elsewhere.example")

    assert ("partner", "contact_email") in named()
    with pytest.raises(RowContradictsLog):
        partners.approve(partner_id=partner.pk, actor=actor_of(otto), reason="Known to us.")
    assert not partner.invitations.exists()
