"""HTTP API for jobs and the partner's use, for partners with an API key."""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse
from ninja import Header, Query, Router, Status

from accounts.access.auth import ApiKeyAuth, AuthenticatedRequest
from accounts.access.policy import require_partner
from accounts.models import Scope
from generation import selectors
from generation.admission.usage import usage_of
from generation.api.arguments import wanted_job
from generation.api.job_schemas import (
    JobFilters,
    JobIn,
    JobList,
    JobOut,
    JobPlanOut,
    UsageOut,
    job_out,
    plan_out,
)
from generation.api.refusals import REFUSALS
from generation.services import cancel
from generation.services.idempotency import ApiResponse, respond_once
from generation.services.planning import plan_job
from generation.services.submit import submit_job
from provenance.api.problem_schemas import Problem
from provenance.common.listing import filtered_page
from provenance.common.pages import Cursor, PageNumber

router = Router()
POLL_AGAIN_S = 2
LATER_FIELDS = ("renderer", "video", "direction", "title", "motion")  # of a job: keys are older than they


@router.post(
    "/jobs",
    auth=ApiKeyAuth(Scope.JOBS),
    response={
        200: JobPlanOut,
        202: JobOut,
        404: Problem,
        409: Problem,
        410: Problem,
        503: Problem,
        **REFUSALS,
    },
    tags=["jobs"],
    summary="Submit a job",
)
def create_job(
    request: AuthenticatedRequest,
    payload: JobIn,
    dry_run: bool = False,
    idempotency_key: str | None = Header(None, alias="Idempotency-Key"),  # type: ignore[type-arg]
) -> HttpResponse | Status[JobPlanOut]:
    """Ask for one video of a portrait whose subject has consented.

    With `dry_run=true` all rules are asked and both inputs examined, and the answer (200) says what would
    happen. With an `Idempotency-Key`, a repeated request gets the first answer for 24 hours and no second
    job. `busy` (503) is the answer while the workers have so much to do that they could not begin it in time;
    Retry-After says when to ask again.
    """
    wanted = wanted_job(payload)
    if dry_run:
        return Status(200, plan_out(plan_job(actor=request.auth, wanted=wanted)))

    def submit() -> ApiResponse:
        job = submit_job(actor=request.auth, wanted=wanted)
        return ApiResponse(202, job_out(job).model_dump(mode="json"))

    if idempotency_key is None:
        answer = submit()
    else:
        answer = respond_once(
            partner=require_partner(request.auth),
            route="POST /v1/jobs",
            key=idempotency_key,
            # Left out, they do not count: a request from before there was a choice is still the same request.
            body=payload.model_dump_json(
                exclude={name for name in LATER_FIELDS if getattr(payload, name) is None}
            ).encode(),
            act=submit,
        )
    response = JsonResponse(answer.body, status=answer.status)
    response.headers["Location"] = f"/v1/jobs/{answer.body['id']}"
    response.headers["Retry-After"] = str(POLL_AGAIN_S)
    if answer.is_replayed:
        response.headers["Idempotency-Replayed"] = "true"
    return response


@router.get(
    "/usage",
    auth=ApiKeyAuth(Scope.JOBS),
    response={200: UsageOut, **REFUSALS},
    tags=["jobs"],
    summary="Read your usage",
)
def read_usage(request: AuthenticatedRequest) -> UsageOut:
    """How many jobs, minutes of video and megabytes you have and may have, as the operator set it."""
    return UsageOut(**vars(usage_of(require_partner(request.auth))))


@router.get(
    "/jobs",
    auth=ApiKeyAuth(Scope.JOBS),
    response={200: JobList, **REFUSALS},
    tags=["jobs"],
    summary="List jobs",
)
def list_jobs(
    request: AuthenticatedRequest,
    filters: Query[JobFilters],
    cursor: Cursor = None,
    page: PageNumber = 1,
) -> JobList:
    """Your jobs, newest first, fifty to a page. `next_cursor` leads on, with the same filters."""
    partner = require_partner(request.auth)
    rows = selectors.jobs_of(partner)
    found = filtered_page(rows, filters, page=page, cursor=cursor, name=f"jobs:{partner.id}")
    return JobList(
        items=[job_out(row) for row in found], count=found.count or 0, next_cursor=found.next_cursor
    )


@router.get(
    "/jobs/{job_id}",
    auth=ApiKeyAuth(Scope.JOBS),
    response={200: JobOut, 404: Problem, **REFUSALS},
    tags=["jobs"],
    summary="Read a job",
)
def read_job(request: AuthenticatedRequest, response: HttpResponse, job_id: str) -> JobOut:
    """A job and how far it is. While it waits or runs, Retry-After says when to ask again."""
    job = selectors.job_of(require_partner(request.auth), job_id)
    if job.is_active:
        response.headers["Retry-After"] = str(POLL_AGAIN_S)
    return job_out(job)


@router.post(
    "/jobs/{job_id}/cancel",
    auth=ApiKeyAuth(Scope.JOBS),
    response={200: JobOut, 404: Problem, 409: Problem, **REFUSALS},
    tags=["jobs"],
    summary="Cancel a job",
)
def cancel_job(request: AuthenticatedRequest, job_id: str) -> JobOut:
    """Stop a job that waits or runs. Cancelling it again changes nothing."""
    return job_out(cancel.cancel_job(actor=request.auth, job_id=job_id))
