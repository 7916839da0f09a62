"""Where another voice goes on, the face goes on as calmly as before."""

from __future__ import annotations

import numpy as np
import pytest

from generation.animation.motion.generator import drive
from generation.animation.motion.motion_conditions import FRAMES, VOICE_FEATURES
from generation.animation.motion.voice_driven.prosody_bands import ProsodyBands, channels_of
from tests.generation.animation.speech_samples import action, speech_sample

_PITCH = VOICE_FEATURES.index("pitch")


def _voice(pitch: np.ndarray) -> np.ndarray:
    """Rows (T, 25) of even speech at `pitch` (T,)."""
    rows = np.ones((len(pitch), FRAMES, len(VOICE_FEATURES)), np.float32)
    rows[..., _PITCH] = pitch[:, None]
    return rows.reshape(len(pitch), -1)


def _greatest_pitch(pitch: np.ndarray) -> float:
    channels = channels_of(_voice(pitch))
    bands = ProsodyBands(8, 0)
    return float(np.abs(bands.over(channels[: len(channels) // bands.rows * bands.rows]).pitch).max())


def test_a_leap_of_pitch_is_told_no_stronger_than_one_speaker_tells_anything() -> None:
    leap = np.where(np.arange(400) < 200, -3.0, 3.0)
    assert _greatest_pitch(leap) <= 2.5


def test_the_melody_of_one_speaker_is_not_limited() -> None:
    melody = 0.2 * np.sin(np.arange(400) / 9)
    assert _greatest_pitch(2 * melody) == pytest.approx(2 * _greatest_pitch(melody), rel=1e-6)


@pytest.mark.slow
def test_a_second_voice_in_a_recording_brings_no_grin() -> None:
    first, second = speech_sample("sample2_male_bright"), speech_sample("sample3_female_story")
    pause = np.zeros(round(0.6 * first.sample_rate), np.float32)
    track = drive(np.concatenate([first.samples, pause, second.samples]), first.sample_rate)
    smile = (action(track, "mouthSmileLeft") + action(track, "mouthSmileRight")) / 2
    assert smile.max() < 0.6
