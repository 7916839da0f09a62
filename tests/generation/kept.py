"""A live session that has ended and whose file was kept, as rows and a file; nothing is rendered."""

from __future__ import annotations

import secrets
from datetime import timedelta
from pathlib import Path

from django.utils import timezone

from accounts.models import ConsentGrant
from generation import storage
from generation.models import KeptSession, LiveSession, LiveState, Voice


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
