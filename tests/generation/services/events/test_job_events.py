"""Each change of a job's state sends one event, after the commit, and nothing else changes a state."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.access.actors import SYSTEM, actor_of
from accounts.models import Partner, User
from accounts.services import consent as consents
from generation.events import JobStateChanged, job_state_changed
from generation.failures import FailureCode, JobReason
from generation.models import Job, Rendition
from generation.models.job import StateWrittenDirectly
from generation.services.advance import advance, claim, end_without_video, enter
from generation.services.cancel import cancel_job
from generation.services.reconcile import reconcile
from generation.services.review import approve, refuse, revoke_as_partner
from generation.states import RUNNING, JobState
from tests.generation.conftest import let_out_without_review, run, seal

GENERATION = Path(__file__).parents[4] / "generation"

Capture = Callable[..., object]


@pytest.fixture
def events(django_capture_on_commit_callbacks: Capture) -> Iterator[Callable[..., list[JobStateChanged]]]:
    """The events that a call sends once its transaction is committed."""
    received: list[JobStateChanged] = []

    def receive(event: JobStateChanged, **_: object) -> None:
        received.append(event)

    def events_of(call: Callable[[], object]) -> list[JobStateChanged]:
        received.clear()
        with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
            call()
        return list(received)

    job_state_changed.connect(receive)
    yield events_of
    job_state_changed.disconnect(receive)


def moves(events: list[JobStateChanged]) -> list[tuple[str | None, str]]:
    return [(event.before, event.after) for event in events]


def test_submitting_sends_one(events, submit: Callable[..., Job]) -> None:
    (event,) = events(submit)
    job = Job.objects.get()
    assert event == JobStateChanged(job.id, None, JobState.QUEUED, None, job.state_since)


def test_claiming_sends_one(events, job: Job) -> None:
    (event,) = events(lambda: claim(job_id=job.id))
    job.refresh_from_db()
    assert event == JobStateChanged(job.id, JobState.QUEUED, JobState.ANIMATING, None, job.state_since)


@pytest.mark.parametrize("state", ["queued", "animating"])
def test_cancelling_sends_one_that_says_what_was_before(events, job: Job, alice: User, state: str) -> None:
    if state == "animating":
        claim(job_id=job.id)
    (event,) = events(lambda: cancel_job(actor=actor_of(alice), job_id=job.id))
    reason = JobReason.of(FailureCode.CANCELLED_BY_PARTNER)
    assert (event.before, event.after, event.reason) == (state, "cancelled", reason)
    assert events(lambda: cancel_job(actor=actor_of(alice), job_id=job.id)) == []


def test_putting_a_lost_job_back_sends_one(events, job: Job) -> None:
    claim(job_id=job.id)
    Job.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    assert moves(events(reconcile)) == [("animating", "queued")]
    assert events(reconcile) == []


def test_withdrawal_sends_one_for_each_job(
    events, submit: Callable[..., Job], answer: consents.GrantedConsent, tmp_path: Path
) -> None:
    sealed = seal(submit(), tmp_path).job_id
    queued = submit().id
    sent = events(lambda: consents.withdraw(answer.withdraw_token))
    assert {(event.job_id, event.before, event.after) for event in sent} == {
        (queued, "queued", "cancelled"),
        (sealed, "in_review", "revoked"),
    }
    assert {event.reason.code for event in sent if event.reason} == {"consent_withdrawn"}
    assert len(sent) == 2


def test_approving_sends_one_however_often_it_is_done(events, waiting: Rendition, rita: User) -> None:
    def decide() -> None:
        approve(actor=actor_of(rita), rendition_id=waiting.id)

    assert moves(events(decide)) == [("in_review", "released")]
    assert events(decide) == []


def test_refusing_sends_one_with_its_reason(events, waiting: Rendition, rita: User) -> None:
    (event,) = events(lambda: refuse(actor=actor_of(rita), rendition_id=waiting.id, reason_code="misleading"))
    assert (event.before, event.after, event.reason.code) == ("in_review", "rejected", "misleading")


def test_taking_back_sends_one(events, released: Rendition, alice: User) -> None:
    sent = events(lambda: revoke_as_partner(actor=actor_of(alice), rendition_id=released.id))
    assert moves(sent) == [("released", "revoked")]


@pytest.mark.slow
def test_a_whole_attempt_sends_one_for_each_stage(events, job: Job, partner_a: Partner) -> None:
    let_out_without_review(partner_a)
    stages = ["queued", "animating", "marking", "signing", "verifying", "in_review", "released"]
    assert moves(events(lambda: run(job))) == list(pairwise(stages))


def test_a_transaction_that_is_rolled_back_sends_none(events, job: Job) -> None:
    def change_and_undo() -> None:
        with transaction.atomic():
            assert claim(job_id=job.id)
            transaction.set_rollback(True)

    assert events(change_and_undo) == []
    job.refresh_from_db()
    assert job.state == "queued"


def test_a_lost_compare_and_set_sends_none(events, job: Job) -> None:
    lease = claim(job_id=job.id)
    reason = JobReason.of(FailureCode.INTERNAL)

    def lose() -> None:
        assert claim(job_id=job.id) is None
        assert not advance(job_id=job.id, before=JobState.MARKING, after=JobState.SIGNING)
        assert not end_without_video(
            job=job, before={JobState.QUEUED}, after=JobState.FAILED, reason=reason, actor=SYSTEM
        )

    assert events(lose) == []
    assert lease is not None
    sent = events(lambda: enter(lease=lease, before=JobState.ANIMATING, after=JobState.MARKING))
    assert moves(sent) == [("animating", "marking")]


def test_a_receiver_that_fails_stops_neither_the_change_nor_the_other_receivers(events, job: Job) -> None:
    def fail(**_: object) -> None:
        raise ZeroDivisionError

    job_state_changed.connect(fail)
    try:
        assert len(events(lambda: claim(job_id=job.id))) == 1
    finally:
        job_state_changed.disconnect(fail)
    job.refresh_from_db()
    assert job.state == "animating"


def test_the_state_cannot_be_written_past_the_service(job: Job) -> None:
    with pytest.raises(StateWrittenDirectly):
        Job.objects.update(state="failed")
    with pytest.raises(StateWrittenDirectly):
        Job.objects.filter(pk=job.pk).update(state="failed")
    with pytest.raises(StateWrittenDirectly):
        job.partner.jobs.update(state="failed")
    job.state = JobState.FAILED
    with pytest.raises(StateWrittenDirectly):
        job.save()
    with pytest.raises(StateWrittenDirectly):
        job.save(update_fields=["state"])
    with pytest.raises(StateWrittenDirectly):
        Job.objects.bulk_update([job], ["state"])
    job.refresh_from_db()
    assert job.state == "queued"


def calls_in(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


@pytest.mark.slow
def test_one_function_writes_the_state_of_a_job_and_one_makes_jobs() -> None:
    found = [
        (path.relative_to(GENERATION).as_posix(), call.rpartition(".")[2] or call)
        for path in sorted(GENERATION.rglob("*.py"))
        for call in calls_in(path)
        if call.endswith(".write_state") or call in {"Job", "Job.objects.create", "Job.objects.bulk_create"}
    ]
    assert found == [("services/advance.py", "create"), ("services/advance.py", "write_state")]


def test_a_move_to_the_queue_is_open_to_running_jobs_only(events, job: Job) -> None:
    assert events(lambda: advance(job_id=job.id, before=RUNNING, after=JobState.QUEUED)) == []
