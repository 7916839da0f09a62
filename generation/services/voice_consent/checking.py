"""Whether the voice of a recording may be used: as attested, or as its speaker granted, by row and log."""

from __future__ import annotations

import hashlib

from accounts.errors import ConsentDeclined, ConsentMissing, ConsentWithdrawn
from generation.models import DrivingAudio, Voice, VoiceConsent, VoiceState
from generation.services.voice_consent.terms import voice_terms_digest
from provenance.log.entries import LogEvent
from provenance.selectors.decisions import newest_decision, require_as_logged

_ANSWERS = {LogEvent.VOICE_GRANTED, LogEvent.VOICE_DECLINED, LogEvent.VOICE_WITHDRAWN}


def require_asked_as_logged(asked: VoiceConsent) -> None:
    """Let a request pass that is in the terms in which it was asked, and unanswered by the log.

    Raises RowContradictsLog, LogDamaged.
    """
    requested = newest_decision(asked.pk, {LogEvent.VOICE_REQUESTED})
    differs = requested is None or requested.data["terms_digest"] != voice_terms_digest(asked)
    answered = newest_decision(asked.pk, _ANSWERS) is not None
    require_as_logged("voice consent", asked.pk, ["terms"] * differs + ["state"] * answered)


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
    said = newest_decision(newest.pk, _ANSWERS)
    is_granted = said is not None and said.event is LogEvent.VOICE_GRANTED
    digest = hashlib.sha256(newest.receipt.encode()).hexdigest()
    bears_out = is_granted and said is not None and said.data["receipt_digest"] == newest.receipt_digest
    require_as_logged(
        "voice consent",
        newest.pk,
        [] if bears_out and newest.receipt_digest == digest else ["state", "receipt"],
    )
