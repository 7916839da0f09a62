"""The table of emotions: name, arousal and offsets of facial actions. A new emotion is a new row here.

The table is independent of the network's input. The offsets of an emotion that MotionFlow was not trained
with (see `motion_conditions.TRAINED_EMOTIONS`) are added to its motion; its conditioning is zero.
"""

from __future__ import annotations

from dataclasses import dataclass

from generation.animation.track.arkit import ARKIT_ACTIONS


@dataclass(frozen=True)
class Emotion:
    """One row of the table: `arousal` from -1 to 1, `offsets` of actions at full intensity, -1 to 1.

    `arousal` sets tempo and size of movement, whether or not MotionFlow was trained with the emotion. A
    name ending in * stands for its Left and its Right.
    Raises ValueError for an unknown action and for a value out of range.
    """

    arousal: float
    offsets: dict[str, float]

    def __post_init__(self) -> None:
        for name, value in [("arousal", self.arousal), *self.offsets.items()]:
            if not -1.0 <= value <= 1.0:
                raise ValueError(f"{name} must be from -1 to 1, not {value:g}.")
        for name in self.offsets:
            if not set(sided(name)) <= set(ARKIT_ACTIONS):
                raise ValueError(f"{name} is not one of the 52 actions, nor the two sides of one.")


def sided(name: str) -> tuple[str, ...]:
    """The action names that a name stands for: both sides when it ends in an asterisk."""
    return (name[:-1] + "Left", name[:-1] + "Right") if name.endswith("*") else (name,)


EMOTION_TABLE: dict[str, Emotion] = {
    "neutral": Emotion(0.0, {}),
    "happy": Emotion(0.5, {
        "mouthSmile*": 0.55, "cheekSquint*": 0.45, "eyeSquint*": 0.25, "mouthDimple*": 0.15,
        "browOuterUp*": 0.10, "mouthUpperUp*": 0.06,
    }),
    "sad": Emotion(-0.7, {
        "browInnerUp": 0.60, "mouthFrown*": 0.45, "eyeBlink*": 0.14, "mouthShrugLower": 0.22,
        "eyeSquint*": 0.10, "browDown*": 0.10,
    }),
    "angry": Emotion(0.7, {
        "browDown*": 0.70, "eyeSquint*": 0.30, "noseSneer*": 0.35, "mouthPress*": 0.15, "mouthFrown*": 0.20,
        "eyeWide*": 0.15, "mouthUpperUp*": 0.05,
    }),
    "surprised": Emotion(0.6, {
        "browInnerUp": 0.65, "browOuterUp*": 0.60, "eyeWide*": 0.55,
    }),
    "afraid": Emotion(0.4, {
        "browInnerUp": 0.75, "browOuterUp*": 0.20, "browDown*": 0.20, "eyeWide*": 0.45, "mouthStretch*": 0.30,
        "mouthFrown*": 0.10,
    }),
    "disgusted": Emotion(0.0, {
        "noseSneer*": 0.65, "mouthUpperUp*": 0.12, "browDown*": 0.35, "eyeSquint*": 0.35,
        "cheekSquint*": 0.25, "mouthFrown*": 0.25, "mouthShrugUpper": 0.12,
    }),
    "content": Emotion(-0.3, {
        "mouthSmile*": 0.28, "cheekSquint*": 0.15, "eyeSquint*": 0.12, "eyeBlink*": 0.06,
        "mouthDimple*": 0.08,
    }),
}  # fmt: skip
