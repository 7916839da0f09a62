"""The attempt's side of a long video: asks others for help, makes what nobody takes, joins in order."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator, Iterator
from itertools import islice

from celery import current_app, group
from django.conf import settings
from kombu.exceptions import OperationalError

from generation.admission.presence import slots_of
from generation.animation.track.motion_track import MotionTrack
from generation.models import Job, RenderSegment
from generation.pipeline.segments.plan import PlannedSegment, SegmentPlan
from generation.pipeline.segments.segment import MadeSegment, SegmentDamaged
from generation.pipeline.segments.sharing import MakeSegment
from generation.services.segments import claims, spool, sweep

HELP = "generation.tasks.help_with_segments"
ASK_EVERY_S = 0.25  # whether a segment of others has arrived
TELL_EVERY_S = 1.0

logger = logging.getLogger(__name__)


class SharedSegments:
    """Shares the segments of one attempt at one job. No work waits for a worker that may never come: the
    attempt itself makes every segment that nobody has taken, and the one of a maker that fell silent."""

    def __init__(self, job: Job, *, watermark_year: int, on_frame: Callable[[int, int], None]) -> None:
        """`on_frame` is called with the frames that all makers have made, and the number of all."""
        self._job, self._attempt, self._year = job, job.lease_owner, watermark_year
        self._on_frame = on_frame
        self._own: dict[int, int] = {}  # frames made here, by segment
        self._planned: list[str] = []  # keys of what is planned
        self._others = self._told = 0
        self._counted = 0.0

    def announce(self, plan: SegmentPlan, motion: Iterator[MotionTrack]) -> None:
        """As SegmentSharing: helpers load the model, fit the face and render the first segments meanwhile."""
        helpers = ask_to_get_ready(self._job, self._attempt, len(plan) - 1)
        if helpers:
            self._publish(plan, islice(motion, helpers + 1))

    def segments(
        self, plan: SegmentPlan, motion: Iterator[MotionTrack], make: MakeSegment
    ) -> Generator[MadeSegment]:
        """As SegmentSharing. Whatever ends it, no row or file of the attempt is left."""
        self._own.clear()
        self._others = 0
        try:
            self._publish(plan, motion)
            ask_for_help(self._job, self._attempt, len(plan) - 1)
            yield from self._in_order(plan, make)
        finally:
            self.end()

    def end(self) -> None:
        """As SegmentSharing."""
        sweep.remove_attempt(self._attempt)
        while self._planned:
            sweep.remove_file(self._planned.pop())

    def _publish(self, plan: SegmentPlan, motion: Iterator[MotionTrack]) -> None:
        """Offer the segments of a plan, one after the other as their motion comes; those that are offered
        already, by this plan."""
        plan_key = ""
        for number, piece in enumerate(motion):
            plan_key = spool.store_planned(PlannedSegment(plan, number, piece, plan_key))
            self._planned.append(plan_key)  # who renders by an earlier plan still reads it
            claims.publish(
                job_id=self._job.pk,
                attempt=self._attempt,
                number=number,
                plan_key=plan_key,
                watermark_year=self._year,
            )
            self._tell(plan)

    def _in_order(self, plan: SegmentPlan, make: MakeSegment) -> Generator[MadeSegment]:
        here = {0: self._make(0, plan, make)}
        header = here[0].pictures.header
        for number in range(len(plan)):
            while (made := here.pop(number, None)) is None:
                if (row := self._delivered(number)) is not None:
                    made = self._fetched(row, plan, header) or self._make(number, plan, make)
                    break
                free = claims.claim_next(self._attempt, by_attempt=True)
                if free is not None:
                    here[free.number] = self._make(free.number, plan, make)
                else:
                    self._tell(plan)
                    time.sleep(ASK_EVERY_S)
            yield made

    def _delivered(self, number: int) -> RenderSegment | None:
        rows = RenderSegment.objects.filter(attempt=self._attempt, number=number)
        return rows.exclude(made_key="").first()

    def _fetched(self, row: RenderSegment, plan: SegmentPlan, header: bytes) -> MadeSegment | None:
        try:
            made = spool.read_segment(row, plan.fps)
        except SegmentDamaged as damage:
            logger.warning("Job %s: segment %d is made again: %s", self._job.pk, row.number, damage)
        else:
            if made.pictures.header == header and len(made.cells) == len(plan.frames(row.number)):
                return made
            logger.warning("Job %s: segment %d came from another encoder", self._job.pk, row.number)
        claims.take_back(row)
        return None

    def _make(self, number: int, plan: SegmentPlan, make: MakeSegment) -> MadeSegment:
        def on_frame(done: int) -> None:
            self._own[number] = done
            self._tell(plan)

        return make(number, on_frame)

    def _tell(self, plan: SegmentPlan) -> None:
        if time.monotonic() - self._counted >= TELL_EVERY_S:
            self._counted = time.monotonic()
            self._others = claims.frames_of_others(self._attempt, set(self._own))
        total = plan.cuts[-1]
        # What is made again counts once.
        self._told = max(self._told, min(sum(self._own.values()) + self._others, total))
        self._on_frame(self._told, total)


def ask_to_get_ready(job: Job, attempt: str, segments: int) -> int:
    """As `ask_for_help`, before a segment can be marked; how many were asked. Who is busy now is asked again
    when all segments can be made."""
    return _ask(job, attempt, segments)


def ask_for_help(job: Job, attempt: str, segments: int) -> None:
    """Tell as many workers as there are, and as can be of use, that a video has segments to make.

    Messages are hints: one that is lost costs time, and one too many finds nothing to do.
    """
    _ask(job, attempt, segments)


def _ask(job: Job, attempt: str, segments: int) -> int:
    helpers = min(segments, settings.LIKENESS_SEGMENT_HELPERS, slots_of(job.queue) - 1)
    if helpers < 1:
        return 0
    asked = [
        current_app.signature(HELP, args=(job.pk, attempt), queue=job.queue, immutable=True)
        for _ in range(helpers)
    ]
    try:
        group(asked, app=current_app).apply_async()
    except OperationalError:
        logger.warning("Job %s: nobody could be asked to help", job.pk)
        return 0
    return helpers
