"""Whether the voice of a recording may be used: as attested, or as its speaker granted, by row and log."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

from django.utils.translation import gettext_noop as _

from accounts.access.terms import address_digest, link_digest
from accounts.errors import ConsentDeclined, ConsentMissing, ConsentWithdrawn
from generation.models import DrivingAudio, Voice, VoiceConsent, VoiceState
from generation.services.voice_consent.terms import voice_contact_digest, voice_terms_digest
from provenance.log.entries import Entry, LogEvent
from provenance.selectors.decisions import (
    StateFinding,
    findings_of,
    names_content,
    newest_decision,
    require_as_logged,
)

# As `auditlog_fsck --state` names them: a digest that differs does not say in which of them.
TERMS = ["driving_audio", "speaker", "contact", "purpose", "terms_salt"]
_ANSWERS = {LogEvent.VOICE_GRANTED, LogEvent.VOICE_DECLINED, LogEvent.VOICE_WITHDRAWN}


def voice_differences(asked: VoiceConsent) -> list[str]:
    """The columns of a request or grant in force that the log contradicts; a digest that differs names all
    that it covers. Raises LogDamaged.

    What ended opens nothing, and is not compared. Requests of earlier versions are compared as far as the log
    has digests of them.
    """
    requested = newest_decision(asked.pk, {LogEvent.VOICE_REQUESTED})
    answered = newest_decision(asked.pk, _ANSWERS)
    if requested is None:
        return ["id"]
    if asked.current_state == VoiceState.REQUESTED:
        if answered is not None:
            return ["state"]
        differing = _unlike_asked(asked, requested)
        differing += ["withdraw_token_hash"] * (asked.withdraw_token_hash is not None)
    elif asked.state == VoiceState.GRANTED:
        if answered is None or answered.event is not LogEvent.VOICE_GRANTED:
            return ["state"]
        differing = _unlike_granted(asked, answered)
    else:
        return []
    audio = asked.driving_audio
    differing += [] if names_content(audio.audio_key, audio.sha256) else ["driving_audio"]
    contact = voice_contact_digest(asked)
    if requested.data.get("contact_digest", contact) != contact:
        differing += ["contact", "link_expires_at", "terms_salt"]
    sent = newest_decision(asked.pk, {LogEvent.VOICE_SENT})
    # What is being sent has a hash in its row before it has an entry.
    if sent is not None and sent.data["link_digest"] != link_digest(
        asked.terms_salt, asked.link_token_hash or ""
    ):
        differing.append("link_token_hash")
    return list(dict.fromkeys(differing))


def _unlike_asked(asked: VoiceConsent, requested: Entry) -> list[str]:
    address = address_digest(asked.contact, asked.terms_salt)
    differing = [] if requested.data["terms_digest"] == voice_terms_digest(asked) else TERMS
    return differing + ["contact"] * (requested.data.get("address_digest", address) != address)


def _unlike_granted(asked: VoiceConsent, granted: Entry) -> list[str]:
    digest = hashlib.sha256(asked.receipt.encode()).hexdigest()
    withdraw = link_digest(asked.terms_salt, asked.withdraw_token_hash or "")
    expected = {
        "driving_audio": (asked.driving_audio_id, granted.data["driving_audio_id"]),
        "receipt_digest": (asked.receipt_digest, granted.data["receipt_digest"]),
        "receipt": (digest, granted.data["receipt_digest"]),
        "withdraw_token_hash": (withdraw, granted.data.get("withdraw_digest", withdraw)),
    }
    if digest == granted.data["receipt_digest"]:
        told = json.loads(asked.receipt)
        expected |= {
            "speaker": (asked.speaker_id, told["speaker_id"]),
            "purpose": (asked.purpose, told["purpose"]),
        }
    return [column for column, (value, said) in expected.items() if value != said]


def voice_findings() -> Iterator[StateFinding]:
    """Every request or grant of a voice that contradicts the log."""
    rows = VoiceConsent.objects.select_related("driving_audio__partner", "contact")
    return findings_of("voice consent", rows, voice_differences)


def require_asked_as_logged(asked: VoiceConsent) -> None:
    """Let a request pass that is in the terms in which it was asked, and unanswered by the log.

    Raises RowContradictsLog, LogDamaged.
    """
    require_as_logged("voice consent", asked.pk, voice_differences(asked))


def require_voice(driving_audio: DrivingAudio, voice: str) -> None:
    """Require, for a job with this `voice`, that a speaker who had to be asked has said yes, and still does.

    Asked at submit, at claim and at release. Raises ConsentMissing, ConsentDeclined, ConsentWithdrawn and
    RowContradictsLog.
    """
    if voice != Voice.SPEAKER:
        return
    newest = driving_audio.voice_consents.select_related("driving_audio__partner").first()
    if newest is None or newest.current_state in {VoiceState.REQUESTED, VoiceState.EXPIRED}:
        raise ConsentMissing(_("The speaker of this recording has not agreed."))
    if newest.state == VoiceState.DECLINED:
        raise ConsentDeclined(_("The speaker of this recording declined."))
    if newest.state == VoiceState.WITHDRAWN:
        raise ConsentWithdrawn(_("The speaker of this recording has withdrawn."))
    require_as_logged("voice consent", newest.pk, voice_differences(newest))
