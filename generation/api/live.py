"""HTTP API for live sessions. The stream itself goes over a WebSocket: see docs/live.md."""

from __future__ import annotations

from django.http import HttpResponseBase
from ninja import Router, Status

from accounts.access.auth import ApiKeyAuth, AuthenticatedRequest
from accounts.models import Scope
from generation.api.live_schemas import (
    LiveIn,
    LiveOpened,
    LiveOut,
    LiveSegments,
    live_opened,
    live_out,
    live_segments,
)
from generation.api.refusals import REFUSALS
from generation.downloads import rendition_file
from generation.models import Voice
from generation.services.kept_sessions.handing_out import downloadable_session, erase_kept
from generation.services.live.ending import end_as_partner, session_of
from generation.services.live.opening import open_session
from provenance.api.problem_schemas import Problem

router = Router()


@router.post(
    "/live",
    auth=ApiKeyAuth(Scope.JOBS),
    response={201: LiveOpened, 404: Problem, 409: Problem, 410: Problem, 503: Problem, **REFUSALS},
    tags=["live"],
    summary="Open a live session",
)
def open_live_session(request: AuthenticatedRequest, payload: LiveIn) -> Status[LiveOpened]:
    """Open a session in which a portrait speaks while the voice is still arriving.

    Only for organisations whose videos are released without a look (`live_not_allowed`), and only under a
    consent that names live use (`consent_not_live`). It counts as one video of the consent when it starts,
    and its minutes count as minutes of video. Where no server has room the answer is 503 `busy`, with the
    time after which to ask again. Every frame carries label and mark; when the session has ended its record
    is sealed, and recordings of it verify as any video.
    """
    values = payload.model_dump(exclude_unset=True)
    values["voice"] = Voice(payload.voice)
    return Status(201, live_opened(open_session(actor=request.auth, **values)))


@router.get(
    "/live/{session_id}",
    auth=ApiKeyAuth(Scope.JOBS),
    response={200: LiveOut, 404: Problem, **REFUSALS},
    tags=["live"],
    summary="Read a live session",
)
def read_live_session(request: AuthenticatedRequest, session_id: str) -> LiveOut:
    """One session: whether it is live, why it ended, and whether its record is sealed."""
    return live_out(session_of(request.auth, session_id))


@router.post(
    "/live/{session_id}/end",
    auth=ApiKeyAuth(Scope.JOBS),
    response={200: LiveOut, 404: Problem, **REFUSALS},
    tags=["live"],
    summary="End a live session",
)
def end_live_session(request: AuthenticatedRequest, session_id: str) -> LiveOut:
    """End a session, whoever streams it. What streams it stops within a second; again changes nothing."""
    return live_out(end_as_partner(actor=request.auth, session_id=session_id))


@router.get(
    "/live/{session_id}/segments",
    auth=ApiKeyAuth(Scope.JOBS),
    response={200: LiveSegments, 404: Problem, **REFUSALS},
    tags=["live"],
    summary="Read the hashes of a live session",
)
def read_live_segments(request: AuthenticatedRequest, session_id: str) -> LiveSegments:
    """The SHA-256 of each second of the stream as it left, once the record is sealed.

    Their digest, SHA-256 over all of them one after the other, stands in the log (`live.hashed`).
    """
    return live_segments(session_of(request.auth, session_id))


@router.get(
    "/live/{session_id}/file",
    auth=ApiKeyAuth(Scope.RENDITIONS),
    response={404: Problem, 409: Problem, 410: Problem, **REFUSALS},
    tags=["live"],
    summary="Download a kept live session",
    openapi_extra={
        "responses": {
            200: {
                "description": "The sealed video.",
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
def download_live_session(request: AuthenticatedRequest, session_id: str) -> HttpResponseBase:
    """The sealed file of a session that was opened with `keep`, while its record is released."""
    return rendition_file(request, downloadable_session(request.auth, session_id), as_attachment=True)


@router.delete(
    "/live/{session_id}/file",
    auth=ApiKeyAuth(Scope.RENDITIONS),
    response={204: None, 404: Problem, **REFUSALS},
    tags=["live"],
    summary="Erase a kept live session",
)
def erase_live_session(request: AuthenticatedRequest, session_id: str) -> Status[None]:
    """Erase the file. The record stays, so that recordings of the stream verify; again changes nothing."""
    erase_kept(actor=request.auth, session_id=session_id)
    return Status(204, None)
