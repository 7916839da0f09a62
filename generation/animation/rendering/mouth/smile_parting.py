"""Smile parting: a broad smile draws the lips apart over the teeth, as it does on people."""

from __future__ import annotations

from generation.animation.arrays import Float32Array
from generation.animation.geometry.rig import ACTION_INDEX
from generation.animation.geometry.smoothstep import smoothstep_scalar

BROAD = (0.60, 0.95)  # mean mouthSmile over which the lips part
LIFT, DROP, JAW = 0.50, 0.42, 0.10  # mouthUpperUp, mouthLowerDown and jawOpen of the broadest smile
SHUT = 0.25  # mouthPress, mouthClose or mouthRoll that keeps the lips shut
_SMILES, _LIFTS, _DROPS, _PRESSES = (
    [ACTION_INDEX[f"{name}{side}"] for side in ("Left", "Right")]
    for name in ("mouthSmile", "mouthUpperUp", "mouthLowerDown", "mouthPress")
)
_JAW = [ACTION_INDEX["jawOpen"]]
_SHUTTING = [ACTION_INDEX[name] for name in ("mouthClose", "mouthRollLower", "mouthRollUpper")]


def part_smiling_lips(actions: Float32Array) -> None:
    """Raise mouthUpperUp, mouthLowerDown and jawOpen of `actions` (52,), in place, in a broad smile.

    Lips that are pressed, rolled or closed on purpose stay so: a smiling m is still an m."""
    amount = smoothstep_scalar(*BROAD, float(actions[_SMILES].mean()))
    if amount <= 0:
        return
    shut = max(float(actions[_PRESSES].mean()), float(actions[_SHUTTING].max())) / SHUT
    amount *= max(1 - shut, 0.0)
    for columns, most in ((_LIFTS, LIFT), (_DROPS, DROP), (_JAW, JAW)):
        for column in columns:
            actions[column] = max(float(actions[column]), amount * most)
