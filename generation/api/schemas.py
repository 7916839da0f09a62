"""Request and response schemas of the generation API."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from ninja import Field, Schema
from pydantic import ConfigDict, WithJsonSchema

from generation.animation.framing.video_format import ASPECTS, FRAME_RATES, SIZES
from generation.animation.framing.view import output_size
from generation.animation.motion.controls import EMOTIONS, RANGES, SPEAKING_STYLES
from generation.animation.motion.direction.json_schema import direction_schema
from generation.api.motion_schemas import MotionIn, MotionOut, MotionTrackOut, motion_track_out
from generation.choices.directions import stored_direction
from generation.disclosure.choice import MOST_SECONDS, NONE, TEXTS, presets
from generation.models import DrivingAudio, Job, Portrait, Rendition, Voice
from generation.models.job import MAX_RENDERER_NAME
from generation.quality import Finding
from generation.services.submit import MAX_SEED, JobPlan
from generation.services.uploads import IntakeResult
from generation.states import SEALED, JobState
from provenance.common.listing import ListFilters
from provenance.common.visible_label import PLACES

if TYPE_CHECKING:
    AspectName = str
    LabelLanguage = str
    PlaceName = str
    PresetName = str
    EmotionName = str
    SpeakingStyle = str
else:  # they are tables: the names are values, which a type checker cannot know
    AspectName = Literal[ASPECTS]
    LabelLanguage = Literal[tuple(TEXTS)]
    PlaceName = Literal[PLACES]
    PresetName = Literal[*presets(), NONE]
    EmotionName = Literal[EMOTIONS]
    SpeakingStyle = Literal[SPEAKING_STYLES]


# Checked by `submit_job` as everywhere else, so that page, library and API refuse with the same words.
DirectionJson = Annotated[dict[str, Any], WithJsonSchema(direction_schema())]


class PictureFrameOut(Schema):
    """The picture as it is stored, in whose pixels all places are, and where it lies in the upload."""

    width: int
    height: int
    of_upload: list[float] = Field(
        description="Left, top, width and height of this picture in pixels of the upload (EXIF respected)."
    )
    turned: int = Field(description="By how many degrees that part was turned clockwise: 0, 90, 180 or 270.")


class PlaceOut(Schema):
    """A place in the picture."""

    what: str = Field(description="face, eyes, mouth, lower_face, dark_side, or an edge of the picture.")
    box: list[float] = Field(description="Left, top, width and height in pixels.")
    polygon: list[list[float]] = Field(description="Corners, each as x and y in pixels.")


class DetailsOut(Schema):
    """Where in a portrait a refusal or a warning belongs."""

    picture: PictureFrameOut
    places: list[PlaceOut] = Field(description="Empty for what is about the whole picture.")


class WarningOut(Schema):
    """Something that could be better but stops nothing."""

    code: str
    message: str
    hint: str = Field("", description="What would be better; empty where there is nothing to do.")
    details: DetailsOut | None = Field(None, description="Of portraits: the place.")


class JobReasonOut(Schema):
    """Why a job or an input was refused, or a job ended."""

    code: str = Field(description="Stable; what a program should look at.")
    message: str
    hint: str


class IntakeProblemOut(JobReasonOut):
    """Why an input would be refused."""

    details: DetailsOut | None = Field(None, description="Of portraits that could be decoded: the place.")


class PortraitOut(Schema):
    """A portrait as it is stored: upright, sRGB, PNG, without metadata."""

    id: str
    subject_id: str
    width: int
    height: int
    sha256: str = Field(description="Of the stored PNG.")
    warnings: list[WarningOut]
    credentials: dict[str, str] = Field(
        description="What the upload's own Content Credentials said; empty without any."
    )
    generated_by: str = Field(
        description="The image generator whose invisible watermark the upload carried; empty without one. "
        "Anybody can write such a mark."
    )
    still_url: str | None = Field(
        description="Where the neutral still is: what a video of this portrait begins with. Null for "
        "portraits from before there were stills; upload the picture again."
    )
    created_at: datetime


class PortraitList(Schema):
    """One page of portraits, newest first."""

    items: list[PortraitOut]
    count: int = Field(description="How many there were when the first page was read.")
    next_cursor: str | None = Field(description="Leads to the next page; null on the last one.")


class PortraitFilters(ListFilters):
    """Which portraits to list."""

    subject_id: str | None = Field(None, max_length=60, description="Only those of one subject.")


class DrivingAudioOut(Schema):
    """Driving audio as it is stored: WAV, mono or stereo, 48 kHz, without metadata."""

    id: str
    title: str = Field("", description="As you called it.")
    duration_s: float
    sample_rate: int
    sha256: str = Field(description="Of the stored WAV.")
    voice: str | None = Field(
        description="Whose voice it is: `own` or `synthetic`, as you attested, or `speaker`, who is asked; "
        "null where you did not say. Then a reviewer looks at every video."
    )
    speaker_consent: str | None = Field(
        description="What the speaker said who is asked: `requested`, `granted`, `declined`, `withdrawn` or "
        "`expired`; null where nobody is asked."
    )
    motion: MotionTrackOut | None = Field(description="A performer's motion track; null without one.")
    warnings: list[WarningOut]
    created_at: datetime


class DrivingAudioList(Schema):
    """One page of driving audio, newest first."""

    items: list[DrivingAudioOut]
    count: int = Field(description="How many there were when the first page was read.")
    next_cursor: str | None = Field(description="Leads to the next page; null on the last one.")


class IntakeOut(Schema):
    """What intake says about one input."""

    ok: bool
    problem: IntakeProblemOut | None = Field(
        description="Why it would be refused; null when it would be taken."
    )
    warnings: list[WarningOut]
    found: str = Field(description="The format that the content shows, whatever the file is called.")


class PreflightOut(Schema):
    """What the worker would say about the inputs, before anything is queued."""

    ok: bool
    portrait: IntakeOut | None
    driving_audio: IntakeOut | None


def _range(name: str) -> Any:
    low, high = RANGES[name]
    return Field(None, ge=low, le=high)


class ControlsIn(Schema):
    """How the performance should be; what is left out looks natural.

    Positive yaw looks towards the picture's right edge, positive pitch down; degrees. `style` is the speaking
    style. Above 0, `listening` makes the recording another's voice, to which the person listens without
    speaking.
    """

    model_config = ConfigDict(extra="forbid")

    gaze_yaw: float | None = _range("gaze_yaw")
    gaze_pitch: float | None = _range("gaze_pitch")
    head_distance: float | None = _range("head_distance")
    emotion: EmotionName | None = None
    emotion_intensity: float | None = _range("emotion_intensity")
    valence: float | None = _range("valence")
    arousal: float | None = _range("arousal")
    style: SpeakingStyle | None = None
    expressiveness: float | None = _range("expressiveness")
    head_motion: float | None = _range("head_motion")
    blinks_per_minute: float | None = _range("blinks_per_minute")
    listening: float | None = _range("listening")


class VideoFormatIn(Schema):
    """The shape of the video; what is left out is as the operator has set it, in a square."""

    model_config = ConfigDict(extra="forbid")

    aspect: AspectName | None = Field(
        None,
        description="`1:1` shows head and shoulders. In the others the person is animated inside the "
        "picture: `picture` keeps its own shape, `9:16` and `16:9` show the part of it around the person.",
    )
    size: int | None = Field(
        None,
        ge=SIZES[0],
        le=SIZES[1],
        multiple_of=2,
        description="The shorter side in pixels: 1080 with `16:9` gives 1920x1080. The picture is enlarged "
        "to twice its pixels at most (`picture_too_small_for_size`), head and shoulders in a square to 512.",
    )
    fps: int | None = Field(None, ge=FRAME_RATES[0], le=FRAME_RATES[1], description="Frames a second.")
    fill: str | None = Field(
        None,
        pattern=r"^(blur|#[0-9a-fA-F]{6})$",
        description="What lies beyond the picture where the aspect needs more than it has: `blur`, its own "
        "edges blurred, or a colour.",
    )


class VideoFormatOut(Schema):
    """The shape of a job's video."""

    aspect: str
    size: int = Field(description="The shorter side in pixels.")
    fps: int
    fill: str


