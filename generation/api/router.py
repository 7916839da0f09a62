"""HTTP API for portraits, driving audio, pre-flight, jobs and renditions, for partners with an API key."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpResponse, HttpResponseBase, JsonResponse
from ninja import File, Form, Header, Query, Router, Status
from ninja.files import UploadedFile
from pydantic import StringConstraints

from accounts.access.auth import ApiKeyAuth, AuthenticatedRequest
from accounts.access.policy import require_partner
from accounts.models import Scope
from generation import selectors
from generation.admission.usage import usage_of
from generation.api.arguments import job_arguments
from generation.api.input_schemas import (
    DrivingAudioList,
    DrivingAudioOut,
    PortraitFilters,
    PortraitList,
    PortraitOut,
    PreflightOut,
    driving_audio_out,
    intake_out,
    portrait_out,
)
from generation.api.job_schemas import (
    JobFilters,
    JobIn,
    JobList,
    JobOut,
    JobPlanOut,
    RenditionOut,
    UsageOut,
    job_out,
    plan_out,
    rendition_out,
)
from generation.by_log import downloadable_rendition
from generation.downloads import rendition_file, still_file
from generation.intake.choices import BOX_PATTERN, COLOUR_PATTERN, PictureChoices
from generation.models import Voice
from generation.services import cancel, uploads
from generation.services.erasure import deletion
from generation.services.idempotency import ApiResponse, respond_once
from generation.services.resumable.uploading import sent_file
from generation.services.submit import plan_job, submit_job
from generation.tasks import describe_portrait_soon
from provenance.api.problem_schemas import Problem
from provenance.common.errors import InvalidInput
from provenance.common.listing import ListFilters, filtered_page
from provenance.common.pages import Cursor, PageNumber

router = Router()

REFUSALS: dict[Any, Any] = {401: Problem, 403: Problem, 422: Problem, 429: Problem}
POLL_AGAIN_S = 2
LATER_FIELDS = ("renderer", "video", "direction", "title", "motion")  # of a job: keys are older than they

# left,top,width,height in pixels of the picture as it would be stored, as in the details of several_faces
FaceBox = Annotated[str, StringConstraints(pattern=BOX_PATTERN)]
Title = Annotated[str, StringConstraints(max_length=80)]
Background = Annotated[str, StringConstraints(pattern=COLOUR_PATTERN)]


@router.post(
    "/portraits",
    auth=ApiKeyAuth(Scope.PORTRAITS),
    response={201: PortraitOut, 404: Problem, 409: Problem, **REFUSALS},
    tags=["portraits"],
    summary="Upload a portrait",
)
def create_portrait(
    request: AuthenticatedRequest,
    *,
    subject_id: Form[str],
    file: File[UploadedFile] = None,  # type: ignore[assignment]  # null is no file of a form
    upload_id: Form[str] = "",
    face_box: Form[FaceBox | None] = None,
    background: Form[Background | None] = None,
) -> Status[PortraitOut]:
    """Upload one picture, as telephones and cameras make them (up to 50 megapixels and 30 MB), of a subject.

    It is checked for a face that can be animated, set upright, freed of metadata and stored. The same picture
    again gives the same portrait. A refusal's `details` say where in the picture the fault lies; of a group,
    `several_faces` names the box of each face, and the picture sent again with one of them as `face_box`
    (left,top,width,height) is cut to that face. `background` (#rrggbb) fills transparent parts. In the place
    of `file` may stand the `upload_id` of an upload that has arrived whole.
    """
    choices = PictureChoices.from_text(face_box, background)
    with sent_file(actor=request.auth, file=file, upload_id=upload_id) as sent:
        portrait = uploads.upload_portrait(
            actor=request.auth, subject_id=subject_id, file=sent, choices=choices
        )
    describe_portrait_soon(portrait.pk)
    return Status(201, portrait_out(portrait))


@router.get(
    "/portraits",
    auth=ApiKeyAuth(Scope.PORTRAITS),
    response={200: PortraitList, **REFUSALS},
    tags=["portraits"],
    summary="List portraits",
)
def list_portraits(
    request: AuthenticatedRequest,
    filters: Query[PortraitFilters],
    cursor: Cursor = None,
    page: PageNumber = 1,
) -> PortraitList:
    """Your portraits, newest first, fifty to a page. `next_cursor` leads on, with the same filters."""
    partner = require_partner(request.auth)
    rows = selectors.portraits_of(partner)
    found = filtered_page(rows, filters, page=page, cursor=cursor, name=f"portraits:{partner.id}")
    return PortraitList(
        items=[portrait_out(row) for row in found], count=found.count or 0, next_cursor=found.next_cursor
    )


@router.get(
    "/portraits/{portrait_id}",
    auth=ApiKeyAuth(Scope.PORTRAITS),
    response={200: PortraitOut, 404: Problem, 410: Problem, **REFUSALS},
    tags=["portraits"],
    summary="Read a portrait",
)
def read_portrait(request: AuthenticatedRequest, portrait_id: str) -> PortraitOut:
    """One portrait."""
    return portrait_out(selectors.portrait_of(require_partner(request.auth), portrait_id))


@router.get(
    "/portraits/{portrait_id}/still",
    auth=ApiKeyAuth(Scope.PORTRAITS),
    response={404: Problem, 410: Problem, **REFUSALS},
    tags=["portraits"],
    summary="See the neutral still",
    openapi_extra={
        "responses": {
            200: {
                "description": "The still, 512 pixels a side.",
                "content": {"image/png": {"schema": {"type": "string", "format": "binary"}}},
            }
        }
    },
)
def read_still(request: AuthenticatedRequest, portrait_id: str) -> HttpResponseBase:
    """The portrait cropped, upright and fitted, at rest: what a video of it begins with.

    Only you see it, it goes when the portrait goes, and nothing moves in it.
    """
    return still_file(selectors.portrait_of(require_partner(request.auth), portrait_id))


@router.delete(
    "/portraits/{portrait_id}",
    auth=ApiKeyAuth(Scope.PORTRAITS),
    response={204: None, 404: Problem, 409: Problem, **REFUSALS},
    tags=["portraits"],
    summary="Delete a portrait",
)
def delete_portrait(request: AuthenticatedRequest, portrait_id: str) -> Status[None]:
    """Erase a portrait. Open requests for it end, consents for it stay, and videos made from it stay.

    Refused (`media_in_use`) while a job that waits, runs or is in review uses it. From the answer on nobody
    is given the picture. Deleting it again gives the same answer; reading it, 410 (`media_erased`).
    """
    deletion.delete_portrait(actor=request.auth, portrait_id=portrait_id)
    return Status(204, None)


@router.post(
    "/driving-audio",
    auth=ApiKeyAuth(Scope.AUDIO),
    response={201: DrivingAudioOut, 404: Problem, 409: Problem, **REFUSALS},
    tags=["driving audio"],
    summary="Upload driving audio",
)
def create_driving_audio(
    request: AuthenticatedRequest,
    *,
    file: File[UploadedFile] = None,  # type: ignore[assignment]
    upload_id: Form[str] = "",
    voice: Form[Voice | None] = None,
    speaker_id: Form[str] = "",
    purpose: Form[str] = "",
    title: Form[Title | None] = None,
) -> Status[DrivingAudioOut]:
    """Upload speech: any common sound or video file, 0.5 to 120 seconds, up to 30 MB.

    It is checked for speech, freed of metadata and stored. The same sound again gives the same driving audio.
    `voice` attests whose voice it is: `own`, of your own people or yours to use, with the speaker's
    agreement, or `synthetic`. With `speaker` the service asks one of your subjects, `speaker_id`, at their
    own contact, whether the recording may be used for the `purpose`; no video is made with it before that.
    Manifest and log say which. Without it a reviewer looks at every video. `title` is what you call it. In
    the place of `file` may stand the `upload_id` of an upload that has arrived whole.
    """
    with sent_file(actor=request.auth, file=file, upload_id=upload_id) as sent:
        driving_audio = uploads.upload_driving_audio(
            actor=request.auth,
            file=sent,
            voice=voice,
            speaker_id=speaker_id,
            purpose=purpose,
            title=title or "",
        )
    return Status(201, driving_audio_out(driving_audio))


@router.get(
    "/driving-audio",
    auth=ApiKeyAuth(Scope.AUDIO),
    response={200: DrivingAudioList, **REFUSALS},
    tags=["driving audio"],
    summary="List driving audio",
)
def list_driving_audio(
    request: AuthenticatedRequest,
    filters: Query[ListFilters],
    cursor: Cursor = None,
    page: PageNumber = 1,
) -> DrivingAudioList:
    """Your driving audio, newest first, fifty to a page. `next_cursor` leads on, with the same filters."""
    partner = require_partner(request.auth)
    rows = selectors.all_driving_audio_of(partner)
    found = filtered_page(rows, filters, page=page, cursor=cursor, name=f"driving-audio:{partner.id}")
    return DrivingAudioList(
        items=[driving_audio_out(row) for row in found], count=found.count or 0, next_cursor=found.next_cursor
    )


@router.get(
    "/driving-audio/{driving_audio_id}",
    auth=ApiKeyAuth(Scope.AUDIO),
    response={200: DrivingAudioOut, 404: Problem, 410: Problem, **REFUSALS},
    tags=["driving audio"],
    summary="Read driving audio",
)
def read_driving_audio(request: AuthenticatedRequest, driving_audio_id: str) -> DrivingAudioOut:
    """One driving audio."""
    return driving_audio_out(selectors.driving_audio_of(require_partner(request.auth), driving_audio_id))


@router.delete(
    "/driving-audio/{driving_audio_id}",
    auth=ApiKeyAuth(Scope.AUDIO),
    response={204: None, 404: Problem, 409: Problem, **REFUSALS},
    tags=["driving audio"],
    summary="Delete driving audio",
)
def delete_driving_audio(request: AuthenticatedRequest, driving_audio_id: str) -> Status[None]:
    """Erase a recording. Videos made with it stay.

    Refused (`media_in_use`) while a job that waits, runs or is in review uses it. Deleting it again gives the
    same answer; reading it, 410 (`media_erased`).
    """
    deletion.delete_driving_audio(actor=request.auth, driving_audio_id=driving_audio_id)
    return Status(204, None)


@router.post(
    "/preflight",
    auth=ApiKeyAuth(Scope.JOBS),
    response={200: PreflightOut, 404: Problem, 410: Problem, **REFUSALS},
    tags=["jobs"],
    summary="Ask beforehand",
)
def preflight(
    request: AuthenticatedRequest,
    *,
    portrait: File[UploadedFile | None] = None,
    driving_audio: File[UploadedFile | None] = None,
    portrait_id: Form[str | None] = None,
    driving_audio_id: Form[str | None] = None,
    face_box: Form[FaceBox | None] = None,
    background: Form[Background | None] = None,
) -> PreflightOut:
    """What the worker would say about a portrait, driving audio or both, each as a file or by id.

    Nothing is stored and nothing is queued. What would be refused is said in the answer, not as an error.
    `face_box` and `background` are for a portrait that is sent as a file.
    """
    partner = require_partner(request.auth)
    if (face_box or background) and portrait is None:
        raise InvalidInput("Face and background are chosen for a portrait that is sent as a file.")
    if (portrait and portrait_id) or (driving_audio and driving_audio_id):
        raise InvalidInput("Send a file or an id for one input, not both.")
    about_portrait = about_audio = None
    if portrait is not None:
        about_portrait = uploads.preflight_portrait_file(
            portrait, PictureChoices.from_text(face_box, background)
        )
    elif portrait_id:
        about_portrait = uploads.preflight_portrait(selectors.portrait_of(partner, portrait_id))
    if driving_audio is not None:
        about_audio = uploads.preflight_audio_file(driving_audio)
    elif driving_audio_id:
        about_audio = uploads.preflight_driving_audio(selectors.driving_audio_of(partner, driving_audio_id))
    answers = [answer for answer in (about_portrait, about_audio) if answer is not None]
    if not answers:
        raise InvalidInput("Send a portrait, driving audio, or both.")
    return PreflightOut(
        ok=all(answer.refusal is None for answer in answers),
        portrait=intake_out(about_portrait) if about_portrait else None,
        driving_audio=intake_out(about_audio) if about_audio else None,
    )


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
    arguments = job_arguments(payload)
    if dry_run:
        del arguments["title"]
        return Status(200, plan_out(plan_job(actor=request.auth, **arguments)))

    def submit() -> ApiResponse:
        return ApiResponse(202, job_out(submit_job(actor=request.auth, **arguments)).model_dump(mode="json"))

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


@router.get(
    "/renditions/{rendition_id}",
    auth=ApiKeyAuth(Scope.RENDITIONS),
    response={200: RenditionOut, 404: Problem, **REFUSALS},
    tags=["renditions"],
    summary="Read a rendition",
)
def read_rendition(request: AuthenticatedRequest, rendition_id: str) -> RenditionOut:
    """One sealed video and whether it may be downloaded."""
    return rendition_out(selectors.rendition_of(require_partner(request.auth), rendition_id))


@router.delete(
    "/renditions/{rendition_id}",
    auth=ApiKeyAuth(Scope.RENDITIONS),
    response={204: None, 404: Problem, **REFUSALS},
    tags=["renditions"],
    summary="Delete a video",
)
def delete_rendition(request: AuthenticatedRequest, rendition_id: str) -> Status[None]:
    """Revoke a video and erase its file: whoever checks a copy is told that it was withdrawn.

    The rendition can still be read; its file cannot (410, `media_erased`). Deleting it again gives the same
    answer.
    """
    deletion.delete_rendition(actor=request.auth, rendition_id=rendition_id)
    return Status(204, None)


@router.get(
    "/renditions/{rendition_id}/file",
    auth=ApiKeyAuth(Scope.RENDITIONS),
    response={404: Problem, 409: Problem, 410: Problem, **REFUSALS},
    tags=["renditions"],
    summary="Download a rendition",
    openapi_extra={
        "responses": {
            200: {
                "description": "The video.",
                "content": {"video/mp4": {"schema": {"type": "string", "format": "binary"}}},
            },
            206: {
                "description": "The part of the video that the Range header asks for.",
                "content": {"video/mp4": {"schema": {"type": "string", "format": "binary"}}},
            },
            416: {"description": "The video has no such part."},
        }
    },
)
def download_rendition(request: AuthenticatedRequest, rendition_id: str) -> HttpResponseBase:
    """The video file, when it is released. Ranges are supported."""
    rendition = downloadable_rendition(require_partner(request.auth), rendition_id)
    return rendition_file(request, rendition, as_attachment=True)


# Download programs ask for the length before they ask for ranges.
@router.api_operation(
    ["HEAD"], "/renditions/{rendition_id}/file", auth=ApiKeyAuth(Scope.RENDITIONS), include_in_schema=False
)
def head_of_rendition(request: AuthenticatedRequest, rendition_id: str) -> HttpResponseBase:
    """What `download_rendition` would answer, without the video."""
    rendition = selectors.downloadable_rendition_of(require_partner(request.auth), rendition_id)
    return rendition_file(request, rendition, as_attachment=True)
