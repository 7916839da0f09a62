"""A live session that has ended and whose file was kept, as rows and a file; nothing is rendered."""

from __future__ import annotations

import secrets
from datetime import timedelta
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from accounts.models import ConsentGrant
from generation import storage
from generation.models import KeptSession, LiveSession, LiveState, Voice
from generation.services.live.closing import close_session
from generation.services.live.ending import end_session
from generation.services.live.opening import OpenedSession
from generation.services.live.reasons import LiveEnd
from generation.services.live.starting import claim_session, start_session
from provenance.services.records import release_record, seal_record
from provenance.watermark import WatermarkPayload
from provenance.watermark.content.fingerprint_match import FINGERPRINT_BYTES


def kept_session(grant: ConsentGrant, folder: Path) -> KeptSession:
    """A session of a minute ago under a consent; its record is not made, as nobody asks for it."""
    file = folder / "session.mp4"
    file.write_bytes(b"\x00\x00\x00\x18ftypmp42" + secrets.token_bytes(200))
    now = timezone.now()
    session = LiveSession.objects.create(
        partner=grant.partner,
        portrait=grant.portrait,
        consent=grant,
        controls={},
        disclosure={},
        voice=Voice.SYNTHETIC,
        seed=7,
        renderer="likeness",
        size=256,
        fps=25,
        max_s=60,
        is_kept=True,
        opened_by="system",
        token_hash=secrets.token_hex(32),
        token_expires_at=now,
        state=LiveState.ENDED,
        reason_code="ended_by_partner",
        started_at=now - timedelta(minutes=1),
        ended_at=now,
    )
    return KeptSession.objects.create(
        session=session,
        file_key=storage.store("live-sessions", file, ".mp4"),
        sha256=storage.sha256_of(file),
        size_bytes=file.stat().st_size,
        duration_s=60.0,
    )


def sealed_session(opened: OpenedSession, folder: Path) -> KeptSession:
    """The session of an opening, claimed, held, ended and sealed by the services, around a file that nobody
    rendered.
    """
    session = claim_session(opened.token)
    payload, year = start_session(session.pk)
    return sealed_when_started(session, payload, year, folder)


def sealed_when_started(
    session: LiveSession, payload: WatermarkPayload, year: int, folder: Path
) -> KeptSession:
    """As `sealed_session`, of a session that is live under a mark."""
    end_session(session_id=session.pk, reason=LiveEnd.ENDED_BY_PARTNER)
    file = folder / "session.mp4"
    file.write_bytes(b"\x00\x00\x00\x18ftypmp42" + secrets.token_bytes(200))
    sha256, hashes = storage.sha256_of(file), secrets.token_bytes(64)
    with transaction.atomic():
        seal_record(
            rendition_id=session.pk,
            watermark_id=payload.watermark_id,
            watermark_year=year,
            watermark_version=payload.version,
            content_prints=bytes(FINGERPRINT_BYTES),
            file_sha256=sha256,
            size_bytes=file.stat().st_size,
            duration_s=2.0,
            manifest=b"manifest urn:c2pa:test",
            manifest_label="urn:c2pa:test",
            partner_id=session.partner_id,
            consent_receipt_digest=session.consent.receipt_digest,
            actor="system",
        )
        kept = KeptSession.objects.create(
            session=session,
            file_key=storage.store("live-sessions", file, ".mp4"),
            sha256=sha256,
            size_bytes=file.stat().st_size,
            duration_s=2.0,
        )
        release_record(session.pk, actor="system")
        close_session(session, [hashes[:32], hashes[32:]], frames=50)
    return kept
