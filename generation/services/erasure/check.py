"""Proves that nothing is left that should be gone, or names what is: files, rows, texts, caches, versions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from django.db.models import Q

from accounts.models import Contact, ContactLink, OneTimeCode, Subject
from generation import storage
from generation.models import (
    DrivingAudio,
    FaceRegistration,
    Job,
    LiveRecording,
    LiveSession,
    Portrait,
    RenderSegment,
    Rendition,
    ResumableUpload,
)
from generation.services.erasure.due import Retention
from generation.services.erasure.erase import MODELS, keys_of
from generation.services.erasure.strays import find_strays
from generation.services.live.spool import spooled_sessions
from generation.states import RUNNING
from provenance.models.journal import JournalEntry
from provenance.models.verification import Verification
from provenance.services.misuse import written_in_closed
from provenance.services.verify_later import GIVE_UP_AFTER, keep_answers

# The periodic task runs every quarter of an hour; what it has not done by then is a finding.
GRACE = timedelta(hours=1)
# Counters and answers about keys are kept in the cache. No picture, sound or text about somebody fits.
LARGEST_CACHED_BYTES = 512


@dataclass(frozen=True)
class Left:
    """Something that should be gone: what kind of thing, which one, and why it should not be there."""

    kind: str
    name: str
    why: str


def find_left(at: datetime) -> Iterator[Left]:
    """Everything that should be gone by now."""
    before = at - GRACE
    yield from _overdue(before)
    yield from _unfinished(before)
    yield from _texts()
    for stray in find_strays(before):
        yield Left(stray.kind, stray.name, stray.why)
    yield from _attempts()
    yield from _segments(before)
    yield from _uploads(before)
    yield from _spools(before)
    yield from _verifications(before)
    yield from _codes_and_links(before)
    for report in written_in_closed(before):
        yield Left("misuse report", report.pk, "it was closed over a year ago and its text is still there")
    yield from _cached()
    for entry in JournalEntry.objects.filter(written_at=None, time__lt=before):
        yield Left("journal", entry.entry_id, "the erasure journal does not have this entry yet")


def _overdue(before: datetime) -> Iterator[Left]:
    retention = Retention(before)
    due = chain(
        retention.renditions(),
        retention.kept_sessions(),
        retention.portraits(),
        retention.driving_audio(),
        retention.live_recordings(),
        retention.face_registrations(),
        retention.subjects(),
        retention.contacts(),
    )
    for row in due:
        yield Left(row._meta.model_name or "", str(row.pk), "its time is over and it was not erased")


def _unfinished(before: datetime) -> Iterator[Left]:
    for model in MODELS:
        for row in model.objects.filter(erased_at=None, erasure_began_at__lt=before):
            is_stored = any(storage.is_stored(key) for key in keys_of(row))
            where = "its file is still stored" if is_stored else "its row is not done"
            yield Left(row._meta.model_name or "", row.pk, f"its erasure has begun and {where}")


def _texts() -> Iterator[Left]:
    named = Q(email__gt="") | Q(phone__gt="") | Q(consents__statement__gt="") | Q(consents__reason__gt="")
    for subject in Subject.objects.exclude(erased_at=None).filter(named).distinct():
        yield Left("subject", subject.pk, "it is erased and still has an address or text")
    plain = Q(address__contains="@") | Q(address__startswith="+") | Q(identity__contains="@")
    for contact in Contact.objects.exclude(erased_at=None).filter(plain):
        yield Left("contact", contact.pk, "it is erased and still has its address")
    for portrait in Portrait.objects.exclude(erased_at=None).exclude(credentials={}):
        yield Left("portrait", portrait.pk, "it is erased and its credentials are still there")
    for audio in DrivingAudio.objects.exclude(erased_at=None).exclude(performer_consent=""):
        yield Left("driving audio", audio.pk, "it is erased and still names its performer's consent")
    for recording in LiveRecording.objects.exclude(erasure_began_at=None).exclude(sealed_key=""):
        yield Left("live recording", recording.pk, "its erasure has begun and its key is still there")
    for described in Portrait.objects.exclude(erased_at=None).exclude(sealed_descriptor=""):
        yield Left("portrait", described.pk, "it is erased and what describes its face is still there")
    kept = ~Q(sealed_descriptor="") | ~Q(sealed_picture="")
    for registration in FaceRegistration.objects.exclude(withdrawn_at=None).filter(kept):
        yield Left("face registration", registration.pk, "it is withdrawn and the face is still there")
    for audio in DrivingAudio.objects.exclude(erased_at=None).exclude(title="", peaks__isnull=True):
        yield Left("recording", audio.pk, "it is erased and its name or outline is still there")
    gone = Q(portrait__erased_at__isnull=False) | Q(rendition__erased_at__isnull=False)
    for job in Job.objects.filter(gone).exclude(title=""):
        yield Left("job", job.pk, "its portrait or video is erased and its title is still there")
    written = Q(second_look__note__gt="") | Q(appeal__text__gt="") | Q(appeal__answer__gt="")
    for rendition in Rendition.objects.exclude(erased_at=None).filter(written):
        yield Left("rendition", rendition.pk, "it is erased and what was written about it is still there")
    for rendition in Rendition.objects.exclude(erased_at=None).exclude(note=""):
        yield Left("rendition", rendition.pk, "it is erased and still has a note")


def _attempts() -> Iterator[Left]:
    """Folders of attempts on this machine that hold no job: pictures, sound and frames lie in them."""
    folder = Path(settings.LIKENESS_DATA_DIR) / "attempts"
    for attempt in sorted(folder.glob("*.*")):
        job_id, _, owner = attempt.name.partition(".")
        if not Job.objects.filter(pk=job_id, lease_owner=owner).exists():
            yield Left("attempt", attempt.name, "no job is being worked on in it")


def _segments(before: datetime) -> Iterator[Left]:
    """Parts of videos of jobs that ended: the portrait's pixels and frames made from them."""
    ended = RenderSegment.objects.exclude(job__state__in=RUNNING).filter(job__finished_at__lt=before)
    for job_id in ended.order_by("job_id").values_list("job_id", flat=True).distinct():
        yield Left("segments", job_id, "its job has ended and parts of its video are still stored")


