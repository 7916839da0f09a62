"""Writes down, in row and log, all that left a live session; nothing follows."""

from __future__ import annotations

import hashlib

from django.utils import timezone

from accounts.access.actors import SYSTEM
from generation.models import LiveSession
from provenance.log.entries import LogEvent
from provenance.services import log


def close_session(session: LiveSession, hashes: list[bytes], *, frames: int) -> None:
    """Keep the SHA-256 of each second and how many frames there were. Call it in a transaction."""
    joined = b"".join(hashes)
    LiveSession.objects.filter(pk=session.pk).update(
        frames=frames, segment_hashes=joined, sealed_at=timezone.now()
    )
    log.append(
        LogEvent.LIVE_HASHED,
        actor=SYSTEM.id,
        data={
            "rendition_id": session.id,
            "segments": len(hashes),
            "segments_digest": hashlib.sha256(joined).hexdigest(),
            "frames": frames,
        },
    )
