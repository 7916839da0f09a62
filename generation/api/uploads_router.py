"""HTTP API for uploads that resume: tus 1.0 with creation, expiration and termination (https://tus.io)."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.utils.http import http_date
from ninja import Header, Router

from accounts.access.auth import ApiKeyAuth, AuthenticatedRequest
from accounts.models import Scope
from generation.models import ResumableUpload
from generation.services.resumable import uploading
from generation.services.resumable.refusals import TusVersionUnknown, UploadMediaUnsupported
from provenance.api.problem_schemas import Problem
from provenance.common.uploads import LARGEST_UPLOAD_BYTES

router = Router()

VERSION: Final = "1.0.0"
PIECE_TYPE: Final = "application/offset+octet-stream"
_PROTOCOL: Final = {
    "Tus-Version": VERSION,
    "Tus-Extension": "creation,expiration,termination",
    "Tus-Max-Size": str(LARGEST_UPLOAD_BYTES),
}
_REFUSALS: Final[dict[Any, Any]] = {401: Problem, 403: Problem, 412: Problem, 422: Problem, 429: Problem}
_AUTH: Final = ApiKeyAuth(Scope.AUDIO, Scope.PORTRAITS)
_SAID: Final = {
    "responses": {
        204: {
            "description": "How far the upload is.",
            "headers": {
                "Upload-Offset": {"description": "Bytes that are here.", "schema": {"type": "integer"}},
                "Upload-Expires": {"description": "When it ends by itself.", "schema": {"type": "string"}},
            },
        }
    }
}
_PIECE: Final = {
    "requestBody": {
        "required": True,
        "content": {PIECE_TYPE: {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.api_operation(
    ["OPTIONS"], "/uploads", response={204: None}, tags=["uploads"], summary="Ask what is offered"
)
def describe_uploads(request: HttpRequest) -> HttpResponse:
    """The version of tus, its extensions and the largest size, in headers."""
    return HttpResponse(status=204, headers={"Tus-Resumable": VERSION, **_PROTOCOL})


@router.post(
    "/uploads",
    auth=_AUTH,
    response={201: None, 413: Problem, **_REFUSALS},
    tags=["uploads"],
    summary="Begin an upload",
)
def create_upload(
    request: AuthenticatedRequest,
    upload_length: int = Header(..., alias="Upload-Length"),  # type: ignore[type-arg]
    upload_metadata: str = Header("", alias="Upload-Metadata"),  # type: ignore[type-arg]
    tus_resumable: str = Header("", alias="Tus-Resumable"),  # type: ignore[type-arg]
) -> HttpResponse:
    """Announce a portrait, a recording or a performer's video of up to 100 MB, to be sent in pieces.

    The answer's `Location` is the upload; its last part is the `upload_id` that uploads of portraits,
    driving audio and motion take in the place of `file`. It ends a day after its last piece.
    `Upload-Metadata` may say `filename` and `filetype`. Any client of tus 1.0 can do this.
    """
    _require_version(tus_resumable)
    upload = uploading.begin_upload(actor=request.auth, length=upload_length, metadata=upload_metadata)
    return _answer(upload, 201, Location=request.build_absolute_uri(f"/v1/uploads/{upload.pk}"))


@router.api_operation(
    ["HEAD"],
    "/uploads/{upload_id}",
    auth=_AUTH,
    response={204: None, 404: Problem, **_REFUSALS},
    tags=["uploads"],
    summary="Ask how far an upload is",
    openapi_extra=_SAID,
)
def head_upload(
    request: AuthenticatedRequest,
    upload_id: str,
    tus_resumable: str = Header("", alias="Tus-Resumable"),  # type: ignore[type-arg]
) -> HttpResponse:
    """`Upload-Offset` says how many bytes are here: go on from there."""
    _require_version(tus_resumable)
    upload = uploading.upload_of(request.auth, upload_id)
    return _answer(upload, 204, **{"Upload-Length": str(upload.length), "Cache-Control": "no-store"})


@router.patch(
    "/uploads/{upload_id}",
    auth=_AUTH,
    response={204: None, 404: Problem, 409: Problem, 413: Problem, 415: Problem, **_REFUSALS},
    tags=["uploads"],
    summary="Send a piece",
    openapi_extra={**_SAID, **_PIECE},
)
def append_to_upload(
    request: AuthenticatedRequest,
    upload_id: str,
    upload_offset: int = Header(..., alias="Upload-Offset"),  # type: ignore[type-arg]
    tus_resumable: str = Header("", alias="Tus-Resumable"),  # type: ignore[type-arg]
) -> HttpResponse:
    """The next bytes, of which `Upload-Offset` is the first. A piece that breaks off does not count; those
    before it do. All but the last have at least 256 KiB; 1 to 16 MiB serve best."""
    _require_version(tus_resumable)
    if request.content_type != PIECE_TYPE:
        raise UploadMediaUnsupported
    upload = uploading.append_piece(
        actor=request.auth, upload_id=upload_id, offset=upload_offset, body=request
    )
    return _answer(upload, 204)


@router.delete(
    "/uploads/{upload_id}",
    auth=_AUTH,
    response={204: None, 404: Problem, **_REFUSALS},
    tags=["uploads"],
    summary="Drop an upload",
)
def delete_upload(
    request: AuthenticatedRequest,
    upload_id: str,
    tus_resumable: str = Header("", alias="Tus-Resumable"),  # type: ignore[type-arg]
) -> HttpResponse:
    """End an upload and remove what arrived of it."""
    _require_version(tus_resumable)
    uploading.drop_upload(actor=request.auth, upload_id=upload_id)
    return HttpResponse(status=204, headers={"Tus-Resumable": VERSION})


def _require_version(said: str) -> None:
    if said != VERSION:
        raise TusVersionUnknown


def _answer(upload: ResumableUpload, status: int, **more: str) -> HttpResponse:
    return HttpResponse(
        status=status,
        headers={
            "Tus-Resumable": VERSION,
            "Upload-Offset": str(upload.offset),
            "Upload-Expires": http_date(upload.expires_at.timestamp()),
            **more,
        },
    )
