"""Coarticulation: blends the visemes of timed phones into mouth curves, with hard rules for lip contacts.

Shapes follow the dominance model (Cohen & Massaro 1993): each phone's target has a weight that is flat during
the phone and decays exponentially before and after it, so that neighbours blend, short phones undershoot and
rounding starts early. Contacts are separate curves with hard rules as in JALI (Edwards et al. 2016): p, b, m
close the lips completely, f, v bring the lower lip to the teeth, whatever the blend gives.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d, maximum_filter1d

from generation.animation.arrays import Curve
from generation.animation.speech.phone_segment import PhoneSegment
from generation.animation.speech.visemes import (
    DOMINANCE,
    LIP_CLOSURES,
    LIP_TEETH,
    PHONE_INDEX,
    SHAPE_CHANNELS,
    SHAPES,
    VISEME_OF_PHONE,
    VOWELS,
)
from generation.animation.track.arkit import ARKIT_ACTIONS

GRID_RATE = 100  # curves have a value for the middle of each 10 ms and are then read at the frame times

ACTION_INDEX = {name: index for index, name in enumerate(ARKIT_ACTIONS)}
_JAW, _CLOSE = ACTION_INDEX["jawOpen"], ACTION_INDEX["mouthClose"]

# Which actions a shape channel moves, with their share.
_ACTIONS_OF_CHANNEL: dict[str, tuple[str, ...]] = {
    "jaw": ("jawOpen",),
    "funnel": ("mouthFunnel",),
    "pucker": ("mouthPucker",),
    "stretch": ("mouthStretchLeft", "mouthStretchRight"),
    "smile": ("mouthSmileLeft", "mouthSmileRight"),
    "lower_down": ("mouthLowerDownLeft", "mouthLowerDownRight"),
    "upper_up": ("mouthUpperUpLeft", "mouthUpperUpRight"),
    "tongue": ("tongueOut",),
}

# Time constants in seconds of a phone's weight before and after it, by channel. Lips
# round early (Edwards et al. 2016: lip-heavy phones lead by 120 ms and more), the jaw is quicker.
#                    jaw    funnel pucker stretch smile lower  upper  tongue
_LEAD = np.array((0.045, 0.080, 0.090, 0.060, 0.060, 0.040, 0.040, 0.025))
_LAG = np.array((0.050, 0.070, 0.075, 0.060, 0.060, 0.045, 0.045, 0.030))
_REACH_S = 0.45
_PAUSE_IS_REST_S = 0.30  # pauses shorter than this only half relax the mouth
_SMOOTHING_S = 0.018

# Standard deviations at which the kernel that averages over a frame's span is cut off: the rest, a hundredth,
# is invisible and would add latency to live speech.
_SPAN_CUT = 2.0

_LOUDNESS_PER_DB, _LOUDNESS_RANGE = 0.035, (0.6, 1.3)


@dataclass(frozen=True, eq=False)
class MouthCurves:
    """The mouth over time: value i holds for (i + 0.5) / GRID_RATE seconds.

    `shapes` is (G, 8), columns as SHAPE_CHANNELS; `closure` and `lip_teeth` are (G,), 1 where the contact is
    complete.
    """

    shapes: Curve
    closure: Curve
    lip_teeth: Curve


def articulate(segments: Sequence[PhoneSegment], duration_s: float) -> MouthCurves:
    """Coarticulated shapes and contacts over `duration_s` seconds, at rest before and after."""
    count = max(1, int(np.ceil(duration_s * GRID_RATE - 1e-6)))
    channels = len(SHAPE_CHANNELS)
    # A weak weight of the rest shape, so that the mouth rests where no phone is near.
    weight = np.full((count, channels), 1e-3)
    total = np.zeros((count, channels))
    loudness = _vowel_loudness(segments)
    for segment, gain in zip(segments, loudness, strict=True):
        viseme = VISEME_OF_PHONE[PHONE_INDEX[segment.phone]]
        target, dominance = SHAPES[viseme].copy(), DOMINANCE[viseme]
        target[0] *= gain
        target[5:7] *= 0.5 + 0.5 * gain
        if segment.phone == "SIL":
            dominance = dominance * min(1.0, 0.25 + segment.duration_s / _PAUSE_IS_REST_S)
        first = max(0, int((segment.start_s - _REACH_S) * GRID_RATE))
        last = min(count, int((segment.end_s + _REACH_S) * GRID_RATE) + 1)
        time = (np.arange(first, last)[:, None] + 0.5) / GRID_RATE
        # The plateau covers the middle of the phone; towards its edges the neighbours already blend in.
        margin = 0.25 * min(segment.duration_s, 0.12)
        before = np.maximum(segment.start_s + margin - time, 0.0)
        after = np.maximum(time - segment.end_s + margin, 0.0)
        dominance_curve = dominance * np.exp(-before / _LEAD - after / _LAG)
        weight[first:last] += dominance_curve
        total[first:last] += dominance_curve * target
    shapes = gaussian_filter1d(total / weight, _SMOOTHING_S * GRID_RATE, axis=0, mode="nearest")
    return MouthCurves(shapes, _closures(segments, count), _lip_teeth(segments, count))


def _vowel_loudness(segments: Sequence[PhoneSegment]) -> list[float]:
    """Scale of the jaw opening for each segment: by level against the median for vowels, 1 for other
    phones."""
    levels = [segment.level_db for segment in segments if segment.phone in VOWELS]
    typical = float(np.median(levels)) if levels else 0.0
    low, high = _LOUDNESS_RANGE
    return [
        float(np.clip(1 + _LOUDNESS_PER_DB * (segment.level_db - typical), low, high))
        if segment.phone in VOWELS
        else 1.0
        for segment in segments
    ]


def _closures(segments: Sequence[PhoneSegment], count: int) -> Curve:
    """1 while the lips are sealed. A plosive opens before its end, where the burst is; m stays to the end."""
    curve = np.zeros(count)
    for segment in segments:
        if segment.phone in LIP_CLOSURES:
            release = 0.005 if segment.phone == "M" else 0.3 * min(segment.duration_s, 0.08)
            # Closures are recognised early; starting later keeps the lips within 20 ms of the sound.
            start = segment.start_s + 0.012
            end = max(start + 0.040, segment.end_s - release)
            raise_contact(curve, start, end, attack=0.060, decay=0.055)
    return curve


def _lip_teeth(segments: Sequence[PhoneSegment], count: int) -> Curve:
    curve = np.zeros(count)
    for segment in segments:
        if segment.phone in LIP_TEETH:
            raise_contact(
                curve,
                segment.start_s,
                max(segment.end_s - 0.01, segment.start_s + 0.03),
                attack=0.08,
                decay=0.07,
            )
    return curve


def raise_contact(curve: Curve, start_s: float, end_s: float, *, attack: float, decay: float) -> None:
    """Raise `curve` to 1 from `start_s` to `end_s`, in place, with smooth ramps of `attack` and `decay`
    seconds outside; where contacts overlap the higher value holds."""
    first = max(0, int((start_s - attack) * GRID_RATE))
    last = min(len(curve), int((end_s + decay) * GRID_RATE) + 2)
    time = (np.arange(first, last) + 0.5) / GRID_RATE
    ramp = np.clip(np.minimum((time - start_s + attack) / attack, (end_s + decay - time) / decay), 0.0, 1.0)
    curve[first:last] = np.maximum(curve[first:last], ramp * ramp * (3 - 2 * ramp))


def mouth_actions(mouth: MouthCurves, times: Curve, fps: float, expressiveness: float | Curve) -> Curve:
    """The mouth shapes without contacts at `times` (T,) in seconds, as actions (T, 52).

    `expressiveness`, one number or (T,), scales the excursion of lips and jaw.
    """
    grid = (np.arange(len(mouth.closure)) + 0.5) / GRID_RATE
    # A low-pass over a frame's span before sampling: low frame rates would alias fast lip movement.
    smooth = gaussian_filter1d(mouth.shapes, _spread(fps), axis=0, mode="nearest", truncate=_SPAN_CUT)
    excursion = 0.6 + 0.4 * expressiveness
    actions = np.zeros((len(times), len(ARKIT_ACTIONS)))
    for column, channel in enumerate(SHAPE_CHANNELS):
        values = np.interp(times, grid, smooth[:, column]) * (1.0 if channel == "tongue" else excursion)
        for name in _ACTIONS_OF_CHANNEL[channel]:
            actions[:, ACTION_INDEX[name]] = values
    return actions


def mouth_reach_s(fps: float) -> float:
    """Seconds to either side of a frame's time that `mouth_actions` and `apply_contacts` read of the
    curves."""
    averaged = int(_SPAN_CUT * _spread(fps) + 0.5)  # as scipy rounds it
    # Between two grid points both are read; the later of them holds for the middle of its 10 ms.
    return (max(averaged, _contact_span(fps)) + 1.5) / GRID_RATE


def apply_contacts(actions: Curve, mouth: MouthCurves, times: Curve, fps: float) -> None:
    """Apply lip closures and lip-teeth contacts to `actions` (T, 52) at `times` (T,), in place.

    Runs last, after emotion and smoothing, so that nothing reopens a closure. The maximum over a frame's span
    counts, so that at 25 frames a second a closure of 40 ms still has a frame in which the lips are shut:
    there mouthClose equals jawOpen.
    """
    closure, lip_teeth = (_strongest(curve, times, fps) for curve in (mouth.closure, mouth.lip_teeth))

    def fade(amount: Curve, *names: str) -> None:
        for name in names:
            actions[:, ACTION_INDEX[name]] *= 1 - amount

    def add(amount: Curve, *names: str) -> None:
        for name in names:
            actions[:, ACTION_INDEX[name]] += amount

    openers = (
        "mouthLowerDownLeft",
        "mouthLowerDownRight",
        "mouthUpperUpLeft",
        "mouthUpperUpRight",
        "mouthFunnel",
    )
    actions[:, _JAW] = actions[:, _JAW] * (1 - lip_teeth) + np.minimum(actions[:, _JAW], 0.10) * lip_teeth
    fade(lip_teeth, *openers)
    add(0.42 * lip_teeth, "mouthRollLower")
    add(0.20 * lip_teeth, "mouthUpperUpLeft", "mouthUpperUpRight")
    fade(closure, *openers, "tongueOut", "mouthShrugUpper")
    fade(0.5 * closure, "mouthStretchLeft", "mouthStretchRight", "mouthRollLower")
    actions[:, _JAW] *= 1 - 0.55 * closure
    add(0.30 * closure, "mouthPressLeft", "mouthPressRight")
    add(0.15 * closure, "mouthRollLower", "mouthRollUpper")
    np.clip(actions, 0.0, 1.0, out=actions)
    actions[:, _CLOSE] = actions[:, _JAW] * closure


def _spread(fps: float) -> float:
    """Standard deviation, in grid points, of the kernel that averages over a frame's span."""
    return 0.25 * GRID_RATE / fps


def _contact_span(fps: float) -> int:
    """Grid points to either side of a frame in which a contact counts."""
    # The shortest contact lasts 40 ms: only the excess of the frame's duration over that has to be searched.
    return int(np.ceil(max(0.005, 0.5 * (1 / fps - 0.035)) * GRID_RATE))


def _strongest(curve: Curve, times: Curve, fps: float) -> Curve:
    span = maximum_filter1d(curve, size=2 * _contact_span(fps) + 1, mode="nearest")
    return np.asarray(np.interp(times, (np.arange(len(curve)) + 0.5) / GRID_RATE, span), np.float64)
