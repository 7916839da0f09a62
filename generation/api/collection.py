"""HTTP API for samples, many jobs at once, and caption tracks."""

from __future__ import annotations

import secrets
from typing import Any, Literal

from django.http import HttpResponse
from ninja import Field, Header, Router, Schema, Status

from accounts.access.auth import ApiKeyAuth, AuthenticatedRequest
from accounts.access.policy import require_partner
from accounts.models import Scope
from generation import selectors
from generation.api.arguments import wanted_job
from generation.api.input_schemas import JobReasonOut
from generation.api.job_schemas import JobIn, JobOut, job_out
from generation.api.refusals import REFUSALS
from generation.batch.submission import LineAnswer, submit_lines
from generation.batch.table import MOST_LINES, Line
from generation.by_log import downloadable_rendition
from generation.choices.disclosures import disclosure_of
from generation.disclosure.captions import captions
from generation.disclosure.choice import Disclosure
from generation.samples.adding import add_sample
from generation.tasks import describe_portrait_soon
from provenance.api.problem_schemas import Problem
from provenance.api.request_body import RequestBody

router = Router()

SampleName = Literal["maya", "kenji", "amara", "tomas"]


class SampleOut(Schema):
    """A person who does not exist, ready for a job."""

    name: str
    subject_id: str
    portrait_id: str
    driving_audio_id: str
    consent_id: str


class JobsIn(RequestBody):
    """Many requests for one video each."""

    jobs: list[JobIn] = Field(min_length=1, max_length=MOST_LINES)


class JobAnswerOut(Schema):
    """What became of one of them: a job, or a refusal."""

    index: int = Field(description="Its place in the request, from 0.")
    job: JobOut | None
    refusal: JobReasonOut | None


class JobAnswersOut(Schema):
    """An answer for each, in the order of the request."""

    items: list[JobAnswerOut]
    submitted: int = Field(description="How many became jobs.")


@router.post(
    "/samples/{name}",
    auth=ApiKeyAuth(Scope.CONSENTS),
    response={201: SampleOut, 404: Problem, 503: Problem, **REFUSALS},
    tags=["samples"],
    summary="Add a sample person",
)
def create_sample(request: AuthenticatedRequest, name: SampleName) -> Status[SampleOut]:
    """Add somebody who does not exist, with a sentence for them, to make a first video with.

    There is nobody to ask, so the consent is in force at once; videos of samples alone wait for no reviewer.
    Asked again, the same is given.
    """
    added = add_sample(actor=request.auth, name=name)
    describe_portrait_soon(added.portrait.pk)
    found = SampleOut(
        name=name,
        subject_id=added.portrait.subject_id,
        portrait_id=added.portrait.pk,
        driving_audio_id=added.driving_audio.pk,
        consent_id=added.consent.pk,
    )
    return Status(201, found)


@router.post(
    "/jobs/batch",
    auth=ApiKeyAuth(Scope.JOBS),
    response={200: JobAnswersOut, **REFUSALS},
    tags=["jobs"],
    summary="Submit many jobs",
)
def create_jobs(
    request: AuthenticatedRequest,
    payload: JobsIn,
    idempotency_key: str | None = Header(None, alias="Idempotency-Key"),  # type: ignore[type-arg]
) -> JobAnswersOut:
    """Ask for up to a hundred videos. Each is taken or refused by itself, with the codes of `POST /v1/jobs`.

    With an `Idempotency-Key`, those that were taken make no second job when the request is repeated; those
    that were refused are asked again.
    """
    lines = [
        Line(index, job.portrait_id, job.driving_audio_id, wanted_job(job))
        for index, job in enumerate(payload.jobs)
    ]
    key = secrets.token_urlsafe(16) if idempotency_key is None else idempotency_key
    answers = submit_lines(actor=request.auth, lines=lines, key=key)
    return JobAnswersOut(
        items=[_answer_out(request, answer) for answer in answers],
        submitted=sum(bool(answer.job_id) for answer in answers),
    )


def _answer_out(request: AuthenticatedRequest, answer: LineAnswer) -> JobAnswerOut:
    job = selectors.job_of(require_partner(request.auth), answer.job_id) if answer.job_id else None
    refusal = answer.refusal
    return JobAnswerOut(
        index=answer.line.number,
        job=job_out(job) if job else None,
        refusal=JobReasonOut(code=refusal.code, message=refusal.message, hint=refusal.hint)
        if refusal
        else None,
    )


_TRACK: dict[str, Any] = {"schema": {"type": "string"}, "example": captions(Disclosure(), 10.0)}
_VTT: dict[str, Any] = {"responses": {200: {"description": "WebVTT.", "content": {"text/vtt": _TRACK}}}}


@router.get(
    "/renditions/{rendition_id}/captions",
    auth=ApiKeyAuth(Scope.RENDITIONS),
    response={404: Problem, 409: Problem, 410: Problem, **REFUSALS},
    tags=["renditions"],
    summary="Read the caption track",
    openapi_extra=_VTT,
)
def read_captions(request: AuthenticatedRequest, rendition_id: str) -> HttpResponse:
    """That the video was made with AI, as captions (WebVTT) in the language of its label.

    For players, and for people who cannot see the label. It does not hold the words that are spoken.
    """
    rendition = downloadable_rendition(require_partner(request.auth), rendition_id)
    text = captions(disclosure_of(rendition.job), rendition.duration_s)
    return HttpResponse(text, content_type="text/vtt; charset=utf-8")
