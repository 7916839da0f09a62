"""The requested emotion, valence and arousal as offsets of facial actions."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from generation.animation.arrays import Curve
from generation.animation.motion.controls import MotionControls
from generation.animation.motion.emotions import EMOTION_TABLE, sided

# What the ends of the two scales add: displeased and pleased, drowsy and excited (_SCALES).
_DISPLEASED = {"mouthFrown*": 0.30, "browInnerUp": 0.20, "browDown*": 0.20, "mouthShrugLower": 0.10}
_PLEASED = {"mouthSmile*": 0.35, "cheekSquint*": 0.28, "eyeSquint*": 0.12, "mouthDimple*": 0.08}
_DROWSY = {"eyeBlink*": 0.18, "browInnerUp": 0.05}
_EXCITED = {"eyeWide*": 0.25, "browOuterUp*": 0.22, "browInnerUp": 0.15}

_SCALES = (_DISPLEASED, _PLEASED, _DROWSY, _EXCITED)


def offsets_of(controls: MotionControls) -> dict[str, float]:
    """What emotion, valence and arousal add to each action, by its full name; weights 0..1 and their sums."""
    emotion = (controls.emotion_intensity, EMOTION_TABLE[controls.emotion].offsets)
    weights = (
        float(weight) for weight in scale_weights(np.array(controls.valence), np.array(controls.arousal))
    )
    return _sum((emotion, *zip(weights, _SCALES, strict=True)))


def offsets_of_emotion(name: str) -> dict[str, float]:
    """What an emotion adds to each action at full intensity, by the action's full name."""
    return _sum([(1.0, EMOTION_TABLE[name].offsets)])


def offsets_of_scales() -> tuple[dict[str, float], ...]:
    """What each end of valence and arousal adds to each action, in the order of `scale_weights`."""
    return tuple(_sum([(1.0, offsets)]) for offsets in _SCALES)


def scale_weights(valence: Curve, arousal: Curve) -> tuple[Curve, Curve, Curve, Curve]:
    """How much of displeased, pleased, drowsy and excited there is, 0..1, for scales of 0..1."""
    pleased, excited = 2 * valence - 1, 2 * arousal - 1
    return np.maximum(-pleased, 0), np.maximum(pleased, 0), np.maximum(-excited, 0), np.maximum(excited, 0)


def arousal_of(controls: MotionControls) -> float:
    """The requested arousal, -1 to 1: it sets tempo and size of movement."""
    emotional = EMOTION_TABLE[controls.emotion].arousal * controls.emotion_intensity
    return max(-1.0, min(1.0, emotional + 2 * controls.arousal - 1))


def _sum(parts: Iterable[tuple[float, dict[str, float]]]) -> dict[str, float]:
    total: dict[str, float] = {}
    for weight, offsets in parts:
        for name, value in offsets.items():
            for action in sided(name):
                total[action] = total.get(action, 0.0) + weight * value
    return total
