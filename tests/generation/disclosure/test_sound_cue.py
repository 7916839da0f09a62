"""The sound cue: "AI" in Morse code before the speech, and a face that waits for it."""

from __future__ import annotations

import numpy as np
import pytest

from generation.disclosure.choice import CUE_S
from generation.disclosure.sound_cue import with_cue, with_silence

RATE = 16_000
UNIT = round(0.06 * RATE)


def test_the_rhythm_is_short_long_pause_short_short_and_then_silence() -> None:
    sound = with_cue(np.zeros(0, np.float32), RATE)
    units = [float(np.abs(part).max()) > 0.1 for part in np.split(sound[: 15 * UNIT], 15)]
    assert units == [True, False, True, True, True, *[False] * 3, True, False, True, *[False] * 4]
    assert len(sound) == round(CUE_S * RATE)


@pytest.mark.parametrize("channels", [1, 2])
def test_the_speech_follows_unchanged(channels: int) -> None:
    speech = np.linspace(-0.5, 0.5, 1_000, dtype=np.float32)
    sound = speech if channels == 1 else np.stack([speech, -speech], 1)
    cued, quiet = with_cue(sound, RATE), with_silence(sound, RATE)
    assert cued.shape == quiet.shape
    assert np.array_equal(cued[-1_000:], sound)
    assert np.array_equal(quiet[-1_000:], sound)
    assert not quiet[:-1_000].any()
    assert cued.dtype == np.float32


def test_the_cue_neither_clips_nor_clicks() -> None:
    sound = with_cue(np.zeros(0, np.float32), 48_000)
    assert np.abs(sound).max() <= 0.125
    assert np.abs(np.diff(sound)).max() < 0.02
