"""A reviewer's decision on a match: another face, or the same. The same ends what was attested."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from accounts.access import policy
from accounts.access.actors import Actor
from accounts.models import ATTESTED_BASES, ConsentState, StaffRole
from accounts.portraits import KNOWN, MATCH_EVENTS, is_taken_out
from accounts.services import consent
from accounts.states import StateConflict
from generation.models import FaceMatch, MatchDecision
from generation.services.face_register.comparing import known_of
from provenance.common.errors import NotFound
from provenance.keys.service_keys import keyed_digests
from provenance.log.entries import LogEvent
from provenance.models.log import LogReference
from provenance.selectors.decisions import (
    StateFinding,
    decisions_about,
    findings_of,
    newest_decision,
    require_as_logged,
)
from provenance.services import log

REASON = "A reviewer found that the portrait shows somebody who is known here as a living person."


def undecided(actor: Actor) -> QuerySet[FaceMatch]:
    """The matches that block something, oldest first, but for those of the reviewer's own partner."""
    policy.require_role(actor, StaffRole.REVIEWER)
    return (
        FaceMatch.objects.filter(
            decision="",
            portrait__erasure_began_at=None,
            portrait__consents__basis__in=ATTESTED_BASES,
            portrait__consents__state__in=[ConsentState.ATTESTED, ConsentState.GRANTED],
        )
        .exclude(portrait__partner__memberships__user=actor.user)
        .select_related("portrait__partner", "portrait__subject", "registration", "other")
        .distinct()
    )


def match_differences(match: FaceMatch) -> list[str]:
    """The columns of a match that the log contradicts. Raises LogDamaged.

    Whose face it is like is compared for matches that this version noted.
    """
    noted = newest_decision(match.pk, {LogEvent.FACE_MATCHED})
    said = newest_decision(match.pk, {LogEvent.FACE_MATCH_DECIDED})
    if noted is None:
        return ["id"]
    differing = [] if match.portrait_id == noted.data["portrait_id"] else ["portrait"]
    if KNOWN in noted.data and noted.data[KNOWN] not in keyed_digests(KNOWN, known_of(match)):
        differing += ["registration", "other"]
    return differing + ["decision"] * (match.decision != ("" if said is None else said.data["decision"]))


def match_findings() -> Iterator[StateFinding]:
    """Every match that contradicts the log, and every one that only the log has."""
    rows = FaceMatch.objects.all()
    yield from findings_of("face match", rows, match_differences)
    noted = LogReference.objects.filter(entry__event=LogEvent.FACE_MATCHED, value__startswith="mat_")
    gone = set(noted.values_list("value", flat=True)) - set(rows.values_list("pk", flat=True))
    for match_id in sorted(gone, key=str):
        try:
            found = ["id"] * is_taken_out(decisions_about(match_id, MATCH_EVENTS))
        except Exception:  # noqa: BLE001 - whatever is wrong with an entry is a finding, and the check goes on
            found = ["unreadable"]
        if found:
            yield StateFinding("face match", str(match_id), tuple(found))


def match_for(actor: Actor, match_id: str) -> FaceMatch:
    """One match that is to be decided on. Raises `RoleRequired`, `NotFound`."""
    found = undecided(actor).filter(pk=match_id).first()
    if found is None:
        raise NotFound(_("There is no such match to decide on."))
    return found


@transaction.atomic
def decide(*, match_id: str, actor: Actor, decision: MatchDecision) -> FaceMatch:
    """Decide on a match as a reviewer who was shown both faces.

    `same` refuses the attestations of the portrait that wait, and withdraws those that were confirmed, with
    everything a withdrawal entails. Raises `RoleRequired`, `NotFound`, `StateConflict`, and
    `RowContradictsLog` where a reviewer would be shown another pair.
    """
    found = match_for(actor, match_id)
    require_as_logged("face match", found.pk, match_differences(found))
    if decision is MatchDecision.SAME:
        consent.hold(found.portrait.consents.filter(basis__in=ATTESTED_BASES))
    moved = FaceMatch.objects.filter(pk=found.pk, decision="").update(
        decision=decision, decided_by=actor.user, decided_at=timezone.now()
    )
    if not moved:
        raise StateConflict
    log.append(
        LogEvent.FACE_MATCH_DECIDED,
        actor=actor.id,
        data={
            "match_id": found.pk,
            "portrait_id": found.portrait_id,
            "partner_id": found.portrait.partner_id,
            "decision": decision.value,
        },
    )
    if decision is MatchDecision.SAME:
        for grant in found.portrait.consents.filter(basis__in=ATTESTED_BASES):
            if grant.state == ConsentState.ATTESTED:
                consent.refuse(grant_id=grant.pk, actor=actor, reason=REASON)
            elif grant.state == ConsentState.GRANTED:
                consent.withdraw_confirmed(grant_id=grant.pk, actor=actor, reason=REASON)
    found.refresh_from_db()
    return found