def _uploads(before: datetime) -> Iterator[Left]:
    """Files that arrived in pieces, and that no call used within their day."""
    for upload in ResumableUpload.objects.filter(expires_at__lt=before):
        yield Left("resumable upload", upload.pk, "its day is over and its pieces are still stored")


def _spools(before: datetime) -> Iterator[Left]:
    """What left a live session's process and lies there unsealed long after its end."""
    found = set(spooled_sessions())
    for session in LiveSession.objects.filter(pk__in=found, ended_at__lt=before):
        yield Left("live session", session.pk, "its record is not sealed, and what was streamed lies on disk")
    known = LiveSession.objects.filter(pk__in=found).values_list("pk", flat=True)
    for session_id in sorted(found.difference(known)):
        yield Left(
            "live session", session_id, "what was streamed lies on disk, and nobody knows this session"
        )


def _verifications(before: datetime) -> Iterator[Left]:
    for found in Verification.objects.filter(answered_at__lt=before - keep_answers()):
        yield Left("verification", found.pk, "its answer is older than answers are kept")
    for found in Verification.objects.exclude(file_key="").filter(created_at__lt=before - GIVE_UP_AFTER):
        yield Left("verification", found.pk, "its file is older than files wait")


def _codes_and_links(before: datetime) -> Iterator[Left]:
    longest = before - timedelta(days=3)  # deleted once a day, a day after their end
    for model in (OneTimeCode, ContactLink):
        for row in model.objects.filter(expires_at__lt=longest):
            yield Left(row._meta.model_name or "", str(row.pk), "it expired days ago")


def _cached() -> Iterator[Left]:
    """Entries of the cache that are too large for the counters and answers that belong there."""
    cache: Any = caches["default"]
    if isinstance(cache, LocMemCache):
        for name, value in list(cache._cache.items()):  # type: ignore[attr-defined]
            if len(value) > LARGEST_CACHED_BYTES:
                yield Left("cache", str(name), "it is too large for what is cached")
    elif isinstance(cache, RedisCache):
        client = cache._cache.get_client(None, write=False)
        for name in client.scan_iter(match=f"{cache.key_prefix}:*"):
            if client.strlen(name) > LARGEST_CACHED_BYTES:
                yield Left("cache", name.decode(errors="replace"), "it is too large for what is cached")
