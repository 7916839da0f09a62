"""Authorisation rules: functions that raise a coded refusal if an actor may not do something."""

from __future__ import annotations

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from accounts.access.actors import Actor
from accounts.access.by_log import require_partner_as_logged
from accounts.access.members_by_log import membership_as_logged
from accounts.errors import FourEyesRequired, OwnerRequired, PartnerNotActive, RoleRequired
from accounts.models import MemberRole, Membership, Partner, StaffRole
from provenance.common.errors import NotFound


def require_role(actor: Actor, role: StaffRole) -> None:
    """Let only staff with this role pass. Raises `RoleRequired`."""
    if role not in actor.roles:
        raise RoleRequired(gettext("This step needs the role {role}.").format(role=gettext(role.label)))


def require_other_partner(actor: Actor, partner: Partner) -> None:
    """Four eyes: let nobody decide about the partner they belong to. Raises `FourEyesRequired`."""
    if actor.user is not None and Membership.objects.filter(user=actor.user, partner=partner).exists():
        raise FourEyesRequired


def require_partner(actor: Actor, *, partner_id: str | None = None) -> Partner:
    """The actor's partner. Raises `NotFound` if there is none or it is not `partner_id`."""
    if actor.partner is None or (partner_id is not None and actor.partner.id != partner_id):
        raise NotFound
    return actor.partner


def require_active(partner: Partner) -> None:
    """Let only an approved partner pass, as the database says now. Raises `PartnerNotActive`."""
    current = Partner.objects.filter(pk=partner.pk).first()
    if current is None or not current.is_active:
        state = current.get_state_display() if current else _("unknown")
        said = gettext("This organisation cannot use the service: it is {state}.")
        raise PartnerNotActive(said.format(state=gettext(state)))
    require_partner_as_logged(current)


def require_owner(actor: Actor, partner: Partner) -> None:
    """Let only an owner of the partner pass. Raises `NotFound` for strangers, `OwnerRequired` for members,
    and `RowContradictsLog`.
    """
    membership = membership_as_logged(actor.user) if actor.user else None
    if membership is None or membership.partner_id != partner.pk:
        raise NotFound
    if membership.role != MemberRole.OWNER:
        raise OwnerRequired
