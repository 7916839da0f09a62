"""The attempt's side of a long video: asks others for help, makes what nobody takes, joins in order."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator

from celery import current_app, group
from django.conf import settings
from kombu.exceptions import OperationalError

from generation.admission.presence import slots_of
from generation.models import Job, RenderSegment
from generation.pipeline.segments.plan import SegmentPlan
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
        self._others = self._told = 0
        self._counted = 0.0

    def segments(self, plan: SegmentPlan, make: MakeSegment) -> Generator[MadeSegment]:
        """As SegmentSharing. Whatever ends it, no row or file of the attempt is left."""
        plan_key = spool.store_plan(plan)
        try:
            claims.publish(
                job_id=self._job.pk,
                attempt=self._attempt,
                count=len(plan),
                plan_key=plan_key,
                watermark_year=self._year,
            )
            ask_for_help(self._job, self._attempt, len(plan) - 1)
            yield from self._in_order(plan, make)
        finally:
            sweep.remove_attempt(self._attempt)
            sweep.remove_file(plan_key)

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
            made = spool.read_segment(row, plan.track.fps)
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


def ask_for_help(job: Job, attempt: str, segments: int) -> None:
    """Tell as many workers as there are, and as can be of use, that a video has segments to make.

    Messages are hints: one that is lost costs time, and one too many finds nothing to do.
    """
    helpers = min(segments, settings.LIKENESS_SEGMENT_HELPERS, slots_of(job.queue) - 1)
    if helpers < 1:
        return
    asked = [
        current_app.signature(HELP, args=(job.pk, attempt), queue=job.queue, immutable=True)
        for _ in range(helpers)
    ]
    try:
        group(asked, app=current_app).apply_async()
    except OperationalError:
        logger.warning("Job %s: nobody could be asked to help", job.pk)
