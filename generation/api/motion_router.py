"""HTTP API for motion tracks: a performer's motion for a recording, up and down."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from ninja import File, Form, Router, Status
from ninja.files import UploadedFile

from accounts.access.auth import ApiKeyAuth, AuthenticatedRequest
from accounts.access.policy import require_partner
from accounts.models import Scope
from generation import selectors
from generation.api.input_schemas import DrivingAudioOut, driving_audio_out
from generation.downloads import motion_file
from generation.services.motion_tracks.uploading import upload_motion_track
from generation.services.resumable.uploading import sent_file
from provenance.api.problem_schemas import Problem

router = Router()

REFUSALS: dict[Any, Any] = {
    401: Problem,
    403: Problem,
    404: Problem,
    410: Problem,
    422: Problem,
    429: Problem,
}


@router.post(
    "/driving-audio/{driving_audio_id}/motion",
    auth=ApiKeyAuth(Scope.AUDIO),
    response={201: DrivingAudioOut, 409: Problem, **REFUSALS},
    tags=["driving audio"],
    summary="Upload a motion track",
)
def create_motion_track(
    request: AuthenticatedRequest,
    driving_audio_id: str,
    *,
    performer_consent: Form[str],
    file: File[UploadedFile] = None,  # type: ignore[assignment]
    upload_id: Form[str] = "",
) -> Status[DrivingAudioOut]:
    """Upload the motion of whoever performed to a recording: a CSV file of Apple's Live Link Face, up to 30
    MB, or a video (MP4, MOV, WebM, Matroska, AVI), up to 90 MB, whose motion is captured. The video itself
    is not kept; the answer takes once or twice as long as the recording.

    It begins with the recording. `performer_consent` names where the performer's signed consent is kept; you
    attest with it that they agreed. Another track replaces the one before (`media_in_use` while a job needs
    that). A job uses it with `motion`, and a reviewer looks at each of its videos. In the place of `file` may
    stand the `upload_id` of an upload that has arrived whole.
    """
    with sent_file(actor=request.auth, file=file, upload_id=upload_id) as sent:
        driving_audio = upload_motion_track(
            actor=request.auth,
            driving_audio_id=driving_audio_id,
            file=sent,
            performer_consent=performer_consent,
        )
    return Status(201, driving_audio_out(driving_audio))


@router.get(
    "/driving-audio/{driving_audio_id}/motion",
    auth=ApiKeyAuth(Scope.AUDIO),
    response=REFUSALS,
    tags=["driving audio"],
    summary="Download a motion track",
    openapi_extra={
        "responses": {
            200: {
                "description": "The track as a Live Link Face take.",
                "content": {"text/csv": {"schema": {"type": "string", "format": "binary"}}},
            }
        }
    },
)
def read_motion_track(request: AuthenticatedRequest, driving_audio_id: str) -> HttpResponseBase:
    """The motion track of a recording, as it is stored."""
    return motion_file(selectors.driving_audio_of(require_partner(request.auth), driving_audio_id))
