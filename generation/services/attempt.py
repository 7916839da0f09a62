"""One attempt at one job by a worker: claim, make the video, seal, release by policy, or fail with a code."""

from __future__ import annotations

import logging
from collections.abc import Callable

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction

from accounts.access.actors import SYSTEM
from accounts.models import Partner, ReviewPolicy
from generation.animation.framing.view import VideoFormatRefused
from generation.animation.liveportrait.refusal import WeightsRefused
from generation.animation.motion.direction.direction import DirectionNotTaken
from generation.animation.portrait.portrait_check import PortraitRejected
from generation.animation.protocols import PortraitAnimator
from generation.by_log import are_samples
from generation.choices.directions import DirectionNotOffered
from generation.choices.video_formats import refusal_of
from generation.failures import FailureCode, JobReason
from generation.models import Job
from generation.pipeline.encode import EncodingFailed
from generation.services.advance import Lease, LeaseLost, claim, end_without_video
from generation.services.heartbeat import lease_heartbeat
from generation.services.production.render_attempt import make_checked_video
from generation.services.production.workspace import workspace
from generation.services.release import release_rendition
from generation.services.renderers import RendererNotOffered, offered_renderer
from generation.services.seal import CheckedVideo, discard_unsealed, seal_rendition, store_video
from generation.states import RUNNING, JobState
from generation.traces import note_end
from provenance.common.errors import CodedError, is_out_of_space
from provenance.services.journal import JournalUnread, require_caught_up
from provenance.services.log import LogDamaged, require_log_goes_on

logger = logging.getLogger(__name__)


def run_attempt(*, job_id: str, load_animator: Callable[[str], PortraitAnimator]) -> bool:
    """Work on a queued job; False when there was nothing to claim.

    Safe to call twice, at the same time or one after the other: one call works, the other finds nothing.
    `load_animator` gets the name of the job's renderer. It is called before the claim, so that a job never
    waits for a worker that is still loading the model.

    An error without a code fails the job as `internal` and is raised again.
    """
    queued = Job.objects.filter(pk=job_id, state=JobState.QUEUED)
    try:
        require_caught_up()  # what was withdrawn is not even looked at
        renderer = queued.values_list("renderer", flat=True).first()
        if renderer is None:
            return False
        require_log_goes_on()
    except (JournalUnread, LogDamaged):  # the job waits, without losing an attempt
        return False
    try:
        animator = load_animator(offered_renderer(renderer))
    except WeightsRefused as refusal:
        logger.error("The renderer %s cannot be used here: %s", renderer, refusal)
        return _refuse(job_id, RendererNotOffered())
    except RendererNotOffered as refusal:  # the operator withdrew it while the job was queued
        return _refuse(job_id, refusal)
    lease = claim(job_id=job_id)
    if lease is None:
        return False
    try:
        with lease_heartbeat(lease), workspace(lease) as folder:
            video = make_checked_video(lease=lease, animator=animator, workspace=folder)
            _seal_and_release(lease, video)
    except LeaseLost:
        logger.info("Job %s: this attempt lost its lease", job_id)
    except CodedError as error:
        _fail(lease, JobReason.of_error(error))
    except VideoFormatRefused as refusal:  # of a portrait from before the place of its head was kept
        _fail(lease, JobReason.of_error(refusal_of(refusal)))
    except DirectionNotTaken:
        _fail(lease, JobReason.of_error(DirectionNotOffered()))
    except PortraitRejected as rejection:
        _fail(lease, JobReason(str(rejection.code), rejection.message, rejection.hint))
    except EncodingFailed as error:
        logger.exception("Job %s could not be encoded", job_id)
        is_full = is_out_of_space(error.__cause__)
        _fail(lease, JobReason.of(FailureCode.OUT_OF_SPACE if is_full else FailureCode.ENCODING_FAILED))
    except MemoryError:
        _fail(lease, JobReason.of(FailureCode.OUT_OF_MEMORY))
    except SoftTimeLimitExceeded:
        _fail(lease, JobReason.of(FailureCode.DEADLINE_EXCEEDED))
    except Exception as error:
        is_full = is_out_of_space(error)
        _fail(lease, JobReason.of(FailureCode.OUT_OF_SPACE if is_full else FailureCode.INTERNAL))
        raise
    return True


def _refuse(job_id: str, refusal: CodedError) -> bool:
    """Fail a queued job that cannot be made; False when it is not queued any more."""
    lease = claim(job_id=job_id)
    if lease is not None:
        _fail(lease, JobReason.of_error(refusal))
    return lease is not None


def _seal_and_release(lease: Lease, video: CheckedVideo) -> None:
    """Seal and, by policy, release in one transaction. A video refused here is removed from storage.

    One of low quality waits for a person even where the policy is to release: nobody's face should go out
    broken without a look. So does one of which nobody said whose voice it is, and one that a performer moves,
    whose consent is the partner's word alone. What is made of samples alone waits for nobody but for its
    quality: what is seen and heard in it is known.
    """
    store_video(video)  # slow, so before the transaction, which blocks all other writers on SQLite
    try:
        with transaction.atomic():
            sealed = seal_rendition(lease=lease, video=video)
            partner = Partner.objects.get(jobs__id=lease.job_id)
            is_low = sealed.rendition.quality_warning is not None
            job = sealed.rendition.job
            is_free = partner.review_policy == ReviewPolicy.RELEASE and bool(job.voice)
            is_free = is_free or are_samples(job.consent, job.portrait, job.driving_audio)
            if is_free and not is_low and not job.motion:
                release_rendition(sealed=sealed, actor=SYSTEM)
    except BaseException:
        discard_unsealed(video)
        raise


def _fail(lease: Lease, reason: JobReason) -> None:
    """Fail the job, unless it ended otherwise meanwhile: who cancels takes an attempt's inputs from it."""
    job = Job.objects.select_related("consent").get(pk=lease.job_id)
    if end_without_video(
        job=job, before=RUNNING, after=JobState.FAILED, reason=reason, actor=SYSTEM, lease=lease
    ):
        logger.warning("Job %s failed: %s", job.id, reason.code)
        note_end(reason.code)
    else:
        logger.info("Job %s: this attempt lost its lease, then met %s", job.id, reason.code)
