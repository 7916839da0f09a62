"""A long job made by several workers, on a small scale: fifteen frames in three segments."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from celery import current_app
from django.core.files.storage import storages
from django.utils import timezone

from accounts.models import ConsentGrant
from accounts.services import consent as consents
from generation import storage, tasks
from generation.admission.presence import say_present
from generation.animation.framing.video_format import VideoFormat
from generation.animation.identity import ModelIdentity, PixelOrigin
from generation.animation.portrait.portrait_check import PortraitRejected
from generation.animation.track.motion_track import MotionTrack
from generation.disclosure.choice import Disclosure
from generation.models import Job, RenderSegment, Rendition
from generation.pipeline.decode import probe
from generation.pipeline.segments.making import SegmentMaker
from generation.pipeline.segments.plan import PlannedSegment, SegmentPlan
from generation.pipeline.segments.production import PlannedTooSoon
from generation.pipeline.segments.segment import MadeSegment
from generation.pipeline.segments.stretches import stretches
from generation.services.advance import advance, claim
from generation.services.erasure.strays import find_strays
from generation.services.segments import claims, helping, sharing, spool, sweep
from generation.services.segments.helping import Help, help_with
from generation.services.segments.sharing import SharedSegments
from generation.states import RUNNING, JobState
from provenance.keys.service_keys import watermark_key
from provenance.watermark import WatermarkPayload
from tests.generation.conftest import run
from tests.generation.intake.files import portrait
from tests.generation.pipeline.moving_portrait import SWAY
from tests.generation.pipeline.segments.sways import SwayingStretches

pytestmark = pytest.mark.slow

CUTS = [(0, 5), (5, 10), (10, 15)]
TRACK = MotionTrack.neutral(15, 25)
PLAN = SegmentPlan(25, WatermarkPayload(5), 56, (0, 5, 10, 15), SWAY, "bottom_left")


@pytest.fixture(autouse=True)
def _segments_are_short(monkeypatch: pytest.MonkeyPatch, settings) -> None:
    monkeypatch.setattr("generation.pipeline.segments.plan.SEGMENT_S", 0.2)
    monkeypatch.setattr(sharing, "ASK_EVERY_S", 0.01)
    monkeypatch.setattr(helping, "ASK_EVERY_S", 0.01)
    monkeypatch.setattr(sharing, "TELL_EVERY_S", 0.0)
    settings.LIKENESS_SPLIT_FROM_S = 0.4


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


@pytest.fixture
def _each_frame_renews(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("generation.services.render_attempt.HEARTBEAT_S", 0.0)


@pytest.fixture
def helper() -> Counting:
    """Another worker."""
    return Counting()


@pytest.fixture
def when_asked(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[str, str], Any]], list[Any]]:
    """Have something done with job and attempt at the moment at which help is asked for; what it gave."""

    def _when_asked(act: Callable[[str, str], Any]) -> list[Any]:
        gave: list[Any] = []
        monkeypatch.setattr(
            sharing, "ask_for_help", lambda job, attempt, count: gave.append(act(job.pk, attempt))
        )
        return gave

    return _when_asked


def helping_by(animator: SwayingStretches) -> Callable[[str, str], Help]:
    """A worker with this animator does all that it can."""
    return lambda job_id, attempt: help_with(
        job_id=job_id, attempt=attempt, load_animator=lambda name: animator
    )


def motion() -> Iterator[MotionTrack]:
    """That of the segments of PLAN, in order."""
    return (TRACK.between(first, stop) for first, stop in pairwise(PLAN.cuts))


def spooled() -> list[Path]:
    """What lies in the storage of plans and segments."""
    folder = Path(storages["media"].path("segments"))
    return [path for path in folder.rglob("*") if path.is_file()]


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


@pytest.fixture
def worker() -> Worker:
    """The worker that holds the job."""
    return Worker()


@pytest.fixture(scope="module")
def segments() -> list[bytes]:
    """The segments as one process makes them."""
    return [Worker().make(number, lambda done: None).to_bytes() for number in range(3)]


def assert_nothing_is_left() -> None:
    assert not RenderSegment.objects.exists()
    assert spooled() == []


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


@pytest.mark.usefixtures("_each_frame_renews")
def test_withdrawal_between_segments_stops_everybody_and_leaves_nothing(
    job: Job, answer: consents.GrantedConsent, helper, when_asked
) -> None:
    def withdraw(job_id: str, attempt: str) -> None:
        consents.withdraw(answer.withdraw_token)
        helping_by(helper)(job_id, attempt)

    when_asked(withdraw)
    assert run(job, Counting())
    job.refresh_from_db()
    assert (job.state, job.reason_code) == ("cancelled", "consent_withdrawn")
    assert helper.rendered == []
    assert_nothing_is_left()


def test_helpers_make_what_one_worker_makes(job: Job, worker, helper, when_asked, segments) -> None:
    when_asked(helping_by(helper))
    assert worker.make_video(job) == segments
    assert (worker.rendered, helper.rendered) == (CUTS[:1], CUTS[1:])
    assert_nothing_is_left()


def test_a_worker_that_nobody_helps_makes_every_segment(job: Job, worker, segments) -> None:
    assert worker.make_video(job) == segments
    assert worker.rendered == CUTS
    assert_nothing_is_left()


def test_the_segment_of_a_lost_helper_is_made_again_alone(
    job: Job, worker, helper, when_asked, segments
) -> None:
    def be_lost(job_id: str, attempt: str) -> None:
        row = claims.claim_next(attempt)
        assert row is not None
        assert row.number == 1
        helping_by(helper)(job_id, attempt)
        RenderSegment.objects.filter(pk=row.pk).update(claim_expires_at=timezone.now() - timedelta(seconds=1))

    when_asked(be_lost)
    assert worker.make_video(job) == segments
    assert (worker.rendered, helper.rendered) == (CUTS[:2], CUTS[2:])


def test_a_helper_that_fell_silent_and_wakes_up_delivers_nothing(
    job: Job, worker, helper: Counting, when_asked
) -> None:
    def sleep_while_rendering(job_id: str, attempt: str) -> None:
        def overtaken(name: str) -> SwayingStretches:
            RenderSegment.objects.filter(attempt=attempt, number=1).update(claimed_by=attempt)
            return helper

        help_with(job_id=job_id, attempt=attempt, load_animator=overtaken)
        assert RenderSegment.objects.get(attempt=attempt, number=1).made_key == ""
        assert {path.suffix for path in spooled()} == {".plan"}
        RenderSegment.objects.filter(number=1).update(claimed_by="", claim_expires_at=None)

    when_asked(sleep_while_rendering)
    worker.make_video(job)
    assert worker.rendered == CUTS
    assert_nothing_is_left()


def test_what_a_helper_cannot_make_the_worker_makes(job: Job, worker, when_asked) -> None:
    class Broken(SwayingStretches):
        def render_stretch(self, *_, **__):
            raise ZeroDivisionError

    def fail(job_id: str, attempt: str) -> None:
        with pytest.raises(ZeroDivisionError):
            helping_by(Broken())(job_id, attempt)
        left = claims.claim_next(attempt)
        assert left is not None
        assert left.number == 2
        RenderSegment.objects.filter(number=2).update(claimed_by="")

    when_asked(fail)
    worker.make_video(job)
    assert worker.rendered == CUTS


def test_what_somebody_else_put_into_its_place_is_not_joined(
    job: Job, worker, helper, when_asked, segments
) -> None:
    def swap(job_id: str, attempt: str) -> None:
        helping_by(helper)(job_id, attempt)
        first, second = RenderSegment.objects.filter(number__gt=0)
        storage.remove(first.made_key)
        RenderSegment.objects.filter(number=1).update(made_key=second.made_key, seal=second.seal)

    when_asked(swap)
    assert worker.make_video(job) == segments
    assert worker.rendered == CUTS[:2]


def test_a_segment_that_is_gone_from_the_storage_is_made_again(
    job: Job, worker, helper, when_asked, segments
) -> None:
    def lose(job_id: str, attempt: str) -> None:
        helping_by(helper)(job_id, attempt)
        storage.remove(RenderSegment.objects.get(number=2).made_key)

    when_asked(lose)
    assert worker.make_video(job) == segments
    assert worker.rendered == [CUTS[0], CUTS[2]]


def test_a_helper_with_another_renderer_makes_nothing(job: Job, worker, when_asked) -> None:
    class Newer(Counting):
        @property
        def identity(self) -> ModelIdentity:
            return ModelIdentity("Swaying portrait", "2", "5" * 64, PixelOrigin.PORTRAIT)

    newer = Newer()
    when_asked(helping_by(newer))
    worker.make_video(job)
    assert newer.rendered == []


def test_a_helper_leaves_the_rest_while_a_job_waits(submit: Callable[..., Job], worker, helper, when_asked):
    job, waiting = submit(), submit(seed=8)
    ended = when_asked(helping_by(helper))
    worker.make_video(job)
    assert ended == [Help.JOBS_WAIT]
    assert helper.rendered == []
    waiting.refresh_from_db()
    assert waiting.state == "queued"


def test_consent_that_ran_out_is_asked_for_by_the_helper_too(
    job: Job, grant: ConsentGrant, worker, helper, when_asked
) -> None:
    def run_out(job_id: str, attempt: str) -> None:
        ConsentGrant.objects.filter(pk=grant.pk).update(valid_until=timezone.now())
        helping_by(helper)(job_id, attempt)

    when_asked(run_out)
    worker.make_video(job)
    assert helper.rendered == []


def test_an_attempt_that_is_ended_between_segments_leaves_nothing(
    job: Job, worker, helper, when_asked
) -> None:
    when_asked(helping_by(helper))
    assert claim(job_id=job.id)
    job.refresh_from_db()
    shared = SharedSegments(job, watermark_year=2026, on_frame=lambda *done: None)
    making = shared.segments(PLAN, motion(), worker.make)
    next(making)
    assert [path.suffix for path in spooled()].count(".segment") == 2
    making.close()
    assert_nothing_is_left()


def test_what_a_lost_attempt_left_is_swept(job: Job) -> None:
    lease = claim(job_id=job.id)
    assert lease is not None
    file = Path(storages["media"].path("segments/plan"))
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(b"a plan")
    for number in range(2):
        publish(job, attempt=lease.owner, number=number)
    assert sweep.sweep_segments() == 0
    advance(job_id=job.id, before=RUNNING, after=JobState.QUEUED)
    tasks.reconcile()
    assert_nothing_is_left()


def test_a_file_that_no_row_names_is_a_stray_after_a_day(job: Job) -> None:
    file = Path(storages["media"].path("segments/plan"))
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(b"a plan")
    tomorrow = timezone.now() + timedelta(days=1, minutes=1)
    assert "segments/plan" not in {stray.name for stray in find_strays(timezone.now())}
    assert "segments/plan" in {stray.name for stray in find_strays(tomorrow)}
    publish(job, attempt="one", number=0)
    assert "segments/plan" not in {stray.name for stray in find_strays(tomorrow)}
    sweep.remove_attempt("one")
    assert_nothing_is_left()


def publish(job: Job, *, attempt: str, number: int) -> None:
    claims.publish(
        job_id=job.id, attempt=attempt, number=number, plan_key="segments/plan", watermark_year=2026
    )


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


@pytest.fixture
def when_waiting(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[float]]:
    """Have something done whenever a helper waits for a segment; how often it did."""

    def _when_waiting(act: Callable[[], Any], clock: Callable[[], float] = time.monotonic) -> list[float]:
        waited: list[float] = []

        def wait(seconds: float) -> None:
            waited.append(seconds)
            act()

        monkeypatch.setattr(helping, "time", SimpleNamespace(monotonic=clock, sleep=wait))
        return waited

    return _when_waiting


def offer(job: Job) -> None:
    """Offer all segments of PLAN, as the attempt at a job does."""
    key = ""
    for number, piece in enumerate(motion()):
        key = spool.store_planned(PlannedSegment(PLAN, number, piece, key))
        claims.publish(
            job_id=job.pk, attempt=job.lease_owner, number=number, plan_key=key, watermark_year=2026
        )


def test_a_helper_that_comes_early_has_fitted_the_face_when_segments_come(
    job: Job, helper: Counting, when_waiting
) -> None:
    assert claim(job_id=job.id)
    job.refresh_from_db()

    def begin() -> None:
        assert (helper.fitted, helper.rendered) == (1, [])
        offer(job)

    waited = when_waiting(begin)
    assert helping_by(helper)(job.id, job.lease_owner) is Help.NOTHING_LEFT
    assert (len(waited), helper.fitted, helper.rendered) == (1, 1, CUTS[1:])


@pytest.fixture
def _two_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "_ask", lambda *_: 2)


@pytest.mark.usefixtures("_two_are_asked")
def test_a_helper_renders_before_the_strength_is_chosen_and_marks_with_it(
    job: Job, worker, helper: Counting, when_waiting, segments
) -> None:
    assert claim(job_id=job.id)
    job.refresh_from_db()
    shared = SharedSegments(job, watermark_year=2026, on_frame=lambda *done: None)
    shared.announce(replace(PLAN, strength=None, label_place="top_left"), motion())
    making = shared.segments(PLAN, motion(), worker.make)
    found: list[MadeSegment] = []

    def choose() -> None:
        assert helper.rendered == [CUTS[1]]
        assert RenderSegment.objects.get(number=1).made_key == ""
        found.append(next(making))

    waited = when_waiting(choose)
    assert helping_by(helper)(job.id, job.lease_owner) is Help.NOTHING_LEFT
    assert len(waited) == 1
    assert [segment.to_bytes() for segment in (*found, *making)] == segments
    assert (worker.rendered, helper.rendered) == (CUTS[:1], CUTS[1:])
    assert_nothing_is_left()


def test_a_helper_waits_for_no_attempt_that_signs(job: Job, helper: Counting, when_waiting) -> None:
    assert claim(job_id=job.id)
    job.refresh_from_db()

    def sign() -> None:
        advance(job_id=job.id, before=JobState.ANIMATING, after=JobState.MARKING)
        advance(job_id=job.id, before=JobState.MARKING, after=JobState.SIGNING)

    waited = when_waiting(sign)
    assert helping_by(helper)(job.id, job.lease_owner) is Help.NOTHING_LEFT
    assert len(waited) == 1


def test_a_helper_waits_no_longer_than_it_may(job: Job, helper: Counting, when_waiting) -> None:
    assert claim(job_id=job.id)
    job.refresh_from_db()
    waited = when_waiting(lambda: None, clock=itertools.count(step=helping.MOST_WAIT_S / 3).__next__)
    assert helping_by(helper)(job.id, job.lease_owner) is Help.NOTHING_LEFT
    assert len(waited) == 2


def test_a_job_that_comes_while_a_helper_waits_goes_first(
    submit: Callable[..., Job], helper: Counting, when_waiting
) -> None:
    job = submit()
    assert claim(job_id=job.id)
    job.refresh_from_db()
    waited = when_waiting(lambda: submit(seed=8))
    assert helping_by(helper)(job.id, job.lease_owner) is Help.JOBS_WAIT
    assert len(waited) == 1


def test_a_helper_whose_portrait_cannot_be_fitted_leaves_the_reason_to_the_attempt(job: Job) -> None:
    class Refusing(SwayingStretches):
        def fit(self, image: np.ndarray) -> np.ndarray:
            raise PortraitRejected("no_face", "No face.", "Another picture.")

    assert claim(job_id=job.id)
    job.refresh_from_db()
    assert helping_by(Refusing())(job.id, job.lease_owner) is Help.NOTHING_LEFT


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


def test_a_helper_keeps_no_face_of_an_attempt_that_has_ended(job: Job, worker, helper, when_asked) -> None:
    when_asked(helping_by(helper))
    worker.make_video(job)
    assert len(helping._last) == 1
    advance(job_id=job.id, before=RUNNING, after=JobState.QUEUED)
    help_with(job_id=job.id, attempt="another", load_animator=lambda name: helper)
    assert helping._last == []


@pytest.mark.parametrize(("ended", "sent"), [(Help.JOBS_WAIT, 1), (Help.NOTHING_LEFT, 0)])
def test_an_offer_of_help_that_jobs_kept_waiting_goes_to_the_end_of_the_queue(
    job: Job, monkeypatch: pytest.MonkeyPatch, ended: Help, sent: int
) -> None:
    again: list[tuple[tuple[str, str], dict[str, Any]]] = []
    monkeypatch.setattr(helping, "help_with", lambda **offer: ended)
    monkeypatch.setattr(
        tasks.help_with_segments, "apply_async", lambda what, **how: again.append((what, how))
    )
    tasks.help_with_segments(job.id, "an attempt")
    assert again == sent * [((job.id, "an attempt"), {"queue": "cpu", "countdown": tasks.HELP_AGAIN_S})]


def test_an_offer_of_help_for_an_attempt_that_has_ended_does_nothing(job: Job) -> None:
    tasks.help_with_segments(job.id, "an attempt that ended")
    job.refresh_from_db()
    assert job.state == "queued"
