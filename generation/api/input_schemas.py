"""What the API says of portraits and recordings, and of what is wrong with them."""

from __future__ import annotations

from datetime import datetime

from ninja import Field, Schema

from generation.api.motion_schemas import MotionTrackOut, motion_track_out
from generation.models import DrivingAudio, Portrait, Voice
from generation.services.preflight import IntakeResult
from provenance.common.listing import ListCount, ListFilters


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
        "Anybody can write such a mark, except ours: `Likeness` stands for a frame of a video that was made "
        "here."
    )
    still_url: str | None = Field(
        description="Where the neutral still is: what a video of this portrait begins with. Null for "
        "portraits from before there were stills; upload the picture again."
    )
    created_at: datetime


class PortraitList(Schema):
    """One page of portraits, newest first."""

    items: list[PortraitOut]
    count: ListCount
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
    count: ListCount
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