class DisclosureIn(Schema):
    """The visible label and the sound cue; what is left out is the preset's, then as the operator set it."""

    model_config = ConfigDict(extra="forbid")

    preset: PresetName | None = Field(
        None,
        description="Which rules the label follows. `none` makes a video without a label, where the operator "
        "allows that (`label_required`).",
    )
    language: LabelLanguage | None = Field(None, description="Of the label's text.")
    place: PlaceName | None = Field(None, description="The corner of the picture.")
    first_seconds: int | None = Field(
        None,
        ge=1,
        le=MOST_SECONDS,
        description="How long the label is shown, where the preset allows less than the whole video.",
    )
    sound_cue: bool | None = Field(
        None, description='Whether the sound begins with "AI" in Morse code, .9 s before the speech.'
    )


class DisclosureOut(Schema):
    """The visible label and the sound cue of a job's video."""

    preset: str
    language: str
    place: str
    first_seconds: int | None = Field(description="Null: throughout.")
    sound_cue: bool


class JobIn(Schema):
    """A request for one video."""

    model_config = ConfigDict(extra="forbid")

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
    count: int = Field(description="How many there were when the first page was read.")
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


def portrait_out(portrait: Portrait) -> PortraitOut:
    """The public form of a portrait."""
    return PortraitOut(
        id=portrait.id,
        subject_id=portrait.subject_id,
        width=portrait.width,
        height=portrait.height,
        sha256=portrait.sha256,
        warnings=[WarningOut.model_validate(warning) for warning in portrait.warnings],
        credentials=portrait.credentials,
        generated_by=portrait.generated_by,
        still_url=f"/v1/portraits/{portrait.id}/still" if portrait.still_key else None,
        created_at=portrait.created_at,
    )


def speaker_consent(driving_audio: DrivingAudio) -> str | None:
    """What the speaker said who is asked about a recording; None where nobody is asked."""
    newest = driving_audio.voice_consents.first() if driving_audio.voice == Voice.SPEAKER else None
    return None if newest is None else newest.current_state.value


def driving_audio_out(driving_audio: DrivingAudio) -> DrivingAudioOut:
    """The public form of driving audio."""
    return DrivingAudioOut(
        id=driving_audio.pk,
        title=driving_audio.title,
        duration_s=driving_audio.duration_s,
        sample_rate=driving_audio.sample_rate,
        sha256=driving_audio.sha256,
        voice=driving_audio.voice or None,
        speaker_consent=speaker_consent(driving_audio),
        motion=motion_track_out(driving_audio),
        warnings=[WarningOut.model_validate(one) for one in driving_audio.warnings],
        created_at=driving_audio.created_at,
    )


def intake_out(answer: IntakeResult) -> IntakeOut:
    """The public form of intake's answer."""
    refusal = answer.refusal
    problem = None
    if refusal is not None:
        details = DetailsOut.model_validate(refusal.details) if refusal.details else None
        problem = IntakeProblemOut(
            code=refusal.code, message=refusal.message, hint=refusal.hint, details=details
        )
    return IntakeOut(
        ok=refusal is None,
        problem=problem,
        warnings=[WarningOut.model_validate(warning) for warning in answer.warnings],
        found=answer.found,
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
