"""Probabilities to phones with times."""

from __future__ import annotations

import numpy as np
import pytest

from generation.animation.audio_features import Prosody
from generation.animation.phone_decoding import decode_phones
from generation.animation.visemes import PHONE_INDEX, PHONES


def _scores(*runs: tuple[str, int], confidence: float = 0.9) -> np.ndarray:
    """Log probabilities of phones that each last a number of 20 ms frames."""
    labels = np.repeat([PHONE_INDEX[p] for p, _ in runs], [n for _, n in runs])
    scores = np.full((len(labels), len(PHONES)), (1 - confidence) / (len(PHONES) - 1))
    scores[np.arange(len(labels)), labels] = confidence
    return np.asarray(np.log(scores), np.float32)


def _prosody(frames: int, level_db: float = -20.0) -> Prosody:
    return Prosody(*(np.full(2 * frames, value, np.float32) for value in (level_db, 1.0, 120.0)))


def test_it_finds_phones_and_their_times() -> None:
    phones = decode_phones(_scores(("SIL", 10), ("M", 5), ("AA", 8), ("SIL", 7)), _prosody(30))
    assert [p.phone for p in phones] == ["SIL", "M", "AA", "SIL"]
    assert [p.start_s for p in phones] == pytest.approx([0.0, 0.2, 0.3, 0.46], abs=0.011)
    assert phones[-1].end_s == pytest.approx(0.6)


def test_a_single_doubtful_frame_does_not_become_a_phone() -> None:
    scores = _scores(("AA", 10), ("T", 1), ("AA", 10), confidence=0.5)
    assert [p.phone for p in decode_phones(scores, _prosody(21))] == ["AA"]


def test_what_is_far_below_the_speech_is_silence() -> None:
    prosody = _prosody(30)
    prosody.level_db[30:] = -75.0
    phones = decode_phones(_scores(("AA", 15), ("IY", 15), confidence=0.5), prosody)
    assert [p.phone for p in phones] == ["AA", "SIL"]


@pytest.mark.parametrize("frames", [0, 1, 2])
def test_it_takes_clips_shorter_than_a_phone(frames: int) -> None:
    phones = decode_phones(_scores(("AA", frames)), _prosody(frames))
    assert len(phones) == min(frames, 1)
