"""A voice is told from what is none, and its effort is heard from its timbre, however loud the recording."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy.signal import istft, stft

from generation.animation.speech.speech_analysis import SpeechAnalysis, analyse_speech
from generation.animation.speech.streaming_recogniser import StreamingRecogniser
from generation.animation.speech.visemes import SHAPE_CHANNELS
from generation.animation.speech.voice_quality import SOFTEST, quality_of_recording
from tests.generation.animation.speech_samples import NAMES, speech_sample

pytestmark = pytest.mark.slow
JAW = SHAPE_CHANNELS.index("jaw")
RATE = 24_000


@cache
def _spoken(name: str) -> SpeechAnalysis:
    return analyse_speech(speech_sample(name).samples, RATE)


def _whispered(samples: np.ndarray) -> np.ndarray:
    """The same spectra without a pitch: every phase is drawn."""
    _, _, spectrum = stft(samples, RATE, nperseg=256)
    phases = np.exp(2j * np.pi * np.random.default_rng(0).random(spectrum.shape))
    whispered = istft(np.abs(spectrum) * phases, RATE, nperseg=256)[1]
    return np.asarray(whispered[: len(samples)], np.float32)


def _raised(samples: np.ndarray) -> np.ndarray:
    """12 dB more from 1.2 kHz on."""
    spectrum = np.fft.rfft(samples)
    hz = np.fft.rfftfreq(len(samples), 1 / RATE)
    louder = np.fft.irfft(spectrum * (1 + 3 / (1 + np.exp((1200 - hz) / 100))), len(samples))
    return np.asarray(0.3 * louder / np.abs(louder).max(), np.float32)


def _opening(analysis: SpeechAnalysis) -> float:
    return float(analysis.mouth.shapes[:, JAW].mean())


@pytest.mark.parametrize("name", NAMES)
def test_a_voice_is_heard_as_one_of_usual_effort(name: str) -> None:
    quality = _spoken(name).quality
    assert quality.voice.mean() > 0.8
    assert quality.gate.min() > 0.9
    assert quality.laughter.max() < 0.5
    assert abs(quality.effort.mean()) < 0.4


@pytest.mark.parametrize("live", [False, True])
def test_noise_and_chords_leave_the_mouth_at_rest(live: bool) -> None:
    time = np.arange(4 * RATE) / RATE
    chords = sum(np.sin(2 * np.pi * hz * time) / k for k, hz in enumerate((220, 277, 330, 440, 660), start=1))
    beats = np.exp(-4 * (time % 0.5)) * chords
    for sound in (np.random.default_rng(1).standard_normal(len(time)), beats):
        samples = np.asarray(0.1 * sound / np.std(sound), np.float32)
        if live:
            recogniser = StreamingRecogniser(RATE)
            pieces = [recogniser.push(samples), recogniser.flush()]
            heard = SpeechAnalysis.concatenate(pieces).between(50, 400)
        else:
            heard = analyse_speech(samples, RATE)
        assert heard.quality.gate.max() < 0.1
        assert np.abs(heard.mouth.shapes[:, JAW]).max() < 0.03


@pytest.mark.parametrize("name", NAMES)
def test_a_whisper_opens_the_mouth_by_less(name: str) -> None:
    whispered = analyse_speech(_whispered(speech_sample(name).samples), RATE)
    assert whispered.quality.effort.mean() < -0.6
    assert _opening(whispered) < 0.85 * _opening(_spoken(name))


@pytest.mark.parametrize("name", NAMES)
def test_a_raised_voice_opens_the_mouth_further(name: str) -> None:
    raised = analyse_speech(_raised(speech_sample(name).samples), RATE)
    assert raised.quality.effort.mean() > _spoken(name).quality.effort.mean() + 0.3
    assert _opening(raised) > 1.15 * _opening(_spoken(name))


@pytest.mark.parametrize(("balance_db", "effort"), [(-26, SOFTEST), (-13.5, 0.0), (-5, 1.0)])
def test_effort_is_heard_from_the_balance_of_the_voice(balance_db: float, effort: float) -> None:
    frames = np.ones((300, 6)) * (1.0, 1.0, 0.0, 1.0, balance_db, 0.85)
    assert quality_of_recording(frames).effort.mean() == pytest.approx(effort, abs=0.05)


@pytest.mark.parametrize("gain_db", [-20, 20])
def test_the_level_of_a_recording_is_no_effort(gain_db: int) -> None:
    louder = analyse_speech(speech_sample(NAMES[0]).samples * np.float32(10 ** (gain_db / 20)), RATE)
    assert abs(_opening(louder) / _opening(_spoken(NAMES[0])) - 1) < 0.1
