"""Workers that make one job's video together, on a small scale: fifteen frames in three segments."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
from django.core.files.storage import storages

from generation.animation.framing.video_format import VideoFormat
from generation.animation.track.motion_track import MotionTrack
from generation.disclosure.choice import Disclosure
from generation.models import Job, RenderSegment
from generation.pipeline.segments.making import SegmentMaker
from generation.pipeline.segments.plan import PlannedSegment, SegmentPlan
from generation.pipeline.segments.segment import MadeSegment
from generation.pipeline.segments.stretches import stretches
from generation.services.advance import claim
from generation.services.segments import claims, spool
from generation.services.segments.helping import Help, help_with
from generation.services.segments.sharing import SharedSegments
from provenance.keys.service_keys import watermark_key
from provenance.watermark import WatermarkPayload
from tests.generation.intake.files import portrait
from tests.generation.pipeline.moving_portrait import SWAY
from tests.generation.pipeline.segments.sways import SwayingStretches

CUTS = [(0, 5), (5, 10), (10, 15)]
TRACK = MotionTrack.neutral(15, 25)
PLAN = SegmentPlan(25, WatermarkPayload(5), 56, (0, 5, 10, 15), SWAY, "bottom_left")


class Counting(SwayingStretches):
    """Knows which stretches it rendered."""

    def __init__(self) -> None:
        super().__init__()
        self.rendered: list[tuple[int, int]] = []
        self.fitted = 0

    def fit(self, image: np.ndarray) -> np.ndarray:
        self.fitted += 1
        return super().fit(image)

    def render_stretch(self, fitted, track, *, video, frames: range):
        self.rendered.append((frames.start, frames.stop))
        return super().render_stretch(fitted, track, video=video, frames=frames)


class Worker(Counting):
    """Holds the job and makes its video, but for what comes before and after the segments."""

    def make_video(self, job: Job) -> list[bytes]:
        """The segments of the video, in order."""
        assert claim(job_id=job.id)
        job.refresh_from_db()
        told: list[tuple[int, int]] = []
        shared = SharedSegments(job, watermark_year=2026, on_frame=lambda *done: told.append(done))
        made = [segment.to_bytes() for segment in shared.segments(PLAN, motion(), self.make)]
        assert told[-1] == (15, 15)
        assert told == sorted(told)
        return made

    def make(self, number: int, on_frame: Callable[[int], None]) -> MadeSegment:
        face = np.array(portrait(384))  # as stored for the job
        frames = stretches(self, face, TRACK, VideoFormat(size=256))(PLAN.frames(number))
        maker = SegmentMaker(face, Disclosure(place=PLAN.label_place), PLAN.fps, PLAN.cuts)
        prepared = maker.prepared(number, TRACK.between(*PLAN.cuts[number : number + 2]), frames)
        return maker.begin(PLAN, watermark_key(2026), number, prepared, on_frame).finish()


def helping_by(animator: SwayingStretches) -> Callable[[str, str], Help]:
    """A worker with this animator does all that it can."""
    return lambda job_id, attempt: help_with(
        job_id=job_id, attempt=attempt, load_animator=lambda name: animator
    )


def motion() -> Iterator[MotionTrack]:
    """That of the segments of PLAN, in order."""
    return (TRACK.between(first, stop) for first, stop in pairwise(PLAN.cuts))


def offer(job: Job) -> None:
    """Offer all segments of PLAN, as the attempt at a job does."""
    key = ""
    for number, piece in enumerate(motion()):
        key = spool.store_planned(PlannedSegment(PLAN, number, piece, key))
        claims.publish(
            job_id=job.pk, attempt=job.lease_owner, number=number, plan_key=key, watermark_year=2026
        )


def spooled() -> list[Path]:
    """What lies in the storage of plans and segments."""
    folder = Path(storages["media"].path("segments"))
    return [path for path in folder.rglob("*") if path.is_file()]


def assert_nothing_is_left() -> None:
    assert not RenderSegment.objects.exists()
    assert spooled() == []
