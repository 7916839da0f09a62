"""Membership of a partner: invite, join, remove. Each is in the log, which decides who is a member."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_noop as _

from accounts.access import policy
from accounts.access.actors import SYSTEM, Actor
from accounts.access.members_by_log import (
    invitation_digest,
    members_are_logged,
    require_invitation_as_logged,
    unrecorded_invitations,
    unrecorded_members,
)
from accounts.access.tokens import hash_token, new_token
from accounts.errors import AlreadyMember, InvitationUnusable, LastOwner, LinkUnknown
from accounts.models import Invitation, MemberRole, Membership, Partner, User
from accounts.notify.emails import send_on_commit
from accounts.notify.links import invitation_link
from provenance.common.errors import NotFound
from provenance.log.entries import DataValue, LogEvent
from provenance.services import log

INVITATION_LASTS = timedelta(days=14)


@transaction.atomic
def send_invitation(*, partner: Partner, email: str, role: MemberRole, actor: Actor) -> Invitation:
    """Make an invitation and send its link to the mailbox; earlier open ones for it end."""
    now = timezone.now()
    email = email.strip().lower()
    earlier = list(partner.invitations.filter(email=email, accepted_at=None, expires_at__gt=now))
    partner.invitations.filter(pk__in=[one.pk for one in earlier]).update(expires_at=now)
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
        language_otherwise=partner.contact_language
        if email == partner.contact_email
        else get_language() or "",
        context={"partner": partner, "invitation": invitation, "link": invitation_link(token)},
    )
    for one in earlier:
        log.append(
            LogEvent.MEMBER_INVITATION_ENDED,
            actor=actor.id,
            data={"invitation_id": one.pk, "partner_id": partner.pk},
        )
    log_invited(invitation, actor=actor)
    return invitation


def log_invited(invitation: Invitation, *, actor: Actor) -> None:
    """Say in the log who is invited as what. Call it in the transaction that writes the row."""
    log.append(
        LogEvent.MEMBER_INVITED,
        actor=actor.id,
        data={
            "invitation_id": invitation.pk,
            "partner_id": invitation.partner_id,
            "role": str(invitation.role),
            "invitation_digest": invitation_digest(invitation),
        },
    )


def log_joined(membership: Membership, *, actor: Actor, invitation: Invitation | None = None) -> None:
    """Say in the log who belongs to a partner as what; with the first member that the log begins to tell of
    every one. Call it in the transaction that writes the row.
    """
    more: dict[str, DataValue] = {} if invitation is None else {"invitation_id": invitation.pk}
    _log_joined(membership, actor, **more)
    # In an installation of 0.9.0 or before this waits for an operator, who looks at the rows that are there.
    if not members_are_logged() and not unrecorded_members() and not unrecorded_invitations():
        _begin(1)


def _log_joined(membership: Membership, actor: Actor, **more: DataValue) -> None:
    data: dict[str, DataValue] = {
        "partner_id": membership.partner_id,
        "user_id": membership.user_id,
        "role": str(membership.role),
    }
    log.append(LogEvent.MEMBER_JOINED, actor=actor.id, data=data | more)


def _begin(members: int) -> None:
    """From here on the log tells of every member."""
    log.append(LogEvent.MEMBER_LOG_BEGAN, actor=SYSTEM.id, data={"members": members})


@transaction.atomic
def record_members(members: Iterable[Membership], invitations: Iterable[Invitation]) -> None:
    """Tell the log of memberships and invitations that are there without an entry, as an operator found them
    right; from then on it tells of every member.
    """
    count = 0
    for membership in members:
        _log_joined(membership, SYSTEM, is_recorded=True)
        count += 1
    for invitation in invitations:
        log_invited(invitation, actor=SYSTEM)
    if not members_are_logged():
        _begin(count)


@transaction.atomic
def invite(*, partner: Partner, email: str, role: MemberRole, actor: Actor) -> Invitation:
    """Invite somebody into the partner; for owners."""
    policy.require_owner(actor, partner)
    return send_invitation(partner=partner, email=email, role=role, actor=actor)


def open_invitation(*, token: str) -> Invitation:
    """The invitation behind a link, as the log bears out.

    Raises `LinkUnknown`, `InvitationUnusable` when used or too old, `RowContradictsLog`.
    """
    invitation = Invitation.objects.select_related("partner").filter(token_hash=hash_token(token)).first()
    if invitation is None:
        raise LinkUnknown(
            hint=_("Check that the whole link was copied, or ask who invited you for a new one.")
        )
    require_invitation_as_logged(invitation)
    if invitation.accepted_at is not None or invitation.expires_at <= timezone.now():
        raise InvitationUnusable(
            _("This invitation was used already or is too old."), hint=_("Ask for a new one.")
        )
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
    membership = Membership.objects.create(partner=invitation.partner, user=user, role=invitation.role)
    log_joined(membership, actor=Actor(id=user.id, kind="member"), invitation=invitation)
    return membership


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
    user_id = membership.user_id
    membership.delete()
    log.append(LogEvent.MEMBER_REMOVED, actor=actor.id, data={"partner_id": partner.pk, "user_id": user_id})
