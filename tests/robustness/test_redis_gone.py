"""Redis dies, hangs and comes back: jobs live in their rows, so they are taken, and they are made."""

from __future__ import annotations

import os
import signal

import pytest
import requests

from tests.robustness.observing import events, finished, job_row, kill, renditions, wait_until

pytestmark = pytest.mark.slow


def test_jobs_are_taken_and_made_although_redis_dies_under_them(stack, partner, inputs):
    running = partner.call("POST", "/jobs", json=inputs.order)
    wait_until(lambda: job_row(stack, running["id"])["state"] != "queued", "The beginning of the job")
    kill(stack.processes["redis"])

    waiting = partner.call("POST", "/jobs", json=inputs.order)
    assert waiting["state"] == "queued"
    assert job_row(stack, waiting["id"])["dispatched_at"] is None
    assert finished(stack, running["id"]) == "released"

    assert stack.revive() == ["redis"]
    # Nobody asks for it here: beat itself finds Redis again, and the reconciler the job.
    assert finished(stack, waiting["id"]) == "released"
    for job in (running, waiting):
        (rendition_id,) = renditions(stack, job["id"])
        assert events(stack, rendition_id) == ["rendition.sealed", "rendition.released"]


def test_a_queued_job_outlives_redis(stack, partner, inputs):
    kill(stack.processes["render"])
    job = partner.call("POST", "/jobs", json=inputs.order)
    assert job_row(stack, job["id"])["dispatched_at"] is not None
    kill(stack.processes["redis"])
    assert sorted(stack.revive()) == ["redis", "render"]
    assert finished(stack, job["id"]) == "released"


def test_nobody_is_locked_out_while_redis_hangs(stack, partner, inputs):
    redis = stack.processes["redis"]
    os.killpg(redis.pid, signal.SIGSTOP)
    try:
        assert requests.get(f"{stack.base_url}/readyz", timeout=30).ok
        assert partner.call("GET", "/jobs")["count"] >= 0
        job = partner.call("POST", "/jobs", json=inputs.order)
    finally:
        os.killpg(redis.pid, signal.SIGCONT)
    assert finished(stack, job["id"]) == "released"
