"""Compares the roles of people inside the service with what the log says was granted."""

from __future__ import annotations

from collections.abc import Iterator

from accounts.models import StaffRoleGrant, User
from provenance.log.entries import LogEvent
from provenance.selectors.decisions import StateFinding, decisions_about, findings_of, require_as_logged

_GIVEN_AND_TAKEN = {LogEvent.STAFF_ROLE_GRANTED, LogEvent.STAFF_ROLE_REMOVED}


def roles_in_log(user_id: str) -> set[str]:
    """The roles that the log says somebody has now. Raises LogDamaged."""
    newest = {entry.data.get("role"): entry.event for entry in decisions_about(user_id, _GIVEN_AND_TAKEN)}
    return {str(role) for role, event in newest.items() if event is LogEvent.STAFF_ROLE_GRANTED}


def role_differences(grant: StaffRoleGrant) -> list[str]:
    """The columns of a role that the log contradicts: nobody gave it to this person. Raises LogDamaged."""
    return [] if grant.role in roles_in_log(grant.user_id) else ["user", "role"]


def require_roles_as_logged(user: User, roles: frozenset[str]) -> None:
    """Let somebody pass whose roles were all given by the log. Raises RowContradictsLog, LogDamaged."""
    if roles:
        differs = bool(roles - roles_in_log(user.id))
        require_as_logged("staff role of", user.id, ["role"] if differs else [])


def role_findings() -> Iterator[StateFinding]:
    """Every role that contradicts the log."""
    return findings_of("staff role", StaffRoleGrant.objects.all(), role_differences)
