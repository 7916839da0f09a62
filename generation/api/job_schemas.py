"""What the API takes and says of jobs and their videos."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from ninja import Field, Schema

from generation.animation.framing.view import output_size
from generation.api.choice_schemas import (
    ControlsIn,
    DirectionJson,
    DisclosureIn,
    DisclosureOut,
    VideoFormatIn,
    VideoFormatOut,
)
from generation.api.input_schemas import JobReasonOut, WarningOut
from generation.api.motion_schemas import MotionIn, MotionOut
from generation.choices.directions import stored_direction
from generation.models import Job, Rendition
from generation.models.job import MAX_RENDERER_NAME
from generation.quality import Finding
from generation.services.planning import MAX_SEED, JobPlan
from generation.states import SEALED, JobState
from provenance.api.request_body import RequestBody
from provenance.common.listing import ListCount, ListFilters


class JobIn(RequestBody):
    """A request for one video."""

    portrait_id: str
    driving_audio_id: str
    controls: ControlsIn = Field(default_factory=ControlsIn)
    seed: int | None = Field(
        None, ge=0, le=MAX_SEED, description="Same inputs and seed, same frames. Drawn when left out."
    )
    renderer: str | None = Field(
        None,
        max_length=MAX_RENDERER_NAME,
        description="One of the renderers that this service offers; its default when left out.",
    )
    video: VideoFormatIn | None = Field(None, description="Aspect, size, frame rate and fill.")
    disclosure: DisclosureIn | None = Field(None, description="What viewers read and hear.")
    motion: MotionIn | None = Field(
        None, description="Has the recording's motion track move the face; left out, the voice does."
    )
    direction: DirectionJson | None = Field(
        None, description="Keyframes of controls and a layer that is added; see docs/direction.md."
    )
    title: str | None = Field(None, max_length=80, description="What you call the video. Only you see it.")


class ProgressOut(Schema):
    """How far the work is, in frames that are really done."""

    frames_done: int
    frames_total: int


class JobOut(Schema):
    """A job and how far it got."""

    id: str
    title: str = Field("", description="As you called it.")
    state: JobState
    state_since: datetime
    portrait_id: str
    driving_audio_id: str
    consent_id: str
    controls: dict[str, float | str]
    seed: int
    renderer: str
    video: VideoFormatOut | None = Field(description="Null for jobs from before it was part of them.")
    disclosure: DisclosureOut | None = Field(description="Null for jobs from before it was part of them.")
    direction: DirectionJson | None = Field(None, description="Null for jobs without one.")
    motion: MotionOut | None = Field(None, description="Null where the voice moves the face.")
    progress: ProgressOut
    attempts: int
    failure: JobReasonOut | None = Field(description="Why there is no video, or no video any more.")
    waiting_for: JobReasonOut | None = Field(
        description="What the running job waits for, such as a time-stamp."
    )
    rendition_id: str | None
    created_at: datetime
    deadline_at: datetime = Field(description="Until then it is finished or has failed with a code.")
    finished_at: datetime | None
    estimated_start_at: datetime | None = Field(
        description="When a worker was expected to begin it, as of its submission."
    )
    estimated_end_at: datetime | None = Field(
        description="When it was expected to be made, as of its submission; a review comes on top."
    )


class JobList(Schema):
    """One page of jobs, newest first."""

    items: list[JobOut]
    count: ListCount
    next_cursor: str | None = Field(description="Leads to the next page; null on the last one.")


class JobFilters(ListFilters):
    """Which jobs to list."""

    state: JobState | None = Field(None, description="Only those in one state.")
    portrait_id: str | None = Field(None, max_length=60, description="Only those of one portrait.")
    driving_audio_id: str | None = Field(None, max_length=60, description="Only those with one recording.")
    consent_id: str | None = Field(None, max_length=60, description="Only those under one consent.")


class JobPlanOut(Schema):
    """What would happen to this job; nothing was queued."""

    dry_run: Literal[True] = True
    portrait_id: str
    driving_audio_id: str
    consent_id: str
    videos_left: int = Field(description="How many videos the consent still covers, this one included.")
    controls: dict[str, float | str]
    direction: DirectionJson | None = Field(None, description="Null for a job without one.")
    motion: MotionOut | None = Field(None, description="Null where the voice moves the face.")
    renderer: str
    video: VideoFormatOut
    disclosure: DisclosureOut
    width: int
    height: int
    frames_total: int
    duration_s: float
    is_reviewed: bool = Field(
        description="Whether a reviewer looks at every video before its release; of low quality, always."
    )
    warnings: list[WarningOut]
    estimated_start_at: datetime | None = Field(description="When a worker would begin it.")
    estimated_end_at: datetime | None = Field(description="When it would be made.")
    jobs_ahead: int = Field(description="How many jobs would be begun before it.")


class UsageOut(Schema):
    """What you have, and what you may have; a limit that is null is none."""

    active_jobs: int = Field(description="Jobs that wait or run.")
    max_active_jobs: int
    month_minutes: float = Field(description="Minutes of the videos submitted in this month (UTC).")
    max_month_minutes: int | None
    storage_mb: float = Field(description="About how much portraits, recordings and videos take.")
    max_storage_mb: int | None


class PixelReportOut(Schema):
    """What was measured on a sample of the rendered frames; see docs/pixel-report.md for the bars."""

    frames: int = Field(description="How many frames were looked at.")
    faces: int = Field(description="In how many of them a face was found.")
    closures: int = Field(description="Closures of the lips (p, b, m) that the motion orders in them.")
    closures_kept: int
    openings: int = Field(description="Openings of the lips that the motion orders in them.")
    openings_kept: int
    sound_after_picture_s: float | None = Field(
        description="Negative when the sound comes first; null when there is too little speech to tell."
    )
    torn: float | None = Field(description="Part of some stretch of skin with edges unlike the portrait.")
    part_apart: float | None = Field(description="How far the worst part of the face is from the portrait")
    proportions_apart: float | None = Field(
        description="How far the face's proportions are from the portrait's, in parts of its size."
    )
    appearance_apart: float | None = Field(
        description="How far the face's details are from the portrait's, 0 to 2. Says nothing of identity."
    )
    still_s: float = Field(description="Longest time in which nothing moved while somebody spoke.")
    findings: list[Finding] = Field(description="Bars that are not reached; empty for a good rendition.")


class RenditionOut(Schema):
    """A sealed video. It can be downloaded while its state is `released`."""

    id: str
    job_id: str
    state: JobState
    sha256: str
    size_bytes: int
    duration_s: float
    frames: int
    fps: float
    width: int
    height: int
    sealed_at: datetime
    released_at: datetime | None
    note: str = Field(description="The reviewer's words, if any.")
    warnings: list[WarningOut] = Field(
        description="`quality_low` when the pixel report found something; such a video is always reviewed."
    )
    pixel_report: PixelReportOut | None = Field(
        description="Null for renditions from before there were reports."
    )
    failure: JobReasonOut | None = Field(description="Why it was rejected or revoked.")
    erased_at: datetime | None = Field(
        None, description="Since when there is no file any more; the rendition stays as a record of it."
    )


def reason_out(job: Job) -> JobReasonOut | None:
    """Why a job ended without a video or its video was revoked, or what a running one waits for."""
    if not job.reason_code:
        return None
    return JobReasonOut(code=job.reason_code, message=job.reason_message, hint=job.reason_hint)


def job_out(job: Job) -> JobOut:
    """The public form of a job."""
    return JobOut(
        id=job.id,
        title=job.title,
        state=JobState(job.state),
        state_since=job.state_since,
        portrait_id=job.portrait_id,
        driving_audio_id=job.driving_audio_id,
        consent_id=job.consent_id,
        controls=job.controls,
        direction=job.direction or None,
        motion=MotionOut.model_validate(job.motion) if job.motion else None,
        seed=job.seed,
        renderer=job.renderer,
        video=VideoFormatOut.model_validate(job.video) if job.video else None,
        disclosure=DisclosureOut.model_validate(job.disclosure) if job.disclosure else None,
        progress=ProgressOut(frames_done=job.frames_done, frames_total=job.frames_total),
        attempts=job.attempts,
        failure=None if job.is_active else reason_out(job),
        waiting_for=reason_out(job) if job.is_active else None,
        rendition_id=job.rendition.id if job.state in SEALED else None,
        created_at=job.created_at,
        deadline_at=job.deadline_at,
        finished_at=job.finished_at,
        estimated_start_at=job.estimated_start_at,
        estimated_end_at=job.estimated_end_at,
    )


def plan_out(plan: JobPlan) -> JobPlanOut:
    """The public form of a dry run."""
    width, height = output_size(plan.video, plan.portrait.width, plan.portrait.height)
    return JobPlanOut(
        portrait_id=plan.portrait.id,
        driving_audio_id=plan.driving_audio.id,
        consent_id=plan.consent.id,
        videos_left=plan.consent.videos_left,
        controls=plan.controls.to_json(),
        direction=stored_direction(plan.direction) or None,
        motion=MotionOut.model_validate(plan.motion) if plan.motion else None,
        renderer=plan.renderer,
        video=VideoFormatOut.model_validate(plan.video.to_json()),
        disclosure=DisclosureOut.model_validate(plan.disclosure.to_json()),
        width=width,
        height=height,
        frames_total=plan.frames,
        duration_s=plan.driving_audio.duration_s,
        is_reviewed=plan.is_reviewed,
        warnings=[WarningOut.model_validate(warning) for warning in plan.warnings],
        estimated_start_at=plan.estimate.start_at if plan.estimate else None,
        estimated_end_at=plan.estimate.end_at if plan.estimate else None,
        jobs_ahead=plan.estimate.jobs_ahead if plan.estimate else 0,
    )


def rendition_out(rendition: Rendition) -> RenditionOut:
    """The public form of a rendition."""
    low, report = rendition.quality_warning, rendition.pixel_report
    return RenditionOut(
        id=rendition.id,
        job_id=rendition.job_id,
        state=JobState(rendition.job.state),
        sha256=rendition.sha256,
        size_bytes=rendition.size_bytes,
        duration_s=rendition.duration_s,
        frames=rendition.frames,
        fps=rendition.fps,
        width=rendition.width,
        height=rendition.height,
        sealed_at=rendition.sealed_at,
        released_at=rendition.released_at,
        note=rendition.note,
        warnings=[WarningOut.model_validate(low)] if low else [],
        pixel_report=PixelReportOut.model_validate(report) if report else None,
        failure=reason_out(rendition.job),
        erased_at=rendition.erasure_began_at,
    )
