"""A helper's side of a long video: takes segments of another worker's attempt, one after the other.

For workers only: this module and what it calls load torch and OpenCV.
"""

from __future__ import annotations

import logging
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum, auto
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generation.animation.protocols import PortraitAnimator, StretchRenderer, renders_stretches
from generation.choices.disclosures import disclosure_of
from generation.choices.video_formats import format_of
from generation.models import Job, RenderSegment
from generation.pipeline.segments.making import SegmentMaker
from generation.pipeline.segments.plan import SegmentPlan
from generation.pipeline.segments.segment import MadeSegment
from generation.pipeline.segments.stretches import stretches
from generation.services.permission import require_permission
from generation.services.renderers import offered_renderer
from generation.services.segments import claims, spool, sweep
from generation.services.segments.claims import SegmentLost
from generation.services.segments.portrait_pixels import portrait_pixels
from generation.states import RUNNING
from generation.turn import next_in_turn
from provenance.common.errors import CodedError
from provenance.keys.service_keys import watermark_key
from provenance.services.journal import JournalUnread, require_caught_up
from provenance.services.log import LogDamaged, require_log_goes_on

HEARTBEAT_S = 1.0

logger = logging.getLogger(__name__)


class Help(Enum):
    """How an offer of help ended."""

    NOTHING_LEFT = auto()
    JOBS_WAIT = auto()
    """Somebody's job waits for a worker and goes first; there may be segments left."""


@dataclass(frozen=True)
class _Fitted:
    """What a helper keeps of the attempt that it helped last: all its segments are of one face."""

    attempt: str
    plan: SegmentPlan
    portrait: NDArray[np.uint8]
    renderer: StretchRenderer
    face: Any


_last: list[_Fitted] = []


def help_with(*, job_id: str, attempt: str, load_animator: Callable[[str], PortraitAnimator]) -> Help:
    """Make segments of an attempt at a job until none is left, or until a job waits for a worker.

    Before each segment is asked what is asked before a job: the log, the partner, the consent. A segment that
    cannot be made is left to the attempt, which fails with the reason if it cannot make it either.
    """
    try:
        while (job := _permitted(job_id, attempt)) is not None:
            if next_in_turn(job.queue) is not None:
                return Help.JOBS_WAIT
            row = claims.claim_next(attempt)
            if row is None:
                break
            if not _make(job, row, load_animator):
                break
    finally:
        if not Job.objects.filter(pk=job_id, lease_owner=attempt, state__in=RUNNING).exists():
            _last.clear()  # a face stays here no longer than its attempt is known to last
    return Help.NOTHING_LEFT


def _permitted(job_id: str, attempt: str) -> Job | None:
    """The job, if its attempt is at work and everything that a job needs is still so."""
    jobs = Job.objects.select_related("partner", "consent", "portrait", "driving_audio")
    job = jobs.filter(pk=job_id, lease_owner=attempt, state__in=RUNNING).first()
    try:
        require_caught_up()
        require_log_goes_on()
        if job is not None:
            require_permission(job)
    except (JournalUnread, LogDamaged):
        return None
    except CodedError as refusal:  # the attempt is refused likewise, and says so
        logger.info("Job %s: no help: %s", job_id, refusal.code)
        return None
    return job


def _make(job: Job, row: RenderSegment, load_animator: Callable[[str], PortraitAnimator]) -> bool:
    try:
        fitted = _fitted(job, row, load_animator)
        if fitted is None:
            claims.give_back(row)
            return False
        made = _made(job, row, fitted)
        key, seal = spool.store_segment(row, made)
        if not claims.deliver(row, made_key=key, seal=seal, frames=len(made.cells)):
            sweep.remove_file(key)
            return False
    except (SegmentLost, FileNotFoundError):  # the files go with the attempt
        logger.info("Job %s: segment %d is not wanted any more", job.pk, row.number)
        return False
    except Exception:
        claims.give_back(row)
        raise
    return True


def _fitted(job: Job, row: RenderSegment, load_animator: Callable[[str], PortraitAnimator]) -> _Fitted | None:
    """The face of the job, fitted; None where this worker's renderer is not the one of the plan."""
    if _last and _last[0].attempt == row.attempt:
        return _last[0]
    _last.clear()
    plan = spool.read_plan(row.plan_key)
    animator = load_animator(offered_renderer(job.renderer))
    if animator.identity != plan.renderer or not renders_stretches(animator):
        logger.warning("Job %s: this worker has another renderer, and cannot help", job.pk)
        return None
    with tempfile.TemporaryDirectory(prefix="likeness-media-") as folder:
        portrait, _ = portrait_pixels(job.portrait, workspace=Path(folder))
    _last.append(_Fitted(row.attempt, plan, portrait, animator, animator.fit(portrait)))
    return _last[0]


def _made(job: Job, row: RenderSegment, fitted: _Fitted) -> MadeSegment:
    plan = fitted.plan
    maker = SegmentMaker(fitted.portrait, plan.track, replace(disclosure_of(job), place=plan.label_place))
    frames = stretches(fitted.renderer, fitted.face, plan.track, format_of(job))(plan.frames(row.number))
    renewed = time.monotonic()

    def on_frame(done: int) -> None:
        nonlocal renewed
        if time.monotonic() - renewed >= HEARTBEAT_S:
            claims.renew_claim(row, done)
            renewed = time.monotonic()

    prepared = maker.prepared(plan.cuts[row.number], frames)
    key = watermark_key(row.watermark_year)
    return maker.begin(plan, key, row.number, prepared, on_frame).finish()
