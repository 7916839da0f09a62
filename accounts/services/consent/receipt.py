"""Writes the receipt of a consent: canonical JSON (RFC 8785) and its SHA-256."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

import rfc8785
from django.conf import settings

from accounts.models import ConsentGrant

RECEIPT_FORMAT = "likeness-consent-receipt/1"


def write_receipt(
    grant: ConsentGrant,
    *,
    granted_by: str,
    granted_at: datetime,
    live_check: dict[str, object] | None = None,
) -> tuple[str, str]:
    """The receipt's text and the hex digest of its UTF-8 bytes.

    `live_check` says how the person was found to be the one in the portrait; None for an attestation.

    The salt keeps the digest, which is public, from confirming a guess at the contents.
    """
    receipt = {
        "format": RECEIPT_FORMAT,
        "provider": settings.LIKENESS_PROVIDER_NAME,
        "consent_id": grant.id,
        "partner_id": grant.partner_id,
        "partner": grant.partner.name,
        "subject_id": grant.subject_id,
        "portrait_id": grant.portrait_id,
        "portrait_sha256": grant.portrait.sha256,
        "basis": grant.basis,
        "purpose": grant.purpose,
        "max_videos": grant.max_videos,
        "allows_live": grant.allows_live,
        "valid_until": grant.valid_until.isoformat(),
        "granted_by": granted_by,
        "contact_channel": grant.contact.channel if grant.contact else None,
        "contact_proved_at": grant.contact_proved_at.isoformat() if grant.contact_proved_at else None,
        "granted_at": granted_at.isoformat(),
        "live_check": live_check,
        "salt": secrets.token_hex(16),
    }
    encoded = rfc8785.dumps(receipt)
    return encoded.decode(), hashlib.sha256(encoded).hexdigest()
