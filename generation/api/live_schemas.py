"""Request and response shapes of live sessions."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from ninja import Schema
from pydantic import Field

from generation.api.choice_schemas import ControlsIn, DisclosureIn
from generation.api.input_schemas import JobReasonOut
from generation.models import LiveSession, LiveState
from generation.models.job import MAX_RENDERER_NAME
from generation.services.live.opening import MAX_SEED, OpenedSession
from generation.services.live.reasons import reason_of
from provenance.api.request_body import RequestBody


class LiveIn(RequestBody):
    """A request for one live session."""

    portrait_id: str
    voice: Literal["own", "synthetic"] = Field(
        description="Whose voice will be heard, as you attest: of your own people or yours to use, with the "
        "speaker's agreement, or nobody's."
    )
    controls: ControlsIn = Field(default_factory=ControlsIn, description="As it begins; changed at any time.")
    disclosure: DisclosureIn | None = Field(
        None, description="The label, shown throughout. A live session has no sound cue."
    )
    renderer: str | None = Field(None, max_length=MAX_RENDERER_NAME)
    size: Literal[256, 384, 512] = Field(512, description="Pixels a side.")
    fps: Literal[24, 25, 30, 40] = 25
    seed: int | None = Field(None, ge=0, le=MAX_SEED, description="Drawn when left out.")
    keep: bool = Field(
        False,
        description="Keep the whole session as a sealed video. It takes a second video of the consent and "
        "room of your storage, and may not last as long as others.",
    )


class LiveOut(Schema):
    """A live session."""

    id: str = Field(description="Record, manifest and log name it as the id of its rendition.")
    state: LiveState
    portrait_id: str
    consent_id: str
    size: int
    fps: int
    max_s: int = Field(description="It ends by itself after so many seconds.")
    opened_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    end: JobReasonOut | None = Field(description="Why it ended; null while it has not.")
    frames: int
    repeated_frames: int = Field(
        description="Of these, those that show the one before again, since none was ready in time."
    )
    sealed_at: datetime | None = Field(
        description="From when on recordings of it verify; null before, and for a session that never started."
    )
    is_kept: bool = Field(description="Its sealed file is kept: GET /v1/live/ID/file.")
    file_sha256: str | None = Field(description="Of the kept file; null while there is none.")
    segments: int = Field(description="Seconds of the stream whose SHA-256 is on record.")


class LiveOpened(LiveOut):
    """A session that waits for whoever brings its token."""

    token: str = Field(description="Works once, and for a minute. It is not shown again.")
    url: str = Field(description="Where to connect with a WebSocket; see docs/live.md.")
    token_expires_at: datetime


class LiveSegments(Schema):
    """The hashes of a session's stream."""

    sha256: list[str] = Field(description="Of each second as it left, hexadecimal, in order.")


def live_out(session: LiveSession) -> LiveOut:
    """The public form of a session."""
    reason = reason_of(session.reason_code) if session.reason_code else None
    return LiveOut(
        id=session.id,
        state=LiveState(session.state),
        portrait_id=session.portrait_id,
        consent_id=session.consent_id,
        size=session.size,
        fps=session.fps,
        max_s=session.max_s,
        opened_at=session.opened_at,
        started_at=session.started_at,
        ended_at=session.ended_at,
        end=JobReasonOut(code=reason.code, message=reason.message, hint=reason.hint) if reason else None,
        frames=session.frames,
        repeated_frames=session.repeated_frames,
        sealed_at=session.sealed_at,
        is_kept=session.is_kept,
        file_sha256=session.kept.sha256 if hasattr(session, "kept") else None,
        segments=len(session.segment_hashes) // 32,
    )


def live_opened(opened: OpenedSession) -> LiveOpened:
    """The answer to a new session."""
    return LiveOpened(
        **live_out(opened.session).model_dump(),
        token=opened.token,
        url=opened.url,
        token_expires_at=opened.session.token_expires_at,
    )


def live_segments(session: LiveSession) -> LiveSegments:
    """The hashes of a session, one by one."""
    hashes = bytes(session.segment_hashes)
    return LiveSegments(sha256=[hashes[at : at + 32].hex() for at in range(0, len(hashes), 32)])
