"""Request and response schemas of motion tracks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from ninja import Field, Schema

from generation.animation.motion.direction.performed import LIPS
from generation.models import DrivingAudio
from provenance.api.request_body import RequestBody

if TYPE_CHECKING:
    LipsName = str
else:
    LipsName = Literal[LIPS]


class MotionTrackOut(Schema):
    """A performer's motion track of a recording, as it is stored."""

    sha256: str = Field(description="Of the stored CSV.")
    fps: float
    frames: int
    performer_consent: str = Field(description="Where the performer's signed consent is kept, as you said.")


class MotionIn(RequestBody):
    """A performer moves the face, whose motion track the recording has."""

    lips: LipsName = Field("speech", description="Whose lips: those of the speech, or the performer's.")


class MotionOut(Schema):
    """The motion track that a job uses."""

    sha256: str
    lips: str


def motion_track_out(driving_audio: DrivingAudio) -> MotionTrackOut | None:
    """The public form of a recording's motion track; None without one."""
    if not driving_audio.motion_key:
        return None
    return MotionTrackOut(
        sha256=driving_audio.motion_sha256,
        fps=driving_audio.motion_fps or 0.0,
        frames=driving_audio.motion_frames or 0,
        performer_consent=driving_audio.performer_consent,
    )
