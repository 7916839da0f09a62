"""One attempt at one video: check the inputs, animate and mark, sign, read back, seal.

For workers only: this module and what it calls load torch, OpenCV and the native C2PA library.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import numpy as np
from django.conf import settings
from django.utils import timezone
from numpy.typing import NDArray

from generation import storage
from generation.animation.motion.controls import MotionControls
from generation.animation.motion.direction.performed import PerformedMotion
from generation.animation.protocols import PortraitAnimator
from generation.animation.track.live_link import LiveLinkError
from generation.animation.track.motion_track import MotionTrack
from generation.choices.directions import direction_of
from generation.choices.disclosures import disclosure_of, file_metadata
from generation.choices.video_formats import format_of
from generation.failures import FailureCode, JobFailed, JobReason
from generation.intake.limits import WORKER_WALL_S
from generation.models import Job
from generation.models.rendition import new_rendition_id
from generation.pipeline.audio import read_audio
from generation.pipeline.decode import DecodingFailed
from generation.pipeline.read_back import WatermarkMissing, check_length, check_pictures, check_watermark
from generation.pipeline.render_stream import ProducedVideo, produce_video
from generation.pipeline.segments.stretches import ProductionFailed
from generation.services.advance import Lease
from generation.services.permission import require_permission
from generation.services.preflight import examine_stored_audio
from generation.services.production.progress import Progress
from generation.services.production.stated_facts import rendition_claim
from generation.services.seal import CheckedVideo
from generation.services.segments.portrait_pixels import portrait_pixels
from generation.services.segments.sharing import SharedSegments
from generation.states import JobState
from generation.storage import StoredFileDamaged
from provenance.keys.service_keys import marking_year, trust_store, watermark_key
from provenance.keys.signing_identity import signing_identity, timestamp_servers
from provenance.manifest.reading import ManifestState, read_manifest
from provenance.manifest.signing import SignedManifest, sign_file
from provenance.manifest.timestamping import TimestampUnavailable
from provenance.services.records import new_watermark_id
from provenance.watermark import WatermarkKey, WatermarkPayload

TIMESTAMP_RETRY_S = 15
# A job that still waits for a time-stamp this long before its deadline fails with that reason.
GIVE_UP_BEFORE_DEADLINE = timedelta(seconds=10)


def make_checked_video(*, lease: Lease, animator: PortraitAnimator, workspace: Path) -> CheckedVideo:
    """Make, mark, sign and check the video of a claimed job; all files stay in `workspace`.

    The manifest repeats what the parts of `animator` state about themselves. The job advances with the work,
    and LeaseLost ends the attempt as soon as it does not hold the job any more. Raises coded refusals
    (consent, intake, the portrait check, signing) and JobFailed.
    """
    job = Job.objects.select_related("partner", "consent", "portrait", "driving_audio").get(pk=lease.job_id)
    with closing(Progress(lease)) as progress:
        return _make_checked_video(job, progress, animator, workspace)


def _make_checked_video(
    job: Job, progress: Progress, animator: PortraitAnimator, workspace: Path
) -> CheckedVideo:
    require_permission(job)
    portrait, generator, sound, sample_rate = _inputs(job, workspace)
    progress.beat()
    performed = _performed_motion(job)
    payload, year = WatermarkPayload(new_watermark_id()), marking_year()
    key, rendition_id = watermark_key(year), new_rendition_id()
    try:
        produced = produce_video(
            portrait=portrait,
            audio=sound,
            sample_rate=sample_rate,
            controls=MotionControls.from_json(job.controls),
            direction=direction_of(job),
            seed=job.seed,
            video=format_of(job),
            disclosure=disclosure_of(job),
            payload=payload,
            key=key,
            destination=workspace / "marked.mp4",
            on_stage=progress.on_stage,
            on_frame=progress.on_frame,
            animator=animator,
            created_at=timezone.now(),
            performed=performed,
            sharing=SharedSegments(job, watermark_year=year, on_frame=progress.on_frame),
            split_from_s=settings.LIKENESS_SPLIT_FROM_S,
            metadata=file_metadata(disclosure_of(job), rendition_id),
            encoder=settings.LIKENESS_VIDEO_ENCODER,
        )
        progress.enter(JobState.SIGNING)
        signed_path = workspace / "signed.mp4"
        signed = _sign_with_timestamp_retry(
            job,
            progress,
            lambda: sign_file(
                produced.video.path,
                signed_path,
                rendition_claim(job, rendition_id, payload, produced, animator, portrait_generator=generator),
                signing_identity(),
                trust_store(),
                timestamps=timestamp_servers(),
            ),
        )
        progress.enter(JobState.VERIFYING)
        _check(signed_path, rendition_id, payload, key, produced)
    except (ProductionFailed, WatermarkMissing, DecodingFailed) as error:
        raise JobFailed.because(FailureCode.VIDEO_CHECK_FAILED, detail=str(error)) from error
    video = produced.video
    return CheckedVideo(
        path=signed_path,
        rendition_id=rendition_id,
        watermark_id=payload.watermark_id,
        watermark_year=year,
        watermark_version=payload.version,
        content_prints=produced.content_prints,
        fingerprints=produced.fingerprints,
        pixel_report=produced.pixel_report.to_json(),
        visible_label=produced.visible_label.to_code() if produced.visible_label else "",
        manifest=signed.manifest,
        manifest_label=signed.label,
        frames=video.frames,
        fps=video.fps,
        duration_s=video.duration_s,
        width=video.width,
        height=video.height,
    )


def _inputs(job: Job, workspace: Path) -> tuple[NDArray[np.uint8], str, NDArray[np.float32], int]:
    """Both inputs as the model wants them, after the same examination that they had on upload; that of a
    portrait this worker may have made before.

    The text is the image generator whose mark the portrait carries.
    """
    try:
        pixels, generator = portrait_pixels(job.portrait, workspace=workspace)
        audio = examine_stored_audio(job.driving_audio, workspace=workspace, wall_s=WORKER_WALL_S)
    except (FileNotFoundError, StoredFileDamaged) as error:
        raise JobFailed.because(FailureCode.MEDIA_DAMAGED) from error
    sound, sample_rate = read_audio(audio.path)
    return pixels, generator, sound, sample_rate


def _sign_with_timestamp_retry(
    job: Job, progress: Progress, sign: Callable[[], SignedManifest]
) -> SignedManifest:
    """Call `sign` until a time-stamp server responds; the job's row holds the reason for the wait meanwhile.

    Raises TimestampUnavailable shortly before the job's deadline.
    """
    has_waited = False
    while True:
        try:
            signed = sign()
        except TimestampUnavailable as unavailable:
            if timezone.now() + GIVE_UP_BEFORE_DEADLINE > job.deadline_at:
                raise
            progress.wait(JobReason.of_error(unavailable), TIMESTAMP_RETRY_S)
            has_waited = True
        else:
            if has_waited:
                progress.clear_wait_reason()
            return signed


def _performed_motion(job: Job) -> PerformedMotion | None:
    """The performer's track of a job that has one."""
    if not job.motion:
        return None
    try:
        with storage.local_path(job.driving_audio.motion_key) as path:
            return PerformedMotion(MotionTrack.from_csv(path), job.motion["lips"])
    except (FileNotFoundError, StoredFileDamaged, LiveLinkError) as error:
        raise JobFailed.because(FailureCode.MEDIA_DAMAGED) from error


def _check(
    path: Path, rendition_id: str, payload: WatermarkPayload, key: WatermarkKey, produced: ProducedVideo
) -> None:
    """Read the signed file back as any verifier would: manifest, time-stamp, watermark, length; and every
    picture in it as it was encoded."""
    reading = read_manifest(path, trust_store())
    if reading.state is not ManifestState.TRUSTED_OURS or reading.rendition_id != rendition_id:
        detail = f"Its manifest reads back as {reading.state.value}."
        raise JobFailed.because(FailureCode.VIDEO_CHECK_FAILED, detail=detail)
    # Checked again: on loopback signing works without a time-stamp, and this is the last check.
    if not settings.LIKENESS_ON_LOOPBACK and not reading.is_time_stamped:
        detail = "It carries no trusted time-stamp."
        raise JobFailed.because(FailureCode.VIDEO_CHECK_FAILED, detail=detail)
    check_watermark(path, payload, key)
    check_length(path, produced.video)
    check_pictures(path, produced.video)
