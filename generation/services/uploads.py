"""Accepts uploads of portraits and driving audio: examines, stores, and notes whose voice it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from accounts.access.actors import Actor
from accounts.access.policy import require_active, require_partner
from accounts.models import Partner, Subject
from accounts.services.contacts.limits import refusals_noted
from generation import storage
from generation.admission.quotas import require_room
from generation.intake.choices import PictureChoices
from generation.intake.examine import NO_CHOICES
from generation.intake.refusals import PORTRAIT_GENERATED
from generation.intake.sound.peaks import peaks_of
from generation.models import DrivingAudio, Portrait, Voice
from generation.services.preflight import received_audio, received_portrait
from generation.services.voice_consent.asking import ask_speaker, checked_purpose, speaker_of
from generation.services.voice_consent.refusals import VoiceAsked
from provenance.common.errors import NotFound
from provenance.common.readable_text import require_readable
from provenance.log.entries import LogEvent
from provenance.services import log
from provenance.services.log import require_log_goes_on


def upload_portrait(
    *,
    actor: Actor,
    subject_id: str | Callable[[], str],
    file: UploadedFile[bytes],
    choices: PictureChoices = NO_CHOICES,
) -> Portrait:
    """Take in a portrait of one of the partner's subjects.

    `subject_id` may be a function that names the subject; it is called once the picture is accepted.
    `choices` are as `examine_portrait` takes them. The same picture of the same
    subject again gives the same row. Raises NotFound for another partner's subject, StorageUsedUp, and
    IntakeRefused for a picture that cannot be used.
    """
    partner = _active_partner(actor)
    require_room(partner)
    subject = None if callable(subject_id) else _subject_of(partner, subject_id)
    with received_portrait(file, choices) as facts:
        if callable(subject_id):
            subject = _subject_of(partner, subject_id())
        sha256 = storage.sha256_of(facts.path)
        files = (("portraits", facts.path, ".png"), ("stills", facts.still, ".png"))
        with _stored(*files) as (key, still_key):
            portrait, is_new = Portrait.objects.get_or_create(
                partner=partner,
                subject=subject,
                sha256=sha256,
                defaults={
                    "image_key": key,
                    "still_key": still_key,
                    "head_square": facts.head_square,
                    "width": facts.width,
                    "height": facts.height,
                    "warnings": facts.warnings,
                    "credentials": facts.credentials,
                    "generated_by": facts.generated_by,
                    "uploaded_by": actor.id,
                },
            )
            if not is_new:
                # There may have been no still yet, or one of an earlier renderer.
                portrait.still_key, portrait.head_square = still_key, facts.head_square
                portrait.generated_by = facts.generated_by or portrait.generated_by
                portrait.warnings = _with_mark(portrait.warnings, facts.warnings)
                if portrait.erasure_began_at is not None:
                    portrait.warnings, portrait.credentials = facts.warnings, facts.credentials
                    portrait.described_at = None  # what described the face was erased with the picture
                written = ["still_key", "head_square", "warnings", "credentials", "described_at"]
                portrait.save(update_fields=[*written, "generated_by"])
                _store_again(portrait)
    return portrait


def _with_mark(kept: list[Any], found: list[dict[str, object]]) -> list[Any]:
    """A row's warnings, and that of a generator's mark that the same picture was not asked for before."""
    if any(one["code"] == PORTRAIT_GENERATED for one in kept):
        return kept
    return [*kept, *(one for one in found if one["code"] == PORTRAIT_GENERATED)]


def _subject_of(partner: Partner, subject_id: str) -> Subject:
    subject = Subject.objects.for_partner(partner).filter(pk=subject_id).first()
    if subject is None:
        raise NotFound(_("There is no subject with that id."))
    return subject


def upload_driving_audio(
    *,
    actor: Actor,
    file: UploadedFile[bytes],
    voice: Voice | None = None,
    speaker_id: str = "",
    purpose: str = "",
    title: str = "",
) -> DrivingAudio:
    """Take in driving audio. The same sound again gives the same row, under the newest `title`, if any.

    `voice` is whose voice it is; said again it holds from then on, left out it stays. With `speaker` the
    subject `speaker_id` is asked, with the `purpose`; nothing else can be said then. Raises IntakeRefused,
    StorageUsedUp, UnreadableText, VoiceAsked, and what `ask_speaker` raises.
    """
    partner = _active_partner(actor)
    require_room(partner)
    require_readable(title, field="title")
    with refusals_noted(partner):
        speaker = speaker_of(actor, speaker_id) if voice == Voice.SPEAKER else None
    if speaker is not None:
        purpose = checked_purpose(purpose)
    with refusals_noted(partner), received_audio(file) as facts:
        sha256, peaks = storage.sha256_of(facts.path), peaks_of(facts.path)
        with _stored(("driving-audio", facts.path, ".wav")) as (key,):
            driving_audio, is_new = DrivingAudio.objects.get_or_create(
                partner=partner,
                sha256=sha256,
                defaults={
                    "audio_key": key,
                    "duration_s": facts.duration_s,
                    "sample_rate": facts.sample_rate,
                    "warnings": facts.warnings,
                    "peaks": peaks,
                    "title": title.strip(),
                    "uploaded_by": actor.id,
                },
            )
            if not is_new:
                _store_again(driving_audio)
                if title.strip():
                    driving_audio.title = title.strip()
                    driving_audio.save(update_fields=["title"])
            if voice is not None and voice != driving_audio.voice:
                _state_voice(driving_audio, voice, actor)
            if speaker is not None:
                ask_speaker(actor=actor, driving_audio=driving_audio, speaker=speaker, purpose=purpose)
    return driving_audio


def _state_voice(driving_audio: DrivingAudio, voice: Voice, actor: Actor) -> None:
    if driving_audio.voice_consents.exists():  # a no is not got round by saying that the voice is one's own
        raise VoiceAsked
    driving_audio.voice = voice
    driving_audio.save(update_fields=["voice"])
    log.append(
        LogEvent.DRIVING_AUDIO_VOICE_STATED,
        actor=actor.id,
        data={
            "driving_audio_id": driving_audio.pk,
            "partner_id": driving_audio.partner_id,
            "voice": voice.value,
            "sample": None,
            "sample_digest": None,
        },
    )


@contextmanager
def _stored(*files: tuple[str, Path, str]) -> Iterator[tuple[str, ...]]:
    """The keys of files (kind, path, suffix) that are stored for as long as the transaction of the block
    lasts, and after it if a row refers to them: nobody erases them in between.
    """
    keys = tuple(storage.store(*file) for file in files)  # slow, so before the transaction
    with transaction.atomic():
        for key, file in zip(keys, files, strict=True):
            storage.lock(key)
            storage.store(*file)  # again, if it was erased a moment ago
        yield keys


def _store_again(row: Portrait | DrivingAudio) -> None:
    """What is uploaded again is kept from now on, and a tombstone has its file again."""
    if isinstance(row, DrivingAudio) and row.is_erased and row.motion_key:
        row.motion_key = row.motion_sha256 = ""  # erased with the sound, and not uploaded again
        row.motion_fps = row.motion_frames = None
        row.save(update_fields=["motion_key", "motion_sha256", "motion_fps", "motion_frames"])
    row.stored_at = timezone.now()
    row.erasure_began_at = row.erased_at = None
    row.erasure_reason = row.erasure_actor = ""
    row.save(update_fields=["stored_at", "erasure_began_at", "erased_at", "erasure_reason", "erasure_actor"])


def _active_partner(actor: Actor) -> Partner:
    partner = require_partner(actor)
    require_active(partner)
    require_log_goes_on()
    return partner
