"""The classifier-free guidance scale for each condition (Ho & Salimans 2022; one scale each as in VASA-1)."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Final

STRONGEST: Final = 2.0


class GuidanceInvalid(ValueError):
    """A guidance scale is out of range. `code` is stable, `message` says why, `hint` what to do about it."""

    code: Final = "guidance_invalid"

    def __init__(self, field: str) -> None:
        self.field = field
        self.message = f"guidance.{field} must be a number from 0 to {STRONGEST:g}."
        self.hint = "1 follows what was learned; leave the scale out if unsure."
        super().__init__(self.message)


@dataclass(frozen=True, kw_only=True)
class Guidance:
    """The classifier-free guidance scale for each condition, 0 to STRONGEST.

    0 leaves the condition out, 1 follows the trained distribution, more exaggerates; above STRONGEST motion
    is distorted. `voice` scales how head, eyes and brows follow the speech, `emotion` the effect of emotion,
    valence and arousal, `style` that of speaking style and blink rate, `gaze` how head and lids accompany a
    commanded gaze or distance. Mouth, commanded gaze and commanded distance do not depend on it. Conditions
    are added in this order, and each scale multiplies the difference that its condition makes; each scale
    that differs from the one before it costs one more pass of the network.

    Raises GuidanceInvalid for anything but a number from 0 to STRONGEST.
    """

    voice: float = 1.0
    emotion: float = 1.0
    style: float = 1.0
    gaze: float = 1.0

    def __post_init__(self) -> None:
        for name in (field.name for field in fields(self)):
            scale = getattr(self, name)
            if isinstance(scale, bool) or not isinstance(scale, int | float) or not math.isfinite(scale):
                raise GuidanceInvalid(name)
            if not 0.0 <= scale <= STRONGEST:
                raise GuidanceInvalid(name)
