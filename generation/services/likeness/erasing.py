"""Erases everything of a person at their own wish, at once."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.contact_errors import MessageNotSent, PhoneUnavailable
from accounts.models import OPEN_CONSENT_STATES, ConsentGrant, ConsentState, Contact, Subject
from accounts.notify.contact_messages import send_to_contact
from accounts.services.consent import hold
from accounts.services.erasure import erase_contact, erase_subject
from accounts.services.likeness import decline_open, language_of, subjects_of_contact, withdraw_all
from generation.models import (
    DrivingAudio,
    ErasureReason,
    Job,
    KeptSession,
    LiveRecording,
    Portrait,
    Rendition,
    Voice,
)
from generation.services.erasure.erase import ErasableRow, begin, finish_or_later
from generation.services.face_register.registering import hold_registrations, withdraw_registrations
from generation.services.voice_consent.answering import end_voices

MOST_AT_ONCE = 100

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ErasedLikeness:
    """How much was erased. `of_face` counts the recordings in which they showed their face here, `faces` what
    they registered, `kept` portraits that a consent covers which is not theirs.
    """

    portraits: int
    videos: int
    recordings: int
    of_face: int
    faces: int
    kept: int


def erase_everything(contact: Contact) -> ErasedLikeness:
    """Withdraw all that was granted at a contact, say no to what is open, and erase files, names and address.

    Nobody is given any of it from the commit on; the files are removed right after it, or by the periodic
    task where the storage does not answer. Digests, receipts and coarse prints stay, and so do stops, under a
    keyed digest of the address. The person is sent a last message.
    """
    with transaction.atomic():
        _hold(contact)
        withdraw_all(contact)
        decline_open(contact)
        to_register = contact.face_registrations.filter(withdrawn_at=None, erasure_began_at=None).count()
        faces = withdraw_registrations(contact)
        end_voices(contact)
        subjects = list(subjects_of_contact(contact))
        rows, kept = _rows_of(contact, subjects)
        for row, subject in rows:
            begin(row, reason=ErasureReason.SUBJECT_REQUEST, actor_id=f"subject:{subject.pk}")
        for subject in subjects:
            if not kept.filter(subject=subject).exists():
                erase_subject(subject, actor_id=f"subject:{subject.pk}")
        erased = ErasedLikeness(
            portraits=sum(isinstance(row, Portrait) for row, _ in rows),
            videos=sum(isinstance(row, Rendition | KeptSession) for row, _ in rows),
            recordings=sum(isinstance(row, DrivingAudio) for row, _ in rows),
            of_face=to_register + sum(isinstance(row, LiveRecording) for row, _ in rows),
            faces=faces,
            kept=kept.count(),
        )
        at = timezone.now()
        erase_contact(contact)
        transaction.on_commit(lambda: _after_commit(contact, rows, erased, at), robust=True)
    return erased


def _hold(contact: Contact) -> None:
    """Lock all that ends with a contact before the first log entry, in the order of those who end one of
    them: consents to a voice, then consents, also those under which the voice is used, then faces.
    """
    list(contact.voice_consents.select_for_update().order_by("pk").values_list("pk"))
    # Also with a recording that is erased already: its consent ends with the others.
    driven = Job.objects.filter(driving_audio__voice_consents__contact=contact, voice=Voice.SPEAKER)
    hold(ConsentGrant.objects.filter(Q(contact=contact) | Q(pk__in=driven.values("consent_id"))))
    hold_registrations(contact)


def _rows_of(
    contact: Contact, subjects: list[Subject]
) -> tuple[list[tuple[ErasableRow, Subject]], QuerySet[Portrait]]:
    """The files of a person with whose they are, and the portraits that an open or valid consent of somebody
    else covers.
    """
    elsewhere = ConsentGrant.objects.exclude(contact=contact).filter(
        state__in=[*OPEN_CONSENT_STATES, ConsentState.GRANTED],
        valid_until__gt=timezone.now(),
    )
    portraits = Portrait.objects.filter(subject__in=subjects, erasure_began_at=None)
    kept = portraits.filter(consents__in=elsewhere).distinct()
    rows: list[tuple[ErasableRow, Subject]] = []
    for portrait in portraits.exclude(consents__in=elsewhere).select_related("subject"):
        rows.append((portrait, portrait.subject))
    theirs = Rendition.objects.filter(job__consent__contact=contact, erasure_began_at=None)
    for video in theirs.select_related("job__portrait__subject", "job__consent", "job__partner"):
        rows.append((video, video.job.portrait.subject))
    kept_live = KeptSession.objects.filter(session__consent__contact=contact, erasure_began_at=None)
    for live in kept_live.select_related("session__portrait__subject"):
        rows.append((live, live.session.portrait.subject))
    own = LiveRecording.objects.filter(consent__contact=contact, erasure_began_at=None)
    rows += [(recording, recording.consent.subject) for recording in own.select_related("consent__subject")]
    for audio in _recordings_for(contact):
        job = audio.jobs.select_related("portrait__subject").first()
        if job is not None:
            rows.append((audio, job.portrait.subject))
    spoken = _spoken_by(contact).exclude(pk__in=[row.pk for row, _ in rows])
    for audio in spoken.prefetch_related("voice_consents__speaker"):
        rows.append((audio, audio.voice_consents.all()[0].speaker))
    return rows, kept


def _recordings_for(contact: Contact) -> list[DrivingAudio]:
    """The recordings that were used for videos of this person and for no others."""
    used = DrivingAudio.objects.filter(jobs__consent__contact=contact, erasure_began_at=None).distinct()
    return [audio for audio in used if not audio.jobs.exclude(consent__contact=contact).exists()]


def _spoken_by(contact: Contact) -> QuerySet[DrivingAudio]:
    """The recordings whose speaker was asked at a contact."""
    return DrivingAudio.objects.filter(voice_consents__contact=contact, erasure_began_at=None).distinct()


def _after_commit(
    contact: Contact, rows: list[tuple[ErasableRow, Subject]], erased: ErasedLikeness, at: datetime
) -> None:
    for row, _ in rows[:MOST_AT_ONCE]:  # the periodic task has the rest: somebody waits for the page
        finish_or_later(row)
    try:
        # The row holds a digest only by now; this copy still knows the address.
        send_to_contact(
            "likeness_erased",
            contact=contact,
            language=language_of(contact),
            context={"erased": erased, "at": at},
        )
    except (MessageNotSent, PhoneUnavailable):
        logger.warning("The last message to contact %s could not be sent.", contact.pk)
