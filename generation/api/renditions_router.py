"""HTTP API for renditions, the finished videos, for partners with an API key."""

from __future__ import annotations

from django.http import HttpResponseBase
from ninja import Router, Status

from accounts.access.auth import ApiKeyAuth, AuthenticatedRequest
from accounts.access.policy import require_partner
from accounts.models import Scope
from generation import selectors
from generation.api.job_schemas import (
    RenditionOut,
    rendition_out,
)
from generation.api.refusals import REFUSALS
from generation.by_log import downloadable_rendition
from generation.downloads import rendition_file
from generation.services.erasure import deletion
from provenance.api.problem_schemas import Problem

router = Router()


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
