from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Partner, Scope
from generation.models import Job, Rendition
from tests.generation.api.calls import api_without, problem


def test_it_cancels(api_a: Client, job: Job) -> None:
    for _ in range(2):
        body = api_a.post(f"/v1/jobs/{job.id}/cancel").json()
        assert (body["state"], body["failure"]["code"]) == ("cancelled", "cancelled_by_partner")


@pytest.mark.slow
def test_a_finished_job_cannot_be_cancelled(api_a: Client, waiting: Rendition) -> None:
    problem(api_a.post(f"/v1/jobs/{waiting.job_id}/cancel"), 409, "not_cancellable")


def test_another_partners_job_does_not_exist(api_b: Client, job: Job) -> None:
    problem(api_b.post(f"/v1/jobs/{job.id}/cancel"), 404, "not_found")
    assert Job.objects.get().state == "queued"


def test_it_needs_a_key_with_the_scope(vera: Client, partner_a: Partner, job: Job) -> None:
    problem(vera.post(f"/v1/jobs/{job.id}/cancel"), 401, "key_missing")
    problem(api_without(partner_a, Scope.JOBS).post(f"/v1/jobs/{job.id}/cancel"), 403, "scope_missing")


def test_it_only_allows_post(api_a: Client, job: Job) -> None:
    assert api_a.get(f"/v1/jobs/{job.id}/cancel").status_code == 405
