"""What goes wrong while several workers make a job: nothing false is joined, and nothing is left behind."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import storages
from django.utils import timezone

from accounts.models import ConsentGrant
from accounts.services import consent as consents
from generation import storage, tasks
from generation.models import Job, RenderSegment
from generation.services.advance import advance, claim
from generation.services.erasure.strays import find_strays
from generation.services.segments import claims, sweep
from generation.services.segments.helping import help_with
from generation.services.segments.sharing import SharedSegments
from generation.states import RUNNING, JobState
from tests.generation.conftest import run
from tests.generation.pipeline.segments.sways import SwayingStretches
from tests.generation.services.segments.workers import (
    CUTS,
    PLAN,
    Counting,
    assert_nothing_is_left,
    helping_by,
    motion,
    spooled,
)

pytestmark = pytest.mark.slow


@pytest.fixture
def _each_frame_renews(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("generation.services.production.progress.HEARTBEAT_S", 0.0)


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
