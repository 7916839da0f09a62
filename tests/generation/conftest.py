"""What jobs are made of: a real portrait and real speech of partner A, with consent."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.db import transaction
from django.utils import timezone

from accounts.access.actors import actor_of
from accounts.models import ConsentGrant, Partner, ReviewPolicy, User
from accounts.services import consent as consents
from generation import storage
from generation.choices.wanted_job import WantedJob
from generation.models import DrivingAudio, Job, Portrait, Rendition, Voice
from generation.models.rendition import new_rendition_id
from generation.pipeline.pixel_report import face_look
from generation.services import preflight
from generation.services.advance import claim, enter
from generation.services.attempt import run_attempt
from generation.services.review import approve
from generation.services.seal import CheckedVideo, seal_rendition
from generation.services.segments import portrait_pixels
from generation.services.submit import submit_job
from generation.states import JobState
from provenance.log.entries import LogEvent
from provenance.services import log
from provenance.services.records import new_watermark_id
from provenance.watermark.content.fingerprint_match import FINGERPRINT_BYTES
from tests.factories import SubjectFactory, granted_consent, log_policy
from tests.generation import located_once
from tests.generation.examined_once import once
from tests.generation.intake.files import portrait, saved, speech, wav
from tests.generation.marks_once import ExtractorOnce
from tests.generation.pipeline.moving_portrait import SwayingAnimator

SPEECH_S = 0.6
GOOD_PIXELS: dict[str, Any] = {
    "frames": 16, "faces": 16, "closures": 5, "closures_kept": 5, "openings": 5, "openings_kept": 5,
    "sound_after_picture_s": 0.02, "torn": 0.0, "part_apart": 0.1, "proportions_apart": 0.006,
    "appearance_apart": 0.06, "still_s": 0.0, "findings": [],
}  # fmt: skip
BROKEN_PIXELS = GOOD_PIXELS | {"torn": 0.2, "closures_kept": 1, "findings": ["lips_stay_open", "torn"]}


_EXAMINERS = {name: once(getattr(preflight, name)) for name in ("examine_portrait", "examine_driving_audio")}


@pytest.fixture(autouse=True)
def _the_same_file_is_examined_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What these tests upload and animate is nearly always the bundled portrait and speech."""
    for name, examine in _EXAMINERS.items():
        monkeypatch.setattr(preflight, name, examine)


@pytest.fixture(autouse=True)
def _a_worker_that_has_examined_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    portrait_pixels._accepted.clear()
    monkeypatch.setattr(portrait_pixels, "Extractor", ExtractorOnce)


_FINDERS = {name: located_once.once(getattr(face_look, name)) for name in ("locate_face", "follow_face")}
_OF_THE_LOOK = Path(__file__).parent / "pipeline/pixel_report"


@pytest.fixture(autouse=True)
def _a_face_is_found_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What these tests render is nearly always the same portrait, which sways in the same way."""
    if _OF_THE_LOOK not in request.path.parents:
        for name, find in _FINDERS.items():
            monkeypatch.setattr(face_look, name, find)


@cache
def _picture(size: int) -> bytes:
    return saved(portrait(size), "PNG")


@cache
def _sound(seconds: float) -> bytes:
    return wav(np.resize(speech(), int(seconds * 24_000)).repeat(2), 48_000)


def stored_portrait(partner: Partner, folder: Path, size: int = 384) -> Portrait:
    """The bundled portrait as an accepted upload of a partner's subject."""
    file = folder / "portrait.png"
    file.write_bytes(_picture(size))
    return Portrait.objects.create(
        partner=partner,
        subject=SubjectFactory(partner=partner),
        image_key=storage.store("portraits", file, ".png"),
        sha256=storage.sha256_of(file),
        width=size,
        height=size,
        uploaded_by="system",
        described_at=timezone.now(),  # and no face was found in it
    )


def stored_audio(
    partner: Partner, folder: Path, seconds: float = SPEECH_S, *, voice: Voice | None = Voice.SYNTHETIC
) -> DrivingAudio:
    """The beginning of the bundled speech, from its end on once more, as an accepted upload."""
    file = folder / "speech.wav"
    file.write_bytes(_sound(seconds))
    audio = DrivingAudio.objects.create(
        partner=partner,
        audio_key=storage.store("driving-audio", file, ".wav"),
        sha256=storage.sha256_of(file),
        duration_s=seconds,
        sample_rate=48_000,
        uploaded_by="system",
        voice=voice or "",
    )
    if voice:
        data: dict[str, Any] = {"driving_audio_id": audio.pk, "partner_id": partner.pk, "voice": voice.value}
        data |= {"sample": None, "sample_digest": None}
        with transaction.atomic():
            log.append(LogEvent.DRIVING_AUDIO_VOICE_STATED, actor="system", data=data)
    return audio


