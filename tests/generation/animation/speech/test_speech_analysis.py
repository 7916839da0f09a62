"""Analysis of a whole recording: frames, phones and lips, whatever the recording is like."""

from __future__ import annotations

import numpy as np
import pytest

from generation.animation.speech.audio_input import UnusableAudioError
from generation.animation.speech.speech_analysis import ANALYSIS_RATE, analyse_speech
from generation.animation.speech.visemes import PHONE_INDEX, PHONES, VISEME_OF_PHONE
from tests.generation.animation.speech_samples import NAMES, SpeechSample, speech_sample


def _accuracy(sample: SpeechSample, audio: np.ndarray) -> float:
    """Share of speech frames whose viseme is recognised."""
    analysis = analyse_speech(audio, sample.sample_rate)
    labels = np.zeros(len(analysis), np.intp)
    for phone, start, end in sample.phones:
        labels[round(start * ANALYSIS_RATE) : round(end * ANALYSIS_RATE)] = PHONE_INDEX[phone]
    guessed = VISEME_OF_PHONE[analysis.posteriors.argmax(1)]
    return float((guessed == VISEME_OF_PHONE[labels])[labels > 0].mean())


def test_a_clip_has_a_hundred_frames_a_second() -> None:
    sample = speech_sample("sample1_female_calm")
    analysis = analyse_speech(sample.samples, sample.sample_rate)
    assert len(analysis) == int(sample.duration_s * ANALYSIS_RATE)
    assert analysis.posteriors.shape == (len(analysis), len(PHONES))
    assert analysis.posteriors.sum(1) == pytest.approx(np.ones(len(analysis)), abs=1e-4)
    assert analysis.mouth.shapes.shape == (len(analysis), 8)
    assert (
        len(analysis.mouth.closure)
        == len(analysis.mouth.lip_teeth)
        == len(analysis.prosody.level_db)
        == len(analysis)
    )


@pytest.mark.slow
def test_it_recognises_speech_in_a_bad_recording() -> None:
    sample = speech_sample("sample2_male_bright")
    generator = np.random.default_rng(0)
    clean = _accuracy(sample, sample.samples)
    noise = generator.normal(0, 0.06 * sample.samples.std() * 10, len(sample.samples)).astype(np.float32)
    assert clean > 0.5
    assert _accuracy(sample, np.clip(4 * sample.samples, -0.3, 0.3)) > 0.85 * clean
    assert _accuracy(sample, 0.02 * sample.samples) > 0.9 * clean
    assert _accuracy(sample, sample.samples + 0.3 * noise) > 0.7 * clean


@pytest.mark.slow
def test_chunk_boundaries_do_not_change_the_result() -> None:
    sample = speech_sample("sample3_female_story")
    samples = np.tile(sample.samples, 2)
    shift = sample.sample_rate * 3 // 2
    whole, later = (
        analyse_speech(samples, sample.sample_rate),
        analyse_speech(samples[shift:], sample.sample_rate),
    )
    assert np.abs(whole.mouth.shapes[150:] - later.mouth.shapes).mean() < 0.02
    agree = whole.posteriors[150:].argmax(1) == later.posteriors.argmax(1)
    assert agree.mean() > 0.85


@pytest.mark.slow
def test_a_clip_that_begins_within_a_closure_begins_with_shut_lips() -> None:
    shut = []
    for sample in map(speech_sample, NAMES):
        for phone, start, end in sample.phones:
            if phone in {"P", "B"} and 0.04 < end - start < 0.2:
                cut = sample.samples[round((end - 0.03) * sample.sample_rate) :][: sample.sample_rate]
                shut.append(analyse_speech(cut, sample.sample_rate).mouth.closure[:4].max() == 1)
    assert len(shut) > 10
    assert np.mean(shut) > 0.8


@pytest.mark.parametrize("name", NAMES)
def test_the_mouth_rests_soon_after_a_voice_falls_silent(name: str) -> None:
    sample = speech_sample(name)
    spoken = sample.samples[: round(1.85 * sample.sample_rate)]
    analysis = analyse_speech(np.pad(spoken, (0, sample.sample_rate)), sample.sample_rate)
    assert analysis.mouth.shapes[205:].max() < 0.02  # 0.2 s later
    assert analysis.mouth.lip_teeth[205:].max() < 0.02


def test_nobody_speaks_in_silence_and_noise() -> None:
    noise = np.random.default_rng(1).normal(0, 0.05, 48_000).astype(np.float32)
    for quiet in (np.zeros(48_000, np.float32), noise):
        analysis = analyse_speech(quiet, 16_000)
        assert analysis.mouth.shapes[:, 0].max() < 0.1
        assert (analysis.posteriors.argmax(1) == 0).mean() > 0.9


@pytest.mark.parametrize("count", [800, 801, 961])
def test_it_takes_clips_of_a_few_frames(count: int) -> None:
    assert len(analyse_speech(np.zeros(count, np.float32), 16_000)) == count // 160


def test_it_refuses_what_is_no_sound() -> None:
    with pytest.raises(UnusableAudioError):
        analyse_speech(np.full(16_000, np.nan, np.float32), 16_000)
