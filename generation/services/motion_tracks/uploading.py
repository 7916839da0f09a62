"""Takes in a performer's motion for a recording: a track, or a video that it is captured from."""

from __future__ import annotations

import tempfile
from pathlib import Path

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from accounts.access.actors import Actor
from accounts.access.policy import require_active, require_partner
from accounts.models import Partner
from generation import storage
from generation.admission.quotas import require_room
from generation.by_log import performer_consent_digest
from generation.intake.examine_motion import MotionFacts, examine_motion, examine_performance, is_video
from generation.intake.limits import PERFORMANCE_MAX_BYTES
from generation.intake.refusals import IntakeCode, IntakeRefused
from generation.models import DrivingAudio
from generation.selectors import driving_audio_of
from generation.services.erasure.deletion import MediaInUse
from generation.services.erasure.due import is_in_use
from generation.services.erasure.erase import is_held
from provenance.common.errors import CodedError
from provenance.common.rate_limit import count_call
from provenance.common.readable_text import require_readable
from provenance.log.entries import LogEvent
from provenance.services import log
from provenance.services.log import require_log_goes_on

FOLDER = "motion-tracks"
LONGEST_REFERENCE = 300
CAPTURES_PER_MINUTE = 4  # of one partner; each takes about as long as the recording


class PerformerConsentMissing(CodedError):
    """Nothing says that the performer agreed."""

    code = "performer_consent_missing"
    status = 422
    message = "A motion track or a video is somebody's performance; nothing says that they agreed."
    hint = "Name where the performer's signed consent is kept: its number or its address."


def upload_motion_track(
    *, actor: Actor, driving_audio_id: str, file: UploadedFile[bytes], performer_consent: str
) -> DrivingAudio:
    """Take in the motion of whoever performed to a recording: a CSV file of Live Link Face, or a video.

    The motion is captured from a video, which is not kept. `performer_consent` names the performer's signed
    consent; the partner attests with it that there is one. Another track replaces the one before. Raises
    NotFound, MediaErased, PerformerConsentMissing, UnreadableText, IntakeRefused, RateLimited, MediaInUse
    while a job needs the one before, StorageUsedUp.
    """
    partner = require_partner(actor)
    require_active(partner)
    require_log_goes_on()
    require_room(partner)
    driving_audio = driving_audio_of(partner, driving_audio_id)
    reference = " ".join(performer_consent.split())
    if not reference or len(reference) > LONGEST_REFERENCE:
        raise PerformerConsentMissing
    require_readable(reference, field="performer_consent")
    with tempfile.TemporaryDirectory(prefix="likeness-intake-") as folder:
        facts = _examined(_received(file, Path(folder)), driving_audio)
        sha256, key = storage.sha256_of(facts.path), storage.store(FOLDER, facts.path, ".csv")
        with transaction.atomic():
            storage.lock(key)
            storage.store(FOLDER, facts.path, ".csv")  # again, if it was erased a moment ago
            Partner.objects.select_for_update().get(pk=partner.pk)  # submissions take turns with this
            driving_audio = driving_audio_of(partner, driving_audio_id)
            if is_in_use(driving_audio.jobs.exclude(motion={})):
                raise MediaInUse
            before = driving_audio.motion_key
            driving_audio.motion_key, driving_audio.motion_sha256 = key, sha256
            driving_audio.motion_fps, driving_audio.motion_frames = facts.fps, facts.frames
            driving_audio.performer_consent = reference
            driving_audio.save()
            log.append(
                LogEvent.DRIVING_AUDIO_MOTION_STATED,
                actor=actor.id,
                data={
                    "driving_audio_id": driving_audio.pk,
                    "partner_id": partner.pk,
                    "motion_digest": sha256,
                    "performer_consent_digest": performer_consent_digest(driving_audio),
                },
            )
            if before and before != key:
                transaction.on_commit(lambda: _remove(before), robust=True)
    return driving_audio


def _remove(key: str) -> None:
    with transaction.atomic():
        storage.lock(key)
        if not is_held(DrivingAudio, key):
            storage.remove(key)


def _examined(source: Path, driving_audio: DrivingAudio) -> MotionFacts:
    if not is_video(source):
        return examine_motion(source, workspace=source.parent)
    count_call(f"performances:{driving_audio.partner_id}", limit=CAPTURES_PER_MINUTE)
    return examine_performance(source, longest_s=driving_audio.duration_s, workspace=source.parent)


def _received(file: UploadedFile[bytes], folder: Path) -> Path:
    if (file.size or 0) > PERFORMANCE_MAX_BYTES:
        raise IntakeRefused.because(IntakeCode.PERFORMANCE_FILE_TOO_LARGE)
    path = folder / "upload"
    with path.open("wb") as written:
        for piece in file.chunks():
            written.write(piece)
    return path
