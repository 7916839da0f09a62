"""A helper's side of a long video: takes segments of another worker's attempt, one after the other.

It is asked before the first of them can be made, and fits the face meanwhile.

For workers only: this module and what it calls load torch and OpenCV.
"""

from __future__ import annotations

import logging
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generation.animation.portrait.portrait_check import PortraitRejected
from generation.animation.protocols import PortraitAnimator, StretchRenderer, forget, renders_stretches
from generation.animation.track.motion_track import MotionTrack, concatenate_tracks
from generation.choices.disclosures import disclosure_of
from generation.choices.video_formats import format_of
from generation.disclosure.choice import Disclosure
from generation.intake.limits import PORTRAIT_WALL_S
from generation.models import Job, RenderSegment
from generation.pipeline.segments.making import SegmentMaker
from generation.pipeline.segments.plan import PlannedSegment, SegmentPlan
from generation.pipeline.segments.segment import MadeSegment
from generation.pipeline.segments.stretches import stretches
from generation.services.permission import require_permission
from generation.services.renderers import offered_renderer
from generation.services.segments import claims, spool, sweep
from generation.services.segments.claims import SegmentLost
from generation.services.segments.portrait_pixels import portrait_pixels
from generation.states import RUNNING, JobState
from generation.storage import StoredFileDamaged
from generation.turn import next_in_turn
from provenance.common.errors import CodedError
from provenance.keys.service_keys import watermark_key
from provenance.services.journal import JournalUnread, require_caught_up
from provenance.services.log import LogDamaged, require_log_goes_on

HEARTBEAT_S = 1.0
ASK_EVERY_S = 0.25  # whether a segment can be made
MOST_AHEAD = 200 * 1024**2  # bytes of frames that wait for the strength of their mark
MOST_WAIT_S = 60.0  # for the next one: whoever asked may have ended without a word
BEFORE_SIGNING = (JobState.ANIMATING, JobState.MARKING)

logger = logging.getLogger(__name__)


class Help(Enum):
    """How an offer of help ended."""

    NOTHING_LEFT = auto()
    JOBS_WAIT = auto()
    """Somebody's job waits for a worker and goes first; there may be segments left."""


@dataclass
class _Fitted:
    """What a helper keeps of the attempt that it helped last: all its segments are of one face.

    `planned` are the segments that were read so far, by their keys; `makers` make
    those of a plan.
    """

    attempt: str
    portrait: NDArray[np.uint8]
    renderer: StretchRenderer
    face: Any
    planned: dict[str, PlannedSegment] = field(default_factory=dict)
    makers: dict[SegmentPlan, SegmentMaker] = field(default_factory=dict)

    def read(self, key: str) -> tuple[PlannedSegment, MotionTrack]:
        """What is planned of a segment, and the motion of the video up to its end."""
        pieces, before = [], key
        while before:
            if before not in self.planned:
                self.planned[before] = spool.read_planned(before)
            pieces.append(self.planned[before].motion)
            before = self.planned[before].before
        return self.planned[key], concatenate_tracks(pieces[::-1])

    def maker_for(self, plan: SegmentPlan, disclosure: Disclosure) -> SegmentMaker:
        """What makes segments of a plan, with the label where the plan has it."""
        if plan not in self.makers:
            shown = replace(disclosure, place=plan.label_place)
            self.makers[plan] = SegmentMaker(self.portrait, shown, plan.fps, plan.cuts)
        return self.makers[plan]


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
            if row is not None:
                if not _make(job, row, load_animator):
                    break
            elif not _is_ready(job, attempt, load_animator) or not _wait_for_a_segment(job, attempt):
                break
    finally:
        if not Job.objects.filter(pk=job_id, lease_owner=attempt, state__in=RUNNING).exists():
            _forget()  # a face stays here no longer than its attempt is known to last
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


def _is_ready(job: Job, attempt: str, load_animator: Callable[[str], PortraitAnimator]) -> bool:
    """Load the model and fit the face, if segments will come; whether they can be made here then."""
    if not _may_come(attempt):
        return False
    try:
        return _fitted(job, attempt, load_animator) is not None
    except (CodedError, PortraitRejected, FileNotFoundError, StoredFileDamaged) as refusal:
        logger.info("Job %s: no help: %s", job.pk, refusal)  # the attempt meets the same, and says so
        return False