@pytest.fixture
def amara(partner_a: Partner, tmp_path: Path) -> Portrait:
    """A real portrait of partner A; nobody was asked yet."""
    return stored_portrait(partner_a, tmp_path)


@pytest.fixture
def recording(partner_a: Partner, tmp_path: Path) -> DrivingAudio:
    """Real speech of partner A, a little over half a second."""
    return stored_audio(partner_a, tmp_path)


@pytest.fixture
def answer(amara: Portrait, alice: User) -> consents.GrantedConsent:
    """The subject of `amara` said yes."""
    return granted_consent(amara, alice)


@pytest.fixture
def grant(answer: consents.GrantedConsent) -> ConsentGrant:
    """The consent that covers `amara`."""
    return answer.grant


@pytest.fixture
def submit(alice: User, amara: Portrait, recording: DrivingAudio, grant: ConsentGrant) -> Callable[..., Job]:
    """Submit a job of partner A; fields of WantedJob may be given."""

    def _submit(**arguments: Any) -> Job:
        values = {"portrait_id": amara.id, "driving_audio_id": recording.id, "seed": 7}
        return submit_job(actor=actor_of(alice), wanted=WantedJob(**{**values, **arguments}))

    return _submit


@pytest.fixture
def job(submit: Callable[..., Job]) -> Job:
    """A queued job of partner A."""
    return submit()


def run(job: Job, animator: SwayingAnimator | None = None) -> bool:
    """Run the job as the worker's task does, with a face that only sways."""
    return run_attempt(job_id=job.id, load_animator=lambda renderer: animator or SwayingAnimator())


def put_into_state(state: str, **fields: Any) -> None:
    """Put all jobs into a state without the way there, for tests of what is shown of it."""
    Job.objects.all().write_state(state=state, **fields)


def let_out_without_review(partner: Partner) -> None:
    """Let the partner's videos be released without a look."""
    with transaction.atomic():
        Partner.objects.filter(pk=partner.pk).update(review_policy=ReviewPolicy.RELEASE)
        log_policy(Partner.objects.get(pk=partner.pk))


def seal(
    job: Job,
    folder: Path,
    pixel_report: dict[str, Any] | None = None,
    *,
    manifest: tuple[str, bytes] = ("urn:c2pa:test", b"manifest urn:c2pa:test"),
    content: bytes | None = None,
) -> Rendition:
    """A sealed video for a queued job, by the sealing function, around a file that nobody rendered.

    `manifest` is a label and its store, `content` a file's.
    """
    lease = claim(job_id=job.id)
    assert lease is not None
    for before, after in pairwise(
        (JobState.ANIMATING, JobState.MARKING, JobState.SIGNING, JobState.VERIFYING)
    ):
        enter(lease=lease, before=before, after=after)
    file = folder / "video.mp4"
    file.write_bytes(content or bytes(range(256)) * 40 + job.id.encode())
    video = CheckedVideo(
        path=file,
        rendition_id=new_rendition_id(),
        watermark_id=new_watermark_id(),
        watermark_year=2026,
        watermark_version=2,
        content_prints=bytes(FINGERPRINT_BYTES),
        fingerprints=b"what it sounds like",
        pixel_report=pixel_report or GOOD_PIXELS,
        visible_label="",
        manifest=manifest[1],
        manifest_label=manifest[0],
        frames=job.frames_total,
        fps=25,
        duration_s=SPEECH_S,
        width=256,
        height=256,
    )
    return Rendition.objects.select_related("job").get(
        pk=seal_rendition(lease=lease, video=video).rendition.pk
    )


@pytest.fixture
def waiting(job: Job, tmp_path: Path) -> Rendition:
    """A sealed video of partner A that waits for review."""
    return seal(job, tmp_path)


@pytest.fixture
def released(waiting: Rendition, rita: User) -> Rendition:
    """A released video of partner A."""
    approve(actor=actor_of(rita), rendition_id=waiting.id)
    return Rendition.objects.select_related("job").get(pk=waiting.pk)
