"""Everything about a person in one ZIP archive with a readable index, written as it is sent."""

from __future__ import annotations

import contextlib
import json
import zipfile
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.access.actors import actor_of_subject
from accounts.errors import MediaErased
from accounts.models import ConsentGrant, Contact
from accounts.services.likeness import consents_of_contact
from generation import selectors, storage
from generation.models import (
    FaceRegistration,
    KeptSession,
    LiveRecording,
    LiveSession,
    Portrait,
    Rendition,
    VoiceConsent,
)
from generation.services.face_register.sealed_faces import open_picture
from generation.services.live_check.sealed_files import unseal
from generation.services.voice_consent.answering import voices_of_contact
from provenance.log.entries import LogEvent
from provenance.services import log

FORMAT = "likeness-export/1"
PIECE_BYTES = 256 * 1024


def export_everything(contact: Contact) -> Iterator[bytes]:
    """The archive of everything about the holder of a contact, piece by piece, and the log entry about it.

    `index.html` for people and `likeness.json` for programs say the same; receipts, portraits and videos lie
    beside them. What was erased is named, without a file. Recordings that partners uploaded are not in it:
    the voice may be somebody else's; what was made of it can be heard in the videos. The index is in the
    language that is active now, not in the one that is active while the archive is sent.
    """
    grants = list(consents_of_contact(contact))
    videos = list(selectors.renditions_under(grants))
    with transaction.atomic():
        if grants:
            actor = actor_of_subject(grants[0].subject)
            log.append(LogEvent.SUBJECT_EXPORTED, actor=actor.id, data={"consents": len(grants)})
    facts = _facts(contact, grants, videos)
    index = render_to_string("generation/likeness_export.html", {"facts": facts})
    return _pieces(facts, index, grants, videos)


def _facts(contact: Contact, grants: list[ConsentGrant], videos: list[Rendition]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "provider": settings.LIKENESS_PROVIDER_NAME,
        "made_at": _text(timezone.now()),
        "contact": {
            "channel": contact.channel,
            "address": contact.address,
            "proved_at": _text(contact.proved_at),
            "known_since": _text(contact.created_at),
        },
        "not_to_be_asked_by": [
            stop.partner.name if stop.partner else "anybody"
            for stop in contact.stops.select_related("partner")
        ],
        "registered_faces": [_registration(row) for row in FaceRegistration.objects.filter(contact=contact)],
        "voices": [_voice(row) for row in voices_of_contact(contact)],
        "consents": [_consent(grant) for grant in grants],
        "videos": [_video(video) for video in videos],
    }


def _voice(row: VoiceConsent) -> dict[str, Any]:
    return {
        "id": row.pk,
        "state": str(row.current_state.label),
        "organisation": row.driving_audio.partner.name,
        "purpose": row.purpose,
        "answered_at": _text(row.decided_at),
        "withdrawn_at": _text(row.withdrawn_at),
        "recording_sha256": row.driving_audio.sha256,
        "receipt": json.loads(row.receipt),
    }


def _registration(row: FaceRegistration) -> dict[str, Any]:
    return {
        "id": row.pk,
        "recorded_at": _text(row.stored_at),
        "warnings": row.warnings,
        "registered_at": _text(row.registered_at),
        "withdrawn_at": _text(row.withdrawn_at),
        "file": f"never-my-face/{row.pk}.jpg" if row.sealed_picture else None,
    }


def _consent(grant: ConsentGrant) -> dict[str, Any]:
    portrait: Portrait = grant.portrait
    return {
        "id": grant.id,
        "state": str(grant.current_state.label),
        "organisation": grant.partner.name,
        "website": grant.partner.website,
        "named_as": grant.subject.display_name,
        "purpose": grant.purpose,
        "basis": str(grant.get_basis_display()),
        "asked_at": _text(grant.created_at),
        "answered_at": _text(grant.decided_at),
        "valid_until": _text(grant.valid_until),
        "withdrawn_at": _text(grant.withdrawn_at),
        "videos_made": grant.used_videos,
        "videos_allowed": grant.max_videos,
        "live_allowed": grant.allows_live,
        "live_sessions": [
            {
                "id": session.pk,
                "started_at": _text(session.started_at),
                "ended_at": _text(session.ended_at),
                "reason": session.reason_code,
                "file": _kept_name(session),
            }
            for session in LiveSession.objects.filter(consent=grant).exclude(started_at=None)
        ],
        "receipt_sha256": grant.receipt_digest,
        "receipt": f"receipts/{grant.id}.json" if grant.receipt else None,
        "portrait": None if portrait.is_erased else f"portraits/{portrait.pk}.png",
        "still": f"stills/{portrait.pk}.png" if _has_still(portrait) else None,
        "portrait_sha256": portrait.sha256,
        "portrait_erased_at": _text(portrait.erasure_began_at),
        "live_check": grant.live_check or None,
        "recordings": [_recording(row) for row in LiveRecording.objects.filter(consent=grant)],
    }


