"""Smile parting: a broad smile draws the lips apart over the teeth, as it does on people."""

from __future__ import annotations

from generation.animation.arrays import Float32Array
from generation.animation.geometry.curves import ramp
from generation.animation.geometry.jit import jit_kernel
from generation.animation.geometry.rig import ACTION_INDEX

BROAD = (0.60, 0.95)  # mean mouthSmile over which the lips part
LIFT, DROP, JAW = 0.62, 0.40, 0.10
SHUT = 0.25  # mouthPress, mouthClose or mouthRoll that keeps the lips shut
_SMILES, _LIFTS, _DROPS, _PRESSES = (
    tuple(ACTION_INDEX[f"{name}{side}"] for side in ("Left", "Right"))
    for name in ("mouthSmile", "mouthUpperUp", "mouthLowerDown", "mouthPress")
)
_JAW = ACTION_INDEX["jawOpen"]
_SHUTTING = tuple(ACTION_INDEX[name] for name in ("mouthClose", "mouthRollLower", "mouthRollUpper"))


@jit_kernel
def part_smiling_lips(actions: Float32Array) -> None:
    """Raise mouthUpperUp, mouthLowerDown and jawOpen of `actions` (52,), in place, in a broad smile.

    Lips that are pressed, rolled or closed on purpose stay so: a smiling m is still an m."""
    amount = ramp(BROAD[0], BROAD[1], (actions[_SMILES[0]] + actions[_SMILES[1]]) / 2)
    if amount <= 0:
        return
    shut = (actions[_PRESSES[0]] + actions[_PRESSES[1]]) / 2
    for column in _SHUTTING:
        shut = max(shut, actions[column])
    amount *= max(1 - shut / SHUT, 0.0)
    for side in range(2):
        actions[_LIFTS[side]] = max(actions[_LIFTS[side]], amount * LIFT)
        actions[_DROPS[side]] = max(actions[_DROPS[side]], amount * DROP)
    actions[_JAW] = max(actions[_JAW], amount * JAW)
