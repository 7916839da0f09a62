from __future__ import annotations

import pytest

from accounts.access.actors import actor_of
from accounts.models import ConsentGrant, Partner, User
from accounts.services import consent as consents
from accounts.services import partners
from generation.models import Job
from generation.services.advance import claim
from generation.services.cancel import NotCancellable, cancel_job
from generation.states import JobState
from provenance.common.errors import NotFound
from provenance.models.log import LogEntry
from tests.generation.conftest import put_into_state


@pytest.mark.parametrize("is_running", [False, True])
def test_it_stops_a_job_and_gives_the_video_back(
    job: Job, bob: User, grant: ConsentGrant, is_running: bool
) -> None:
    if is_running:
        claim(job_id=job.id)
    cancelled = cancel_job(actor=actor_of(bob), job_id=job.id)
    assert (cancelled.state, cancelled.reason_code) == ("cancelled", "cancelled_by_partner")
    grant.refresh_from_db()
    assert grant.used_videos == 0
    entry = LogEntry.objects.order_by("-index")[0]
    assert (entry.event, entry.actor) == ("job.cancelled", bob.id)


def test_cancelling_twice_is_cancelling_once(job: Job, alice: User) -> None:
    cancel_job(actor=actor_of(alice), job_id=job.id)
    entries = LogEntry.objects.count()
    assert cancel_job(actor=actor_of(alice), job_id=job.id).state == "cancelled"
    assert LogEntry.objects.count() == entries


@pytest.mark.parametrize("state", [JobState.IN_REVIEW, JobState.RELEASED, JobState.REJECTED, JobState.FAILED])
def test_what_has_ended_cannot_be_cancelled(job: Job, alice: User, state: JobState) -> None:
    put_into_state(state, reason_code="some_reason")
    with pytest.raises(NotCancellable):
        cancel_job(actor=actor_of(alice), job_id=job.id)


def test_another_partner_cancels_nothing(job: Job, charlie: User) -> None:
    with pytest.raises(NotFound):
        cancel_job(actor=actor_of(charlie), job_id=job.id)
    job.refresh_from_db()
    assert job.state == "queued"


@pytest.mark.parametrize("is_running", [False, True])
def test_withdrawal_cancels_what_waits_and_runs(
    job: Job, answer: consents.GrantedConsent, is_running: bool
) -> None:
    if is_running:
        claim(job_id=job.id)
    consents.withdraw(answer.withdraw_token)
    job.refresh_from_db()
    assert (job.state, job.reason_code, job.lease_owner) == ("cancelled", "consent_withdrawn", "")


def test_suspension_cancels_what_waits(job: Job, partner_a: Partner, otto: User) -> None:
    partners.suspend(partner_id=partner_a.id, actor=actor_of(otto), reason="Misuse.")
    job.refresh_from_db()
    assert (job.state, job.reason_code) == ("cancelled", "partner_suspended")
