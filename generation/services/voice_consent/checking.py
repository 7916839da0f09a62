"""Whether the voice of a recording may be used: as attested, or as its speaker granted, by row and log."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from accounts.access.terms import address_digest
from accounts.errors import ConsentDeclined, ConsentMissing, ConsentWithdrawn
from generation.models import DrivingAudio, Voice, VoiceConsent, VoiceState
from generation.services.voice_consent.terms import voice_terms_digest
from provenance.log.entries import LogEvent
from provenance.selectors.decisions import StateFinding, findings_of, newest_decision, require_as_logged

_ANSWERS = {LogEvent.VOICE_GRANTED, LogEvent.VOICE_DECLINED, LogEvent.VOICE_WITHDRAWN}


def voice_differences(asked: VoiceConsent) -> list[str]:
    """The columns of a request or grant in force that the log contradicts. Raises LogDamaged.

    What ended opens nothing, and is not compared. Requests of earlier versions have no digest of the address.
    """
    requested = newest_decision(asked.pk, {LogEvent.VOICE_REQUESTED})
    answered = newest_decision(asked.pk, _ANSWERS)
    if requested is None:
        return ["id"]
    differing = []
    if asked.current_state == VoiceState.REQUESTED:
        address = address_digest(asked.contact, asked.terms_salt)
        differing += ["state"] * (answered is not None)
        differing += ["terms"] * (requested.data["terms_digest"] != voice_terms_digest(asked))
        differing += ["contact"] * (requested.data.get("address_digest", address) != address)
    elif asked.state == VoiceState.GRANTED:
        if answered is None or answered.event is not LogEvent.VOICE_GRANTED:
            return ["state"]
        digest = hashlib.sha256(asked.receipt.encode()).hexdigest()
        differing += ["driving_audio"] * (answered.data["driving_audio_id"] != asked.driving_audio_id)
        differing += ["receipt_digest"] * (answered.data["receipt_digest"] != asked.receipt_digest)
        differing += ["receipt"] * (answered.data["receipt_digest"] != digest)
    return differing


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
        raise ConsentMissing("The speaker of this recording has not agreed.")
    if newest.state == VoiceState.DECLINED:
        raise ConsentDeclined("The speaker of this recording declined.")
    if newest.state == VoiceState.WITHDRAWN:
        raise ConsentWithdrawn("The speaker of this recording has withdrawn.")
    require_as_logged("voice consent", newest.pk, voice_differences(newest))
