"""What a job states beside its inputs: controls, direction, shape and size, visible label."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from ninja import Field, Schema
from pydantic import WithJsonSchema

from generation.animation.framing.video_format import ASPECTS, FRAME_RATES, SIZES
from generation.animation.motion.controls import EMOTIONS, RANGES, SPEAKING_STYLES
from generation.animation.motion.direction.json_schema import direction_schema
from generation.disclosure.choice import MOST_SECONDS, NONE, TEXTS, presets
from provenance.api.request_body import RequestBody
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


def _range(name: str) -> Any:
    low, high = RANGES[name]
    return Field(None, ge=low, le=high)


class ControlsIn(RequestBody):
    """How the performance should be; what is left out looks natural.

    Positive yaw looks towards the picture's right edge, positive pitch down; degrees. `style` is the speaking
    style. Above 0, `listening` makes the recording another's voice, to which the person listens without
    speaking.
    """

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


class VideoFormatIn(RequestBody):
    """The shape of the video; what is left out is as the operator has set it, in a square."""

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


class DisclosureIn(RequestBody):
    """The visible label and the sound cue; what is left out is the preset's, then as the operator set it."""

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
