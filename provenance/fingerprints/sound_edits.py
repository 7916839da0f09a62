"""What was done to a sound, named from its comparison with the recorded one: edits with their places."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from provenance.fingerprints.band_spectrogram import BandSpectrogram
from provenance.fingerprints.edit import Edit, EditKind
from provenance.fingerprints.edits import edits_of, uncovered
from provenance.fingerprints.sound import fingerprint
from provenance.fingerprints.sound_fingerprint import SoundFingerprint
from provenance.fingerprints.sound_match import SoundComparison
from provenance.fingerprints.stretch import Stretch


def sound_edits(record: SoundFingerprint, found: BandSpectrogram, comparison: SoundComparison) -> list[Edit]:
    """The edits in the order of the found sound; none when it is ours from beginning to end."""
    stretches = comparison.stretches
    if not stretches:
        return _nothing_of_ours(record, found)
    return edits_of(stretches, record.sounding, _loudness(found, stretches), found.duration_s)


def _loudness(found: BandSpectrogram, stretches: Sequence[Stretch]) -> NDArray[np.float64]:
    """(T,): the power of each row of the found sound, 1 in the mean of what is ours."""
    power = found.power().sum(axis=1, dtype=np.float64)[::2]
    ours = ~uncovered([(one.start_s, one.end_s) for one in stretches], len(power))
    return np.asarray(power / max(float(power[ours].mean()), 1e-12))


def _nothing_of_ours(record: SoundFingerprint, found: BandSpectrogram) -> list[Edit]:
    heard = fingerprint(found).sounding.any()
    if not record.sounding.any() and not heard:
        return []
    kind = EditKind.REPLACED if heard else EditKind.MUTED
    return [Edit(kind, 0.0, found.duration_s, 0.0, record.duration_s)]
