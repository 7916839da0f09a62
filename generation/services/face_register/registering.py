"""Registers a face at the wish of the holder of a contact, and ends that again.

Whoever registers shows by a recording that the face is theirs, as in a live check; without a warning it is
registered, and no reviewer is asked: all that follows from a registration is that a reviewer looks.
"""

from __future__ import annotations

from datetime import timedelta

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.access.actors import SYSTEM
from accounts.live_errors import PhraseExpired, TooManyRecordings
from accounts.models import Contact
from generation import storage
from generation.live_check.report import LiveWarning, RecordingReport
from generation.models import ErasureReason, FaceMatch, FaceRegistration
from generation.services.erasure.erase import begin, drop_matches, finish_or_later
from generation.services.face_register.comparing import compare_registration
from generation.services.face_register.sealed_faces import seal_descriptor, seal_picture
from generation.services.live_check.checking import looked_at
from generation.services.live_check.receiving import MOST_IN_AN_HOUR, asked_for, taken_in
from provenance.log.entries import LogEvent
from provenance.models.journal import JournalEntry
from provenance.services import journal, log

FOLDER = "face-registrations"
MOST_PICTURE_BYTES = 200_000
FACE_UNREGISTERED = "face_unregistered"  # the kind of the erasure journal's entries


def newest_registration(contact: Contact) -> FaceRegistration | None:
    """The registration that is in force, else the newest try; None without any."""
    rows = FaceRegistration.objects.filter(contact=contact)
    return rows.filter(registered_at__isnull=False, withdrawn_at=None).first() or rows.first()


def receive_registration(
    contact: Contact, *, ticket: str, file: UploadedFile[bytes], is_live: bool
) -> FaceRegistration:
    """Store the recording with which somebody registers, encrypted, until a worker has looked at it.

    Raises `PhraseExpired`, `RecordingUnusable`, `TooManyRecordings` and `OutOfSpace`.
    """
    phrase, nonce = asked_for(contact, ticket)
    hour_ago = timezone.now() - timedelta(hours=1)
    if FaceRegistration.objects.filter(contact=contact, stored_at__gt=hour_ago).count() >= MOST_IN_AN_HOUR:
        raise TooManyRecordings
    row = FaceRegistration(contact=contact, **taken_in(file, FOLDER, phrase, nonce, is_live=is_live))
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:  # the phrase was used before
        storage.remove(row.file_key)
        raise PhraseExpired from error
    return row


def check_registration(registration_id: str) -> bool:
    """Look at a recording once; without a warning its face is registered. Then the recording is erased.

    Whether that was done now. Raises `SandboxIncomplete`.
    """
    row = FaceRegistration.objects.filter(pk=registration_id, checked_at=None, erasure_began_at=None).first()
    if row is None:
        return False
    report = looked_at(row, None)
    with transaction.atomic():
        if not _note(row, report):
            return False
        begin(row, reason=ErasureReason.RETENTION, actor_id=SYSTEM.id)
    finish_or_later(row)
    return True


def unchecked_registrations() -> list[str]:
    """Recordings of registrations that nobody has looked at, the oldest first."""
    waiting = FaceRegistration.objects.filter(checked_at=None, erasure_began_at=None)
    return list(waiting.order_by("stored_at").values_list("pk", flat=True))


def hold_registrations(contact: Contact) -> None:
    """Lock a contact's registrations, then their matches, before the first log entry of a transaction that
    ends them: whoever registers, or decides on a match, holds a row and waits for the log.
    """
    list(contact.face_registrations.select_for_update().order_by("pk").values_list("pk"))
    matches = FaceMatch.objects.filter(registration__contact=contact, decision="")
    list(matches.select_for_update(of=("self",)).order_by("pk").values_list("pk"))


@transaction.atomic
def withdraw_registrations(contact: Contact) -> int:
    """End what a contact's holder registered: descriptor and picture are erased; how many there were.

    Matches that nobody has decided on go with them. A recording that waits is erased too.
    """
    hold_registrations(contact)
    ended = 0
    for row in FaceRegistration.objects.filter(contact=contact, withdrawn_at=None):
        begin(row, reason=ErasureReason.SUBJECT_REQUEST, actor_id=SYSTEM.id)
        if row.registered_at is not None:
            _end(row)
            ended += 1
    return ended


def unregister_again(entry: JournalEntry) -> None:
    """Empty a restored registration that was withdrawn."""
    _blank(entry.about)


def _end(row: FaceRegistration) -> None:
    _blank(row.pk)
    drop_matches(row.matches.filter(decision=""))
    journal.note(FACE_UNREGISTERED, row.pk)
    log.append(LogEvent.FACE_UNREGISTERED, actor=SYSTEM.id, data={"registration_id": row.pk})


def _blank(registration_id: str) -> None:
    FaceRegistration.objects.filter(pk=registration_id, withdrawn_at=None).update(
        withdrawn_at=timezone.now(), sealed_descriptor="", sealed_picture=""
    )


def _note(row: FaceRegistration, report: RecordingReport) -> bool:
    warnings = list(report.warnings)
    sealed = ""
    if not warnings:
        try:
            sealed = seal_descriptor(report.descriptor)
        except ValueError:
            warnings.append(LiveWarning.UNREADABLE)
    now = timezone.now()
    values: dict[str, object] = {"checked_at": now, "warnings": [str(code) for code in warnings]}
    if sealed:
        values |= {"registered_at": now, "sealed_descriptor": sealed}
        if len(report.picture) <= MOST_PICTURE_BYTES:
            values["sealed_picture"] = seal_picture(report.picture)
    hold_registrations(row.contact)
    waiting = FaceRegistration.objects.filter(pk=row.pk, checked_at=None, erasure_began_at=None)
    if not waiting.update(**values):
        return False
    if sealed:
        in_force = FaceRegistration.objects.filter(registered_at__isnull=False, withdrawn_at=None)
        for earlier in in_force.filter(contact=row.contact).exclude(pk=row.pk):
            _end(earlier)
        log.append(LogEvent.FACE_REGISTERED, actor=SYSTEM.id, data={"registration_id": row.pk})
        row.refresh_from_db()
        compare_registration(row)
    return True
