"""A job is taken only if it and all before it can begin in time; one partner's flood leaves room."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import ConsentGrant, Partner
from generation.admission import capacity, presence
from generation.admission.admission import Busy, admission_of
from generation.models import DrivingAudio, Job, Portrait, RenderWorker, Rendition
from generation.models.job import new_job_id
from tests.factories import PartnerFactory
from tests.generation.api.calls import problem

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(amara: Portrait, recording: DrivingAudio, grant: ConsentGrant) -> dict[str, str]:
    return {"portrait_id": amara.id, "driving_audio_id": recording.id}


@pytest.fixture(autouse=True)
def _ten_seconds_a_job(settings, monkeypatch) -> None:
    """Jobs of ten seconds, and a promise of a hundred."""
    settings.LIKENESS_JOB_MAX_WAIT_S = 100
    monkeypatch.setattr(capacity, "frame_s", lambda queue: 10 / capacity.LEAST_FRAMES)


def fill(submit, count: int) -> list[Job]:
    """Jobs that wait: one that was submitted, and others like it."""
    jobs = [submit()]
    while len(jobs) < count:
        job = Job.objects.get(pk=jobs[0].pk)
        job.pk, job._state.adding = new_job_id(), True
        job.save(force_insert=True)
        jobs.append(job)
    return jobs


def test_an_estimate_is_given_and_kept_with_the_job(submit, api_a, settings):
    first, second = submit(), submit()
    assert first.estimated_start_at is not None
    assert second.estimated_start_at is not None
    assert second.estimated_start_at - first.estimated_start_at == pytest.approx(
        timedelta(seconds=10), abs=timedelta(seconds=5)
    )
    answer = api_a.get(f"/v1/jobs/{second.id}").json()
    assert answer["estimated_start_at"] < answer["estimated_end_at"] < answer["deadline_at"]


def test_a_flood_is_refused_with_the_time_to_come_again(submit, api_a, order):
    fill(submit, 7)  # the seventh begins after sixty seconds
    with pytest.raises(Busy) as refusal:
        submit()
    assert 5 <= refusal.value.retry_after_s <= 15
    assert Job.objects.count() == 7
    answer = api_a.post("/v1/jobs", order, content_type="application/json")
    problem(answer, 503, "busy")
    assert int(answer.headers["Retry-After"]) == refusal.value.retry_after_s


def test_large_frames_take_more_of_the_promised_time_than_small_ones(submit, partner_b: Partner):
    jobs = fill(submit, 3)
    before = admission_of(partner=partner_b, queue=jobs[0].queue, frames=1500).estimate
    Job.objects.update(video=jobs[0].video | {"aspect": "16:9", "size": 1080}, frames_total=50)

    after = admission_of(partner=partner_b, queue=jobs[0].queue, frames=1500).estimate

    took = [estimate.end_at - estimate.start_at for estimate in (before, after)]
    assert took[0] == pytest.approx(took[1], abs=timedelta(seconds=1))
    assert after.start_at - before.start_at > timedelta(seconds=20)


def test_it_leaves_room_for_somebody_who_has_nothing_waiting(submit, partner_b: Partner):
    jobs = fill(submit, 7)
    admission = admission_of(partner=partner_b, queue=jobs[0].queue, frames=15)
    assert admission.retry_after_s is None
    assert admission.estimate.jobs_ahead <= 1


def test_who_was_served_lately_is_no_newcomer(submit, partner_b: Partner):
    jobs, now = fill(submit, 7), timezone.now()
    for job in jobs:  # seven partners with one job each
        Job.objects.filter(pk=job.pk).update(
            partner=PartnerFactory(), started_at=now - timedelta(seconds=300)
        )
    done = Job.objects.get(pk=jobs[0].pk)
    done.pk, done._state.adding, done.partner = new_job_id(), True, partner_b
    done.state, done.started_at = "released", now - timedelta(seconds=50)
    done.save(force_insert=True)
    served_lately = admission_of(partner=partner_b, queue="cpu", frames=15)
    assert (served_lately.estimate.jobs_ahead, served_lately.retry_after_s is None) == (7, False)
    Job.objects.filter(pk=done.pk).update(started_at=now - timedelta(seconds=200))
    served_before = admission_of(partner=partner_b, queue="cpu", frames=15)
    assert (served_before.estimate.jobs_ahead, served_before.retry_after_s) == (7, None)


def test_nobody_is_taken_whose_turn_would_break_what_was_promised_to_another(submit, partner_b: Partner):
    jobs = fill(submit, 7)
    ends_by = timezone.now() + timedelta(seconds=76)  # it is to end in 70, and then in 80
    Job.objects.filter(pk=jobs[-1].pk).update(deadline_at=ends_by)
    assert admission_of(partner=partner_b, queue=jobs[0].queue, frames=15).retry_after_s is not None


def test_more_workers_make_room(submit):
    jobs = fill(submit, 7)
    presence.say_present(name="render@a", queues=["cpu", "io"], slots=3)
    assert presence.slots_of("cpu") == 3
    assert presence.slots_of("gpu") == 0
    assert admission_of(partner=jobs[0].partner, queue="cpu", frames=15).retry_after_s is None
    presence.say_gone("render@a")
    assert presence.slots_of("cpu") == 0


def test_a_worker_that_was_not_seen_for_long_does_not_count():
    presence.say_present(name="render@a", queues=["cpu"], slots=3)
    RenderWorker.objects.update(seen_at=timezone.now() - timedelta(minutes=2))
    assert presence.slots_of("cpu") == 0


@pytest.mark.slow
def test_a_dry_run_says_the_same(api_a, order, submit):
    answer = api_a.post("/v1/jobs?dry_run=true", order, content_type="application/json").json()
    assert answer["jobs_ahead"] == 0
    assert answer["estimated_start_at"] < answer["estimated_end_at"]


@pytest.mark.slow
def test_the_page_says_how_long_it_takes(submit, alice_browser):
    fill(submit, 2)
    assert "2 videos will be begun before yours" in alice_browser.get("/console/jobs/new/").content.decode()
    fill(submit, 5)  # with the two before
    assert "The service is busy" in alice_browser.get("/console/jobs/new/").content.decode()


def test_the_time_for_a_frame_is_that_of_the_newest_videos(monkeypatch, waiting: Rendition):
    monkeypatch.undo()
    took = timedelta(seconds=20)
    Job.objects.filter(pk=waiting.job_id).update(started_at=waiting.sealed_at - took)
    assert capacity.frame_s(waiting.job.queue) == pytest.approx(20 / capacity.LEAST_FRAMES)
    assert capacity.frame_s("gpu") == capacity.FIRST_GUESS_S
    # The same time for frames of eight times the pixels: a small frame takes less of it.
    Rendition.objects.filter(pk=waiting.pk).update(width=1920, height=1080, frames=100)
    assert capacity.frame_s(waiting.job.queue) == pytest.approx(20 / (100 * 4.455), rel=0.01)
