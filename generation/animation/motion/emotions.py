"""The eight emotions, and valence and arousal, as offsets of facial actions."""

from __future__ import annotations

from dataclasses import dataclass

from generation.animation.motion.controls import MotionControls


@dataclass(frozen=True)
class Emotion:
    """Action weights at full intensity; a name ending in * is Left and Right. Arousal is -1 to 1."""

    arousal: float
    offsets: dict[str, float]


EMOTION_OFFSETS: dict[str, Emotion] = {
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

# What the ends of the two scales add: displeased and pleased, drowsy and excited.
_DISPLEASED = {"mouthFrown*": 0.30, "browInnerUp": 0.20, "browDown*": 0.20, "mouthShrugLower": 0.10}
_PLEASED = {"mouthSmile*": 0.35, "cheekSquint*": 0.28, "eyeSquint*": 0.12, "mouthDimple*": 0.08}
_DROWSY = {"eyeBlink*": 0.18, "browInnerUp": 0.05}
_EXCITED = {"eyeWide*": 0.25, "browOuterUp*": 0.22, "browInnerUp": 0.15}


def sided(name: str) -> tuple[str, ...]:
    """The action names a name stands for: both sides when it ends in an asterisk."""
    return (name[:-1] + "Left", name[:-1] + "Right") if name.endswith("*") else (name,)


def offsets_of(controls: MotionControls) -> dict[str, float]:
    """What the asked feeling adds to each action, by its full name."""
    valence, arousal = 2 * controls.valence - 1, 2 * controls.arousal - 1
    total: dict[str, float] = {}
    for weight, offsets in (
        (controls.emotion_intensity, EMOTION_OFFSETS[controls.emotion].offsets),
        (max(-valence, 0.0), _DISPLEASED),
        (max(valence, 0.0), _PLEASED),
        (max(-arousal, 0.0), _DROWSY),
        (max(arousal, 0.0), _EXCITED),
    ):
        for name, value in offsets.items():
            for action in sided(name):
                total[action] = total.get(action, 0.0) + weight * value
    return total


def arousal_of(controls: MotionControls) -> float:
    """How excited the asked feeling is, -1 to 1: it sets tempo and size of movement."""
    felt = EMOTION_OFFSETS[controls.emotion].arousal * controls.emotion_intensity
    return max(-1.0, min(1.0, felt + 2 * controls.arousal - 1))
