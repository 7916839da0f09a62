"""What the workers of a queue can do: jobs at a time, time for a job; and what they have to do now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import OuterRef, Subquery

from accounts.models import Partner
from generation.admission.forecast import QueuedWork, RunningWork, Span, forecast
from generation.admission.presence import slots_of
from generation.animation.framing.view import output_size
from generation.choices.video_formats import format_of
from generation.models import Job, Rendition
from generation.states import RUNNING, JobState
from generation.turn import newest_starts, weight_of

JOBS_LOOKED_AT = 30
LEAST_FRAMES = 50  # a shorter job takes as long: fitting, signing and checking do not get shorter
FIRST_GUESS_S = 0.05  # a frame, before any video was made; 20 frames/s with everything around them
# A running job that takes longer than was expected has this share of it still to do.
LEAST_LEFT = 0.1
NEW = "the new job"
_USUAL_PIXELS = 512 * 512


@dataclass(frozen=True)
class Load:
    """A queue at one moment, and what its workers can do."""

    now: datetime
    slots: int
    frame_s: float
    running: list[Job]
    waiting: list[Job]
    began: dict[object, list[float]]
    weights: dict[object, int]

    def work_s(self, frames: float) -> float:
        """How long an attempt at a job of that many frames of 512x512 takes."""
        return max(frames, LEAST_FRAMES) * self.frame_s

    def forecast(self, *, partner_id: str | None = None, frames: float = 0) -> dict[object, Span]:
        """When each waiting job starts and ends, by its id; with a partner, a new job of it too, as `NEW`."""
        waiting = [
            QueuedWork(job.pk, job.partner_id, self.work_s(_usual_frames_of(job))) for job in self.waiting
        ]
        if partner_id is not None:
            waiting.append(QueuedWork(NEW, partner_id, self.work_s(frames)))
        running = [RunningWork(job.partner_id, self._left_s(job)) for job in self.running]
        return forecast(
            running=running,
            waiting=waiting,
            slots=self.slots,
            began=self.began,
            weights=self.weights,
        )

    def _left_s(self, job: Job) -> float:
        work_s = self.work_s(_usual_frames_of(job))
        since = job.started_at or self.now
        return max(work_s - (self.now - since).total_seconds(), LEAST_LEFT * work_s)


def usual_frames(frames: int, width: int, height: int) -> float:
    """How many frames of 512x512 take as long to make as `frames` of another size.

    At that size half of the time is for the pixels, and half is not: by the figures of docs/video-format.md.
    """
    return frames * (1 + width * height / _USUAL_PIXELS) / 2


def _usual_frames_of(job: Job) -> float:
    size = output_size(format_of(job), job.portrait.width, job.portrait.height)
    return usual_frames(job.frames_total, *size)


def load_of(queue: str, now: datetime, *, newcomer: str) -> Load:
    """What the workers of a queue have to do now, with the turn of the partner `newcomer` if it adds a job.

    One worker is assumed where none was seen lately.
    """
    fields = ("id", "partner_id", "state", "frames_total", "created_at", "started_at", "deadline_at", "video")
    sizes = ("portrait__width", "portrait__height")
    active = Job.objects.active().filter(queue=queue, deadline_at__gt=now).order_by("created_at", "id")
    jobs = list(active.select_related("portrait").only(*fields, *sizes))
    partners = {newcomer, *(job.partner_id for job in jobs)}
    # The newest attempt of each by its index: a maximum would read all jobs that a partner ever had.
    attempts = Job.objects.filter(partner=OuterRef("pk"), started_at__isnull=False).order_by("-started_at")
    began = (
        Partner.objects.filter(pk__in=partners)
        .order_by()
        .annotate(last=Subquery(attempts.values("started_at")[:1]))
        .exclude(last=None)
        .values_list("pk", "last")
    )
    return Load(
        now=now,
        slots=max(1, slots_of(queue)),
        frame_s=frame_s(queue),
        running=[job for job in jobs if job.state in RUNNING],
        waiting=[job for job in jobs if job.state == JobState.QUEUED],
        began={
            partner: [last.timestamp()]
            if weight_of(partner) == 1
            else [start.timestamp() for start in reversed(newest_starts(partner, weight_of(partner)))]
            for partner, last in began
        },
        weights={partner: weight_of(partner) for partner in partners},
    )


def frame_s(queue: str) -> float:
    """Seconds for a frame of 512x512, everything around it included, as the newest videos of a queue took."""
    newest = (
        Rendition.objects.filter(job__queue=queue, job__started_at__isnull=False)
        .order_by("-sealed_at", "-id")
        .values_list("sealed_at", "job__started_at", "frames", "width", "height")[:JOBS_LOOKED_AT]
    )
    took = [
        (seconds, max(usual_frames(frames, width, height), LEAST_FRAMES))
        for sealed, started, frames, width, height in newest
        if started and 0 < (seconds := (sealed - started).total_seconds()) <= settings.LIKENESS_JOB_DEADLINE_S
    ]
    if not took:
        return FIRST_GUESS_S
    return sum(seconds for seconds, _ in took) / sum(frames for _, frames in took)
