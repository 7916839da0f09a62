"""Compares who belongs to which partner, and who is invited into one, with what the log says about it.

Memberships of 0.9.0 and before have no entries. They count until the log has `member.log_began`, which
`manage.py record_members` writes with an entry for each of them; from then on a row alone opens nothing. An
installation in which nobody was a member before has it with its first member.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC

from django.utils import timezone

from accounts.models import Invitation, Membership, Partner, User
from provenance.keys.service_keys import keyed_digest, keyed_digests
from provenance.log.entries import LogEvent
from provenance.models.log import LogEntry, LogReference
from provenance.selectors.decisions import (
    StateFinding,
    decisions_about,
    digest_of_facts,
    findings_of,
    newest_decision,
    require_as_logged,
)

_STEPS = frozenset({LogEvent.MEMBER_JOINED, LogEvent.MEMBER_REMOVED})
_OF_INVITATIONS = frozenset(
    {LogEvent.MEMBER_INVITED, LogEvent.MEMBER_INVITATION_ENDED, LogEvent.MEMBER_JOINED}
)
NOT_RECORDED = "not_recorded"  # as `auditlog_fsck --state` names a row that counts only until the log began


def members_are_logged() -> bool:
    """Whether the log tells of every member: what it does not tell of counts for nothing from then on."""
    return LogEntry.objects.filter(event=LogEvent.MEMBER_LOG_BEGAN).exists()


def membership_differences(user_id: str, membership: Membership | None) -> list[str]:
    """The columns in which somebody's membership, or that there is none, differs from the log.

    Raises LogDamaged.
    """
    said = newest_decision(user_id, _STEPS)
    if said is None:
        return ["user"] if membership is not None and members_are_logged() else []
    is_member = said.event is LogEvent.MEMBER_JOINED
    if membership is None:
        return ["id"] if is_member else []
    if not is_member:
        return ["user"]
    expected = {"partner": (membership.partner_id, "partner_id"), "role": (membership.role, "role")}
    return [column for column, (value, name) in expected.items() if value != said.data.get(name)]


def membership_as_logged(user: User) -> Membership | None:
    """Somebody's membership, as the log bears out, with its partner. Three queries.

    A row that was taken out counts as well: nobody may decide about their own partner by way of it. Raises
    RowContradictsLog, LogDamaged.
    """
    rows = Membership.objects.select_related("partner").filter(user=user)
    membership = rows.first()
    differing = membership_differences(user.pk, membership)
    if differing:  # who joins or leaves between the two looks is looked at once more
        membership = rows.first()
        differing = membership_differences(user.pk, membership)
    require_as_logged("membership of", user.pk, differing)
    return membership


def members_in_log(partner_id: str) -> set[str]:
    """The ids of the people who belong to a partner by the log. Raises LogDamaged."""
    newest = {str(entry.data["user_id"]): entry.event for entry in decisions_about(partner_id, _STEPS)}
    return {user_id for user_id, event in newest.items() if event is LogEvent.MEMBER_JOINED}


def invitation_digest(invitation: Invitation) -> str:
    """What the entry of an invitation fixes without saying it: whose mailbox, by which link, until when.

    The hash of the link's token stands in for a salt: it is of 32 random bytes, and is nowhere else.
    """
    until = invitation.expires_at.astimezone(UTC).isoformat()
    return digest_of_facts("invitation", invitation.token_hash, invitation.email, until)


def invitation_differences(invitation: Invitation) -> list[str]:
    """The columns of an invitation that the log contradicts; one that cannot be used opens nothing.

    Raises LogDamaged.
    """
    is_open = invitation.accepted_at is None and invitation.expires_at > timezone.now()
    said = newest_decision(invitation.pk, _OF_INVITATIONS)
    if said is None:
        return ["id"] if is_open and members_are_logged() else []
    if said.event is LogEvent.MEMBER_JOINED:
        return ["accepted_at"] if invitation.accepted_at is None else []
    if said.event is LogEvent.MEMBER_INVITATION_ENDED:
        return ["expires_at"] if is_open else []
    expected = {
        "partner": (invitation.partner_id, said.data["partner_id"]),
        "role": (invitation.role, said.data["role"]),
        "accepted_at": (invitation.accepted_at, None),
    }
    differing = [column for column, (value, logged) in expected.items() if value != logged]
    is_same = invitation_digest(invitation) == said.data["invitation_digest"]
    return differing + ([] if is_same else ["email", "token_hash", "expires_at"])


def require_invitation_as_logged(invitation: Invitation) -> None:
    """Let an invitation pass that the log bears out. Raises RowContradictsLog, LogDamaged."""
    differing = invitation_differences(invitation)
    if differing:  # who uses or ends it between the two looks is looked at once more
        invitation.refresh_from_db()
        differing = invitation_differences(invitation)
    require_as_logged("invitation", invitation.pk, differing)


def contact_digest(partner: Partner) -> str:
    """What the entry of an application keeps of the mailbox that is invited as owner: only the service can
    make it.
    """
    return keyed_digest("partner contact", _contact(partner))


def _contact(partner: Partner) -> str:
    return f"{partner.pk}\n{partner.contact_email}"


def contact_differences(partner: Partner) -> list[str]:
    """Whether another mailbox than the applicant's would be invited as owner. Raises LogDamaged.

    Applications of 0.9.0 and before are compared with nothing.
    """
    applied = newest_decision(partner.pk, {LogEvent.PARTNER_APPLIED})
    digest = None if applied is None else applied.data.get("contact_digest")
    known = digest is None or digest in keyed_digests("partner contact", _contact(partner))
    return [] if known else ["contact_email"]


def require_contact_as_logged(partner: Partner) -> None:
    """Let a partner's contact be invited that is the applicant's. Raises RowContradictsLog, LogDamaged."""
    require_as_logged("partner", partner.pk, contact_differences(partner))


def unrecorded_members() -> list[Membership]:
    """Memberships of which the log has nothing, oldest first."""
    known = _in_log({LogEvent.MEMBER_JOINED}, "usr_")
    rows = Membership.objects.select_related("partner", "user")
    return [membership for membership in rows if membership.user_id not in known]


def unrecorded_invitations() -> list[Invitation]:
    """Invitations that can be used and of which the log has nothing, oldest first."""
    known = _in_log({LogEvent.MEMBER_INVITED}, "inv_")
    rows = Invitation.objects.select_related("partner").filter(
        accepted_at=None, expires_at__gt=timezone.now()
    )
    return [invitation for invitation in rows if invitation.pk not in known]


def _in_log(events: set[LogEvent], prefix: str) -> set[str]:
    found = LogReference.objects.filter(entry__event__in=events, value__startswith=prefix)
    return set(found.values_list("value", flat=True))


def member_findings() -> Iterator[StateFinding]:
    """Every membership and invitation that contradicts the log, those of which only the log tells, and those
    that have to be recorded.
    """
    memberships = Membership.objects.all()
    yield from findings_of("membership", memberships, lambda row: membership_differences(row.user_id, row))
    yield from findings_of("invitation", Invitation.objects.all(), invitation_differences)
    yield from findings_of("partner", Partner.objects.all(), contact_differences)
    gone = _in_log({LogEvent.MEMBER_JOINED}, "usr_") - set(memberships.values_list("user_id", flat=True))
    for user_id in sorted(gone, key=str):
        try:
            found = membership_differences(user_id, None)
        except Exception:  # noqa: BLE001 - whatever is wrong with an entry is a finding, and the check goes on
            found = ["unreadable"]
        if found:
            yield StateFinding("membership", user_id, tuple(found))
    if not members_are_logged():
        for kind, rows in (("membership", unrecorded_members()), ("invitation", unrecorded_invitations())):
            yield from (StateFinding(kind, row.pk, (NOT_RECORDED,)) for row in rows)
