"""How far a portrait's head can turn: as far as the picture shows what comes into view.

A head that is turned away in the picture can hardly be turned back, since its far cheek and eye have few
pixels, and hardly further, since its profile is not known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from generation.animation.arrays import Float32Array, Float64Array
from generation.animation.geometry.jit import jit_kernel

TURNED: Final = (12.0, 20.0, 32.0)  # degrees of the portrait's own yaw or pitch
BACK: Final = (45.0, 26.0, 12.0)  # degrees by which such a head can be turned back
FURTHER: Final = (45.0, 34.0, 20.0)  # and further away
EXACT: Final = 0.6  # of a limit, up to which a turn is as commanded
LIMITED: Final = 0.1  # degrees by which a turn may be shown less far than it is


@dataclass(frozen=True)
class TurnLimits:
    """The widest turns, in degrees, all positive: to the picture's `left` and `right`, `up` and `down`."""

    left: float
    right: float
    up: float
    down: float

    def both_bounded(
        self, head_pose: Float32Array, hair_pose: Float32Array
    ) -> tuple[Float32Array, Float32Array]:
        """`bounded` of both poses (6,), which are returned as they are where the limits do not touch them."""
        if _are_exact(head_pose, hair_pose, self.left, self.right, self.up, self.down):
            return head_pose, hair_pose
        return self.bounded(head_pose), self.bounded(hair_pose)

    def bounded(self, head_pose: Float32Array) -> Float32Array:
        """A head pose (6,) within the limits: as it is up to EXACT of them, then softly less."""
        out = head_pose.copy()
        for axis, negative, positive in ((0, self.left, self.right), (1, self.up, self.down)):
            angle = float(head_pose[axis])
            limit = positive if angle > 0 else negative
            over = abs(angle) - EXACT * limit
            if over > 0:
                room = (1 - EXACT) * limit
                out[axis] = np.sign(angle) * (EXACT * limit + room * np.tanh(over / room))
        return out

    def cut(self, head_pose: Float64Array) -> bool:
        """Whether a head pose (6,) is shown turned less far than it is, by more than LIMITED degrees."""
        shown = self.bounded(head_pose.astype(np.float32))
        return bool(np.abs(head_pose[:2] - shown[:2]).max() > LIMITED)


@jit_kernel
def _is_exact(pose: Float32Array, left: float, right: float, up: float, down: float) -> bool:
    """Whether no turn of a pose (6,) is beyond EXACT of its limit."""
    yaw, pitch = float(pose[0]), float(pose[1])
    across, along = right if yaw > 0 else left, down if pitch > 0 else up
    return abs(yaw) - EXACT * across <= 0 and abs(pitch) - EXACT * along <= 0


@jit_kernel
def _are_exact(  # noqa: PLR0917 - compiled kernels take their arguments by position
    head_pose: Float32Array, hair_pose: Float32Array, left: float, right: float, up: float, down: float
) -> bool:
    return bool(_is_exact(head_pose, left, right, up, down) and _is_exact(hair_pose, left, right, up, down))


def turn_limits(yaw: float, pitch: float) -> TurnLimits:
    """The limits of a head that is turned by `yaw` and `pitch` degrees in its picture."""
    left, right = _both_ways(yaw)
    up, down = _both_ways(pitch)
    return TurnLimits(left, right, up, down)


def _both_ways(angle: float) -> tuple[float, float]:
    """The limits to the negative and to the positive side of a head turned by `angle`."""
    back, further = (float(np.interp(abs(angle), TURNED, limits)) for limits in (BACK, FURTHER))
    return (back, further) if angle > 0 else (further, back)
