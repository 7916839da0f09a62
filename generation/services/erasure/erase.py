"""Erases one file: begins, removes every version of it, and says so in the log only when nothing is left."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.access.actors import SYSTEM
from accounts.errors import ConsentExpired
from accounts.models import ConsentGrant
from generation import storage
from generation.failures import JobReason
from generation.models import (
    Appeal,
    DrivingAudio,
    ErasureReason,
    FaceMatch,
    FaceRegistration,
    Job,
    KeptSession,
    LiveRecording,
    Portrait,
    Rendition,
    SecondLook,
)
from generation.services.release import revoke
from generation.states import JobState
from provenance.log.entries import LogEvent
from provenance.services import journal, log

MEDIA_ERASED = "media_erased"  # the kind of the erasure journal's entries
ErasableRow = Portrait | DrivingAudio | Rendition | KeptSession | LiveRecording | FaceRegistration

MODELS: tuple[type[ErasableRow], ...] = (
    Portrait,
    DrivingAudio,
    Rendition,
    KeptSession,
    LiveRecording,
    FaceRegistration,
)

logger = logging.getLogger(__name__)


# The columns with the keys of a row's files: a portrait's still goes with its picture.
KEY_COLUMNS: dict[type[ErasableRow], tuple[str, ...]] = {
    Portrait: ("image_key", "still_key"),
    DrivingAudio: ("audio_key", "motion_key"),
    Rendition: ("file_key",),
    KeptSession: ("file_key",),
    LiveRecording: ("file_key",),
    FaceRegistration: ("file_key",),
}


def keys_of(row: ErasableRow) -> tuple[str, ...]:
    """The keys of a row's files."""
    return tuple(key for column in KEY_COLUMNS[type(row)] if (key := str(getattr(row, column))))


@transaction.atomic
def begin(row: ErasableRow, *, reason: ErasureReason, actor_id: str) -> bool:
    """Give the file to nobody from now on; False if that was so before.

    A video that waits for review is revoked with it: nobody can look at it any more.
    """
    if isinstance(row, Rendition):
        # Before the row, as reviewers do who decide about it.
        ConsentGrant.objects.select_for_update().get(pk=row.job.consent_id)
    began = (
        type(row)
        .objects.filter(pk=row.pk, erasure_began_at=None)
        .update(erasure_began_at=timezone.now(), erasure_reason=reason.value, erasure_actor=actor_id)
    )
    if not began:
        return False
    journal.note(MEDIA_ERASED, row.pk, reason=reason.value, actor=actor_id)
    if isinstance(row, LiveRecording | FaceRegistration):
        type(row).objects.filter(pk=row.pk).update(sealed_key="")  # what is left of the file is noise
    if isinstance(row, Rendition) and row.job.state == JobState.IN_REVIEW:
        revoke(job=row.job, reason=JobReason.of_error(ConsentExpired()), actor=SYSTEM)
    return True


@transaction.atomic
def finish(row: ErasableRow) -> bool:
    """Remove the files of a row whose erasure has begun, with all versions, and log it; False without one.

    A file that another row still holds stays for that one. Raises OSError or StillStored, and then nothing
    is claimed and the next run tries again. Raises LogDamaged while the log stands still.
    """
    for key in keys_of(row):
        storage.lock(key)
    model = type(row)
    begun = model.objects.filter(pk=row.pk, erased_at=None).exclude(erasure_began_at=None)
    current = begun.first()
    if current is None:
        return False
    for key in keys_of(current):
        if not is_held(model, key):
            storage.remove(key)
    begun.update(erased_at=timezone.now())
    _erase_text(current)
    event, name = {
        Portrait: (LogEvent.PORTRAIT_ERASED, "portrait_id"),
        DrivingAudio: (LogEvent.DRIVING_AUDIO_ERASED, "driving_audio_id"),
        Rendition: (LogEvent.RENDITION_ERASED, "rendition_id"),
        KeptSession: (LogEvent.RENDITION_ERASED, "rendition_id"),
        LiveRecording: (LogEvent.LIVE_RECORDING_ERASED, "live_recording_id"),
        FaceRegistration: (LogEvent.FACE_RECORDING_ERASED, "registration_id"),
    }[model]
    data = {name: current.pk, "reason": current.erasure_reason}
    if isinstance(current, Rendition):
        data["partner_id"] = current.job.partner_id
    elif not isinstance(current, FaceRegistration):  # a person's own, and no partner's
        data["partner_id"] = current.partner_id
    log.append(event, actor=current.erasure_actor, data=data)
    return True


def is_held(model: type[ErasableRow], key: str) -> bool:
    """Whether a row still needs the file under a key."""
    is_its = Q()
    for column in KEY_COLUMNS[model]:
        is_its |= Q(**{column: key})
    return model.objects.filter(is_its, erasure_began_at=None).exists()


def unfinished() -> Iterator[ErasableRow]:
    """Every row whose erasure has begun and is not done."""
    for model in MODELS:
        yield from model.objects.filter(erased_at=None).exclude(erasure_began_at=None).iterator()


def finish_or_later(row: ErasableRow) -> bool:
    """Finish an erasure now if the storage and the log let us, else leave it to the periodic task."""
    try:
        return finish(row)
    except (OSError, log.LogDamaged):
        logger.exception("The erasure of %s is not done yet", row.pk)
    return False


def _erase_text(row: ErasableRow) -> None:
    """What other people wrote about the picture or the video goes with it."""
    if isinstance(row, Portrait):
        # Warnings hold the places of eyes and mouth, and the square that of the head.
        Portrait.objects.filter(pk=row.pk).update(
            credentials={}, warnings=[], head_square=None, sealed_descriptor=""
        )
        drop_matches(FaceMatch.objects.filter(Q(portrait_id=row.pk) | Q(other_id=row.pk)))
        Job.objects.filter(portrait_id=row.pk).update(title="")  # titles may name who is in it
    elif isinstance(row, DrivingAudio):
        DrivingAudio.objects.filter(pk=row.pk).update(title="", peaks=None, performer_consent="")
    elif isinstance(row, Rendition):
        Job.objects.filter(pk=row.job_id).update(title="")
        SecondLook.objects.filter(rendition=row).update(note="")
        Appeal.objects.filter(rendition=row).update(text="", answer="")
        _erase_note(row)


def drop_matches(matches: QuerySet[FaceMatch]) -> None:
    """Remove matches with a face or a picture that is erased, and say so in the log: one that only vanished
    goes on blocking. Call it in a transaction.
    """
    dropped = list(matches.order_by("pk").values_list("pk", "portrait_id", "portrait__partner_id"))
    matches.delete()
    for match_id, portrait_id, partner_id in dropped:
        data = {"match_id": match_id, "portrait_id": portrait_id, "partner_id": partner_id}
        log.append(LogEvent.FACE_MATCH_DROPPED, actor=SYSTEM.id, data=data)


def _erase_note(row: Rendition) -> None:
    if row.note:
        Rendition.objects.filter(pk=row.pk).update(note="")
        Job.objects.filter(pk=row.job_id, reason_hint=row.note[:300]).update(reason_hint="")
