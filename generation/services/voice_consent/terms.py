"""What a speaker is asked to agree to, as one digest, and the receipt of their yes."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime

import rfc8785
from django.conf import settings

from generation.models import VoiceConsent
from provenance.selectors.decisions import digest_of_facts

RECEIPT_FORMAT = "likeness-voice-receipt/1"


def voice_terms_digest(asked: VoiceConsent) -> str:
    """SHA-256 (hex) of who asks, for which recording, whom and what for, salted: the log is public."""
    partner = asked.driving_audio.partner
    return digest_of_facts(
        "voice",
        asked.terms_salt,
        partner.pk,
        partner.name,
        partner.website,
        asked.driving_audio_id,
        asked.driving_audio.sha256,
        asked.speaker_id,
        asked.contact_id,
        asked.purpose,
    )


def voice_contact_digest(asked: VoiceConsent) -> str:
    """SHA-256 (hex) of which contact a speaker is asked at, and until when the link works."""
    until = asked.link_expires_at.astimezone(UTC).isoformat()
    return digest_of_facts("voice contact", asked.terms_salt, asked.contact_id, until)


def write_voice_receipt(asked: VoiceConsent, granted_at: datetime) -> tuple[str, str]:
    """The receipt's text (canonical JSON, RFC 8785) and the hex digest of its bytes."""
    receipt = {
        "format": RECEIPT_FORMAT,
        "provider": settings.LIKENESS_PROVIDER_NAME,
        "voice_consent_id": asked.pk,
        "partner_id": asked.driving_audio.partner_id,
        "partner": asked.driving_audio.partner.name,
        "speaker_id": asked.speaker_id,
        "driving_audio_id": asked.driving_audio_id,
        "recording_sha256": asked.driving_audio.sha256,
        "purpose": asked.purpose,
        "contact_channel": asked.contact.channel,
        "granted_at": granted_at.isoformat(),
        "salt": secrets.token_hex(16),
    }
    encoded = rfc8785.dumps(receipt)
    return encoded.decode(), hashlib.sha256(encoded).hexdigest()
