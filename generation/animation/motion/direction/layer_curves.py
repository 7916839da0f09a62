"""What the layer of a direction adds to facial actions, head pose and gaze, at each time."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from generation.animation.arrays import Curve, Float64Array
from generation.animation.motion.direction.control_curves import eased
from generation.animation.motion.direction.direction import LAYER_RANGES, Direction
from generation.animation.track.arkit import ARKIT_ACTIONS

_COLUMNS: Final = {
    "actions": ARKIT_ACTIONS,
    "head_pose": tuple(LAYER_RANGES["head_pose"]),
    "gaze": tuple(LAYER_RANGES["gaze"]),
}


class Added(NamedTuple):
    """T frames of what is added, with the columns, units and signs of a MotionTrack."""

    actions: Float64Array
    head_pose: Float64Array
    gaze: Float64Array


class LayerCurves:
    """The layer of a direction over time."""

    def __init__(self, direction: Direction | None) -> None:
        keyframes = direction.layer if direction is not None else ()
        self._keys: dict[tuple[str, str], list[tuple[float, float | str]]] = {}
        for keyframe in keyframes:
            for channel, value in keyframe.values.items():
                self._keys.setdefault(channel, []).append((keyframe.time_s, value))

    def at(self, times: Curve) -> Added:
        """What is added at `times` (T,) in seconds."""
        found = {part: np.zeros((len(times), len(names))) for part, names in _COLUMNS.items()}
        for (part, channel), keys in self._keys.items():
            found[part][:, _COLUMNS[part].index(channel)] = eased(times, keys, 0.0)
        return Added(**found)
