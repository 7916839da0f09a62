"""A worker's whole dealing with one job: claim it, produce, seal, release by policy, or fail with a code."""

from __future__ import annotations

import logging
from collections.abc import Callable

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction

from accounts.access.actors import SYSTEM
from accounts.models import Partner, ReviewPolicy
from generation.animation.portrait.portrait_check import PortraitRejected
from generation.failures import FailureCode, JobReason
from generation.models import Job
from generation.pipeline.encode import EncodingFailed
from generation.pipeline.render_stream import Animator
from generation.services.advance import Lease, LeaseLost, claim, end_without_video
from generation.services.heartbeat import kept_alive
from generation.services.release import release_rendition
from generation.services.render_attempt import produce
from generation.services.seal import CheckedVideo, discard_unsealed, seal_rendition, store_video
from generation.services.workspace import workspace
from generation.states import RUNNING, JobState
from provenance.common.errors import CodedError, is_out_of_space

logger = logging.getLogger(__name__)


def run_attempt(*, job_id: str, load_animator: Callable[[], Animator]) -> bool:
    """Work on a job if it is there to be worked on; False when there was nothing to claim.

    Safe to call twice, at the same time or one after the other: one call works, the other finds nothing. The
    model is loaded before the claim, so that a job never waits for a worker that only gets ready.

    An error without a code fails the job as `internal` and is raised again.
    """
    if not Job.objects.filter(pk=job_id, state=JobState.QUEUED).exists():
        return False
    animator = load_animator()
    lease = claim(job_id=job_id)
    if lease is None:
        return False
    try:
        with kept_alive(lease), workspace(lease) as folder:
            video = produce(lease=lease, animator=animator, workspace=folder)
            _seal_and_release(lease, video)
    except LeaseLost:
        logger.info("Job %s was taken away from this attempt", job_id)
    except CodedError as error:
        _fail(lease, JobReason.of_error(error))
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


def _seal_and_release(lease: Lease, video: CheckedVideo) -> None:
    """Both or neither. A video that is refused at the last gate leaves nothing in storage."""
    store_video(video)  # slow, so before the transaction: with SQLite it locks everybody out
    try:
        with transaction.atomic():
            sealed = seal_rendition(lease=lease, video=video)
            partner = Partner.objects.get(jobs__id=lease.job_id)
            if partner.review_policy == ReviewPolicy.RELEASE:
                release_rendition(sealed=sealed, actor=SYSTEM)
    except BaseException:
        discard_unsealed(video)
        raise


def _fail(lease: Lease, reason: JobReason) -> None:
    job = Job.objects.select_related("consent").get(pk=lease.job_id)
    logger.warning("Job %s failed: %s", job.id, reason.code)
    end_without_video(
        job=job, before=RUNNING, after=JobState.FAILED, reason=reason, actor=SYSTEM, lease=lease
    )
