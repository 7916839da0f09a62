"""Any speech that a microphone may record, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import resample_poly

from generation.animation.motion import generator
from generation.animation.motion.generator import drive
from generation.animation.speech.audio_input import UnusableAudioError
from generation.animation.track.arkit import ARKIT_ACTIONS
from tests.generation.animation.speech_samples import lip_gap, speech_sample

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("fps", [24, 25, 29.97, 40, 60])
@pytest.mark.parametrize("duration_s", [0.5, 1.237, 3.0])
def test_the_track_is_as_long_as_the_audio(duration_s: float, fps: float) -> None:
    sample = speech_sample("sample1_female_calm")
    audio = sample.samples[12_000 : 12_000 + int(duration_s * sample.sample_rate)]
    track = drive(audio, sample.sample_rate, fps=fps)
    assert len(track) == round(len(audio) / sample.sample_rate * fps)
    assert track.fps == fps


def test_a_recording_is_moved_the_same_in_pieces_as_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    sample = speech_sample("sample1_female_calm")
    audio = np.resize(sample.samples, 18 * sample.sample_rate)
    at_once = drive(audio, sample.sample_rate, seed=3)
    monkeypatch.setattr(generator, "WHOLE_S", 0.0)
    in_pieces = drive(audio, sample.sample_rate, seed=3)
    assert np.array_equal(in_pieces.actions, at_once.actions)
    assert np.array_equal(in_pieces.head_pose, at_once.head_pose)
    assert np.array_equal(in_pieces.gaze, at_once.gaze)


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 22_050, 44_100, 48_000])
def test_the_sample_rate_hardly_changes_the_mouth(rate: int) -> None:
    sample = speech_sample("sample1_female_calm")
    audio = resample_poly(sample.samples, rate // 75, sample.sample_rate // 75).astype(np.float32)
    track, reference = drive(audio, rate), drive(sample.samples, sample.sample_rate)
    count = min(len(track), len(reference))
    assert np.corrcoef(lip_gap(track)[:count], lip_gap(reference)[:count])[0, 1] > 0.75


def test_loudness_does_not_matter_and_clipping_does_little() -> None:
    sample = speech_sample("sample2_male_bright")
    reference = lip_gap(drive(sample.samples, sample.sample_rate))
    quiet = lip_gap(drive(sample.samples * 0.03, sample.sample_rate))
    clipped = lip_gap(drive(np.clip(sample.samples * 8, -1, 1), sample.sample_rate))
    assert np.corrcoef(quiet, reference)[0, 1] > 0.95
    assert np.corrcoef(clipped, reference)[0, 1] > 0.7


@pytest.mark.parametrize("level", [0.0, 1e-5, 2e-3])
def test_silence_and_faint_hiss_leave_the_mouth_closed_and_the_person_alive(level: float) -> None:
    audio = (level * np.random.default_rng(0).standard_normal(16_000 * 12)).astype(np.float32)
    track = drive(audio, 16_000)
    assert lip_gap(track).max() < 0.05
    assert np.ptp(track.head_pose[:, 1]) > 0.1
    assert track.actions[:, ARKIT_ACTIONS.index("eyeBlinkLeft")].max() > 0.9


@pytest.mark.parametrize("colour", ["white", "tone", "square"])
def test_noise_gives_a_track_that_can_be_followed(colour: str) -> None:
    time = np.arange(16_000 * 3) / 16_000
    audio = {
        "white": np.random.default_rng(1).uniform(-1, 1, len(time)),
        "tone": np.sin(2 * np.pi * 440 * time),
        "square": np.sign(np.sin(2 * np.pi * 90 * time)),
    }[colour]
    track = drive(audio.astype(np.float32), 16_000)
    assert len(track) == 75
    assert track.actions.max() <= 1


@pytest.mark.slow
def test_two_minutes_neither_drift_nor_fall_out_of_step() -> None:
    sample = speech_sample("sample2_male_bright")
    repeats = 15
    audio = np.tile(sample.samples, repeats)
    track = drive(audio, sample.sample_rate)
    assert len(track) == round(len(audio) / sample.sample_rate * 25)
    assert np.abs(track.head_pose[:, :3].mean(0)).max() < 3
    period = sample.duration_s * 25
    gap = lip_gap(track)
    first = gap[round(period) : round(period) + 190]
    last = gap[round(13 * period) : round(13 * period) + 190]
    assert np.corrcoef(first, last)[0, 1] > 0.85


@pytest.mark.parametrize(
    ("audio", "rate"),
    [
        (np.zeros((100, 2), np.float32), 16_000),
        (np.zeros(10, np.float32), 16_000),
        (np.full(16_000, np.nan, np.float32), 16_000),
        (np.zeros(16_000, np.float32), 100),
        (np.zeros(0, np.float32), 16_000),
    ],
    ids=["two channels", "too short", "not a number", "absurd rate", "empty"],
)
def test_it_refuses_what_is_no_audio(audio: np.ndarray, rate: int) -> None:
    with pytest.raises(UnusableAudioError):
        drive(audio, rate)
