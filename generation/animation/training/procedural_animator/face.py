"""Brows, breathing and emotion of the procedural animator: the face columns of the motion plan."""

from __future__ import annotations

import numpy as np

from generation.animation.arrays import Curve
from generation.animation.motion.motion_curves import minimum_jerk, ornstein_uhlenbeck, pulse
from generation.animation.motion.motion_plan import FACE_COLUMNS
from generation.animation.training.procedural_animator.rhythm import Rhythm

_BROW_PROBABILITY = 0.55
_BROW_LEAD_S = 0.04
_FADE_S = 0.7

Face = dict[str, Curve]


def resting_face(count: int) -> Face:
    """Every face column of a plan, at rest: (count,) each."""
    return {name: np.zeros(count) for name in FACE_COLUMNS}


def add_emotion(face: Face, offsets: dict[str, float], rhythm: Rhythm, times: Curve) -> None:
    """Add an emotion's action offsets to their face columns, fading in from the neutral face, in place.

    The amplitude follows the liveliness of the voice by a quarter.
    """
    gain = 0.85 + 0.25 * rhythm.at(rhythm.liveliness, times)
    course = gain * minimum_jerk(times / min(_FADE_S, rhythm.duration_s / 2))
    for column, actions in FACE_COLUMNS.items():
        if column == "brow_lean":
            continue
        face[column] += offsets.get(next(iter(actions)), 0.0) * course


def add_brows(
    face: Face, rhythm: Rhythm, times: Curve, amount: float, generator: np.random.Generator
) -> None:
    """Raise the brows on accents, with the peak a little before the accent, and add slow drift, in place."""
    streams = generator.spawn(3)
    inner = 0.03 * ornstein_uhlenbeck(times, 0.8, streams[0])
    lean = 0.02 * ornstein_uhlenbeck(times, 1.5, streams[1])
    for accent in rhythm.accents:
        chance, height, length, outer = streams[2].random(4)
        if chance > _BROW_PROBABILITY * (0.4 + accent.strength):
            continue
        rise, hold, fall = 0.13 + 0.05 * length, 0.03 + 0.05 * length, 0.2 + 0.15 * length
        lift = (0.18 + 0.27 * height) * (0.5 + 0.5 * accent.strength)
        course = lift * pulse(times, accent.time_s - _BROW_LEAD_S - rise, rise, hold, fall)
        inner += course
        face["brow_outer_up"] += amount * (0.4 + 0.5 * outer) * course
    edge = _edges(rhythm, times)
    face["brow_inner_up"] += amount * edge * np.maximum(inner, 0.0)
    face["brow_lean"] += amount * edge * lean
    face["brow_down"] += amount * edge * np.maximum(-inner, 0.0)


def add_breath(face: Face, rhythm: Rhythm, times: Curve) -> None:
    """Flare the nostrils, breathing in, before each phrase that follows a pause, in place."""
    previous_end = 0.0
    for start, end in rhythm.phrases:
        pause = start - previous_end
        if pause > 0.3:
            length = min(pause, 0.6)
            face["nose_sneer"] += 0.06 * pulse(times, start - length, 0.5 * length, 0.0, 0.5 * length)
        previous_end = end


def _edges(rhythm: Rhythm, times: Curve) -> Curve:
    span = min(_FADE_S, rhythm.duration_s / 2)
    return minimum_jerk(times / span) * (1.0 - 0.8 * minimum_jerk((times - rhythm.duration_s + span) / span))
