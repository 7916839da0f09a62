"""The speaker's answer: open the link, prove the contact, grant, decline, withdraw."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts import signals
from accounts.access.actors import actor_of_subject
from accounts.access.policy import require_active
from accounts.access.terms import link_digest
from accounts.access.tokens import hash_token, new_token
from accounts.contact_errors import CodeExpired, MessageNotSent
from accounts.errors import LinkAnswered, LinkExpired, LinkUnknown
from accounts.models import Contact
from accounts.notify.contact_messages import send_to_contact
from accounts.notify.links import likeness_address, voice_receipt_link
from accounts.services.contacts.addresses import contact_of
from accounts.services.contacts.codes import count_attempt, issue_code, use_code
from accounts.services.contacts.stops import stop_requests
from generation.models import VoiceConsent, VoiceState
from generation.services.voice_consent.checking import require_asked_as_logged
from generation.services.voice_consent.terms import voice_terms_digest, write_voice_receipt
from provenance.common.errors import NotFound
from provenance.log.entries import LogEvent
from provenance.models.journal import JournalEntry
from provenance.services import journal, log

VOICE_WITHDRAWN = "voice_withdrawn"  # the kind of the erasure journal's entries


def _rows() -> QuerySet[VoiceConsent]:
    return VoiceConsent.objects.select_related("driving_audio__partner", "speaker__partner", "contact")


def open_voice(token: str) -> VoiceConsent:
    """The request behind a link, while it can be answered, in the terms in which it was asked.

    Raises `LinkUnknown`, `LinkExpired`, `LinkAnswered` and `RowContradictsLog`. Opening changes nothing.
    """
    found = _rows().filter(link_token_hash=hash_token(token)).first()
    if found is None:
        raise LinkUnknown
    if found.current_state == VoiceState.EXPIRED:
        raise LinkExpired
    if found.state != VoiceState.REQUESTED:
        raise LinkAnswered
    require_asked_as_logged(found)
    return found


def read_declined_voice(token: str) -> VoiceConsent | None:
    """The request behind a link, if the speaker said no to it. Raises `LinkUnknown`."""
    found = _rows().filter(link_token_hash=hash_token(token)).first()
    if found is None:
        raise LinkUnknown
    return found if found.state == VoiceState.DECLINED else None


def _open_to_grant(token: str) -> VoiceConsent:
    found = open_voice(token)
    require_active(found.driving_audio.partner)
    contact_of(found.speaker)  # it may have become the partner's own since
    return found


def send_voice_code(token: str) -> VoiceConsent:
    """Send a code to the speaker's contact, which a yes needs. Raises as `open_voice`, `TooManyCodes`."""
    with transaction.atomic():
        found = _open_to_grant(token)
        code = issue_code(contact=found.contact, about=found.pk)
    send_to_contact(
        "voice_code",
        contact=found.contact,
        language=found.speaker.language,
        context={"asked": found, "partner": found.driving_audio.partner, "code": code},
    )
    return found


def agree_to_voice(token: str, *, code: str) -> VoiceConsent:
    """Say yes, with the code that was sent last. Raises as `send_voice_code`, `CodeWrong`, `CodeExpired`."""
    found = _open_to_grant(token)
    issued = count_attempt(found.pk)
    if issued.contact_id != found.contact_id:
        raise CodeExpired
    with transaction.atomic():
        use_code(issued, code)
        now = timezone.now()
        terms = voice_terms_digest(found)
        receipt, digest = write_voice_receipt(found, now)
        withdraw_token = new_token()
        moved = VoiceConsent.objects.filter(pk=found.pk, state=VoiceState.REQUESTED).update(
            state=VoiceState.GRANTED,
            decided_at=now,
            receipt=receipt,
            receipt_digest=digest,
            withdraw_token_hash=hash_token(withdraw_token),
        )
        if not moved:
            raise LinkAnswered
        Contact.objects.filter(pk=found.contact_id).update(proved_at=now)
        withdraw_digest = link_digest(found.terms_salt, hash_token(withdraw_token))
        _log(
            found,
            LogEvent.VOICE_GRANTED,
            terms_digest=terms,
            receipt_digest=digest,
            withdraw_digest=withdraw_digest,
        )
        found.refresh_from_db()
        transaction.on_commit(lambda: _send_receipt(found, withdraw_token), robust=True)
    return found


