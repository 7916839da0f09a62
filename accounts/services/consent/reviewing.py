"""A reviewer's decision on an attested consent: confirm, refuse or withdraw.

For portraits without a living subject to ask. Nobody decides for their own organisation.
"""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from accounts import signals
from accounts.access import policy
from accounts.access.actors import SYSTEM, Actor
from accounts.access.by_log import require_asked_as_logged
from accounts.errors import ReasonRequired
from accounts.models import ConsentGrant, ConsentState, StaffRole
from accounts.portraits import require_face_of_nobody
from accounts.services.consent.answering import CONSENT_WITHDRAWN, end_grant
from accounts.services.consent.receipt import write_receipt
from accounts.services.webhooks.recording import tell_of_consent
from accounts.states import StateConflict
from provenance.common.errors import NotFound
from provenance.common.readable_text import require_readable
from provenance.log.entries import LogEvent
from provenance.services import journal, log


def _attested(grant_id: str, actor: Actor) -> ConsentGrant:
    policy.require_role(actor, StaffRole.REVIEWER)
    found = ConsentGrant.objects.select_related("partner", "subject", "portrait").filter(pk=grant_id).first()
    # A living person's answer is never a reviewer's to give, so such a request is not here for them.
    if found is None or not found.is_attested:
        raise NotFound
    policy.require_other_partner(actor, found.partner)
    return found


@transaction.atomic
def confirm(*, grant_id: str, actor: Actor) -> ConsentGrant:
    """Confirm an attestation, which grants the consent.

    Raises `StateConflict` if it is not open any more, `RowContradictsLog` where the log tells of another, and
    `FaceUndescribed` or `FaceMatched` while it may be the face of somebody who is known here.
    """
    found = _attested(grant_id, actor)
    policy.require_active(found.partner)
    if found.state == ConsentState.ATTESTED:
        require_asked_as_logged(found)
        signals.attestation_deciding.send(sender=ConsentGrant, grant=found)
        require_face_of_nobody(found)
    return _grant(found, actor, sample=None)


@transaction.atomic
def confirm_sample(*, grant_id: str, sample: str) -> ConsentGrant:
    """Confirm the attestation of a portrait that came with Likeness itself, by the service.

    Call it for portraits only that were just taken in from the pinned file of the sample: who is in it is
    known, so neither a reviewer nor a comparison of faces could tell more. Raises `StateConflict`,
    `RowContradictsLog`.
    """
    found = ConsentGrant.objects.select_related("partner", "subject", "portrait").get(pk=grant_id)
    policy.require_active(found.partner)
    require_asked_as_logged(found)
    return _grant(found, SYSTEM, sample=sample)


def _grant(found: ConsentGrant, actor: Actor, *, sample: str | None) -> ConsentGrant:
    """Grant an attested consent. Call it in a transaction."""
    now = timezone.now()
    receipt, digest = write_receipt(found, granted_by=actor.id, granted_at=now)
    moved = ConsentGrant.objects.filter(pk=found.pk, state=ConsentState.ATTESTED, valid_until__gt=now).update(
        state=ConsentState.GRANTED,
        decided_at=now,
        reviewed_by=actor.user,
        receipt=receipt,
        receipt_digest=digest,
    )
    if not moved:
        said = gettext("This consent is {state}.")
        raise StateConflict(said.format(state=gettext(found.state_at(now).label)))
    found.refresh_from_db()
    log.append(
        LogEvent.CONSENT_CONFIRMED,
        actor=actor.id,
        data={
            "consent_id": found.id,
            "partner_id": found.partner_id,
            "receipt_digest": digest,
            "sample": sample,
        },
    )
    tell_of_consent(found)
    return found


@transaction.atomic
def refuse(*, grant_id: str, actor: Actor, reason: str) -> ConsentGrant:
    """Refuse an attestation with a reason that the partner is shown."""
    found = _attested(grant_id, actor)
    return refuse_waiting(found, ConsentState.ATTESTED, actor=actor, reason=reason)


def refuse_waiting(found: ConsentGrant, state: ConsentState, *, actor: Actor, reason: str) -> ConsentGrant:
    """Refuse a consent that waits for a reviewer in `state`. Call it in a transaction.

    Raises ReasonRequired, UnreadableText and, where it is in that state no longer, StateConflict.
    """
    if not reason.strip():
        raise ReasonRequired
    require_readable(reason, field="reason", lines=True)
    now = timezone.now()
    moved = ConsentGrant.objects.filter(pk=found.pk, state=state).update(
        state=ConsentState.REFUSED, decided_at=now, reviewed_by=actor.user, reason=reason.strip()
    )
    if not moved:
        said = gettext("This consent is {state}.")
        raise StateConflict(said.format(state=gettext(found.state_at(now).label)))
    found.refresh_from_db()
    # No backup of the time before may put it before another reviewer.
    journal.note(CONSENT_WITHDRAWN, found.id, actor=actor.id)
    log.append(
        LogEvent.CONSENT_REFUSED,
        actor=actor.id,
        data={"consent_id": found.id, "partner_id": found.partner_id},
    )
    tell_of_consent(found)
    return found


@transaction.atomic
def withdraw_confirmed(*, grant_id: str, actor: Actor, reason: str) -> ConsentGrant:
    """Revoke a confirmed attestation that turned out wrong, with everything a withdrawal entails."""
    found = _attested(grant_id, actor)
    if not reason.strip():
        raise ReasonRequired
    require_readable(reason, field="reason", lines=True)
    return end_grant(found, actor_id=actor.id, reason=reason.strip())
