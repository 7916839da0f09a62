"""Grants and removes staff roles; called by the command line only."""

from __future__ import annotations

from django.db import transaction

from accounts.access.actors import SYSTEM
from accounts.models import StaffRole, StaffRoleGrant, User
from provenance.log.entries import LogEvent
from provenance.services import log


@transaction.atomic
def grant_role(*, user: User, role: StaffRole) -> StaffRoleGrant:
    """Grant a role, which takes effect with a second factor only. Granting it twice changes nothing."""
    granted, is_new = StaffRoleGrant.objects.get_or_create(user=user, role=role)
    if is_new:
        log.append(
            LogEvent.STAFF_ROLE_GRANTED, actor=SYSTEM.id, data={"user_id": user.id, "role": role.value}
        )
    return granted


@transaction.atomic
def remove_role(*, user: User, role: StaffRole) -> bool:
    """Remove a role; whether there was one to remove."""
    removed, _ = StaffRoleGrant.objects.filter(user=user, role=role).delete()
    if removed:
        log.append(
            LogEvent.STAFF_ROLE_REMOVED, actor=SYSTEM.id, data={"user_id": user.id, "role": role.value}
        )
    return bool(removed)