@transaction.atomic
def decline_voice(token: str, *, stop_asking: bool = False) -> VoiceConsent:
    """Decline, and with `stop_asking` every further request of this partner. Raises as `open_voice`.

    A second no changes nothing but that `stop_asking` may be added to it.
    """
    if (declined := read_declined_voice(token)) is not None:
        _stop_asking(declined, stop_asking=stop_asking)
        return declined
    found = _rows().filter(link_token_hash=hash_token(token)).first()
    if found is None:
        raise LinkUnknown
    moved = VoiceConsent.objects.filter(pk=found.pk, state=VoiceState.REQUESTED).update(
        state=VoiceState.DECLINED, decided_at=timezone.now()
    )
    if not moved:
        raise LinkAnswered
    journal.note(VOICE_WITHDRAWN, found.pk)
    _log(found, LogEvent.VOICE_DECLINED)
    found.refresh_from_db()
    _stop_asking(found, stop_asking=stop_asking)
    return found


def _stop_asking(found: VoiceConsent, *, stop_asking: bool) -> None:
    if stop_asking:
        partner, actor = found.driving_audio.partner, actor_of_subject(found.speaker)
        stop_requests(contact=found.contact, partner=partner, actor=actor)


def voices_of_contact(contact: Contact) -> QuerySet[VoiceConsent]:
    """The recordings whose speaker said yes at a contact once."""
    return _rows().filter(contact=contact).exclude(receipt_digest="")


def voice_behind_receipt(withdraw_token: str) -> VoiceConsent:
    """The consent behind a receipt's link, in whatever state it is. Raises `LinkUnknown`."""
    found = _rows().filter(withdraw_token_hash=hash_token(withdraw_token)).first()
    if found is None:
        raise LinkUnknown
    return found


def voice_of_contact(contact: Contact, voice_consent_id: str) -> VoiceConsent:
    """One of a contact's. Raises `NotFound`, also for somebody else's."""
    found = voices_of_contact(contact).filter(pk=voice_consent_id).first()
    if found is None:
        raise NotFound
    return found


@transaction.atomic
def withdraw_voice(found: VoiceConsent) -> VoiceConsent:
    """Withdraw: nothing new is made with the recording, what runs stops, what was made is marked withdrawn.

    Twice changes nothing.
    """
    moved = VoiceConsent.objects.filter(pk=found.pk, state=VoiceState.GRANTED).update(
        state=VoiceState.WITHDRAWN, withdrawn_at=timezone.now()
    )
    if moved:
        journal.note(VOICE_WITHDRAWN, found.pk)
        signals.voice_withdrawn.send(sender=VoiceConsent, driving_audio_id=found.driving_audio_id)
        _log(found, LogEvent.VOICE_WITHDRAWN)
    found.refresh_from_db()
    return found


def end_voices(contact: Contact) -> None:
    """Withdraw what was granted at a contact, and decline what is open. Call it in a transaction."""
    for found in _rows().filter(contact=contact, state__in=[VoiceState.GRANTED, VoiceState.REQUESTED]):
        if found.state == VoiceState.GRANTED:
            withdraw_voice(found)
        elif VoiceConsent.objects.filter(pk=found.pk, state=VoiceState.REQUESTED).update(
            state=VoiceState.DECLINED, decided_at=timezone.now()
        ):
            journal.note(VOICE_WITHDRAWN, found.pk)
            _log(found, LogEvent.VOICE_DECLINED)


def withdraw_voice_again(entry: JournalEntry) -> None:
    """Put a restored consent back to withdrawn, and a restored request to expired."""
    rows = VoiceConsent.objects.filter(pk=entry.about)
    rows.filter(state=VoiceState.GRANTED).update(state=VoiceState.WITHDRAWN, withdrawn_at=entry.time)
    rows.filter(state=VoiceState.REQUESTED).update(state=VoiceState.EXPIRED, link_token_hash=None)


def _log(found: VoiceConsent, event: LogEvent, **more: str) -> None:
    log.append(
        event,
        actor=actor_of_subject(found.speaker).id,
        data={
            "voice_consent_id": found.pk,
            "driving_audio_id": found.driving_audio_id,
            "partner_id": found.driving_audio.partner_id,
            **more,
        },
    )


def _send_receipt(found: VoiceConsent, withdraw_token: str) -> None:
    try:
        send_to_contact(
            "voice_receipt",
            contact=found.contact,
            language=found.speaker.language,
            context={
                "asked": found,
                "partner": found.driving_audio.partner,
                "link": voice_receipt_link(withdraw_token),
                "likeness_address": likeness_address(),
            },
        )
    except MessageNotSent:
        return  # My likeness lists it, and ends it
