"""Gaze of the procedural animator: fixation of the camera, glances away, and small saccades."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from generation.animation.arrays import Curve
from generation.animation.motion.controls import MotionControls
from generation.animation.training.procedural_animator.rhythm import Rhythm

_GLANCE_AT_PHRASE = 0.3  # share of phrase starts at which a speaker looks away while choosing words
_GLANCE_EVERY_S = 7.0  # mean time between other glances
_SMALL_EVERY_S = 0.75


@dataclass(frozen=True, eq=False)
class GazePlan:
    """Saccades: `starts_s` (S,) in order, `targets` (S + 1, 2) in degrees off the camera."""

    starts_s: Curve
    targets: Curve

    @property
    def amplitudes(self) -> Curve:
        return np.asarray(np.linalg.norm(np.diff(self.targets, axis=0), axis=1), np.float64)

    def resting(self, times: Curve) -> Curve:
        """The gaze target at `times` (T,), yaw and pitch relative to the camera in degrees: (T, 2)."""
        return np.asarray(self.targets[np.searchsorted(self.starts_s, times)], np.float64)


def plan_gaze(rhythm: Rhythm, controls: MotionControls, generator: np.random.Generator) -> GazePlan:
    """Plan saccades for the whole clip around the commanded direction.

    Glances are 5 to 12 degrees, mostly to the side and up or down, and a third of that when the commanded
    gaze is off the camera. The clip begins and ends on the commanded direction.
    """
    aim = np.array((controls.gaze_yaw, controls.gaze_pitch))
    off_axis = float(np.linalg.norm(aim)) > 4.0
    size = 0.33 if off_axis else 1.0
    glances = _glance_times(rhythm, generator)
    starts: list[float] = []
    targets = [aim]
    time = 0.0
    while True:
        time += 0.25 + float(generator.exponential(_SMALL_EVERY_S))
        if time > rhythm.duration_s - 0.5:
            break
        if glances and glances[0][0] <= time:
            begin, length, yaw, pitch = glances.pop(0)
            begin = max(begin, starts[-1] + 0.2 if starts else 0.2)
            if begin + length > rhythm.duration_s - 0.4:
                break
            starts += [begin, begin + length]
            targets += [aim + size * np.array((yaw, pitch)), aim + generator.normal(0.0, 0.3, 2)]
            time = begin + length
        else:
            # Speakers look from one eye of their listener to the other: small, mostly horizontal saccades.
            starts.append(time)
            targets.append(aim + np.clip(generator.normal(0.0, 1.0, 2), -2.0, 2.0) * (0.7, 0.35))
    if starts:
        starts.append(max(starts[-1] + 0.2, rhythm.duration_s - 0.4))
        targets.append(aim)
    return GazePlan(np.array(starts), np.array(targets))


def _glance_times(rhythm: Rhythm, generator: np.random.Generator) -> list[tuple[float, float, float, float]]:
    """Glances as (start, length, yaw, pitch) in seconds and degrees, in order and at least 0.8 s apart."""
    candidates = [
        max(0.25, start - float(generator.uniform(0.1, 0.3)))
        for start, _ in rhythm.phrases
        if generator.random() < _GLANCE_AT_PHRASE
    ]
    time = float(generator.exponential(_GLANCE_EVERY_S))
    while time < rhythm.duration_s:
        candidates.append(time)
        time += 1.5 + float(generator.exponential(_GLANCE_EVERY_S))
    glances: list[tuple[float, float, float, float]] = []
    for begin in sorted(candidates):
        length = float(np.clip(generator.lognormal(np.log(0.6), 0.4), 0.3, 1.5))
        reach = float(generator.uniform(5.0, 12.0))
        angle = float(generator.choice((0.0, np.pi)) + generator.normal(0.0, 0.5))
        if not glances or begin > glances[-1][0] + glances[-1][1] + 0.8:
            glances.append((begin, length, reach * float(np.cos(angle)), 0.7 * reach * float(np.sin(angle))))
    return glances
