from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Partner, Scope
from generation.models import Job, Rendition
from generation.services.advance import claim, renew
from tests.generation.api.calls import api_without, problem
from tests.generation.conftest import put_into_state


@pytest.mark.slow
def test_it_tells_how_far_a_running_job_is(api_a: Client, job: Job) -> None:
    lease = claim(job_id=job.id)
    assert lease is not None
    renew(lease=lease, frames_done=4)
    response = api_a.get(f"/v1/jobs/{job.id}")
    body = response.json()
    assert (body["state"], body["attempts"]) == ("animating", 1)
    assert body["progress"] == {"frames_done": 4, "frames_total": 15}
    assert int(response.headers["Retry-After"]) > 0


@pytest.mark.slow
def test_it_tells_why_a_job_failed(api_a: Client, job: Job) -> None:
    put_into_state("failed", reason_code="no_face", reason_message="No face.", reason_hint="Try one.")
    response = api_a.get(f"/v1/jobs/{job.id}")
    failure = {"code": "no_face", "message": "No face.", "hint": "Try one."}
    assert response.json()["failure"] == failure
    assert "Retry-After" not in response.headers


@pytest.mark.slow
def test_it_names_the_rendition_of_a_finished_job(api_a: Client, waiting: Rendition) -> None:
    body = api_a.get(f"/v1/jobs/{waiting.job_id}").json()
    assert (body["state"], body["rendition_id"]) == ("in_review", waiting.id)


@pytest.mark.slow
def test_it_lists_the_partners_jobs(api_a: Client, api_b: Client, job: Job) -> None:
    assert [item["id"] for item in api_a.get("/v1/jobs").json()["items"]] == [job.id]
    assert api_b.get("/v1/jobs").json() == {"items": [], "count": 0, "next_cursor": None}


@pytest.mark.slow
def test_another_partners_job_does_not_exist(api_b: Client, job: Job) -> None:
    theirs = problem(api_b.get(f"/v1/jobs/{job.id}"), 404, "not_found")
    nobodys = problem(api_b.get("/v1/jobs/job_unknown"), 404, "not_found")
    assert theirs["title"] == nobodys["title"]


@pytest.mark.slow
def test_it_needs_a_key_with_the_scope(vera: Client, partner_a: Partner, job: Job) -> None:
    for address in ("/v1/jobs", f"/v1/jobs/{job.id}"):
        problem(vera.get(address), 401, "key_missing")
        problem(api_without(partner_a, Scope.JOBS).get(address), 403, "scope_missing")


@pytest.mark.slow
def test_it_only_allows_reading(api_a: Client, job: Job) -> None:
    assert api_a.delete(f"/v1/jobs/{job.id}").status_code == 405
