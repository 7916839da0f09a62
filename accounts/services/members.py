"""Membership of a partner: invite, join, remove."""

from __future__ import annotations

from datetime import timedelta

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils import timezone

from accounts.access import policy
from accounts.access.actors import Actor
from accounts.access.tokens import hash_token, new_token
from accounts.errors import AlreadyMember, InvitationUnusable, LastOwner, LinkUnknown
from accounts.models import Invitation, MemberRole, Membership, Partner, User
from accounts.notify.emails import send_on_commit
from accounts.notify.links import invitation_link
from provenance.common.errors import NotFound

INVITATION_LASTS = timedelta(days=14)


@transaction.atomic
def send_invitation(*, partner: Partner, email: str, role: MemberRole) -> Invitation:
    """Make an invitation and send its link to the mailbox; earlier open ones for it end."""
    now = timezone.now()
    email = email.strip().lower()
    partner.invitations.filter(email=email, accepted_at=None, expires_at__gt=now).update(expires_at=now)
    token = new_token()
    invitation = Invitation.objects.create(
        partner=partner,
        email=email,
        role=role,
        token_hash=hash_token(token),
        expires_at=now + INVITATION_LASTS,
    )
    send_on_commit(
        "invitation",
        to=email,
        subject=f"Join {partner.name}",
        context={"partner": partner, "invitation": invitation, "link": invitation_link(token)},
    )
    return invitation


@transaction.atomic
def invite(*, partner: Partner, email: str, role: MemberRole, actor: Actor) -> Invitation:
    """Invite somebody into the partner; for owners."""
    policy.require_owner(actor, partner)
    return send_invitation(partner=partner, email=email, role=role)


def open_invitation(*, token: str) -> Invitation:
    """The invitation behind a link. Raises `LinkUnknown`, or `InvitationUnusable` when used or too old."""
    invitation = Invitation.objects.select_related("partner").filter(token_hash=hash_token(token)).first()
    if invitation is None:
        raise LinkUnknown(hint="Check that the whole link was copied, or ask who invited you for a new one.")
    if invitation.accepted_at is not None or invitation.expires_at <= timezone.now():
        raise InvitationUnusable("This invitation was used already or is too old.", hint="Ask for a new one.")
    return invitation


@transaction.atomic
def accept_invitation(*, token: str, user: User) -> Membership:
    """Join by an invitation. The account must have proved that it holds the invited mailbox."""
    invitation = open_invitation(token=token)
    if not EmailAddress.objects.filter(user=user, email__iexact=invitation.email, verified=True).exists():
        raise InvitationUnusable
    if Membership.objects.filter(user=user).exists():
        raise AlreadyMember
    taken = Invitation.objects.filter(pk=invitation.pk, accepted_at=None).update(accepted_at=timezone.now())
    if not taken:
        raise InvitationUnusable
    return Membership.objects.create(partner=invitation.partner, user=user, role=invitation.role)


@transaction.atomic
def remove_member(*, partner: Partner, membership_id: str, actor: Actor) -> None:
    """End somebody's membership; for owners. Raises `LastOwner` rather than leave nobody in charge."""
    policy.require_owner(actor, partner)
    # The partner's row is the lock: two owners who remove each other must not both succeed.
    Partner.objects.select_for_update().get(pk=partner.pk)
    membership = partner.memberships.filter(pk=membership_id).first()
    if membership is None:
        raise NotFound
    if membership.is_owner and partner.memberships.filter(role=MemberRole.OWNER).count() == 1:
        raise LastOwner
    membership.delete()
