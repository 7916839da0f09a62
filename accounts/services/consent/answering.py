"""The subject's answer to a consent request: open the link, prove the contact, grant, decline, withdraw."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from accounts import ids, signals
from accounts.access import policy
from accounts.access.actors import actor_of_subject
from accounts.access.by_log import require_asked_as_logged
from accounts.access.terms import recording_digest, terms_digest
from accounts.access.tokens import hash_token
from accounts.contact_errors import CodeExpired, ContactMissing
from accounts.errors import LinkAnswered, LinkExpired, LinkUnknown
from accounts.live_errors import RecordingMissing
from accounts.models import ConsentGrant, ConsentState, Contact, OneTimeCode
from accounts.notify.contact_messages import send_to_contact
from accounts.recordings import RecordingRow, recording_of
from accounts.services.contacts.addresses import contact_of
from accounts.services.contacts.codes import DRAFT, YES, count_attempt, issue_code, use_code
from accounts.services.contacts.stops import stop_requests
from accounts.services.webhooks.recording import tell_of_consent
from accounts.states import CONSENT_TRANSITIONS, StateConflict, sources
from provenance.log.entries import LogEvent
from provenance.services import journal, log

CONSENT_WITHDRAWN = "consent_withdrawn"  # the kind of the erasure journal's entries


def _by_link(token: str) -> ConsentGrant:
    found = (
        ConsentGrant.objects.select_related("partner", "subject__partner", "portrait", "contact")
        .filter(link_token_hash=hash_token(token))
        .first()
    )
    if found is None:
        raise LinkUnknown
    return found


def open_link(token: str, *, at: datetime | None = None, may_be_recorded: bool = False) -> ConsentGrant:
    """The request behind a subject's link, while it can be answered; with `may_be_recorded` also while a yes
    waits for a reviewer.

    Raises `LinkUnknown`, `LinkExpired` or `LinkAnswered`. Opening changes nothing: mail scanners do it too.
    """
    found = _by_link(token)
    state = found.state_at(at or timezone.now())
    if may_be_recorded and state == ConsentState.RECORDED:
        return found
    if found.state not in {ConsentState.REQUESTED, ConsentState.EXPIRED}:
        raise LinkAnswered
    if state != ConsentState.REQUESTED:
        raise LinkExpired
    return found


def read_request(token: str) -> ConsentGrant:
    """The request behind a subject's link, to be shown: in the terms in which it was asked, or not at all.

    Raises as `open_link` does, and `RowContradictsLog`.
    """
    found = open_link(token, may_be_recorded=True)
    if found.state == ConsentState.REQUESTED:
        require_asked_as_logged(found)
    return found


def read_declined(token: str) -> ConsentGrant | None:
    """The request behind a subject's link, if they said no to it. Raises `LinkUnknown`."""
    found = _by_link(token)
    return found if found.state == ConsentState.DECLINED else None


def _open_to_grant(token: str, *, at: datetime) -> tuple[ConsentGrant, Contact]:
    """The request and its contact, while a yes is possible. The link alone is not enough for one."""
    found = open_link(token, at=at)
    policy.require_active(found.partner)
    require_asked_as_logged(found)
    if found.contact is None:
        raise ContactMissing
    contact_of(found.subject)  # it may have become the partner's own since it was asked at
    return found, found.contact


def send_code(token: str, *, is_for_draft: bool = False) -> ConsentGrant:
    """Send a one-time code to the contact of a request, which a yes needs, or a draft; not one for both.

    Raises as `open_link` does, `RowContradictsLog` for one that is not as it was asked, `PartnerNotActive`,
    `ContactMissing` for a request of earlier versions without a contact, `ContactOfPartner`, `TooManyCodes`,
    and `MessageNotSent`.
    """
    with transaction.atomic():
        found, contact = _open_to_grant(token, at=timezone.now())
        code = issue_code(contact=contact, about=found.id, use=DRAFT if is_for_draft else YES)
    send_to_contact(
        "draft_code" if is_for_draft else "consent_code",
        contact=contact,
        language=found.subject.language,
        context={"grant": found, "partner": found.partner, "code": code},
    )
    return found


def prove_contact(token: str, *, code: str) -> ConsentGrant:
    """Prove, with the code that was sent for a draft, that the contact of an open request is at hand.

    That says nothing about the request, and the code is none for a yes.

    Raises as `send_code` does, `CodeWrong` and `CodeExpired`.
    """
    now = timezone.now()
    found, contact = _open_to_grant(token, at=now)
    issued = count_attempt(found.id)
    if issued.contact_id != contact.pk:
        raise CodeExpired
    with transaction.atomic():
        use_code(issued, code, use=DRAFT)
        Contact.objects.filter(pk=contact.pk).update(proved_at=now)
    return found


def agree(token: str, *, code: str) -> ConsentGrant:
    """Say yes, with the code that was sent to the contact last and after a recording was made.

    The yes counts once the recording is found to show the person in the portrait (`consent.live`). Raises as
    `send_code` does, `RecordingMissing`, `CodeWrong`, and `CodeExpired` when no code can be used, after five
    attempts too.
    """
    now = timezone.now()
    found, contact = _open_to_grant(token, at=now)
    recording = recording_of(found)
    if recording is None:
        raise RecordingMissing
    return _agree(
        found, contact=contact, recording=recording, issued=count_attempt(found.id), code=code, now=now
    )


