"""Draws phrases for the subject of a request, and takes their recording in."""

from __future__ import annotations

import hashlib
import secrets
import tempfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.access.recordings_by_log import received_digest
from accounts.errors import LinkAnswered
from accounts.live_errors import PhraseExpired, RecordingUnusable, TooManyRecordings
from accounts.models import ConsentGrant, ConsentState, Contact
from generation import storage
from generation.live_check.examine import MOST_BYTES
from generation.live_check.phrases import PHRASE_LASTS, Phrase, new_phrase
from generation.models import ErasureReason, FaceRegistration, LiveRecording
from generation.services.erasure.erase import begin, finish_or_later
from generation.services.live_check.sealed_files import FOLDER, seal
from provenance.common.errors import OutOfSpace, is_out_of_space
from provenance.log.entries import LogEvent
from provenance.services import log

MOST_IN_AN_HOUR = 6
_SALT = "generation.live_check.phrase"
_MP4, _MATROSKA = "video/mp4", "video/webm"


@dataclass(frozen=True)
class DrawnPhrase:
    """A phrase and its ticket, which goes through the form: what was asked for, of whom, when."""

    phrase: Phrase
    ticket: str


def draw_phrase(about: ConsentGrant | Contact, language: str) -> DrawnPhrase:
    """A new phrase for one request, or for a registration at one contact, good for one recording within a
    quarter of an hour.
    """
    phrase = new_phrase(language)
    ticket = signing.dumps(
        [about.id, phrase.language, list(phrase.words), phrase.turn, secrets.token_hex(16)], salt=_SALT
    )
    return DrawnPhrase(phrase, ticket)


def receive_recording(
    grant: ConsentGrant, *, ticket: str, file: UploadedFile[bytes], is_live: bool
) -> LiveRecording:
    """Store the recording for an open request, encrypted; an earlier one for it is erased.

    Raises `PhraseExpired`, `RecordingUnusable`, `TooManyRecordings`, `OutOfSpace`, and `LinkAnswered` for one
    that arrives after the yes: nothing takes the place of what a reviewer sees. What the file shows is looked
    at later, by a worker.
    """
    phrase, nonce = asked_for(grant, ticket)
    hour_ago = timezone.now() - timedelta(hours=1)
    if grant.recordings.filter(stored_at__gt=hour_ago).count() >= MOST_IN_AN_HOUR:
        raise TooManyRecordings
    row = _stored(LiveRecording(consent=grant, **taken_in(file, FOLDER, phrase, nonce, is_live=is_live)))
    for earlier in grant.recordings.filter(erased_at=None).exclude(erasure_began_at=None):
        finish_or_later(earlier)
    return row


def is_received(
    rows: QuerySet[LiveRecording] | QuerySet[FaceRegistration], ticket: str, file: UploadedFile[bytes]
) -> bool:
    """Whether one of the rows is of this very recording for this ticket: somebody sent the form twice."""
    try:
        nonce = signing.loads(ticket, salt=_SALT, max_age=PHRASE_LASTS)[-1]
    except signing.BadSignature:
        return False
    digest = hashlib.sha256()
    for piece in file.chunks():
        digest.update(piece)
    return rows.filter(phrase_nonce=nonce, sha256=digest.hexdigest()).exists()


def asked_for(about: ConsentGrant | Contact, ticket: str) -> tuple[Phrase, str]:
    """The phrase of a ticket of this request or contact, and its nonce. Raises `PhraseExpired`."""
    try:
        about_id, language, words, turn, nonce = signing.loads(ticket, salt=_SALT, max_age=PHRASE_LASTS)
    except signing.BadSignature as error:
        raise PhraseExpired from error
    if about_id != about.id:
        raise PhraseExpired
    return Phrase(language, tuple(words), turn), nonce


def taken_in(
    file: UploadedFile[bytes], folder: str, phrase: Phrase, nonce: str, *, is_live: bool
) -> dict[str, Any]:
    """Store an upload, encrypted under a key of its own, in a folder; the columns of its `FaceRecording`.

    Raises `RecordingUnusable` and `OutOfSpace`.
    """
    with tempfile.TemporaryDirectory(prefix="likeness-intake-") as work:
        source, sealed = Path(work, "recording"), Path(work, "sealed")
        try:
            digest, content_type = received(file, source)
            sealed_key = seal(source, sealed)
            file_key = storage.store(folder, sealed, ".sealed")
        except OSError as error:
            if is_out_of_space(error):
                raise OutOfSpace from error
            raise
        size_bytes = source.stat().st_size
    return {
        "phrase_nonce": nonce,
        "language": phrase.language,
        "words": list(phrase.words),
        "turn": phrase.turn,
        "is_live": is_live,
        "content_type": content_type,
        "file_key": file_key,
        "sealed_key": sealed_key,
        "sha256": digest,
        "size_bytes": size_bytes,
    }


def received(file: UploadedFile[bytes], target: Path) -> tuple[str, str]:
    """Copy an upload; its SHA-256 and its media type by its first bytes. Raises `RecordingUnusable`."""
    if not file.size or file.size > MOST_BYTES:
        raise RecordingUnusable
    digest = hashlib.sha256()
    with target.open("wb") as written:
        for piece in file.chunks():
            digest.update(piece)
            written.write(piece)
    with target.open("rb") as read:
        head = read.read(12)
    if head[4:8] == b"ftyp":
        return digest.hexdigest(), _MP4
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return digest.hexdigest(), _MATROSKA
    raise RecordingUnusable


def _stored(row: LiveRecording) -> LiveRecording:
    """The row of a file that is stored, which is slow and so was done before this transaction."""
    try:
        with transaction.atomic():
            asked = ConsentGrant.objects.select_for_update(no_key=True).get(pk=row.consent_id)
            if asked.current_state != ConsentState.REQUESTED:
                raise LinkAnswered
            for earlier in asked.recordings.filter(erasure_began_at=None):
                begin(earlier, reason=ErasureReason.SUBJECT_REQUEST, actor_id=f"subject:{asked.subject_id}")
            row.save(force_insert=True)
            log.append(
                LogEvent.LIVE_RECORDING_RECEIVED,
                actor=f"subject:{asked.subject_id}",
                data={
                    "live_recording_id": row.pk,
                    "consent_id": asked.id,
                    "partner_id": asked.partner_id,
                    "is_live": row.is_live,
                    "recording_digest": received_digest(row, asked),
                },
            )
    except IntegrityError as error:  # the phrase was used before
        storage.remove(row.file_key)
        raise PhraseExpired from error
    except LinkAnswered:
        storage.remove(row.file_key)
        raise
    return row
