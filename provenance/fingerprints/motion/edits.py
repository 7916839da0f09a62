"""What was done to a picture, named from its comparison with the recorded motion: edits with their places."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from provenance.fingerprints.edit import Edit, EditKind
from provenance.fingerprints.edits import LEAST_S, ROW_RATE, edits_of, uncovered
from provenance.fingerprints.motion.fingerprint import MotionFingerprint
from provenance.fingerprints.motion.match import MotionComparison
from provenance.fingerprints.motion.measuring import FOUND_RATE
from provenance.fingerprints.stretch import Stretch

_LEAP_ROWS = 15  # half a second


def motion_edits(record: MotionFingerprint, comparison: MotionComparison, found_s: float) -> list[Edit]:
    """The edits in the order of the found picture, `found_s` long; none without a stretch that is ours."""
    if not comparison.stretches:
        return []
    active = np.ones(round(record.duration_s * ROW_RATE), np.bool_)  # a picture has no pauses
    activity = _activity(comparison.moving, comparison.stretches)
    edits = edits_of(comparison.stretches, active, activity, found_s)
    still = (Edit(EditKind.MUTED, *one) for one in comparison.still if one[1] - one[0] >= LEAST_S)
    return sorted([*edits, *still], key=lambda edit: (edit.start_s, edit.end_s))


def _activity(moving: NDArray[np.float32], stretches: Sequence[Stretch]) -> NDArray[np.float64]:
    """(T,): how much each row moves, 1 in the mean of what is ours."""
    count = round(len(moving) / FOUND_RATE * ROW_RATE)
    places = np.minimum((np.arange(count) * FOUND_RATE / ROW_RATE).astype(int), max(0, len(moving) - 1))
    # A joint is a leap of one moment, which is no motion.
    rows = scipy.ndimage.median_filter(moving[places].astype(np.float64), _LEAP_ROWS)
    ours = ~uncovered([(one.start_s, one.end_s) for one in stretches], count)
    return np.asarray(rows / max(float(rows[ours].mean()) if ours.any() else 0.0, 1e-12))
