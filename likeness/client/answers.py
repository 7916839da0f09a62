"""What the service says about its things, as values. The fields are those of `/v1/openapi.json`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

TERMINAL_STATES = frozenset({"released", "rejected", "failed", "cancelled", "revoked"})


@dataclass(frozen=True)
class WarningInfo:
    """Something about an upload that could be better and stops nothing."""

    code: str
    message: str


@dataclass(frozen=True)
class FailureInfo:
    """Why something ended, or what it waits for. Programs look at `code`."""

    code: str
    message: str
    hint: str


@dataclass(frozen=True)
class SubjectInfo:
    """Who or what portraits show."""

    id: str
    display_name: str
    email: str
    created_at: datetime


@dataclass(frozen=True)
class PortraitInfo:
    """A stored portrait; `sha256` is that of the stored PNG."""

    id: str
    subject_id: str
    width: int
    height: int
    sha256: str
    warnings: tuple[WarningInfo, ...]
    created_at: datetime


@dataclass(frozen=True)
class SampleInfo:
    """A person who does not exist, ready for a job."""

    name: str
    subject_id: str
    portrait_id: str
    driving_audio_id: str
    consent_id: str


@dataclass(frozen=True)
class DrivingAudioInfo:
    """Stored speech; `sha256` is that of the stored WAV. `voice` is whose voice it is, as you attested; None
    where you did not say. `speaker_consent` is what the speaker said who is asked.
    """

    id: str
    duration_s: float
    sample_rate: int
    sha256: str
    warnings: tuple[WarningInfo, ...]
    created_at: datetime
    voice: str | None = None
    speaker_consent: str | None = None
    title: str = ""


@dataclass(frozen=True)
class ConsentInfo:
    """A consent and its state by the service's clock: `requested`, `granted`, `withdrawn` ..."""

    id: str
    portrait_id: str
    subject_id: str
    basis: str
    purpose: str
    valid_until: datetime
    max_videos: int
    used_videos: int
    state: str
    reason: str
    created_at: datetime
    decided_at: datetime | None
    withdrawn_at: datetime | None
    receipt_digest: str


@dataclass(frozen=True)
class ConsentRequestInfo(ConsentInfo):
    """A consent that was just asked for. `subject_link` is deprecated and None: the subject alone gets it."""

    subject_link: str | None


@dataclass(frozen=True)
class WebhookInfo:
    """A webhook. `secret` signs its messages, and is in the answer that made it alone."""

    id: str
    url: str
    event_types: tuple[str, ...]
    created_at: datetime
    secret: str = field(default="", repr=False)


@dataclass(frozen=True)
class ProgressInfo:
    """Frames that are really done, of all."""

    frames_done: int
    frames_total: int


@dataclass(frozen=True)
class JobInfo:
    """A job and how far it got. `rendition_id` is there once there is a sealed video."""

    id: str
    state: str
    portrait_id: str
    driving_audio_id: str
    consent_id: str
    controls: dict[str, float | str]
    seed: int
    progress: ProgressInfo
    failure: FailureInfo | None
    waiting_for: FailureInfo | None
    rendition_id: str | None
    created_at: datetime
    deadline_at: datetime
    finished_at: datetime | None
    video: dict[str, str | int] | None = None
    direction: dict[str, Any] | None = None
    disclosure: dict[str, Any] | None = None
    title: str = ""

    @property
    def is_over(self) -> bool:
        """Whether nothing will be worked on any more. A released video can still be revoked."""
        return self.state in TERMINAL_STATES


@dataclass(frozen=True)
class RenditionInfo:
    """A sealed video; it can be downloaded while its state is `released`."""

    id: str
    job_id: str
    state: str
    sha256: str
    size_bytes: int
    duration_s: float
    frames: int
    fps: float
    width: int
    height: int
    sealed_at: datetime
    released_at: datetime | None
    failure: FailureInfo | None


@dataclass(frozen=True)
class LiveInfo:
    """A live session. `file_sha256` is that of its sealed file, where it is kept."""

    id: str
    state: str
    portrait_id: str
    size: int
    fps: int
    max_s: int
    end: FailureInfo | None
    sealed_at: datetime | None
    segments: int
    is_kept: bool = False
    file_sha256: str | None = None


@dataclass(frozen=True)
class LiveOpenedInfo:
    """A live session that waits for whoever connects to `url` with the token, once and within a minute."""

    id: str
    url: str
    token: str
    token_expires_at: datetime
    max_s: int
