"""The Actor value: who makes a request (API key, member, staff, subject or the service itself)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from django.http import HttpRequest
from django.utils.translation import gettext_noop as _

from accounts.access.members_by_log import membership_as_logged
from accounts.access.roles_by_log import require_roles_as_logged
from accounts.errors import RoleRequired
from accounts.models import ApiKey, Partner, Subject, User

ActorKind = Literal["api_key", "member", "staff", "subject", "system"]


@dataclass(frozen=True)
class Actor:
    """Somebody who asks for something. `id` is what the log records; it says nothing about the person.

    `partner` is set for API keys and for everybody who belongs to a partner, staff included. `roles`
    holds the staff roles that count now: without a second factor set up, none does.
    """

    id: str
    kind: ActorKind
    partner: Partner | None = None
    user: User | None = None
    roles: frozenset[str] = field(default_factory=frozenset)


SYSTEM = Actor(id="system", kind="system")


def actor_of_key(key: ApiKey) -> Actor:
    """The organisation, acting through one of its keys."""
    return Actor(id=key.id, kind="api_key", partner=key.partner)


def actor_of_subject(subject: Subject) -> Actor:
    """The subject of a portrait, acting through a link."""
    return Actor(id=f"subject:{subject.id}", kind="subject")


def actor_of(user: User) -> Actor:
    """A signed-in person: staff if a staff role counts, else a member, possibly of no partner.

    Raises RowContradictsLog for a membership and for a role that counts which are not those of the log, and
    LogDamaged.
    """
    membership = membership_as_logged(user)
    assigned = frozenset(user.staff_roles.values_list("role", flat=True))
    roles = assigned if assigned and user.has_second_factor else frozenset()
    require_roles_as_logged(user, roles)
    return Actor(
        id=user.id,
        kind="staff" if roles else "member",
        partner=membership.partner if membership else None,
        user=user,
        roles=roles,
    )


def actor_for(request: HttpRequest) -> Actor:
    """The actor of a page request. Raises `RoleRequired` when nobody is signed in."""
    if not isinstance(request.user, User):
        raise RoleRequired(_("Sign in first."), status=401, hint=_("Open the sign-in page."))
    return actor_of(request.user)
