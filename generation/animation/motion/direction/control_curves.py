"""What the controls are at each time, from their constant values and from keyframes.

Numbers go from keyframe to keyframe in a minimum-jerk course. Gaze jumps to its new target at the keyframe,
in the time of a saccade: eyes do not glide. Emotion and speaking style change from the keyframe on within
half a second; how fast the face follows is the emotion's own course. Whether the person listens changes at
the keyframe: one speaks or one does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from generation.animation.arrays import Curve, Float64Array
from generation.animation.motion.controls import RANGES, MotionControls
from generation.animation.motion.direction.direction import NAMES, Direction, Keyframe
from generation.animation.motion.emotions import EMOTION_TABLE
from generation.animation.motion.kinematics import Saccade
from generation.animation.motion.motion_curves import eased_steps, minimum_jerk

_GAZE: Final = ("gaze_yaw", "gaze_pitch")
_CHANGE_S: Final = 0.5  # that another emotion or speaking style takes
_LIVE_CHANGE_S: Final = 0.12  # that a number takes whose slider is moved
_APART_S: Final = 0.001
_LOOKED_BACK_S: Final = 3.0  # that times are asked for after a later one was


class ControlCurves:
    """The controls over time. Times are seconds (T,), rising; without a direction every value is constant."""

    def __init__(self, controls: MotionControls, direction: Direction | None = None) -> None:
        self._constant = controls
        keyframes = direction.keyframes if direction is not None else ()
        self._keys = {name: _of(name, keyframes) for name in (*NAMES, *RANGES)}
        self._gaze = [keyframe for keyframe in keyframes if not keyframe.values.keys().isdisjoint(_GAZE)]
        self.is_constant = not keyframes

    def direct(self, time_s: float, values: Mapping[str, float | str]) -> None:
        """Change controls from `time_s` on, while the performance goes on; all of it before stays as it was.

        Every control has to have a keyframe already. Numbers take _LIVE_CHANGE_S to get from where
        they are, also on the way to another value, to their new one.
        """
        gaze = {name: value for name, value in values.items() if name in _GAZE}
        for name, value in values.items():
            keys = self._keys[name]
            if name in RANGES and name not in {*_GAZE, "listening"}:
                now = float(self.number(name, np.array([time_s]))[0])
                keys[:] = [key for key in keys if key[0] < time_s]
                keys += [(time_s, now), (time_s + _LIVE_CHANGE_S, value)]
            else:
                keys.append((max(time_s, keys[-1][0] + _APART_S), value))
            _forget(keys, time_s)
        if gaze:
            self._gaze.append(Keyframe(max(time_s, self._gaze[-1].time_s + _APART_S), gaze))
            while len(self._gaze) > 2 and self._gaze[1].time_s < time_s - _LOOKED_BACK_S:
                passed = self._gaze.pop(0)
                self._gaze[0] = Keyframe(self._gaze[0].time_s, {**passed.values, **self._gaze[0].values})

    def is_directed(self, name: str) -> bool:
        """Whether a control has keyframes."""
        return bool(self._keys[name])

    def number(self, name: str, times: Curve) -> Curve:
        """A control that is a number (T,), except gaze and listening."""
        return eased(times, self._keys[name], getattr(self._constant, name))

    def shares(self, name: str, times: Curve) -> dict[str, Curve]:
        """How much of each emotion or speaking style there is, (T,) each, together 1; those that never
        occur are left out."""
        keys = self._keys[name]
        words = [str(word) for _, word in keys] or [str(getattr(self._constant, name))]
        starts = np.array([time_s for time_s, _ in keys[1:]])
        durations = np.full(len(starts), _CHANGE_S)
        return {
            word: eased_steps(times, starts, durations, np.array([float(each == word) for each in words]))
            for word in dict.fromkeys(words)
        }

    def gaze(self, times: Curve) -> Float64Array:
        """The commanded gaze (T, 2), yaw and pitch in degrees."""
        targets = [
            [float(self._keys[name][0][1] if self._keys[name] else getattr(self._constant, name))
             for name in _GAZE]
        ]  # fmt: skip
        starts, durations = [], []
        for keyframe in self._gaze:
            before = targets[-1]
            after = [float(keyframe.values.get(name, old)) for name, old in zip(_GAZE, before, strict=True)]
            jump = Saccade(keyframe.time_s, (before[0], before[1]), (after[0], after[1]))
            targets.append(after)
            starts.append(jump.start_s)
            durations.append(jump.duration_s)
        steps = (np.array(starts), np.array(durations))
        return np.stack(
            [eased_steps(times, *steps, np.array(axis)) for axis in zip(*targets, strict=True)], 1
        )

    def listening(self, times: Curve) -> Curve:
        """How much the person listens (T,): 0 is speaking. It changes at its keyframes."""
        keys = self._keys["listening"]
        if not keys:
            return np.full(len(times), self._constant.listening)
        levels = np.array([float(value) for _, value in keys])
        at = np.searchsorted([time_s for time_s, _ in keys], times, side="right") - 1
        return np.asarray(levels[np.maximum(at, 0)], np.float64)

    def arousal(self, times: Curve) -> Curve:
        """As `arousal_of`, over time: (T,), -1 to 1."""
        shares = self.shares("emotion", times).items()
        mean = sum((share * EMOTION_TABLE[word].arousal for word, share in shares), np.zeros(len(times)))
        emotional = mean * self.number("emotion_intensity", times)
        return np.clip(emotional + 2 * self.number("arousal", times) - 1, -1.0, 1.0)

    def at(self, time_s: float) -> MotionControls:
        """All controls at one time; of two emotions or styles that change into each other the stronger."""
        if self.is_constant:
            return self._constant
        times = np.array([time_s])
        values: dict[str, float | str] = {
            name: float(self.number(name, times)[0]) for name in RANGES if name not in {*_GAZE, "listening"}
        }
        for name in NAMES:
            shares = self.shares(name, times)
            values[name] = max(shares, key=lambda word: float(shares[word][0]))
        values |= zip(_GAZE, map(float, self.gaze(times)[0]), strict=True)
        values["listening"] = float(self.listening(times)[0])
        return MotionControls(**values)  # type: ignore[arg-type]


def eased(times: Curve, keys: list[tuple[float, float | str]], constant: float) -> Curve:
    """The curve (T,) through `keys` (time in seconds and value), held before the first and after the last;
    `constant` without keys."""
    if not keys:
        return np.full(len(times), float(constant))
    starts, values = np.array([key[0] for key in keys]), np.array([float(key[1]) for key in keys])
    if len(keys) == 1:
        return np.full(len(times), values[0])
    left = np.clip(np.searchsorted(starts, times, side="right") - 1, 0, len(keys) - 2)
    course = minimum_jerk((times - starts[left]) / (starts[left + 1] - starts[left]))
    return np.asarray(
        values[left] + np.clip(course, 0.0, 1.0) * (values[left + 1] - values[left]), np.float64
    )


def _forget(keys: list[tuple[float, float | str]], time_s: float) -> None:
    """Drop keyframes that no time is asked for any more; a slider that is moved makes many."""
    while len(keys) > 2 and keys[1][0] < time_s - _LOOKED_BACK_S:
        del keys[0]


def _of(name: str, keyframes: tuple[Keyframe, ...]) -> list[tuple[float, float | str]]:
    return [(each.time_s, each.values[name]) for each in keyframes if name in each.values]
