"""Asks the speaker of a recording at their own contact, and sends the link there and nowhere else."""

from __future__ import annotations

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from accounts.access.actors import SYSTEM, Actor
from accounts.access.policy import require_active, require_partner
from accounts.access.terms import address_digest, link_digest
from accounts.access.tokens import hash_token, new_token
from accounts.contact_errors import MessageNotSent, RequestOpen
from accounts.models import Subject
from accounts.notify.contact_messages import send_to_contact
from accounts.notify.links import voice_link, voice_refusal_link
from accounts.services.consent.asking import LINK_LASTS
from accounts.services.consent.delivery import SENDING_LASTS
from accounts.services.contacts.addresses import contact_of
from accounts.services.contacts.limits import require_not_stopped, require_rest
from generation.models import DrivingAudio, VoiceConsent, VoiceState
from generation.services.voice_consent.terms import voice_contact_digest, voice_terms_digest
from provenance.common.errors import InvalidInput, NotFound
from provenance.common.readable_text import require_readable
from provenance.log.entries import LogEvent
from provenance.services import log


def speaker_of(actor: Actor, speaker_id: str) -> Subject:
    """One of the partner's subjects, who is to be asked. Raises `NotFound`, `ContactMissing` and the like."""
    partner = require_partner(actor)
    found = Subject.objects.for_partner(partner).filter(pk=speaker_id, erased_at=None).first()
    if found is None:
        raise NotFound(_("There is no subject with that id."))
    contact_of(found)
    return found


def checked_purpose(purpose: str) -> str:
    """What the recording is for, in one readable line. Raises `InvalidInput`, `UnreadableText`."""
    purpose = " ".join(purpose.split())
    if not purpose or len(purpose) > 500:
        raise InvalidInput(
            _("The field purpose is empty or too long."),
            hint=_("Say in a sentence what the recording is for."),
        )
    require_readable(purpose, field="purpose")
    return purpose


@transaction.atomic
def ask_speaker(*, actor: Actor, driving_audio: DrivingAudio, speaker: Subject, purpose: str) -> VoiceConsent:
    """Ask a speaker; a request or consent for the recording that is there already stays as it is.

    Raises `PartnerNotActive`, `InvalidInput`, `UnreadableText`, `ContactMissing`, `ContactOfPartner`,
    `AskingStopped`, `RequestOpen`, `AskedTooSoon` and `AskedTooOften`. Sends after the commit.
    """
    partner = require_partner(actor, partner_id=driving_audio.partner_id)
    require_active(partner)
    now = timezone.now()
    VoiceConsent.objects.filter(state=VoiceState.REQUESTED, link_expires_at__lte=now).update(
        state=VoiceState.EXPIRED
    )
    open_states = [VoiceState.REQUESTED, VoiceState.GRANTED]
    standing = driving_audio.voice_consents.filter(state__in=open_states).first()
    if standing is not None:
        if standing.speaker_id != speaker.pk:
            raise RequestOpen
        return standing
    contact = contact_of(speaker)
    asked_there = VoiceConsent.objects.filter(
        contact__in=require_not_stopped(partner=partner, contact=contact)
    )
    require_rest(asked=asked_there, theirs=asked_there.filter(driving_audio__partner=partner))
    asked = VoiceConsent(
        driving_audio=driving_audio,
        speaker=speaker,
        contact=contact,
        purpose=checked_purpose(purpose),
        link_expires_at=now + LINK_LASTS,
    )
    try:
        with transaction.atomic():
            asked.save(force_insert=True)
    except IntegrityError as error:
        raise RequestOpen from error
    log.append(
        LogEvent.VOICE_REQUESTED,
        actor=actor.id,
        data={
            "voice_consent_id": asked.pk,
            "driving_audio_id": driving_audio.pk,
            "partner_id": partner.pk,
            "terms_digest": voice_terms_digest(asked),
            "address_digest": address_digest(contact, asked.terms_salt),
            "contact_digest": voice_contact_digest(asked),
        },
    )
    transaction.on_commit(lambda: send_voice_request(asked.pk), robust=True)
    return asked


def send_voice_request(voice_consent_id: str) -> bool:
    """Send the link of an open request to its contact, unless it was sent; whether it is sent now."""
    with transaction.atomic():
        found = (
            VoiceConsent.objects.select_for_update(of=("self",), no_key=True)
            .select_related("driving_audio__partner", "speaker", "contact")
            .filter(pk=voice_consent_id, state=VoiceState.REQUESTED, link_sent_at=None)
            .first()
        )
        if found is None or found.current_state != VoiceState.REQUESTED:
            return False
        token = new_token()
        VoiceConsent.objects.filter(pk=found.pk).update(link_token_hash=hash_token(token))
    try:
        send_to_contact(
            "voice_request",
            contact=found.contact,
            language=found.speaker.language,
            context={
                "asked": found,
                "partner": found.driving_audio.partner,
                "link": voice_link(token),
                "refusal_link": voice_refusal_link(token),
            },
            refuse_at=voice_refusal_link(token),
        )
    except MessageNotSent:
        return False
    sent_hash = hash_token(token)
    with transaction.atomic():
        rows = VoiceConsent.objects.filter(pk=found.pk, link_token_hash=sent_hash)
        if rows.update(link_sent_at=timezone.now()):
            log.append(
                LogEvent.VOICE_SENT,
                actor=SYSTEM.id,
                data={
                    "voice_consent_id": found.pk,
                    "partner_id": found.driving_audio.partner_id,
                    "link_digest": link_digest(found.terms_salt, sent_hash),
                },
            )
    return True


def send_unsent(*, older_than: timedelta = SENDING_LASTS) -> int:
    """Send every open request whose message did not go out; how many went. None is sent twice."""
    waiting = VoiceConsent.objects.filter(
        state=VoiceState.REQUESTED, link_sent_at=None, created_at__lt=timezone.now() - older_than
    )
    return sum(send_voice_request(pk) for pk in waiting.order_by("created_at").values_list("pk", flat=True))
