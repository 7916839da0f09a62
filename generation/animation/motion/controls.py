"""The optional controls of one animation, in the sense of VASA-1 (Xu et al. 2024, section 3.2)."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields

from generation.animation.motion.emotions import EMOTION_TABLE
from generation.animation.sentences import gettext_noop as _

EMOTIONS = tuple(EMOTION_TABLE)
SPEAKING_STYLES = ("calm", "neutral", "lively")


class ControlsInvalid(ValueError):
    """A control has a value outside its range. `field` names it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


RANGES: dict[str, tuple[float, float]] = {
    "gaze_yaw": (-30.0, 30.0),
    "gaze_pitch": (-20.0, 20.0),
    "head_distance": (0.7, 1.4),
    "emotion_intensity": (0.0, 1.0),
    "valence": (0.0, 1.0),
    "arousal": (0.0, 1.0),
    "expressiveness": (0.0, 1.5),
    "head_motion": (0.0, 1.5),
    "blinks_per_minute": (0.0, 40.0),
    "listening": (0.0, 1.0),
}


@dataclass(frozen=True, kw_only=True)
class MotionControls:
    """The controls of a performance. Every field has a default that looks natural.

    `gaze_yaw`, `gaze_pitch` are degrees and the mean direction of the eyes: positive yaw looks towards the
    picture's right edge, positive pitch looks down. `head_distance` is relative to the portrait: 1 is as
    pictured, 1.25 is further away. `emotion` is a name of EMOTION_TABLE, added with `emotion_intensity` as an
    offset; `valence` and `arousal` add to it, from displeased and drowsy (0) to pleased and excited (1), 0.5
    adds nothing. `style` is one of SPEAKING_STYLES, the speaking style: how large and how quick movements
    are. Above 0, `listening` makes the recording another's voice: the person in the picture does not speak,
    but nods, blinks and looks as one who hears it, 1 as clearly as usual. `expressiveness` scales brows,
    cheeks and lip excursion; `head_motion` scales head movement, 0 is still.

    Raises ControlsInvalid for a value outside RANGES or of another type, an unknown emotion or an unknown
    speaking style.
    """

    gaze_yaw: float = 0.0
    gaze_pitch: float = 0.0
    head_distance: float = 1.0
    emotion: str = "neutral"
    emotion_intensity: float = 0.6
    valence: float = 0.5
    arousal: float = 0.5
    style: str = "neutral"
    expressiveness: float = 1.0
    head_motion: float = 1.0
    blinks_per_minute: float = 16.0
    listening: float = 0.0

    def __post_init__(self) -> None:
        if self.emotion not in EMOTION_TABLE:
            raise ControlsInvalid(
                "emotion", _("emotion must be one of {names}.").format(names=", ".join(EMOTION_TABLE))
            )
        if self.style not in SPEAKING_STYLES:
            raise ControlsInvalid(
                "style", _("style must be one of {names}.").format(names=", ".join(SPEAKING_STYLES))
            )
        for name, (low, high) in RANGES.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
                sentence = _("{name} must be a number from {least} to {most}.")
                raise ControlsInvalid(name, sentence.format(name=name, least=f"{low:g}", most=f"{high:g}"))

    @classmethod
    def from_json(cls, values: dict[str, object]) -> MotionControls:
        """Build controls from decoded JSON; an unknown key raises ControlsInvalid."""
        known = {field.name for field in fields(cls)}
        for key in values:
            if key not in known:
                sentence = _("{name} is not a control; known are {names}.")
                raise ControlsInvalid(key, sentence.format(name=key, names=", ".join(sorted(known))))
        return cls(**values)  # type: ignore[arg-type]

    def to_json(self) -> dict[str, float | str]:
        """The controls as plain JSON values, defaults included, for storing with the job."""
        return asdict(self)
