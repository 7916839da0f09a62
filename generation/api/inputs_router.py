"""HTTP API for portraits, driving audio and pre-flight, for partners with an API key."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpResponseBase
from ninja import File, Form, Query, Router, Status
from ninja.files import UploadedFile
from pydantic import StringConstraints

from accounts.access.auth import ApiKeyAuth, AuthenticatedRequest
from accounts.access.policy import require_partner
from accounts.models import Scope
from generation import selectors
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
from generation.api.refusals import REFUSALS
from generation.downloads import still_file
from generation.intake.choices import BOX_PATTERN, COLOUR_PATTERN, PictureChoices
from generation.models import Voice
from generation.services import uploads
from generation.services.erasure import deletion
from generation.services.preflight import (
    preflight_audio_file,
    preflight_driving_audio,
    preflight_portrait,
    preflight_portrait_file,
)
from generation.services.resumable.uploading import sent_file
from generation.tasks import describe_portrait_soon
from provenance.api.problem_schemas import Problem
from provenance.common.errors import InvalidInput
from provenance.common.listing import ListFilters, filtered_page
from provenance.common.pages import Cursor, PageNumber

router = Router()
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
        about_portrait = preflight_portrait_file(portrait, PictureChoices.from_text(face_box, background))
    elif portrait_id:
        about_portrait = preflight_portrait(selectors.portrait_of(partner, portrait_id))
    if driving_audio is not None:
        about_audio = preflight_audio_file(driving_audio)
    elif driving_audio_id:
        about_audio = preflight_driving_audio(selectors.driving_audio_of(partner, driving_audio_id))
    answers = [answer for answer in (about_portrait, about_audio) if answer is not None]
    if not answers:
        raise InvalidInput("Send a portrait, driving audio, or both.")
    return PreflightOut(
        ok=all(answer.refusal is None for answer in answers),
        portrait=intake_out(about_portrait) if about_portrait else None,
        driving_audio=intake_out(about_audio) if about_audio else None,
    )
