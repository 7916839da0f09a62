"""Head motion of the procedural animator: drift, posture shifts at phrases, nods on accents, breathing.

Sizes and times follow Hadar et al. 1984 and Munhall et al. 2004: the head moves almost all the time while
speaking, sharply at stress, widely when a phrase begins, and comes to rest in pauses.
"""

from __future__ import annotations

import numpy as np

from generation.animation.arrays import Curve
from generation.animation.motion.motion_curves import (
    eased_steps,
    minimum_jerk,
    ornstein_uhlenbeck,
    pulse,
)
from generation.animation.training.procedural_animator.rhythm import Rhythm

_NOD_PROBABILITY = 0.75
_PAUSE_SPEED = 0.3  # of the posture's drift in pauses, against speech
_SETTLE_S = 0.9
# Size and time constant in seconds of the drift of yaw, pitch, roll, x, y, z, then of the small quick part of
# yaw, pitch and roll that speech adds.
_DRIFT = (
    (2.5, 0.6), (1.9, 0.5), (1.3, 0.6), (0.008, 1.2), (0.004, 1.2), (0.02, 1.5),
    (0.45, 0.2), (0.40, 0.2), (0.35, 0.2),
)  # fmt: skip
_LIMITS_DEG = np.array((14.0, 10.0, 8.0))


def head_motion(
    rhythm: Rhythm, times: Curve, size: float, tempo: float, generator: np.random.Generator
) -> Curve:
    """Yaw, pitch, roll in degrees and x, y, z in head widths at `times`: (T, 6), around the portrait's pose.

    `size` and `tempo` scale amplitude and speed. The head starts at the portrait's pose and returns close to
    it at the end.
    """
    clock = _moving_time(rhythm, times) * tempo
    drift_streams, posture_stream, nod_stream = generator.spawn(3)
    drift = [
        size_of * ornstein_uhlenbeck(clock, constant, stream)
        for (size_of, constant), stream in zip(_DRIFT, drift_streams.spawn(len(_DRIFT)), strict=True)
    ]
    pose = np.stack(drift[:6], axis=1)
    pose[:, :3] += rhythm.at(rhythm.activity, times)[:, None] * np.stack(drift[6:], axis=1)
    pose[:, :3] += _postures(rhythm, times, posture_stream)
    pose[:, 1] += _nods(rhythm, times, nod_stream)
    pose[:, 1] -= 0.8 * rhythm.at(rhythm.liveliness, times)
    pose[:, :3] *= size
    pose *= _settling(times, rhythm.duration_s)[:, None]
    breath = _breath(times)
    pose[:, 1] -= 0.25 * breath
    pose[:, 4] -= 0.004 * breath
    pose[:, :3] = _LIMITS_DEG * np.tanh(pose[:, :3] / _LIMITS_DEG)
    return pose


def _moving_time(rhythm: Rhythm, times: Curve) -> Curve:
    """Time that runs at full speed in speech and slowly in pauses."""
    grid = np.arange(int((rhythm.duration_s + 1) * 100)) / 100
    speed = _PAUSE_SPEED + (1 - _PAUSE_SPEED) * rhythm.at(rhythm.activity, grid)
    return np.asarray(np.interp(times, grid, np.cumsum(speed) / 100), np.float64)


def _postures(rhythm: Rhythm, times: Curve, generator: np.random.Generator) -> Curve:
    """A new yaw, pitch and roll as a phrase begins, and in long phrases again every two to four seconds."""
    starts: list[float] = []
    for begin, end in rhythm.phrases:
        time = begin - 0.1
        while time < end - 0.4:
            if time > 0.0 and (not starts or time > starts[-1] + 1.0):
                starts.append(time)
            time += float(generator.uniform(2.0, 4.0))
    targets = np.zeros((len(starts) + 1, 3))
    for index in range(1, len(targets)):
        # Relative to the opposite of the last posture, so that the change is visible.
        targets[index] = -0.3 * targets[index - 1] + generator.normal(0.0, 1.0, 3) * (2.8, 1.0, 1.5)
    durations = generator.uniform(0.45, 0.85, len(starts))
    columns = [eased_steps(times, np.array(starts), durations, targets[:, axis]) for axis in range(3)]
    return np.stack(columns, axis=1)


def _nods(rhythm: Rhythm, times: Curve, generator: np.random.Generator) -> Curve:
    """Nods (T,) in degrees of pitch, 1 to 4 degrees down with the lowest point on an accent, after a slight
    lift."""
    pitch = np.zeros(len(times))
    for accent in rhythm.accents:
        chance, depth, length, late = generator.random(4)
        if chance > _NOD_PROBABILITY * (0.5 + accent.strength):
            continue
        amount = (1.4 + 2.8 * depth) * (0.4 + 0.6 * accent.strength)
        rise = 0.16 + 0.10 * length
        start = accent.time_s - rise + 0.08 * (late - 0.5)
        pitch += amount * pulse(times, start, rise, 0.02, 1.5 * rise)
        pitch -= 0.25 * amount * pulse(times, start - 0.7 * rise, 0.7 * rise, 0.0, rise)
    return pitch


def _settling(times: Curve, duration_s: float) -> Curve:
    """A factor (T,): 0 at the start, 1 after 0.9 s, and 0.3 at the end."""
    span = min(_SETTLE_S, duration_s / 2.5)
    return minimum_jerk(times / span) * (1.0 - 0.7 * minimum_jerk((times - duration_s + span) / span))


def _breath(times: Curve) -> Curve:
    """Lung volume (T,) 0..1 at 15 breaths a minute, two fifths of a cycle breathing in, three fifths out."""
    phase = (times / 4.0) % 1.0
    return minimum_jerk(phase / 0.4) - minimum_jerk((phase - 0.4) / 0.6)
