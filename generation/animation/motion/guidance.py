"""How strongly each condition pulls at a performance: one scale of classifier-free guidance for each."""

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
    """How strongly each condition pulls: 0 leaves it out, 1 follows what was learned, more exaggerates, up to
    STRONGEST, beyond which nothing comes but distortion (Ho & Salimans 2022, one scale each as in VASA-1).

    `voice` is what head, eyes and brows make of the speech, `emotion` the emotion, valence and arousal asked
    for, `style` the temper and the blinks, `gaze` how head and lids go along with a commanded gaze or
    distance. The mouth, the commanded gaze and the distance do not depend on it. Conditions are added in this
    order and each weighs what it changes; each scale that differs from the one before it costs one more pass
    of the network.

    Raises GuidanceInvalid for what is no number from 0 to STRONGEST.
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
