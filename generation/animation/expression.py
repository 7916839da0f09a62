"""Brows that follow the voice, and the eight emotions as offsets of facial actions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from generation.animation.articulation import ACTION_INDEX
from generation.animation.motion_curves import Curve, ease, pulse, wander
from generation.animation.speech_rhythm import Rhythm

_BROW_PROBABILITY = 0.45
_BROW_LEAD_S = 0.06
_FADE_S = 0.7


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


def sided(name: str) -> tuple[str, ...]:
    """The action names a name stands for: both sides when it ends in an asterisk."""
    return (name[:-1] + "Left", name[:-1] + "Right") if name.endswith("*") else (name,)


def add_emotion(actions: Curve, emotion: str, intensity: float, rhythm: Rhythm, times: Curve) -> None:
    """Add an emotion's offsets to `actions` (T, 52) in place, fading in from the portrait's own face.

    The offset swells and ebbs by a quarter with the voice; it does not depend on the seed, so lips stay the
    same.
    """
    swell = 0.85 + 0.25 * rhythm.at(rhythm.liveliness, times)
    course = intensity * swell * ease(times / min(_FADE_S, rhythm.duration_s / 2))
    for name, weight in EMOTION_OFFSETS[emotion].offsets.items():
        for action in sided(name):
            actions[:, ACTION_INDEX[action]] += weight * course


def add_brows(
    actions: Curve, rhythm: Rhythm, times: Curve, amount: float, generator: np.random.Generator
) -> None:
    """Raise the brows on some accents, a little before the accent, and let them drift, in place."""
    streams = generator.spawn(3)
    inner = 0.03 * wander(times, 0.8, streams[0])
    lean = 0.02 * wander(times, 1.5, streams[1])
    for accent in rhythm.accents:
        chance, height, length, outer = streams[2].random(4)
        if chance > _BROW_PROBABILITY * (0.4 + accent.strength):
            continue
        rise, hold, fall = 0.11 + 0.05 * length, 0.04 + 0.1 * length, 0.2 + 0.15 * length
        lift = (0.18 + 0.27 * height) * (0.5 + 0.5 * accent.strength)
        course = lift * pulse(times, accent.time_s - _BROW_LEAD_S - rise, rise, hold, fall)
        inner += course
        for action in sided("browOuterUp*"):
            actions[:, ACTION_INDEX[action]] += amount * (0.4 + 0.5 * outer) * course
    start = ease(times / min(_FADE_S, rhythm.duration_s / 2))
    actions[:, ACTION_INDEX["browInnerUp"]] += amount * start * np.maximum(inner, 0.0)
    for action, side in (("browOuterUpLeft", 1.0), ("browOuterUpRight", -1.0)):
        actions[:, ACTION_INDEX[action]] += amount * start * np.maximum(side * lean, 0.0)
    for action in sided("browDown*"):
        actions[:, ACTION_INDEX[action]] += amount * start * np.maximum(-inner, 0.0)


def add_breath(actions: Curve, rhythm: Rhythm, times: Curve) -> None:
    """Breathe in before a phrase that follows a pause: nostrils widen, lips part a little, in place."""
    previous_end = 0.0
    for start, end in rhythm.phrases:
        pause = start - previous_end
        if pause > 0.3:
            length = min(pause, 0.6)
            course = pulse(times, start - length, 0.5 * length, 0.0, 0.5 * length)
            for action in sided("noseSneer*"):
                actions[:, ACTION_INDEX[action]] += 0.06 * course
            actions[:, ACTION_INDEX["jawOpen"]] += 0.03 * course
        previous_end = end
