"""A render worker that dies, or sleeps, in every stage of a job: no hang, no second video, no lost entry."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from config.local_stack import LocalStack
from tests.robustness.observing import (
    TooLate,
    ask_to_reconcile,
    attempt_folders,
    events,
    finished,
    hold,
    kill,
    renditions,
    wait_for_lease_to_run_out,
    wait_until,
)
from tests.robustness.partner_program import Inputs, PartnerProgram

pytestmark = pytest.mark.slow


TRIES = 4


@dataclass(frozen=True)
class Submitted:
    """A job, and how many videos its consent had given before it."""

    id: str
    used_before: int


def submitted(partner: PartnerProgram, inputs: Inputs) -> Submitted:
    """A new job."""
    used_before = partner.videos_used(inputs.portrait_id)
    return Submitted(partner.call("POST", "/jobs", json=inputs.order)["id"], used_before)


def killed_in(stack: LocalStack, partner: PartnerProgram, inputs: Inputs, stages: Sequence[str]) -> Submitted:
    """A job whose worker was killed in each of these stages, one attempt after the other.

    Each time another worker was started, and the silence was noticed.
    """
    for _ in range(TRIES):
        job = submitted(partner, inputs)
        try:
            for attempt, stage in enumerate(stages, start=1):
                kill(hold(stack, job.id, stage, attempt=attempt))
                assert stack.revive() == ["render"]
                wait_for_lease_to_run_out(stack, job.id)
                ask_to_reconcile(stack)
        except TooLate:
            finished(stack, job.id)
            continue
        return job
    raise AssertionError(f"The machine is too busy to stop a worker in {stages}.")


def assert_made_once(stack: LocalStack, partner: PartnerProgram, job: Submitted) -> None:
    """One video, one set of log entries, one use of the consent, and nothing left lying about."""
    assert finished(stack, job.id) == "released"
    (rendition_id,) = renditions(stack, job.id)
    assert events(stack, rendition_id) == ["rendition.sealed", "rendition.released"]
    assert events(stack, job.id) == ["job.submitted"]
    row = partner.job(job.id)
    assert row["rendition_id"] == rendition_id
    assert partner.videos_used(row["portrait_id"]) == job.used_before + 1
    assert partner.send("GET", f"/renditions/{rendition_id}/file").headers["Content-Type"] == "video/mp4"
    assert attempt_folders(stack) == []
    stack.manage("auditlog_fsck")


@pytest.mark.parametrize("stages", [("animating", "verifying"), ("marking", "signing")])
def test_a_job_whose_worker_is_killed_twice_still_gives_exactly_one_video(stack, partner, inputs, stages):
    job = killed_in(stack, partner, inputs, stages)
    assert_made_once(stack, partner, job)
    assert partner.job(job.id)["attempts"] == 3


def test_a_job_whose_worker_is_killed_three_times_fails_and_gives_its_use_back(stack, partner, inputs):
    job = killed_in(stack, partner, inputs, ["animating", "marking", "animating"])
    assert finished(stack, job.id) == "failed"
    row = partner.job(job.id)
    assert row["failure"]["code"] == "worker_lost"
    assert row["rendition_id"] is None
    assert renditions(stack, job.id) == []
    assert events(stack, job.id) == ["job.submitted", "job.failed"]
    assert partner.videos_used(row["portrait_id"]) == job.used_before
    wait_until(lambda: attempt_folders(stack) == [], "The sweeping of what the attempts left behind")
    stack.manage("auditlog_fsck")


def test_a_worker_that_slept_past_its_lease_wakes_up_and_changes_nothing(stack, partner, inputs):
    job = submitted(partner, inputs)
    sleeper = hold(stack, job.id, "marking", attempt=1)
    try:
        stack.start("render")
        wait_for_lease_to_run_out(stack, job.id)
        ask_to_reconcile(stack)
        assert finished(stack, job.id) == "released"
        os.killpg(sleeper.pid, signal.SIGCONT)
        sleeper.terminate()  # it ends what it does first
        sleeper.wait(timeout=60)
    finally:
        if sleeper.poll() is None:
            kill(sleeper)
    assert_made_once(stack, partner, job)
    assert partner.job(job.id)["attempts"] == 2