@transaction.atomic
def _agree(
    found: ConsentGrant,
    *,
    contact: Contact,
    recording: RecordingRow,
    issued: OneTimeCode,
    code: str,
    now: datetime,
) -> ConsentGrant:
    if issued.contact_id != contact.pk:
        raise CodeExpired
    use_code(issued, code)
    Contact.objects.filter(pk=contact.pk).update(proved_at=now)
    found.terms_salt = found.terms_salt or ids.terms_salt()  # one that an earlier version asked
    # Of what was compared with the log, not of what the row holds by now.
    digests = {
        "terms_digest": terms_digest(found),
        "recording_id": recording.id,
        "recording_digest": recording_digest(found, recording.sha256),
    }
    moved = ConsentGrant.objects.filter(
        pk=found.pk, state=ConsentState.REQUESTED, link_expires_at__gt=now, valid_until__gt=now
    ).update(state=ConsentState.RECORDED, contact_proved_at=now, terms_salt=found.terms_salt)
    if not moved:
        raise LinkAnswered
    log.append(
        LogEvent.CONSENT_RECORDED,
        actor=actor_of_subject(found.subject).id,
        data={"consent_id": found.id, "partner_id": found.partner_id, **digests},
    )
    found.refresh_from_db()
    tell_of_consent(found)
    return found


@transaction.atomic
def decline(token: str, *, stop_asking: bool = False) -> ConsentGrant:
    """Decline the consent, and with `stop_asking` every further request of this partner.

    After a yes too, until it counts. A second no changes nothing but that `stop_asking` may be added to it.
    Raises as `open_link` does.
    """
    now = timezone.now()
    if (declined := read_declined(token)) is not None:
        _stop_asking(declined, stop_asking=stop_asking)
        return declined
    found = open_link(token, at=now, may_be_recorded=True)
    moved = ConsentGrant.objects.filter(
        pk=found.pk, state__in=[ConsentState.REQUESTED, ConsentState.RECORDED]
    ).update(state=ConsentState.DECLINED, decided_at=now)
    if not moved:
        raise LinkAnswered
    found.refresh_from_db()
    # A yes may have been recorded: no backup of that time may bring it back before a reviewer.
    journal.note(CONSENT_WITHDRAWN, found.id, actor=actor_of_subject(found.subject).id)
    log.append(
        LogEvent.CONSENT_DECLINED,
        actor=actor_of_subject(found.subject).id,
        data={"consent_id": found.id, "partner_id": found.partner_id},
    )
    tell_of_consent(found)
    _stop_asking(found, stop_asking=stop_asking)
    return found


def _stop_asking(found: ConsentGrant, *, stop_asking: bool) -> None:
    if stop_asking and found.contact is not None:
        stop_requests(contact=found.contact, partner=found.partner, actor=actor_of_subject(found.subject))


def open_receipt(withdraw_token: str) -> ConsentGrant:
    """The consent behind a receipt's link, in whatever state it is now. Raises `LinkUnknown`."""
    found = (
        ConsentGrant.objects.select_related("partner", "subject", "portrait")
        .filter(withdraw_token_hash=hash_token(withdraw_token))
        .first()
    )
    if found is None:
        raise LinkUnknown
    return found


@transaction.atomic
def withdraw(withdraw_token: str) -> ConsentGrant:
    """Withdraw a consent: nothing new is made, what runs stops, what was released is marked as withdrawn.

    Sends `consent_withdrawn` in the transaction. Withdrawing twice changes nothing. Raises `LinkUnknown`.
    """
    found = open_receipt(withdraw_token)
    return end_grant(found, actor_id=actor_of_subject(found.subject).id)


def hold(grants: QuerySet[ConsentGrant]) -> list[ConsentGrant]:
    """Lock grants that may end together, with what runs under them, in the order in which locks are taken.

    Whoever ends several in one transaction calls it before the first: from its log entry on the append lock
    is held, for which somebody may wait who has locked the next one. Must run inside a transaction.
    """
    held = list(grants.select_for_update(of=("self",)).order_by("pk"))
    signals.consents_ending.send(sender=ConsentGrant, grants=held)
    return held


def end_grant(found: ConsentGrant, *, actor_id: str, reason: str = "") -> ConsentGrant:
    """Move a grant to withdrawn, log it and tell the app above. Must run inside a transaction."""
    if found.state == ConsentState.WITHDRAWN:
        return found
    # A request that expired unanswered has no receipt: there is no consent in it to withdraw.
    moved = (
        ConsentGrant.objects.filter(
            pk=found.pk, state__in=sources(CONSENT_TRANSITIONS, ConsentState.WITHDRAWN)
        )
        .exclude(receipt_digest="")
        .update(state=ConsentState.WITHDRAWN, withdrawn_at=timezone.now(), reason=reason)
    )
    found.refresh_from_db()
    if not moved:
        if found.state == ConsentState.WITHDRAWN:
            return found
        raise StateConflict(_("This consent cannot be withdrawn any more."))
    journal.note(CONSENT_WITHDRAWN, found.id, actor=actor_id)
    signals.consents_ending.send(sender=ConsentGrant, grants=[found])
    # Before the log entry: receivers lock jobs, and who holds a job may be waiting for the append lock.
    signals.consent_withdrawn.send(sender=ConsentGrant, grant=found)
    log.append(
        LogEvent.CONSENT_WITHDRAWN,
        actor=actor_id,
        data={
            "consent_id": found.id,
            "partner_id": found.partner_id,
            "receipt_digest": found.receipt_digest,
        },
    )
    tell_of_consent(found)
    return found
