"""The table of emotions: arousal, facial actions, head, gaze and course of each. A new emotion is a new row
here.

The actions are the combinations that the Facial Action Coding System names for each emotion (EMFACS; Ekman,
Friesen & Hager 2002; Du, Tao & Martinez 2014), in the strength of a clear but not a posed expression: speech
needs room to move in. Mouths are a little stronger on the left, as people's are (Borod, Haywood & Koff 1997).

The table is independent of what MotionFlow was trained with (see `motion_conditions.TRAINED_EMOTIONS`).
"""

from __future__ import annotations

from dataclasses import dataclass

from generation.animation.track.arkit import ARKIT_ACTIONS

_MOST_DEG = 15.0  # of a head's or a look's angle
_LONGEST_S = 5.0


@dataclass(frozen=True)
class Course:
    """How an emotion comes and goes: time constants in seconds in which it rises to its apex and fades, and
    the share of it that stays in pauses, 0 to 1.

    Raises ValueError for a value out of range.
    """

    onset_s: float = 0.4
    release_s: float = 1.0
    in_pauses: float = 0.8

    def __post_init__(self) -> None:
        if not 0 < self.onset_s <= _LONGEST_S or not 0 < self.release_s <= _LONGEST_S:
            raise ValueError(f"onset_s and release_s must be above 0 and up to {_LONGEST_S:g} seconds.")
        if not 0 <= self.in_pauses <= 1:
            raise ValueError(f"in_pauses must be from 0 to 1, not {self.in_pauses:g}.")


@dataclass(frozen=True)
class Emotion:
    """One row of the table: `arousal` from -1 to 1, `offsets` of actions at full intensity, -1 to 1.

    `arousal` sets tempo and size of movement. A name ending in * stands for its Left and its Right. `head` is
    yaw, pitch and roll in degrees that the head takes at the apex, `look` yaw and pitch in degrees by which
    the eyes rest elsewhere when they leave the camera.
    Raises ValueError for an unknown action and for a value out of range.
    """

    arousal: float
    offsets: dict[str, float]
    head: tuple[float, float, float] = (0.0, 0.0, 0.0)
    look: tuple[float, float] = (0.0, 0.0)
    course: Course = Course()

    def __post_init__(self) -> None:
        for name, value in [("arousal", self.arousal), *self.offsets.items()]:
            if not -1.0 <= value <= 1.0:
                raise ValueError(f"{name} must be from -1 to 1, not {value:g}.")
        for name in self.offsets:
            if not set(sided(name)) <= set(ARKIT_ACTIONS):
                raise ValueError(f"{name} is not one of the 52 actions, nor the two sides of one.")
        for angle in (*self.head, *self.look):
            if abs(angle) > _MOST_DEG:
                raise ValueError(f"head and look must be within {_MOST_DEG:g} degrees, not {angle:g}.")


def sided(name: str) -> tuple[str, ...]:
    """The action names that a name stands for: both sides when it ends in an asterisk."""
    return (name[:-1] + "Left", name[:-1] + "Right") if name.endswith("*") else (name,)


EMOTION_TABLE: dict[str, Emotion] = {
    "neutral": Emotion(0.0, {}),
    # AU 6 + 12 + 25
    "happy": Emotion(0.5, {
        "mouthSmileLeft": 1.0, "mouthSmileRight": 0.94, "cheekSquint*": 0.90, "eyeSquint*": 0.42,
        "mouthUpperUp*": 0.30, "mouthLowerDown*": 0.18, "browOuterUp*": 0.12,
    }, head=(0.0, -1.5, 2.0), course=Course(0.45, 1.2, 0.8)),
    # AU 1 + 4 + 15 + 17, lids and gaze down
    "sad": Emotion(-0.7, {
        "browInnerUp": 1.0, "browDown*": 0.38, "mouthFrownLeft": 1.0, "mouthFrownRight": 0.93,
        "mouthShrugLower": 0.70, "eyeBlink*": 0.22, "eyeSquint*": 0.15,
    }, head=(0.0, 5.0, 2.5), look=(0.0, 12.0), course=Course(0.8, 2.0, 0.95)),
    # AU 4 + 5 + 7 + 17 + 23 + 25, head forward and down
    "angry": Emotion(0.7, {
        "browDown*": 1.0, "eyeWide*": 0.60, "eyeSquint*": 0.75, "noseSneerLeft": 0.55,
        "noseSneerRight": 0.48, "mouthFrown*": 0.65, "mouthRollUpper": 0.40, "mouthRollLower": 0.20,
        "mouthShrugLower": 0.35, "mouthLowerDown*": 0.45,
    }, head=(0.0, 4.5, 0.0), course=Course(0.3, 1.0, 0.85)),
    # AU 1 + 2 + 5 + 26, head back
    "surprised": Emotion(0.6, {
        "browInnerUp": 1.0, "browOuterUpLeft": 1.0, "browOuterUpRight": 0.94, "eyeWide*": 1.0,
        "jawOpen": 0.80, "mouthFunnel": 0.50, "mouthLowerDown*": 0.20, "mouthFrown*": 0.10,
    }, head=(0.0, -3.0, 0.0), course=Course(0.18, 0.9, 0.9)),
    # AU 1 + 2 + 4 + 5 + 20 + 25 + 26, head back and away. What stretches the mouth (risorius, platysma) also
    # draws its corners and the lower lip down.
    "afraid": Emotion(0.4, {
        "browInnerUp": 1.0, "browOuterUp*": 0.55, "browDown*": 0.62, "eyeWide*": 1.0,
        "mouthStretchLeft": 1.0, "mouthStretchRight": 0.95, "mouthLowerDown*": 0.75, "mouthUpperUp*": 0.12,
        "mouthFrown*": 0.60, "jawOpen": 0.40,
    }, head=(2.5, -2.5, -1.5), look=(-6.0, 0.0), course=Course(0.25, 1.2, 0.9)),
    # AU 9 + 10 + 15 + 17, lids narrowed, head turned away
    "disgusted": Emotion(0.0, {
        "noseSneerLeft": 1.0, "noseSneerRight": 0.92, "mouthUpperUpLeft": 0.85, "mouthUpperUpRight": 0.73,
        "browDown*": 0.36, "eyeSquint*": 0.80, "eyeBlink*": 0.07, "cheekSquint*": 0.65, "mouthFrown*": 0.88,
        "mouthShrugLower": 0.70,
    }, head=(3.5, -2.0, 3.0), look=(7.0, 3.0), course=Course(0.4, 1.0, 0.85)),
    # AU 6 + 12, weak
    "content": Emotion(-0.3, {
        "mouthSmileLeft": 0.65, "mouthSmileRight": 0.60, "cheekSquint*": 0.40, "eyeSquint*": 0.22,
        "eyeBlink*": 0.06,
    }, head=(0.0, -1.0, 2.0), course=Course(0.9, 1.8, 0.9)),
}  # fmt: skip