def _kept_name(session: LiveSession) -> str | None:
    kept = KeptSession.objects.filter(pk=session.pk, erasure_began_at=None).exists()
    return f"live/{session.pk}.mp4" if kept else None


def _recording(row: LiveRecording) -> dict[str, Any]:
    return {
        "id": row.pk,
        "made_at": _text(row.stored_at),
        "words": row.words,
        "warnings": row.warnings,
        "distance": row.distance,
        "sha256": row.sha256,
        "file": None if row.is_erased else _name_of(row),
        "erased_at": _text(row.erasure_began_at),
    }


def _name_of(row: LiveRecording) -> str:
    return f"live-checks/{row.pk}.{row.content_type.partition('/')[2]}"


def _has_still(portrait: Portrait) -> bool:
    return bool(portrait.still_key) and not portrait.is_erased


def _video(video: Rendition) -> dict[str, Any]:
    return {
        "id": video.pk,
        "state": str(video.job.get_state_display()),
        "organisation": video.job.partner.name,
        "purpose": video.job.consent.purpose,
        "consent": video.job.consent_id,
        "made_at": _text(video.sealed_at),
        "released_at": _text(video.released_at),
        "duration_s": video.duration_s,
        "sha256": video.sha256,
        "file": None if video.is_erased else f"videos/{video.pk}.mp4",
        "erased_at": _text(video.erasure_began_at),
    }


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None


def _pieces(
    facts: dict[str, Any], index: str, grants: list[ConsentGrant], videos: list[Rendition]
) -> Iterator[bytes]:
    buffer = _Buffer()
    with zipfile.ZipFile(buffer, "w") as archive:  # type: ignore[call-overload]
        texts = {"index.html": index, "likeness.json": json.dumps(facts, indent=2, ensure_ascii=False)}
        texts |= {f"receipts/{grant.id}.json": grant.receipt for grant in grants if grant.receipt}
        for name, text in texts.items():
            archive.writestr(_entry(name), text, compress_type=zipfile.ZIP_DEFLATED)
            yield buffer.take()
        files = {
            f"portraits/{grant.portrait_id}.png": grant.portrait.image_key
            for grant in grants
            if not grant.portrait.is_erased
        }
        files |= {
            f"stills/{grant.portrait_id}.png": grant.portrait.still_key
            for grant in grants
            if _has_still(grant.portrait)
        }
        files |= {f"videos/{video.pk}.mp4": video.file_key for video in videos if not video.is_erased}
        kept = KeptSession.objects.filter(session__consent__in=grants, erasure_began_at=None)
        files |= {f"live/{row.pk}.mp4": row.file_key for row in kept}
        for name, key in files.items():
            try:
                file = storage.open_file(key)
                size = storage.size_of(key)
            except FileNotFoundError:  # erased since the index was written
                continue
            entry = _entry(name)
            entry.file_size = size
            with file, archive.open(entry, "w") as written:
                while piece := file.read(PIECE_BYTES):
                    written.write(piece)
                    yield buffer.take()
            yield buffer.take()
        for face in FaceRegistration.objects.filter(pk__in=[one["id"] for one in facts["registered_faces"]]):
            if face.sealed_picture:
                archive.writestr(_entry(f"never-my-face/{face.pk}.jpg"), open_picture(face.sealed_picture))
        for row in LiveRecording.objects.filter(consent__in=grants, erasure_began_at=None):
            with contextlib.suppress(MediaErased, FileNotFoundError):
                archive.writestr(_entry(_name_of(row)), unseal(row))
            yield buffer.take()
    yield buffer.take()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, timezone.now().timetuple()[:6])
    entry.external_attr = 0o600 << 16
    return entry


class _Buffer:
    """What the archive has written and nobody has taken yet. Like a connection it cannot be sought in."""

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._written.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        pass

    def take(self) -> bytes:
        """Everything written since the last time."""
        data = b"".join(self._written)
        self._written.clear()
        return data
