"""Probabilities to phones with times."""

from __future__ import annotations

import numpy as np
import pytest

from generation.animation.audio_features import Prosody
from generation.animation.phone_decoding import decode_phones
from generation.animation.visemes import PHONE_INDEX, PHONES


def _posteriors(*runs: tuple[str, int], confidence: float = 0.9) -> np.ndarray:
    """Posteriors of phones that each last a number of 10 ms frames."""
    labels = np.repeat([PHONE_INDEX[p] for p, _ in runs], [n for _, n in runs])
    posteriors = np.full((len(labels), len(PHONES)), (1 - confidence) / (len(PHONES) - 1))
    posteriors[np.arange(len(labels)), labels] = confidence
    return np.asarray(posteriors, np.float32)


def _prosody(frames: int, level_db: float = -20.0) -> Prosody:
    return Prosody(*(np.full(frames, value, np.float32) for value in (level_db, 1.0, 120.0)))


def test_it_finds_phones_and_their_times() -> None:
    phones = decode_phones(_posteriors(("SIL", 20), ("M", 10), ("AA", 16), ("SIL", 14)), _prosody(60))
    assert [p.phone for p in phones] == ["SIL", "M", "AA", "SIL"]
    assert [p.start_s for p in phones] == pytest.approx([0.0, 0.2, 0.3, 0.46], abs=0.011)
    assert phones[-1].end_s == pytest.approx(0.6)


def test_a_single_doubtful_frame_does_not_become_a_phone() -> None:
    posteriors = _posteriors(("AA", 20), ("T", 2), ("AA", 20), confidence=0.5)
    assert [p.phone for p in decode_phones(posteriors, _prosody(42))] == ["AA"]


@pytest.mark.parametrize("frames", [0, 1, 2])
def test_it_takes_clips_shorter_than_a_phone(frames: int) -> None:
    phones = decode_phones(_posteriors(("AA", frames)), _prosody(frames))
    assert len(phones) == min(frames, 1)
