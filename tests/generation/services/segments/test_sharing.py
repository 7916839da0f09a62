"""A long job made by several workers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from celery import current_app

from generation import storage
from generation.admission.presence import say_present
from generation.animation.track.motion_track import MotionTrack
from generation.models import Job, RenderSegment, Rendition
from generation.pipeline.decode import probe
from generation.pipeline.segments.production import PlannedTooSoon
from generation.services.advance import claim
from generation.services.segments import helping, sharing
from generation.services.segments.helping import Help
from generation.services.segments.sharing import SharedSegments
from tests.generation.conftest import run
from tests.generation.services.segments.workers import (
    CUTS,
    PLAN,
    Counting,
    assert_nothing_is_left,
    helping_by,
    motion,
)

pytestmark = pytest.mark.slow


def test_a_long_job_is_made_by_two_workers(job: Job, helper, when_asked) -> None:
    """The whole way, of which all other tests here take the middle."""
    holder = Counting()
    ended = when_asked(helping_by(helper))
    assert run(job, holder)
    assert ended == [Help.NOTHING_LEFT]
    assert (holder.rendered, helper.rendered) == (CUTS[:1], CUTS[1:])
    job.refresh_from_db()
    assert (job.state, job.frames_done) == ("in_review", 15)
    with storage.local_path(Rendition.objects.get(job=job).file_key) as path:
        assert probe(path).frames == 15
    assert_nothing_is_left()


def test_a_short_job_stays_whole(job: Job, settings) -> None:
    settings.LIKENESS_SPLIT_FROM_S = 15
    holder = Counting()
    assert run(job, holder)
    assert holder.rendered == []


def test_helpers_make_what_one_worker_makes(job: Job, worker, helper, when_asked, segments) -> None:
    when_asked(helping_by(helper))
    assert worker.make_video(job) == segments
    assert (worker.rendered, helper.rendered) == (CUTS[:1], CUTS[1:])
    assert_nothing_is_left()


def test_a_worker_that_nobody_helps_makes_every_segment(job: Job, worker, segments) -> None:
    assert worker.make_video(job) == segments
    assert worker.rendered == CUTS
    assert_nothing_is_left()


def test_as_many_are_asked_as_there_are_workers_segments_and_leave(
    job: Job, monkeypatch: pytest.MonkeyPatch, settings
) -> None:
    sent: list[tuple[str, str]] = []

    class Group:
        def __init__(self, asked, app) -> None:
            self.asked = asked

        def apply_async(self) -> None:
            sent.extend((one.task, one.options["queue"]) for one in self.asked)

    def asked(segments: int) -> list[tuple[str, str]]:
        sent.clear()
        sharing.ask_for_help(job, "attempt", segments)
        return list(sent)

    monkeypatch.setattr(sharing, "group", Group)
    assert asked(9) == []
    say_present(name="a", queues=["cpu"], slots=4)
    say_present(name="b", queues=["cpu"], slots=2)
    assert asked(9) == 5 * [(sharing.HELP, "cpu")]
    assert sharing.HELP in current_app.tasks
    assert len(asked(2)) == 2
    sent.clear()
    shared = SharedSegments(job, watermark_year=2026, on_frame=lambda *done: None)
    pieces = motion()
    shared.announce(replace(PLAN, strength=None), pieces)
    assert len(sent) == 2
    assert RenderSegment.objects.count() == 3
    assert next(pieces, None) is None
    shared.end()
    assert_nothing_is_left()
    settings.LIKENESS_SEGMENT_HELPERS = 0
    assert asked(9) == []
    shared.announce(replace(PLAN, strength=None), motion())
    assert_nothing_is_left()


def test_a_segment_is_made_while_the_motion_of_the_next_is_driven(
    job: Job, worker, helper, segments, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(helping, "MOST_WAIT_S", 0.0)
    assert claim(job_id=job.id)
    job.refresh_from_db()

    def driven() -> Iterator[MotionTrack]:
        for number, piece in enumerate(motion()):
            if number == 2:
                assert helping_by(helper)(job.id, job.lease_owner) is Help.NOTHING_LEFT
                assert helper.rendered == [CUTS[1]]
            yield piece

    shared = SharedSegments(job, watermark_year=2026, on_frame=lambda *done: None)
    assert [segment.to_bytes() for segment in shared.segments(PLAN, driven(), worker.make)] == segments
    assert worker.rendered == [CUTS[0], CUTS[2]]
    assert_nothing_is_left()


def test_a_plan_that_is_made_anew_gives_the_same_segments(
    job: Job, worker, helper, when_asked, segments
) -> None:
    """As when the rest of the motion wants the label in another corner."""
    other = replace(PLAN, label_place="top_right")

    def wants_another() -> Iterator[MotionTrack]:
        yield from motion()
        raise PlannedTooSoon

    assert claim(job_id=job.id)
    job.refresh_from_db()
    shared = SharedSegments(job, watermark_year=2026, on_frame=lambda *done: None)
    with pytest.raises(PlannedTooSoon):
        next(shared.segments(other, wants_another(), worker.make))
    assert_nothing_is_left()
    when_asked(helping_by(helper))
    assert [segment.to_bytes() for segment in shared.segments(PLAN, motion(), worker.make)] == segments
    assert helper.rendered == CUTS[1:]
