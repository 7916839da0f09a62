"""Partner lifecycle: apply, approve or refuse, suspend, reinstate."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_noop as _

from accounts import signals
from accounts.access import policy
from accounts.access.actors import Actor
from accounts.access.members_by_log import contact_digest, require_contact_as_logged
from accounts.access.policy import require_active
from accounts.errors import AlreadyMember, ReasonRequired
from accounts.models import (
    Invitation,
    LabelPolicy,
    MemberRole,
    Membership,
    Partner,
    PartnerState,
    ReviewPolicy,
    StaffRole,
    User,
)
from accounts.notify.emails import send_on_commit
from accounts.services.members import log_joined, send_invitation
from accounts.states import PARTNER_TRANSITIONS, StateConflict
from provenance.common.errors import InvalidInput, NotFound
from provenance.common.readable_text import require_readable
from provenance.log.entries import LogEvent
from provenance.services import log

__all__ = [
    "apply",
    "approve",
    "invite_contact",
    "refuse",
    "reinstate",
    "require_active",
    "set_label_policy",
    "set_retention",
    "set_review_policy",
    "suspend",
]


LONGEST_KEPT_DAYS = 365
LARGEST_QUOTA = 1_000_000_000


@transaction.atomic
def apply(
    *, name: str, website: str, contact_name: str, contact_email: str, purpose: str, user: User | None = None
) -> Partner:
    """Record the application of an organisation.

    A signed-in applicant becomes its owner at once. Otherwise the contact is invited as owner on approval.
    Raises `AlreadyMember` if the applicant belongs to an organisation, and `UnreadableText`.
    """
    require_readable(name, field="name")
    require_readable(contact_name, field="contact_name")
    require_readable(website, field="website")
    require_readable(purpose, field="purpose", lines=True)
    if user is not None and Membership.objects.filter(user=user).exists():
        raise AlreadyMember
    partner = Partner.objects.create(
        name=name,
        website=website,
        contact_name=contact_name,
        contact_email=contact_email.lower(),
        contact_language=get_language() or "",
        purpose=purpose,
    )
    log.append(
        LogEvent.PARTNER_APPLIED,
        actor=user.id if user else partner.id,
        data={"partner_id": partner.id, "contact_digest": contact_digest(partner)},
    )
    if user is not None:
        owner = Membership.objects.create(partner=partner, user=user, role=MemberRole.OWNER)
        log_joined(owner, actor=Actor(id=user.id, kind="member"))
    return partner


def _decide(
    *,
    partner_id: str,
    expected: PartnerState,
    target: PartnerState,
    event: LogEvent,
    actor: Actor,
    reason: str,
) -> Partner:
    """Move a partner by compare-and-set and log it. Must run inside a transaction."""
    policy.require_role(actor, StaffRole.OPERATOR)
    if not reason.strip():
        raise ReasonRequired
    require_readable(reason, field="reason", lines=True)
    partner = Partner.objects.filter(pk=partner_id).first()
    if partner is None:
        raise NotFound
    policy.require_other_partner(actor, partner)
    if target not in PARTNER_TRANSITIONS[expected]:
        said = gettext("A partner that is {state} cannot become {target}.")
        raise StateConflict(said.format(state=gettext(expected.label), target=gettext(target.label)))
    moved = Partner.objects.filter(pk=partner_id, state=expected).update(
        state=target, reason=reason.strip(), decided_at=timezone.now()
    )
    if not moved:
        said = gettext("This organisation is {state}, not {expected}.")
        state = gettext(partner.get_state_display())
        raise StateConflict(said.format(state=state, expected=gettext(expected.label)))
    partner.refresh_from_db()
    if target == PartnerState.SUSPENDED:
        # Before the log entry: receivers lock jobs, and who holds one may be waiting for the append lock.
        signals.partner_suspended.send(sender=Partner, partner=partner)
    log.append(event, actor=actor.id, data={"partner_id": partner.id})
    send_on_commit(
        "partner_decided",
        to=partner.contact_email,
        language_otherwise=partner.contact_language,
        context={"partner": partner},
    )
    return partner


@transaction.atomic
def approve(*, partner_id: str, actor: Actor, reason: str) -> Partner:
    """Approve an applicant; its contact is invited as owner if it has no member yet.

    Raises `RowContradictsLog` where that is another mailbox than the applicant named.
    """
    partner = _decide(
        partner_id=partner_id,
        expected=PartnerState.APPLIED,
        target=PartnerState.APPROVED,
        event=LogEvent.PARTNER_APPROVED,
        actor=actor,
        reason=reason,
    )
    if not partner.memberships.exists():
        _invite_contact(partner, actor)
    return partner


@transaction.atomic
def refuse(*, partner_id: str, actor: Actor, reason: str) -> Partner:
    """Refuse an applicant."""
    return _decide(
        partner_id=partner_id,
        expected=PartnerState.APPLIED,
        target=PartnerState.REFUSED,
        event=LogEvent.PARTNER_REFUSED,
        actor=actor,
        reason=reason,
    )


@transaction.atomic
def suspend(*, partner_id: str, actor: Actor, reason: str) -> Partner:
    """Suspend a partner: its keys answer 403 from now on. Sends `partner_suspended` in the transaction."""
    return _decide(
        partner_id=partner_id,
        expected=PartnerState.APPROVED,
        target=PartnerState.SUSPENDED,
        event=LogEvent.PARTNER_SUSPENDED,
        actor=actor,
        reason=reason,
    )


@transaction.atomic
def reinstate(*, partner_id: str, actor: Actor, reason: str) -> Partner:
    """Reinstate a suspended partner."""
    return _decide(
        partner_id=partner_id,
        expected=PartnerState.SUSPENDED,
        target=PartnerState.APPROVED,
        event=LogEvent.PARTNER_REINSTATED,
        actor=actor,
        reason=reason,
    )


@transaction.atomic
def invite_contact(*, partner_id: str, actor: Actor) -> Invitation:
    """Send the contact of an approved partner that nobody has joined yet another invitation as owner.

    Raises `StateConflict` if somebody has joined: from then on its owners invite, and `RowContradictsLog`
    where that is another mailbox than the applicant named.
    """
    policy.require_role(actor, StaffRole.OPERATOR)
    partner = Partner.objects.filter(pk=partner_id).first()
    if partner is None:
        raise NotFound
    policy.require_active(partner)
    if partner.memberships.exists():
        raise StateConflict(_("Somebody has joined this organisation; its owners invite others."))
    return _invite_contact(partner, actor)


def _invite_contact(partner: Partner, actor: Actor) -> Invitation:
    require_contact_as_logged(partner)
    return send_invitation(partner=partner, email=partner.contact_email, role=MemberRole.OWNER, actor=actor)


@transaction.atomic
def set_retention(
    *, partner_id: str, keep_sources_days: int | None, keep_videos_days: int | None, actor: Actor
) -> Partner:
    """Set how many days this partner's media outlive their consent; None takes the service's own.

    For operators who are not its members. Raises `InvalidInput` beyond a year.
    """
    policy.require_role(actor, StaffRole.OPERATOR)
    partner = Partner.objects.filter(pk=partner_id).first()
    if partner is None:
        raise NotFound
    policy.require_other_partner(actor, partner)
    days = {"keep_sources_days": keep_sources_days, "keep_videos_days": keep_videos_days}
    for field, value in days.items():
        if value is not None and not 0 <= value <= LONGEST_KEPT_DAYS:
            said = gettext("The field {field} must be from 0 to {most}.")
            raise InvalidInput(said.format(field=field, most=LONGEST_KEPT_DAYS))
    if days != {field: getattr(partner, field) for field in days}:
        Partner.objects.filter(pk=partner_id).update(**days)
        log.append(LogEvent.PARTNER_RETENTION_SET, actor=actor.id, data={"partner_id": partner.id, **days})
    partner.refresh_from_db()
    return partner


@transaction.atomic
def set_quotas(
    *,
    partner_id: str,
    max_active_jobs: int | None,
    max_month_minutes: int | None,
    max_storage_mb: int | None,
    actor: Actor,
) -> Partner:
    """Set what this partner may have: jobs at a time, minutes of video in a month, megabytes of media.

    None takes as many jobs as everybody, and no limit for the others. For operators who are not its members.
    Raises `InvalidInput`.
    """
    policy.require_role(actor, StaffRole.OPERATOR)
    partner = Partner.objects.filter(pk=partner_id).first()
    if partner is None:
        raise NotFound
    policy.require_other_partner(actor, partner)
    quotas = {
        "max_active_jobs": max_active_jobs,
        "max_month_minutes": max_month_minutes,
        "max_storage_mb": max_storage_mb,
    }
    for field, value in quotas.items():
        if value is not None and not 0 <= value <= LARGEST_QUOTA:
            said = gettext("The field {field} must be from 0 to {most}.")
            raise InvalidInput(said.format(field=field, most=LARGEST_QUOTA))
    if quotas != {field: getattr(partner, field) for field in quotas}:
        Partner.objects.filter(pk=partner_id).update(**quotas)
        log.append(LogEvent.PARTNER_QUOTAS_SET, actor=actor.id, data={"partner_id": partner.id, **quotas})
    partner.refresh_from_db()
    return partner


@transaction.atomic
def set_review_policy(*, partner_id: str, review_policy: ReviewPolicy, actor: Actor) -> Partner:
    """Set whether a reviewer looks at every video of this partner. For operators who are not its members."""
    chosen = ReviewPolicy(review_policy).value
    return _set_policy(partner_id, "review_policy", chosen, LogEvent.PARTNER_POLICY_SET, actor)


@transaction.atomic
def set_label_policy(*, partner_id: str, label_policy: LabelPolicy, actor: Actor) -> Partner:
    """Set whether this partner may make videos without a label. For operators who are not its members."""
    chosen = LabelPolicy(label_policy).value
    return _set_policy(partner_id, "label_policy", chosen, LogEvent.PARTNER_LABEL_POLICY_SET, actor)


def _set_policy(partner_id: str, field: str, chosen: str, event: LogEvent, actor: Actor) -> Partner:
    policy.require_role(actor, StaffRole.OPERATOR)
    partner = Partner.objects.filter(pk=partner_id).first()
    if partner is None:
        raise NotFound
    policy.require_other_partner(actor, partner)
    if Partner.objects.filter(pk=partner_id).exclude(**{field: chosen}).update(**{field: chosen}):
        log.append(event, actor=actor.id, data={"partner_id": partner.id, field: chosen})
    partner.refresh_from_db()
    return partner
