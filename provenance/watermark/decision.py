"""What a reading of the watermark is worth: three answers, each with its rate of being wrong.

found: the decoded word passes its 40-bit keyed check. Without the key, the check of a word that was never
issued is unpredictable, whatever the video looks like, so one attempt passes by chance with probability
2^-40 = 9.1e-13. A file is tried under two geometries (as it is, and scaled to the size we render) after 8,
16, 32, ... frames, 7 looks at most in 512 frames: 14 attempts a file and key, 1.3e-11 in all. The target is
below 1e-9 a file; a service that tries ten keys still has 1.3e-10. No independence and no bit statistics are
assumed.

inconclusive: no word passes, but the pilot blocks lean the way this key would make them. With soft readings
x_i and keyed signs e_i, z = -sum(e_i x_i) / sqrt(sum(x_i^2)). For content made without the key the signs are
fair coins, and Hoeffding's inequality gives P(z >= t) <= exp(-t^2 / 2) whatever the x_i. At t = 4 and two
geometries: 6.7e-4 a file at most (6.3e-5 if the sum is Gaussian, as it was in all measurements). A higher t
would leave this answer unused: the code decodes down to z = 5. Also inconclusive: nothing could be judged,
because there was no frame or the frames were too small to hold a mark.

not_found: none of these. It speaks of the mark only: it does not say that the video is real.
"""

from __future__ import annotations

import math
from enum import StrEnum

from provenance.watermark.payload import CHECK_BITS

GEOMETRIES = 2
PILOT_THRESHOLD = 4.0


class WatermarkState(StrEnum):
    """The three answers; see the module's text."""

    FOUND = "found"
    NOT_FOUND = "not_found"
    INCONCLUSIVE = "inconclusive"


def hit_rate_by_chance(attempts: int) -> float:
    """Upper bound on the chance that `attempts` decodings of an unmarked file give a hit (union bound)."""
    return attempts * 2.0**-CHECK_BITS


def pilot_rate_by_chance(threshold: float = PILOT_THRESHOLD) -> float:
    """Upper bound on the chance that an unmarked file's pilot exceeds `threshold` in any geometry."""
    return min(1.0, GEOMETRIES * math.exp(-threshold * threshold / 2))


def state_without_hit(*, judged: bool, pilot_score: float) -> WatermarkState:
    """The answer when no word passed its check: `judged` says whether any frame could have held a mark."""
    if not judged or pilot_score >= PILOT_THRESHOLD:
        return WatermarkState.INCONCLUSIVE
    return WatermarkState.NOT_FOUND