def _wait_for_a_segment(job: Job, attempt: str) -> bool:
    """Wait until there is something to do: a segment, or a job that goes first. False when nothing comes."""
    until = time.monotonic() + MOST_WAIT_S
    while time.monotonic() < until and _may_come(attempt):
        if claims.is_any_free(attempt) or next_in_turn(job.queue) is not None:
            return True
        time.sleep(ASK_EVERY_S)
    return False


def _may_come(attempt: str) -> bool:
    """Whether an attempt offers a segment, or may yet: it has offered none so far, or not all of its plan."""
    if not Job.objects.filter(lease_owner=attempt, state__in=BEFORE_SIGNING).exists():
        return False
    rows = RenderSegment.objects.filter(attempt=attempt)
    first = rows.order_by("number").first()
    try:
        if first is None or rows.count() < len(spool.read_planned(first.plan_key).plan):
            return True
    except FileNotFoundError:  # the files go with the attempt
        return False
    return claims.is_any_free(attempt)


def _make(job: Job, row: RenderSegment, load_animator: Callable[[str], PortraitAnimator]) -> bool:
    try:
        fitted = _fitted(job, row.attempt, load_animator)
        if fitted is None:
            claims.give_back(row)
            return False
        planned, track = fitted.read(row.plan_key)
        if fitted.renderer.identity != planned.plan.renderer:
            logger.warning("Job %s: this worker has another renderer, and cannot help", job.pk)
            claims.give_back(row)
            return False
        made = _made(job, row, fitted, planned, track)
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


def _fitted(job: Job, attempt: str, load_animator: Callable[[str], PortraitAnimator]) -> _Fitted | None:
    """The face of the job, fitted; None where this worker's renderer makes whole videos only."""
    if _last and _last[0].attempt == attempt:
        return _last[0]
    _forget()
    animator = load_animator(offered_renderer(job.renderer))
    if not renders_stretches(animator):
        logger.warning("Job %s: this worker renders whole videos only, and cannot help", job.pk)
        return None
    with tempfile.TemporaryDirectory(prefix="likeness-media-") as folder:
        portrait, _ = portrait_pixels(job.portrait, workspace=Path(folder), wall_s=PORTRAIT_WALL_S)
    _last.append(_Fitted(attempt, portrait, animator, animator.fit(portrait)))
    return _last[0]


def _rendered_ahead(
    row: RenderSegment, rendered: Iterator[NDArray[np.uint8]], on_frame: Callable[[int], None]
) -> Iterator[NDArray[np.uint8]]:
    """The frames of a segment, of which as many are rendered as memory allows while the attempt chooses the
    strength of the mark; returns when it has, and the row names that plan. Raises SegmentLost."""
    ahead: deque[NDArray[np.uint8]] = deque()
    undecided, asked, size = row.plan_key, time.monotonic(), 0
    for frame in rendered:
        ahead.append(frame)
        size += frame.nbytes
        on_frame(0)
        if time.monotonic() - asked >= ASK_EVERY_S:
            asked, row.plan_key = time.monotonic(), claims.plan_now(row)
        if row.plan_key != undecided or size + frame.nbytes > MOST_AHEAD:
            break
    while row.plan_key == undecided:
        on_frame(0)
        time.sleep(ASK_EVERY_S)
        row.plan_key = claims.plan_now(row)

    def all_frames() -> Iterator[NDArray[np.uint8]]:
        while ahead:
            yield ahead.popleft()
        yield from rendered

    return all_frames()


def _forget() -> None:
    for fitted in _last:
        forget(fitted.renderer, fitted.face)
    _last.clear()


def _made(
    job: Job, row: RenderSegment, fitted: _Fitted, planned: PlannedSegment, track: MotionTrack
) -> MadeSegment:
    renewed = time.monotonic()

    def on_frame(done: int) -> None:
        nonlocal renewed
        if time.monotonic() - renewed >= HEARTBEAT_S:
            claims.renew_claim(row, done)
            renewed = time.monotonic()

    frames = planned.plan.frames(row.number)
    rendered = stretches(fitted.renderer, fitted.face, track, format_of(job))(frames)
    if planned.plan.strength is None:
        rendered = _rendered_ahead(row, rendered, on_frame)
        planned, _ = fitted.read(row.plan_key)
    plan = planned.plan
    maker = fitted.maker_for(plan, disclosure_of(job))
    prepared = maker.prepared(row.number, planned.motion, rendered)
    key = watermark_key(row.watermark_year)
    return maker.begin(plan, key, row.number, prepared, on_frame).finish()
