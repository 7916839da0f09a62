"""Decides, by a reviewer, on the recording that came with a subject's yes.

The yes is the subject's own; what is decided is whether it was the person in the portrait who gave it. No
setting decides: whether a recording was made before the camera just now is what the browser says, and a
recording that no check warns of may be put together.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from accounts.access import policy
from accounts.access.actors import Actor, actor_of_subject
from accounts.access.by_log import require_agreed_as_logged
from accounts.access.recordings_by_log import require_recording_as_logged
from accounts.access.terms import link_digest
from accounts.access.tokens import hash_token, new_token
from accounts.contact_errors import MessageNotSent
from accounts.live_errors import RecordingMissing, RecordingUnchecked
from accounts.models import ConsentGrant, ConsentState, LiveCheck, StaffRole
from accounts.notify.contact_messages import send_to_contact
from accounts.notify.links import likeness_address, receipt_link
from accounts.recordings import RecordingRow, recording_of
from accounts.selectors import recorded_consent
from accounts.services.consent.receipt import write_receipt
from accounts.services.consent.reviewing import refuse_waiting
from accounts.services.contacts.addresses import contact_of
from accounts.services.webhooks.recording import tell_of_consent
from accounts.states import StateConflict
from provenance.log.entries import LogEvent
from provenance.services import log

UNREADABLE = "unreadable"  # the warning about a recording that nobody can look at


@dataclass(frozen=True)
class GrantedConsent:
    """A granted consent and the token of the subject's receipt, of which no other copy exists."""

    grant: ConsentGrant
    withdraw_token: str


def _for_reviewer(grant_id: str, actor: Actor) -> ConsentGrant:
    policy.require_role(actor, StaffRole.REVIEWER)
    found = recorded_consent(grant_id)
    policy.require_other_partner(actor, found.partner)
    return found


@transaction.atomic
def confirm_recorded(*, grant_id: str, actor: Actor) -> GrantedConsent:
    """Confirm, as a reviewer who was shown both, that a recording shows the person in the portrait.

    That grants the consent. Raises `NotFound`, `RoleRequired`, `FourEyesRequired`, `StateConflict` if it is
    not open any more, `RecordingMissing`, `RecordingUnchecked` for one that the machine has not looked at or
    could not read, `RowContradictsLog` where the log knows of no such yes, to these terms and with this
    recording, or of other words or findings, and `AgreedTermsUnknown`.
    """
    found = _for_reviewer(grant_id, actor)
    return _grant(found, decided_by=actor)


def _grant(found: ConsentGrant, *, decided_by: Actor) -> GrantedConsent:
    policy.require_active(found.partner)
    contact_of(found.subject)  # it may have become the partner's own since the yes
    recording = recording_of(found)
    if recording is None:
        raise RecordingMissing
    if recording.checked_at is None or UNREADABLE in recording.warnings:
        raise RecordingUnchecked
    require_agreed_as_logged(found, recording)
    require_recording_as_logged(recording, found)
    now = timezone.now()
    receipt, digest = write_receipt(
        found, granted_by="subject", granted_at=now, live_check=_of_receipt(recording)
    )
    withdraw_token = new_token()
    moved = ConsentGrant.objects.filter(pk=found.pk, state=ConsentState.RECORDED, valid_until__gt=now).update(
        state=ConsentState.GRANTED,
        decided_at=now,
        reviewed_by=decided_by.user,
        live_check=LiveCheck.REVIEWER,
        receipt=receipt,
        receipt_digest=digest,
        withdraw_token_hash=hash_token(withdraw_token),
    )
    if not moved:
        said = gettext("This consent is {state}.")
        raise StateConflict(said.format(state=gettext(found.state_at(now).label)))
    found.refresh_from_db()
    log.append(
        LogEvent.CONSENT_GRANTED,
        actor=actor_of_subject(found.subject).id,
        data={
            "consent_id": found.id,
            "partner_id": found.partner_id,
            "receipt_digest": digest,
            "live_check": LiveCheck.REVIEWER.value,
            "reviewer": decided_by.id,
            "warnings": len(recording.warnings),
            "withdraw_digest": link_digest(found.terms_salt, hash_token(withdraw_token)),
        },
    )
    tell_of_consent(found)
    answer = GrantedConsent(grant=found, withdraw_token=withdraw_token)
    transaction.on_commit(lambda: _send_receipt(answer), robust=True)
    return answer


def _of_receipt(recording: RecordingRow) -> dict[str, object]:
    return {
        "by": LiveCheck.REVIEWER.value,
        "recording_sha256": recording.sha256,
        "is_live": recording.is_live,
        "warnings": list(recording.warnings),
    }


@transaction.atomic
def refuse_recorded(*, grant_id: str, actor: Actor, reason: str) -> ConsentGrant:
    """Refuse a recording, with a reason that the partner is shown; nothing was agreed to then.

    Raises as `confirm_recorded` does, `ReasonRequired` and `UnreadableText`.
    """
    found = _for_reviewer(grant_id, actor)
    return refuse_waiting(found, ConsentState.RECORDED, actor=actor, reason=reason)


def _send_receipt(answer: GrantedConsent) -> None:
    """A message that is not taken loses nothing: My likeness lists the consent, and ends it."""
    given = answer.grant
    if given.contact is None:
        return
    try:
        send_to_contact(
            "consent_receipt",
            contact=given.contact,
            language=given.subject.language,
            context={
                "grant": given,
                "partner": given.partner,
                "link": receipt_link(answer.withdraw_token),
                "likeness_address": likeness_address(),
            },
        )
    except MessageNotSent:
        return
