from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import timezone
from kombu.exceptions import OperationalError

from accounts.access.actors import actor_of
from accounts.errors import ConsentMissing, ConsentUsedUp, ConsentWithdrawn, PartnerNotActive
from accounts.models import ConsentGrant, Partner, User
from accounts.services import consent as consents
from accounts.services import partners
from generation.admission.presence import say_gone, say_present
from generation.admission.quotas import TooManyJobs
from generation.choices.wanted_job import WantedJob
from generation.models import DrivingAudio, Job, Portrait
from generation.services.dispatch import queue_name
from generation.services.planning import plan_job
from generation.services.submit import submit_job
from provenance.common.errors import InvalidInput, NotFound
from provenance.models.log import LogEntry
from tests.factories import granted_consent
from tests.generation.conftest import SPEECH_S, stored_audio, stored_portrait

Submit = Callable[..., Job]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    """What was sent to the broker."""
    messages: list[tuple[object, ...]] = []

    def send_task(self: object, name: str, args: tuple[object, ...], queue: str) -> None:
        messages.append((name, *args, queue))

    monkeypatch.setattr("celery.Celery.send_task", send_task)
    return messages


def test_it_queues_a_job_with_everything_the_worker_needs(submit: Submit, grant: ConsentGrant) -> None:
    job = submit(controls={"gaze_yaw": 10})
    assert job.state == "queued"
    assert job.consent == grant
    assert job.controls["gaze_yaw"] == 10
    assert job.controls["emotion"] == "neutral"
    assert job.seed == 7
    assert job.frames_total == round(SPEECH_S * 25)
    assert job.deadline_at > timezone.now()


def test_it_takes_one_video_from_the_consent(submit: Submit, grant: ConsentGrant) -> None:
    submit()
    grant.refresh_from_db()
    assert grant.used_videos == 1


def test_it_is_logged(submit: Submit, alice: User) -> None:
    job = submit()
    entry = LogEntry.objects.get(index=job.log_position)
    assert (entry.event, entry.actor) == ("job.submitted", alice.id)
    assert job.id in entry.body


def test_the_message_is_sent_after_the_commit(
    submit: Submit, sent: list[tuple[object, ...]], django_capture_on_commit_callbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        job = submit()
        assert sent == []
    assert sent == [("generation.tasks.run_job", job.id, "cpu")]
    job.refresh_from_db()
    assert job.dispatched_at is not None


def test_it_goes_where_workers_are_and_least_waits(submit: Submit) -> None:
    assert submit(seed=1).queue == "cpu"
    say_present(name="a", queues=["gpu"], slots=1)
    assert submit(seed=2).queue == "gpu"
    say_present(name="b", queues=["cpu"], slots=1)
    assert queue_name() == "gpu"
    Job.objects.update(queue="gpu")
    assert queue_name() == "cpu"
    say_gone("b")
    assert queue_name() == "gpu"


def test_a_dead_broker_does_not_lose_the_job(
    submit: Submit, monkeypatch, django_capture_on_commit_callbacks
) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr("celery.Celery.send_task", fail)
    with django_capture_on_commit_callbacks(execute=True):
        job = submit()
    job.refresh_from_db()
    assert (job.state, job.dispatched_at) == ("queued", None)


def test_a_seed_is_drawn_when_none_is_given(submit: Submit) -> None:
    assert submit(seed=None).seed != submit(seed=None).seed


def test_it_refuses_a_portrait_without_consent(alice: User, amara: Portrait, recording: DrivingAudio) -> None:
    with pytest.raises(ConsentMissing):
        submit_job(
            actor=actor_of(alice), wanted=WantedJob(portrait_id=amara.id, driving_audio_id=recording.id)
        )
    assert not Job.objects.exists()


def test_it_refuses_withdrawn_consent(submit: Submit, answer: consents.GrantedConsent) -> None:
    consents.withdraw(answer.withdraw_token)
    with pytest.raises(ConsentWithdrawn):
        submit()


def test_it_refuses_more_videos_than_the_subject_granted(submit: Submit, grant: ConsentGrant) -> None:
    for _ in range(grant.max_videos):
        submit()
    with pytest.raises(ConsentUsedUp):
        submit()
    assert Job.objects.count() == grant.max_videos


def test_it_refuses_another_partners_portrait_and_audio(
    submit: Submit, partner_b: Partner, charlie: User, tmp_path: Path
) -> None:
    theirs = stored_portrait(partner_b, tmp_path)
    granted_consent(theirs, charlie)
    with pytest.raises(NotFound):
        submit(portrait_id=theirs.id)
    with pytest.raises(NotFound):
        submit(driving_audio_id=stored_audio(partner_b, tmp_path).id)


def test_it_refuses_a_suspended_partner(submit: Submit, partner_a: Partner, otto: User) -> None:
    partners.suspend(partner_id=partner_a.id, actor=actor_of(otto), reason="Misuse.")
    with pytest.raises(PartnerNotActive):
        submit()


def test_it_refuses_more_jobs_at_once_than_the_quota(submit: Submit, monkeypatch) -> None:
    monkeypatch.setattr("generation.admission.quotas.ACTIVE_JOBS", 2)
    submit()
    submit()
    with pytest.raises(TooManyJobs) as refusal:
        submit()
    assert refusal.value.status == 429
    assert Job.objects.count() == 2


@pytest.mark.parametrize(
    "controls", [{"gaze_yaw": 90}, {"emotion": "smug"}, {"volume": 1}, {"head_motion": "a"}]
)
def test_it_refuses_controls_out_of_range(submit: Submit, controls: dict[str, object]) -> None:
    with pytest.raises(InvalidInput) as refusal:
        submit(controls=controls)
    assert refusal.value.code == "controls_invalid"


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_it_refuses_a_seed_out_of_range(submit: Submit, seed: int) -> None:
    with pytest.raises(InvalidInput):
        submit(seed=seed)


def test_a_dry_run_says_what_would_happen_and_changes_nothing(
    alice: User, amara: Portrait, recording: DrivingAudio, grant: ConsentGrant
) -> None:
    entries = LogEntry.objects.count()
    wanted = WantedJob(portrait_id=amara.id, driving_audio_id=recording.id, seed=1)
    plan = plan_job(actor=actor_of(alice), wanted=wanted)
    assert (plan.consent, plan.frames, plan.is_reviewed) == (grant, round(SPEECH_S * 25), True)
    grant.refresh_from_db()
    assert grant.used_videos == 0
    assert not Job.objects.exists()
    assert LogEntry.objects.count() == entries
