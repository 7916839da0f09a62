from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.utils import timezone

from accounts.access.actors import actor_of
from accounts.errors import AlreadyMember, InvitationUnusable, LastOwner, LinkUnknown, OwnerRequired
from accounts.models import MemberRole
from accounts.services import members
from provenance.common.errors import NotFound
from tests.accounts.reading import found
from tests.factories import person


@pytest.fixture
def token_sent_to_dora(alice, partner_a, mailoutbox, django_capture_on_commit_callbacks) -> str:
    """The token of an invitation of Dora into partner A, read from the letter."""
    with django_capture_on_commit_callbacks(execute=True):
        members.invite(
            partner=partner_a, email="Dora@people.example", role=MemberRole.MEMBER, actor=actor_of(alice)
        )
    assert mailoutbox[-1].to == ["dora@people.example"]
    return str(found(r"/join/([^/]+)/", mailoutbox[-1].body))


def test_an_invitation_says_as_what_and_until_when(
    alice, partner_a, mailoutbox, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        invitation = members.invite(
            partner=partner_a, email="dora@people.example", role=MemberRole.MEMBER, actor=actor_of(alice)
        )

    assert mailoutbox[-1].subject == f"Join {partner_a.name}"
    assert "as member. Sign up" in mailoutbox[-1].body
    assert f"until {invitation.expires_at:%-d %B %Y}." in mailoutbox[-1].body


def test_an_invited_person_joins(token_sent_to_dora, partner_a):
    dora = person("Dora")

    membership = members.accept_invitation(token=token_sent_to_dora, user=dora)

    assert (membership.partner, membership.role) == (partner_a, MemberRole.MEMBER)


def test_an_invitation_works_once(token_sent_to_dora):
    dora = person("Dora")
    members.accept_invitation(token=token_sent_to_dora, user=dora)

    with pytest.raises(InvitationUnusable):
        members.accept_invitation(token=token_sent_to_dora, user=dora)


def test_an_invitation_is_of_no_use_to_another_mailbox(token_sent_to_dora):
    with pytest.raises(InvitationUnusable):
        members.accept_invitation(token=token_sent_to_dora, user=person("Eve"))


def test_an_unproven_mailbox_is_not_enough(token_sent_to_dora):
    dora = person("Dora")
    EmailAddress.objects.filter(user=dora).update(verified=False)

    with pytest.raises(InvitationUnusable):
        members.accept_invitation(token=token_sent_to_dora, user=dora)


def test_a_link_that_nobody_was_sent_is_called_a_link(db):
    with pytest.raises(LinkUnknown) as refusal:
        members.open_invitation(token="not-a-token")
    assert "invited" in refusal.value.hint


def test_an_invitation_lasts_fourteen_days(token_sent_to_dora):
    with time_machine.travel(timezone.now() + timedelta(days=14)), pytest.raises(InvitationUnusable):
        members.open_invitation(token=token_sent_to_dora)


def test_a_second_invitation_ends_the_first(token_sent_to_dora, alice, partner_a):
    members.invite(
        partner=partner_a, email="dora@people.example", role=MemberRole.OWNER, actor=actor_of(alice)
    )

    with pytest.raises(InvitationUnusable):
        members.open_invitation(token=token_sent_to_dora)


def test_nobody_belongs_to_two_organisations(token_sent_to_dora, partner_b):
    dora = person("Dora", partner=partner_b)

    with pytest.raises(AlreadyMember):
        members.accept_invitation(token=token_sent_to_dora, user=dora)


def test_only_owners_invite_and_remove(alice, bob, charlie, partner_a):
    with pytest.raises(OwnerRequired):
        members.invite(partner=partner_a, email="x@y.example", role=MemberRole.MEMBER, actor=actor_of(bob))
    with pytest.raises(NotFound):
        members.invite(
            partner=partner_a, email="x@y.example", role=MemberRole.MEMBER, actor=actor_of(charlie)
        )
    with pytest.raises(OwnerRequired):
        members.remove_member(partner=partner_a, membership_id=alice.membership.id, actor=actor_of(bob))


def test_an_owner_removes_a_member_and_never_the_last_owner(alice, bob, partner_a):
    members.remove_member(partner=partner_a, membership_id=bob.membership.id, actor=actor_of(alice))
    assert list(partner_a.memberships.values_list("user_id", flat=True)) == [alice.id]

    with pytest.raises(LastOwner):
        members.remove_member(partner=partner_a, membership_id=alice.membership.id, actor=actor_of(alice))


def test_an_owner_removes_nobody_elsewhere(alice, charlie, partner_a):
    with pytest.raises(NotFound):
        members.remove_member(partner=partner_a, membership_id=charlie.membership.id, actor=actor_of(alice))
