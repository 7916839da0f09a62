"""Adds a sample person and speech to a partner, with consent from nobody, as there is nobody to ask."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone

from accounts.access.actors import SYSTEM, Actor
from accounts.access.policy import require_partner
from accounts.models import Basis, ConsentGrant, Partner
from accounts.services.consent.asking import request_consent
from accounts.services.consent.reviewing import confirm_sample
from accounts.services.subjects import name_subject
from generation.models import DrivingAudio, Portrait, Voice
from generation.samples.catalogue import SamplePerson, read_sample, sample_named
from generation.selectors import portrait_card, portraits_of
from generation.services.uploads import upload_driving_audio, upload_portrait
from provenance.log.entries import LogEvent
from provenance.services import log

PURPOSE: Final = "Trying the service out"
STATEMENT: Final = (
    "A sample that comes with Likeness, rendered from parametric data without a photograph of anybody; "
    "samples/README.md says how."
)
LASTS: Final = timedelta(days=365)
MOST_VIDEOS: Final = 100


@dataclass(frozen=True)
class AddedSample:
    """What a partner has of a sample: enough to submit a job."""

    portrait: Portrait
    driving_audio: DrivingAudio
    consent: ConsentGrant


def add_sample(*, actor: Actor, name: str) -> AddedSample:
    """Take in a sample's portrait and speech as any upload, and let its portrait be used.

    What the partner has already is used again. Raises NotFound, SampleMissing, and what uploads raise.
    """
    sample = sample_named(name)
    partner = require_partner(actor)
    speech = _add_speech(sample, actor)
    had = _present(partner, sample)
    if had is not None:
        return AddedSample(had[0], speech, had[1])
    portrait = upload_portrait(
        actor=actor,
        subject_id=lambda: name_subject(actor=actor, display_name=f"{sample.display_name} (sample)").id,
        file=_file(sample.portrait, "image/jpeg"),
    )
    with transaction.atomic():
        portrait.sample = sample.name
        portrait.save(update_fields=["sample"])
        asked = request_consent(
            actor=actor,
            portrait=portrait,
            subject=portrait.subject,
            basis=Basis.NONEXISTENT_PERSON,
            purpose=PURPOSE,
            statement=STATEMENT,
            valid_until=timezone.now() + LASTS,
            max_videos=MOST_VIDEOS,
        )
        return AddedSample(portrait, speech, confirm_sample(grant_id=asked.pk, sample=sample.name))


def _present(partner: Partner, sample: SamplePerson) -> tuple[Portrait, ConsentGrant] | None:
    for portrait in portraits_of(partner).filter(sample=sample.name).prefetch_related("consents"):
        card = portrait_card(portrait)
        if card.is_usable and card.consent is not None:
            return portrait, card.consent
    return None


def _add_speech(sample: SamplePerson, actor: Actor) -> DrivingAudio:
    """The sample's speech. That it is nobody's is the service's own word, with the digest of the file."""
    driving_audio = upload_driving_audio(
        actor=actor, file=_file(sample.speech, "audio/wav"), voice=Voice.SYNTHETIC
    )
    with transaction.atomic():
        log.append(
            LogEvent.DRIVING_AUDIO_VOICE_STATED,
            actor=SYSTEM.id,
            data={
                "driving_audio_id": driving_audio.pk,
                "partner_id": driving_audio.partner_id,
                "voice": Voice.SYNTHETIC.value,
                "sample": sample.name,
                "sample_digest": driving_audio.sha256,
            },
        )
        if not driving_audio.title:
            driving_audio.title = f"{sample.words.partition('.')[0].partition('?')[0]} (sample)"[:80]
            driving_audio.save(update_fields=["title"])
    return driving_audio


def _file(path: str, content_type: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(path.rpartition("/")[2], read_sample(path), content_type)
