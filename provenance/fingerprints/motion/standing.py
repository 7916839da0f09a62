"""Whether a found picture stands still from beginning to end where the recorded one moves."""

from __future__ import annotations

from typing import Final

import numpy as np

from provenance.fingerprints.motion.fingerprint import ROW_RATE, MotionFingerprint
from provenance.fingerprints.motion.matcher import Matcher
from provenance.fingerprints.motion.measuring import FoundMotion

_LEAST_S: Final = 2.0  # of a picture that is said to stand still
_SEEN: Final = 0.9  # of its rows
# Of the mean energy of the recorded motion: what is left of a picture that stands still, and what there is in
# the quietest piece of the record that is as long.
_STILL: Final = 0.02
_MOVES: Final = 0.2


def stands_still(record: MotionFingerprint, found: FoundMotion) -> bool:
    """Whether all that is seen of a found file stands still, wherever in the video it is, and no piece of the
    record that is as long does.
    """
    if found.duration_s < _LEAST_S or found.is_seen.mean() < _SEEN:
        return False
    placed = [Matcher(record, found, block, 0.0) for block in record.blocks]
    comparable = [one for one in placed if one.is_comparable]
    return bool(comparable) and all(
        float(one.moving.mean()) < _STILL and _quietest(one, found.duration_s) > _MOVES for one in comparable
    )


def _quietest(matcher: Matcher, duration_s: float) -> float:
    """The energy of the recorded motion in its quietest piece of this length, in parts of its mean."""
    energy = matcher.record.energy
    width = max(1, min(len(energy), round(duration_s * ROW_RATE)))
    total = np.concatenate([[0.0], np.cumsum(energy)])
    return float((total[width:] - total[:-width]).min() / width / max(float(energy.mean()), 1e-6))
